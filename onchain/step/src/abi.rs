//! The contract's ABI, read from its one written form.
#![allow(missing_docs, reason = "generated; the documentation is in the Solidity file")]
#![allow(clippy::pedantic, clippy::arithmetic_side_effects, reason = "generated")]

alloy_sol_types::sol!(
    #![sol(all_derives)]
    "../../sol/IStepVerifier.sol"
);
