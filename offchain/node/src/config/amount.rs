//! Amounts of ether as an operator writes them.

use std::fmt;
use std::str::FromStr;

use alloy_primitives::U256;
use alloy_primitives::utils::{UnitsError, format_ether, parse_units};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Wei; written as `0.25 ether`, `3 gwei` or `100 wei`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Amount(pub U256);

/// A text is no amount.
#[derive(Debug, Error)]
pub enum AmountError {
    /// There is no unit.
    #[error("{0:?} has no unit: write 1 ether, 2 gwei or 3 wei")]
    Unit(String),
    /// The number or the unit is none.
    #[error("{text:?} is no amount")]
    Number {
        /// What was given.
        text: String,
        /// Why.
        #[source]
        error: UnitsError,
    },
}

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(U256::ZERO);

    /// Whole ether.
    pub const fn ether(count: u64) -> Self {
        Self(U256::from_limbs([1_000_000_000_000_000_000, 0, 0, 0]).wrapping_mul(whole(count)))
    }

    /// Whole gwei.
    pub const fn gwei(count: u64) -> Self {
        Self(U256::from_limbs([1_000_000_000, 0, 0, 0]).wrapping_mul(whole(count)))
    }
}

const fn whole(count: u64) -> U256 {
    U256::from_limbs([count, 0, 0, 0])
}

impl FromStr for Amount {
    type Err = AmountError;

    fn from_str(text: &str) -> Result<Self, AmountError> {
        let (number, unit) =
            text.trim().split_once(' ').ok_or_else(|| AmountError::Unit(text.to_owned()))?;
        let parsed = parse_units(number, unit.trim())
            .map_err(|error| AmountError::Number { text: text.to_owned(), error })?;
        if parsed.is_negative() {
            return Err(AmountError::Unit(text.to_owned()));
        }
        Ok(Self(parsed.get_absolute()))
    }
}

impl TryFrom<String> for Amount {
    type Error = AmountError;

    fn try_from(text: String) -> Result<Self, AmountError> {
        text.parse()
    }
}

impl From<Amount> for String {
    fn from(amount: Amount) -> Self {
        amount.to_string()
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ether", format_ether(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_with_their_unit() {
        let parse = |text: &str| text.parse::<Amount>().expect("an amount");
        assert_eq!(parse("0.25 ether"), Amount(U256::from(250_000_000_000_000_000_u64)));
        assert_eq!((parse("3 gwei"), parse("2 ether")), (Amount::gwei(3), Amount::ether(2)));
        assert_eq!(parse(&Amount::gwei(7).to_string()), Amount::gwei(7));
        for wrong in ["", "5", "x ether", "1 dollar", "-1 ether"] {
            assert!(wrong.parse::<Amount>().is_err(), "{wrong}");
        }
    }
}
