//! Hexadecimal strings: quantities without leading zeros, data of whole bytes.

use alloy_primitives::{U256, hex};
use thiserror::Error;

/// What is wrong with a string; texts are geth's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum HexError {
    /// Nothing at all.
    #[error("empty hex string")]
    Empty,
    /// It does not start with `0x`.
    #[error("hex string without 0x prefix")]
    Prefix,
    /// It has other characters.
    #[error("invalid hex string")]
    Syntax,
    /// Half a byte is missing.
    #[error("hex string of odd length")]
    Odd,
    /// A quantity without a digit.
    #[error("hex string \"0x\"")]
    NoDigits,
    /// A quantity starts with zero and is not zero.
    #[error("hex number with leading zero digits")]
    LeadingZero,
    /// A quantity does not fit.
    #[error("hex number > {0} bits")]
    TooLarge(u16),
}

fn digits(text: &str) -> Result<&str, HexError> {
    if text.is_empty() {
        return Err(HexError::Empty);
    }
    text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).ok_or(HexError::Prefix)
}

/// Bytes of a string.
///
/// # Errors
/// [`HexError`].
pub fn data(text: &str) -> Result<Vec<u8>, HexError> {
    let digits = digits(text)?;
    if digits.len() % 2 != 0 {
        return Err(HexError::Odd);
    }
    hex::decode(digits).map_err(|_| HexError::Syntax)
}

/// A number of at most 256 bits.
///
/// # Errors
/// [`HexError`].
pub fn quantity(text: &str) -> Result<U256, HexError> {
    let digits = digits(text)?;
    if digits.is_empty() {
        return Err(HexError::NoDigits);
    }
    if digits.len() > 1 && digits.starts_with('0') {
        return Err(HexError::LeadingZero);
    }
    if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Err(HexError::Syntax);
    }
    U256::from_str_radix(digits, 16).map_err(|_| HexError::TooLarge(256))
}

/// A number of at most 64 bits.
///
/// # Errors
/// [`HexError`].
pub fn small_quantity(text: &str) -> Result<u64, HexError> {
    u64::try_from(quantity(text)?).map_err(|_| HexError::TooLarge(64))
}
