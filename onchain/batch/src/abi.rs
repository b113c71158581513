//! The ABI, read from its one written form: the contract's own, and of the one that it calls.
#![allow(missing_docs, reason = "generated; the documentation is in the Solidity files")]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::pedantic,
    clippy::too_many_arguments,
    reason = "generated"
)]

alloy_sol_types::sol!("../../sol/IBatch.sol");

pub mod hub {
    alloy_sol_types::sol!("../../sol/IHub.sol");
}
