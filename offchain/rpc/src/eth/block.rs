//! Blocks.

use alloy_primitives::{B256, U64};
use alloy_rpc_types_eth::{BlockId, BlockNumberOrTag, BlockTransactionsKind};
use jsonrpsee::core::RegisterMethodError;
use serde_json::Value;

use super::json;
use crate::methods::{Methods, Reply};
use crate::node::Node;
use crate::params::{At, Quantity};

pub fn register(methods: &mut Methods) -> Result<(), RegisterMethodError> {
    methods.add("eth_getBlockByNumber", |node, (tag, full): (BlockNumberOrTag, _)| {
        block(node, tag.into(), full)
    })?;
    methods.add("eth_getBlockByHash", |node, (hash, full): (B256, _)| {
        block(node, hash.into(), full)
    })?;
    methods.add("eth_getBlockTransactionCountByNumber", |node, (tag,): (BlockNumberOrTag,)| {
        Ok(count(node, tag.into()))
    })?;
    methods.add("eth_getBlockTransactionCountByHash", |node, (hash,): (B256,)| {
        Ok(count(node, hash.into()))
    })?;
    methods.add("eth_getUncleCountByBlockNumber", |node, (tag,): (BlockNumberOrTag,)| {
        Ok(uncles(node, tag.into()))
    })?;
    methods.add("eth_getUncleCountByBlockHash", |node, (hash,): (B256,)| {
        Ok(uncles(node, hash.into()))
    })?;
    // No block has uncles.
    methods.add("eth_getUncleByBlockNumberAndIndex", |_, _: (BlockNumberOrTag, Quantity)| {
        Ok(Value::Null)
    })?;
    methods.add("eth_getUncleByBlockHashAndIndex", |_, _: (B256, Quantity)| Ok(Value::Null))?;
    methods.add("eth_getBlockReceipts", receipts)
}

fn block(node: &Node, at: BlockId, full: Option<bool>) -> Reply<Option<Value>> {
    let kind = BlockTransactionsKind::from(full.unwrap_or_default());
    node.read(|ledger| json::block(&ledger.chain, at, kind))
}

fn count(node: &Node, at: BlockId) -> Option<U64> {
    node.read(|ledger| ledger.chain.transaction_count(at)).map(U64::from)
}

fn uncles(node: &Node, at: BlockId) -> Option<U64> {
    node.read(|ledger| ledger.chain.transaction_count(at)).map(|_| U64::ZERO)
}

fn receipts(node: &Node, (At(at),): (At,)) -> Reply<Option<Vec<Value>>> {
    node.read(|ledger| {
        let Some(receipts) = ledger.chain.receipts(at) else { return Ok(None) };
        let receipts = receipts.iter().map(|receipt| json::receipt(&ledger.chain, receipt));
        receipts.collect::<Reply<_>>().map(Some)
    })
}
