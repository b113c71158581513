//! Blocks and receipts as a Nitro node writes them: with the number on the parent chain.

use alloy_primitives::{B256, U64};
use alloy_rpc_types_eth::{Block, BlockId, BlockTransactionsKind, Header, TransactionReceipt};
use opml_devnet::chain::Chain;
use serde::Serialize;
use serde_json::{Value, json};

use crate::methods::Reply;

/// A block; none if there is no such.
pub fn block(chain: &Chain, at: BlockId, kind: BlockTransactionsKind) -> Reply<Option<Value>> {
    let Some(block) = chain.block(at, kind) else { return Ok(None) };
    let Block { ref header, .. } = block;
    let extra = extra(chain, header);
    with(&block, extra).map(Some)
}

/// A header.
pub fn header(chain: &Chain, header: &Header) -> Reply<Value> {
    with(header, extra(chain, header))
}

/// A receipt.
pub fn receipt(chain: &Chain, receipt: &TransactionReceipt) -> Reply<Value> {
    let at = receipt.block_number.map_or(BlockId::latest(), BlockId::number);
    let parent = chain.parent_chain_number(at).unwrap_or_default();
    with(receipt, json!({ "gasUsedForL1": "0x0", "l1BlockNumber": U64::from(parent) }))
}

fn extra(chain: &Chain, header: &Header) -> Value {
    let parent = chain.parent_chain_number(BlockId::hash(header.hash)).unwrap_or_default();
    // No messages to the parent chain are collected.
    json!({ "l1BlockNumber": U64::from(parent), "sendCount": "0x0", "sendRoot": B256::ZERO })
}

fn with(value: &impl Serialize, extra: Value) -> Reply<Value> {
    let mut value = serde_json::to_value(value)?;
    if let (Value::Object(fields), Value::Object(extra)) = (&mut value, extra) {
        fields.extend(extra);
    }
    Ok(value)
}
