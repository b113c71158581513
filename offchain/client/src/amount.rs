//! Amounts of ether as people write them.

use std::fmt;
use std::str::FromStr;

use alloy_primitives::U256;
use alloy_primitives::utils::{ParseUnits, Unit};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

/// An amount in wei, below 2^128. Written with its unit: `0.1 ether`, `20 gwei`, `1 wei`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wei(pub u128);

/// What is written is no amount.
#[derive(Debug, Error)]
pub enum AmountError {
    /// The unit is missing or unknown.
    #[error("{0:?} has no unit: write it like 0.1 ether, 20 gwei or 1 wei")]
    Unit(String),
    /// The number is none, or has more digits than the unit.
    #[error("{0:?} is no amount")]
    Number(String),
    /// The number is negative or 2^128 wei or more.
    #[error("{0:?} is negative or too large")]
    Range(String),
}

impl FromStr for Wei {
    type Err = AmountError;

    fn from_str(text: &str) -> Result<Self, AmountError> {
        let start = text.find(|letter: char| letter.is_ascii_alphabetic()).unwrap_or(text.len());
        let (number, unit) = text.split_at(start);
        let unit = match unit {
            "eth" | "ether" => Unit::ETHER,
            "gwei" => Unit::GWEI,
            "wei" => Unit::WEI,
            _ => return Err(AmountError::Unit(text.into())),
        };
        let number = number.trim();
        // The parser would drop what does not fit.
        let decimals = number.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        if number.is_empty() || decimals > usize::from(unit.get()) {
            return Err(AmountError::Number(text.into()));
        }
        let parsed =
            ParseUnits::parse_units(number, unit).map_err(|_| AmountError::Number(text.into()))?;
        let range = || AmountError::Range(text.into());
        let ParseUnits::U256(wei) = parsed else { return Err(range()) };
        wei.try_into().map(Self).map_err(|_| range())
    }
}

impl fmt::Display for Wei {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if (1..1_000_000_000).contains(&self.0) {
            return write!(f, "{} wei", self.0);
        }
        let text = ParseUnits::from(self.0).format_units(Unit::ETHER);
        let text = text.trim_end_matches('0').trim_end_matches('.');
        write!(f, "{text} ether")
    }
}

impl From<Wei> for U256 {
    fn from(amount: Wei) -> Self {
        Self::from(amount.0)
    }
}

impl Serialize for Wei {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Wei {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_they_are_written() {
        for amount in [0, 1, 999_999_999, 1_000_000_000, 10_u128.pow(18), 10_u128.pow(17) + 7] {
            let text = Wei(amount).to_string();
            assert_eq!(text.parse::<Wei>().expect("it is an amount"), Wei(amount), "{text}");
        }
        assert_eq!(Wei(10_u128.pow(17)).to_string(), "0.1 ether");
        assert_eq!("20gwei".parse::<Wei>().expect("it is an amount"), Wei(20_000_000_000));
    }

    #[test]
    fn what_has_no_unit_or_is_negative_is_refused() {
        for text in ["1", "", "1 finney", "-1 wei", "0.5 wei", "ether", "1e3 gwei"] {
            assert!(text.parse::<Wei>().is_err(), "{text}");
        }
    }
}
