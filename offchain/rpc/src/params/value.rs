//! Single values.

use alloy_primitives::{Address, B256, Bytes, U256};
use serde_json::Value;
use thiserror::Error;

use super::Arg;
use super::hex::{self, HexError};

/// What is wrong with a value; texts are geth's, the names of its types included.
#[derive(Debug, Error)]
pub enum BadValue {
    /// It is no string.
    #[error("json: cannot unmarshal non-string into Go value of type {0}")]
    NotString(&'static str),
    /// It is no hexadecimal string of its kind.
    #[error("json: cannot unmarshal {error} into Go value of type {kind}")]
    Hex {
        /// What is wrong.
        error: HexError,
        /// What it should be.
        kind: &'static str,
    },
    /// A block number is none.
    #[error(transparent)]
    Number(#[from] HexError),
    /// It has another length.
    #[error("hex string has length {have}, want {want} for {kind}")]
    Length {
        /// Digits it has.
        have: usize,
        /// Digits it should have.
        want: usize,
        /// What it should be.
        kind: &'static str,
    },
    /// A field of an object is no quantity.
    #[error(
        "json: cannot unmarshal {error} into Go struct field {object}.{field} of type *hexutil.Big"
    )]
    Field {
        /// What is wrong.
        error: HexError,
        /// The object.
        object: &'static str,
        /// Its field.
        field: &'static str,
    },
    /// A block is named twice.
    #[error("cannot specify both BlockHash and BlockNumber, choose one or the other")]
    TwoBlocks,
    /// A block is not named.
    #[error("block number or hash expected")]
    NoBlock,
    /// A filter is too long.
    #[error("exceed max {0}")]
    TooMany(&'static str),
    /// It is not what is written here.
    #[error("{0} expected")]
    Expected(&'static str),
    /// It is another object.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
}

pub(super) fn text<'v>(value: &'v Value, kind: &'static str) -> Result<&'v str, BadValue> {
    value.as_str().ok_or(BadValue::NotString(kind))
}

fn fixed<const N: usize>(value: &Value, kind: &'static str) -> Result<[u8; N], BadValue> {
    let text = text(value, kind)?;
    let data = hex::data(text).map_err(|error| BadValue::Hex { error, kind })?;
    let have = 2 * data.len();
    data.try_into().map_err(|_| BadValue::Length { have, want: 2 * N, kind })
}

impl Arg for Address {
    fn read(value: &Value) -> Result<Self, BadValue> {
        fixed(value, "common.Address").map(Self::new)
    }
}

impl Arg for B256 {
    fn read(value: &Value) -> Result<Self, BadValue> {
        fixed(value, "common.Hash").map(Self::new)
    }
}

impl Arg for Bytes {
    fn read(value: &Value) -> Result<Self, BadValue> {
        const KIND: &str = "hexutil.Bytes";
        let data = hex::data(text(value, KIND)?);
        data.map(Self::from).map_err(|error| BadValue::Hex { error, kind: KIND })
    }
}

impl Arg for bool {
    fn read(value: &Value) -> Result<Self, BadValue> {
        value.as_bool().ok_or(BadValue::Expected("boolean"))
    }
}

impl Arg for Value {
    fn read(value: &Value) -> Result<Self, BadValue> {
        Ok(value.clone())
    }
}

/// A number in hexadecimal, without leading zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quantity(pub u64);

impl Arg for Quantity {
    fn read(value: &Value) -> Result<Self, BadValue> {
        const KIND: &str = "hexutil.Uint64";
        let number = hex::small_quantity(text(value, KIND)?);
        number.map(Self).map_err(|error| BadValue::Hex { error, kind: KIND })
    }
}

/// A number as controls of development chains take it: hexadecimal with or without leading zeros,
/// decimal, or a JSON number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number(pub U256);

impl Number {
    /// The number, or the largest of 64 bits.
    pub fn small(self) -> u64 {
        self.0.saturating_to()
    }
}

impl Arg for Number {
    fn read(value: &Value) -> Result<Self, BadValue> {
        let number = match value {
            Value::Number(number) => number.as_u64().map(U256::from),
            Value::String(text) => text.parse().ok(),
            _ => None,
        };
        number.map(Self).ok_or(BadValue::Expected("number"))
    }
}

/// The key of a storage slot: up to 32 bytes, with or without leading zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot(pub U256);

impl Arg for Slot {
    fn read(value: &Value) -> Result<Self, BadValue> {
        const KIND: &str = "common.Hash";
        let text = text(value, KIND)?;
        let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
        if digits.len() > 64 {
            return Err(BadValue::Length { have: digits.len(), want: 64, kind: KIND });
        }
        if digits.is_empty() {
            return Ok(Self(U256::ZERO));
        }
        let key = U256::from_str_radix(digits, 16);
        key.map(Self).map_err(|_| BadValue::Hex { error: HexError::Syntax, kind: KIND })
    }
}
