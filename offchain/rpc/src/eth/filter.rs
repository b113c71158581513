//! Filters that clients poll.

use std::ops::RangeInclusive;

use alloy_primitives::U256;
use alloy_rpc_types_eth::{Filter, FilterBlockOption, Log};
use jsonrpsee::core::RegisterMethodError;
use serde_json::Value;

use super::logs;
use crate::config::Limits;
use crate::error::Error;
use crate::filters::{Kind, Polled};
use crate::methods::{Methods, Reply};
use crate::node::{Cursor, Ledger, Node};
use crate::params::{Logs, Number};

pub fn register(methods: &mut Methods) -> Result<(), RegisterMethodError> {
    methods
        .add("eth_newFilter", |node, (Logs(filter),)| insert(node, Kind::Logs(Box::new(filter))))?;
    methods.add("eth_newBlockFilter", |node, ()| insert(node, Kind::Blocks))?;
    methods.add("eth_newPendingTransactionFilter", |node, _: (Option<bool>,)| {
        insert(node, Kind::Transactions)
    })?;
    methods.add("eth_getFilterChanges", changes)?;
    methods.add("eth_getFilterLogs", all_logs)?;
    methods.add("eth_uninstallFilter", |node, (Number(id),)| Ok(node.filters.remove(id)))
}

fn insert(node: &Node, kind: Kind) -> Reply<U256> {
    let cursor = node.read(Ledger::cursor);
    node.filters.insert(Polled { kind, cursor })
}

fn changes(node: &Node, (Number(id),): (Number,)) -> Reply<Value> {
    let read = |polled: &mut Polled| {
        node.read(|ledger| match &polled.kind {
            Kind::Blocks => Ok(serde_json::to_value(ledger.new_block_hashes(&mut polled.cursor))?),
            Kind::Transactions => {
                Ok(serde_json::to_value(ledger.new_transactions(&mut polled.cursor))?)
            }
            Kind::Logs(filter) => {
                let found = new_logs(ledger, filter, &mut polled.cursor, &node.limits)?;
                Ok(serde_json::to_value(found)?)
            }
        })
    };
    node.filters.with(id, read)?
}

/// Logs the follower has not seen, as many as a query may give: the rest comes next time.
fn new_logs(
    ledger: &Ledger,
    filter: &Filter,
    cursor: &mut Cursor,
    limits: &Limits,
) -> Reply<Vec<Log>> {
    let mut moved = *cursor;
    let most = usize::try_from(limits.log_blocks).unwrap_or(usize::MAX);
    let blocks = ledger.new_blocks(&mut moved, most);
    let (mut found, mut rest) = (Vec::new(), None);
    if let Some(blocks) = narrowed(filter, blocks.start, blocks.end) {
        (found, rest) = logs::first(&ledger.chain, filter, blocks, limits.logs)?;
    }
    if let Some(rest) = rest {
        moved.stop_before(rest);
    }
    *cursor = moved;
    Ok(found)
}

/// The blocks that the filter looks at from `start` up to, not including, `end`; none if it looks
/// at none there.
fn narrowed(filter: &Filter, start: u64, end: u64) -> Option<RangeInclusive<u64>> {
    let FilterBlockOption::Range { from_block, to_block } = filter.block_option else {
        return None;
    };
    let from = from_block.and_then(|tag| tag.as_number()).map_or(start, |from| from.max(start));
    let last = end.checked_sub(1)?;
    let to = to_block.and_then(|tag| tag.as_number()).map_or(last, |to| to.min(last));
    (from <= to).then_some(from..=to)
}

fn all_logs(node: &Node, (Number(id),): (Number,)) -> Reply<Vec<Log>> {
    let filter = node.filters.with(id, |polled| match &polled.kind {
        Kind::Logs(filter) => Ok(filter.clone()),
        Kind::Blocks | Kind::Transactions => Err(Error::NotLogFilter),
    })??;
    node.read(|ledger| logs::find(&ledger.chain, &filter, &node.limits))
}
