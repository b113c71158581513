//! Which block.

use alloy_primitives::B256;
use alloy_rpc_types_eth::{BlockId, BlockNumberOrTag, RpcBlockHash};
use serde_json::Value;

use super::value::text;
use super::{Arg, BadValue, hex};

/// A block by tag, number, hash or an object of EIP-1898; the latest where it is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At(pub BlockId);

impl Arg for At {
    fn read(value: &Value) -> Result<Self, BadValue> {
        let id = match value {
            Value::Object(fields) => match (fields.get("blockHash"), fields.get("blockNumber")) {
                (Some(_), Some(_)) => return Err(BadValue::TwoBlocks),
                (None, None) => return Err(BadValue::NoBlock),
                (Some(hash), None) => {
                    let canonical = fields.get("requireCanonical").and_then(Value::as_bool);
                    RpcBlockHash::from_hash(B256::read(hash)?, canonical).into()
                }
                (None, Some(number)) => tag(number)?.into(),
            },
            Value::String(text) if text.len() == 66 => B256::read(value)?.into(),
            value => tag(value)?.into(),
        };
        Ok(Self(id))
    }

    fn absent() -> Option<Self> {
        Some(Self(BlockId::latest()))
    }
}

impl Arg for BlockNumberOrTag {
    fn read(value: &Value) -> Result<Self, BadValue> {
        tag(value)
    }
}

fn tag(value: &Value) -> Result<BlockNumberOrTag, BadValue> {
    Ok(match text(value, "rpc.BlockNumber")? {
        "latest" | "" => BlockNumberOrTag::Latest,
        "pending" => BlockNumberOrTag::Pending,
        "earliest" => BlockNumberOrTag::Earliest,
        "safe" => BlockNumberOrTag::Safe,
        "finalized" => BlockNumberOrTag::Finalized,
        number => BlockNumberOrTag::Number(hex::small_quantity(number)?),
    })
}
