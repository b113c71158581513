//! The ABI, read from its one written form: the contract's own, and of those that it calls.
#![allow(missing_docs, reason = "generated; the documentation is in the Solidity file")]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::pedantic,
    clippy::too_many_arguments,
    reason = "generated"
)]

alloy_sol_types::sol!(
    #![sol(all_derives)]
    "../../sol/IAttention.sol"
);

#[cfg(target_arch = "wasm32")]
pub mod game {
    alloy_sol_types::sol!("../../sol/IGame.sol");
}

#[cfg(target_arch = "wasm32")]
pub mod hub {
    alloy_sol_types::sol!("../../sol/IHub.sol");
}
