//! The contract's ABI, read from its one written form.
#![allow(missing_docs, reason = "generated; the documentation is in the Solidity file")]
#![allow(clippy::pedantic, clippy::arithmetic_side_effects, reason = "generated")]

alloy_sol_types::sol!(
    #![sol(all_derives)]
    "../../sol/IHub.sol"
);

alloy_sol_types::sol! {
    interface IGame {
        function open(bytes32 gameId, address server, address challenger, bytes32 programRoot, bytes32 imageRoot, bytes32 start, bytes32 end, uint8 stepsLog2, bytes firstMove) external;
    }
}
