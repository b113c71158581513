//! The ABI, read from its one written form: the contract's own, and of the one that it calls.
#![allow(missing_docs, reason = "generated; the documentation is in the Solidity file")]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::pedantic,
    clippy::too_many_arguments,
    reason = "generated"
)]

alloy_sol_types::sol!(
    #![sol(all_derives)]
    "../../sol/IHub.sol"
);

#[cfg(target_arch = "wasm32")]
alloy_sol_types::sol! {
    /// The chain's registry of programs, as far as it is asked.
    interface ArbWasm {
        function programTimeLeft(address program) external view returns (uint64 timeLeft);
    }
}

#[cfg(target_arch = "wasm32")]
pub mod game {
    alloy_sol_types::sol!("../../sol/IGame.sol");
}
