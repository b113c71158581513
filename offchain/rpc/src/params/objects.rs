//! Objects: transactions, filters, overrides.

use alloy_rpc_types_eth::state::StateOverride;
use alloy_rpc_types_eth::{BlockOverrides, Filter, TransactionRequest};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Arg, BadValue, hex};

/// A transaction to be tried or sent.
#[derive(Clone, Debug)]
pub struct Call(pub TransactionRequest);

impl Arg for Call {
    fn read(value: &Value) -> Result<Self, BadValue> {
        const FIELDS: &[&str] = &[
            "gas",
            "gasPrice",
            "maxFeePerGas",
            "maxPriorityFeePerGas",
            "value",
            "nonce",
            "chainId",
            "type",
        ];
        quantities(value, "TransactionArgs", FIELDS)?;
        object(value).map(Self)
    }
}

/// Most addresses of a filter, and most choices for one of its topics; as geth has it.
const CHOICES: usize = 1000;

/// Which logs.
#[derive(Clone, Debug)]
pub struct Logs(pub Filter);

impl Arg for Logs {
    fn read(value: &Value) -> Result<Self, BadValue> {
        for bound in ["fromBlock", "toBlock"] {
            if let Some(bound) = value.get(bound).filter(|bound| !bound.is_null()) {
                alloy_rpc_types_eth::BlockNumberOrTag::read(bound)?;
            }
        }
        let filter: Filter = object(value)?;
        if filter.address.len() > CHOICES {
            return Err(BadValue::TooMany("addresses"));
        }
        if filter.topics.iter().any(|topic| topic.len() > CHOICES) {
            return Err(BadValue::TooMany("topics"));
        }
        Ok(Self(filter))
    }
}

impl Arg for StateOverride {
    fn read(value: &Value) -> Result<Self, BadValue> {
        object(value)
    }
}

impl Arg for BlockOverrides {
    fn read(value: &Value) -> Result<Self, BadValue> {
        object(value)
    }
}

impl Arg for Vec<f64> {
    fn read(value: &Value) -> Result<Self, BadValue> {
        object(value)
    }
}

fn object<T: DeserializeOwned>(value: &Value) -> Result<T, BadValue> {
    Ok(T::deserialize(value)?)
}

/// Checks what the types of the fields would let pass.
fn quantities(
    value: &Value,
    object: &'static str,
    fields: &[&'static str],
) -> Result<(), BadValue> {
    fields.iter().try_for_each(|field| match value.get(field) {
        Some(Value::String(text)) => {
            let checked = hex::quantity(text).map(drop);
            checked.map_err(|error| BadValue::Field { error, object, field })
        }
        _ => Ok(()),
    })
}
