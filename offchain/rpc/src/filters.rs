//! Filters of clients that poll.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use alloy_primitives::U256;
use alloy_rpc_types_eth::Filter;

use crate::error::Error;
use crate::methods::Reply;
use crate::node::Cursor;

/// What a filter looks for.
#[derive(Clone, Debug)]
pub enum Kind {
    /// Logs that match.
    Logs(Box<Filter>),
    /// Blocks.
    Blocks,
    /// Transactions taken.
    Transactions,
}

/// A filter and how far its owner has read.
#[derive(Clone, Debug)]
pub struct Polled {
    /// What it looks for.
    pub kind: Kind,
    /// How far its owner has read.
    pub cursor: Cursor,
}

struct Entry {
    /// Its own lock: finding what is new takes time, in which other filters can be read.
    polled: Arc<Mutex<Polled>>,
    used: Instant,
}

#[derive(Default)]
struct Table {
    entries: HashMap<U256, Entry>,
    last: U256,
}

/// All filters; those not asked for some time are removed.
pub struct Filters {
    table: Mutex<Table>,
    most: usize,
    lifetime: Duration,
}

impl Filters {
    /// No filters.
    pub fn new(most: usize, lifetime: Duration) -> Self {
        Self { table: Mutex::default(), most, lifetime }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        table.entries.retain(|_, entry| entry.used.elapsed() < self.lifetime);
        table
    }

    /// Keeps a filter; gives its number.
    ///
    /// # Errors
    /// [`Error::TooManyFilters`].
    pub fn insert(&self, polled: Polled) -> Reply<U256> {
        let mut table = self.table();
        if table.entries.len() >= self.most {
            return Err(Error::TooManyFilters(self.most));
        }
        table.last += U256::ONE;
        let id = table.last;
        let polled = Arc::new(Mutex::new(polled));
        table.entries.insert(id, Entry { polled, used: Instant::now() });
        Ok(id)
    }

    fn use_entry(&self, id: U256) -> Reply<Arc<Mutex<Polled>>> {
        let mut table = self.table();
        let entry = table.entries.get_mut(&id).ok_or(Error::FilterNotFound)?;
        entry.used = Instant::now();
        Ok(entry.polled.clone())
    }

    /// Lets `work` read from a filter; one reads from it at a time.
    ///
    /// # Errors
    /// [`Error::FilterNotFound`].
    pub fn with<T>(&self, id: U256, work: impl FnOnce(&mut Polled) -> T) -> Reply<T> {
        let polled = self.use_entry(id)?;
        let mut polled = polled.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(work(&mut polled))
    }

    /// Removes a filter; false if there is none.
    pub fn remove(&self, id: U256) -> bool {
        self.table().entries.remove(&id).is_some()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use opml_devnet::chain::{Chain, ChainConfig};

    use super::*;
    use crate::config::Limits;
    use crate::node::{Ledger, Node};

    #[test]
    fn a_filter_can_be_read_while_another_is() {
        let chain = Chain::new(ChainConfig::default()).unwrap();
        let node = Node::new(chain, Limits::default());
        let polled = Polled { kind: Kind::Blocks, cursor: node.read(Ledger::cursor) };
        let first = node.filters.insert(polled.clone()).unwrap();
        let second = node.filters.insert(polled).unwrap();
        let inside = node.filters.with(first, |_| {
            std::thread::scope(|scope| {
                let other = scope.spawn(|| {
                    node.filters.with(second, |_| ()).unwrap();
                    node.filters.remove(second)
                });
                other.join().unwrap()
            })
        });
        assert!(inside.unwrap());
    }
}
