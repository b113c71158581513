//! What Arbitrum adds to the context of a transaction.

use std::collections::VecDeque;
use std::sync::Arc;

use alloy_primitives::{Address, B256};

use super::programs::Programs;
use super::trace::Tracer;
use crate::stylus::entry::{Cached, Pages, StylusParams};

/// The block a transaction runs in, as far as `ArbOS` knows more than the EVM.
#[derive(Clone, Copy, Debug, Default)]
pub struct BlockFacts {
    /// Number of this chain's block; the EVM sees the parent chain's.
    pub number: u64,
    /// Gas price the sender pays, in wei.
    pub base_fee: u64,
}

/// Programs that ran in this block; they are entered at the cached price.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecentPrograms(VecDeque<B256>);

impl RecentPrograms {
    /// Puts a program first, dropping the one unused longest when there are more than `capacity`;
    /// tells whether it was there.
    pub fn touch(&mut self, code_hash: B256, capacity: u16) -> Cached {
        let known = self.0.iter().position(|hash| *hash == code_hash);
        if let Some(position) = known {
            self.0.remove(position);
        }
        self.0.push_front(code_hash);
        self.0.truncate(usize::from(capacity));
        if known.is_some() { Cached::Yes } else { Cached::No }
    }

    /// Hashes of their codes, the one used last first.
    pub fn iter(&self) -> impl Iterator<Item = B256> + '_ {
        self.0.iter().copied()
    }
}

impl FromIterator<B256> for RecentPrograms {
    fn from_iter<I: IntoIterator<Item = B256>>(hashes: I) -> Self {
        Self(hashes.into_iter().collect())
    }
}

/// A running frame.
#[derive(Clone, Copy, Debug)]
pub struct OpenFrame {
    /// Who called it.
    pub caller: Address,
    /// The account it acts for, unless it borrowed another's code.
    pub own: Option<Address>,
}

/// State of a transaction beyond revm's context.
#[derive(Debug)]
pub struct ArbEnv {
    /// The block.
    pub block: BlockFacts,
    /// Prices and limits of Stylus.
    pub params: StylusParams,
    /// Owner of the chain.
    pub owner: Address,
    /// Compiled programs.
    pub programs: Arc<Programs>,
    /// Programs used in this block.
    pub recent: RecentPrograms,
    /// Memory of the transaction.
    pub pages: Pages,
    /// Frames from the first to the one running.
    pub frames: Vec<OpenFrame>,
    /// Why a program did not activate; nodes tell it for calls, the receipt does not.
    pub activation_error: Option<String>,
    /// Collects the call tree, when asked for.
    pub tracer: Option<Tracer>,
}

impl ArbEnv {
    /// Whether `account` is running already, its present frame not counted.
    pub fn is_reentered(&self, account: Address) -> bool {
        self.frames.iter().filter(|frame| frame.own == Some(account)).count() > 1
    }

    /// Forgets the transaction before.
    pub fn start_transaction(&mut self) {
        self.pages = Pages::default();
        self.frames.clear();
        self.activation_error = None;
    }
}
