//! Filters that clients poll.

use alloy_primitives::U256;
use alloy_rpc_types_eth::{Filter, FilterBlockOption, Log};
use jsonrpsee::core::RegisterMethodError;
use serde_json::Value;

use super::logs;
use crate::error::Error;
use crate::filters::{Kind, Polled};
use crate::methods::{Methods, Reply};
use crate::node::{Ledger, Node};
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
                let mut cursor = polled.cursor;
                let blocks = ledger.new_blocks(&mut cursor, usize::MAX);
                let found = match narrowed(filter, blocks.start, blocks.end) {
                    Some(filter) => logs::find(&ledger.chain, &filter, &node.limits)?,
                    None => Vec::new(),
                };
                polled.cursor = cursor;
                Ok(serde_json::to_value(found)?)
            }
        })
    };
    node.filters.with(id, read)?
}

/// The filter within blocks from `start` up to, not including, `end`; none if it looks for nothing
/// there.
fn narrowed(filter: &Filter, start: u64, end: u64) -> Option<Filter> {
    let FilterBlockOption::Range { from_block, to_block } = filter.block_option else {
        return None;
    };
    let from = from_block.and_then(|tag| tag.as_number()).map_or(start, |from| from.max(start));
    let last = end.checked_sub(1)?;
    let to = to_block.and_then(|tag| tag.as_number()).map_or(last, |to| to.min(last));
    (from <= to).then(|| filter.clone().from_block(from).to_block(to))
}

fn all_logs(node: &Node, (Number(id),): (Number,)) -> Reply<Vec<Log>> {
    let filter = node.filters.with(id, |polled| match &polled.kind {
        Kind::Logs(filter) => Ok(filter.clone()),
        Kind::Blocks | Kind::Transactions => Err(Error::NotLogFilter),
    })??;
    node.read(|ledger| logs::find(&ledger.chain, &filter, &node.limits))
}
