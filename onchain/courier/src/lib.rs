//! Courier: the Stylus contract that delivers finalized results to the contracts that asked.
//!
//! The ABI is `sol/ICourier.sol`, what it calls `sol/IOpmlConsumer.sol`; the rules are `docs/spec.md`, section
//! "Courier". It answers re-entrant calls of `order` and of views, so that a consumer can ask again from inside
//! its delivery; what it keeps is written before a consumer is called.
//!
//! On other machines than the contract's, the crate is the limits.
#![cfg_attr(target_arch = "wasm32", no_std)]
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

extern crate alloc;

mod abi;

pub use abi::{ON_REFUNDED, ON_RESULT};

#[cfg(target_arch = "wasm32")]
mod contract;

/// Most gas that a consumer can order: any transaction can carry it.
pub const MAX_GAS: u64 = 10_000_000;
/// Longest data of an order, in bytes.
pub const MAX_DATA: usize = 1024;
/// Gas that a deliverer pays besides the consumer's, as an order is priced.
pub const DELIVERY_GAS: u64 = 300_000;
/// Gas that has to be left besides the consumer's when it is called: reaching it, and what is done behind.
pub const CALL_GAS: u64 = 20_000;

/// Gas that has to be left so that a call gets `gas_limit` of it: the chain keeps one 64th back.
pub const fn needed(gas_limit: u64) -> u64 {
    gas_limit.div_ceil(63).saturating_mul(64).saturating_add(CALL_GAS)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rule of the chain: 63 of 64 parts, rounded down, of what is left.
    fn given(left: u64) -> u64 {
        left / 64 * 63
    }

    #[test]
    fn what_is_needed_is_enough_and_hardly_more() {
        for limit in (0..10_000).chain([MAX_GAS - 1, MAX_GAS]) {
            let left = needed(limit) - CALL_GAS;
            assert!(given(left) >= limit);
            assert!(limit == 0 || given(left - 64) < limit);
        }
    }
}
