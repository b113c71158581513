//! Calls, events and errors of the contracts, read from the one written form of their ABI.
#![allow(missing_docs, reason = "generated; the documentation is in the Solidity files")]
#![allow(clippy::pedantic, clippy::too_many_arguments, reason = "generated")]

/// One module for each file, so that types of the same name do not meet.
macro_rules! bindings {
    ($($module:ident: $file:literal),* $(,)?) => {
        $(pub mod $module {
            alloy_sol_types::sol!(
                #![sol(rpc, all_derives)]
                $file
            );
        })*
    };
}

bindings! {
    hub: "../../sol/IHub.sol",
    game: "../../sol/IGame.sol",
    step: "../../sol/IStepVerifier.sol",
    courier: "../../sol/ICourier.sol",
    batch: "../../sol/IBatch.sol",
    attention: "../../sol/IAttention.sol",
}

pub use attention::IAttention;
pub use batch::IBatch;
pub use courier::ICourier;
pub use game::IGame;
pub use hub::IHub;
pub use step::IStepVerifier;

/// The precompiled contracts of an Arbitrum chain, as far as the system calls them.
pub mod arbitrum {
    use alloy_primitives::{Address, address};

    /// Where `ArbWasm` is.
    pub const ARB_WASM: Address = address!("0000000000000000000000000000000000000071");

    alloy_sol_types::sol! {
        #[sol(rpc, all_derives)]
        interface ArbWasm {
            function activateProgram(address program) external payable returns (uint16 version, uint256 dataFee);
            function codehashVersion(bytes32 codehash) external view returns (uint16 version);
            function programVersion(address program) external view returns (uint16 version);
            function programTimeLeft(address program) external view returns (uint64 secondsLeft);
            function codehashKeepalive(bytes32 codehash) external payable;
            function stylusVersion() external view returns (uint16 version);

            event ProgramActivated(
                bytes32 indexed codehash, bytes32 moduleHash, address program, uint256 dataFee, uint16 version
            );

            error ProgramNotWasm();
            error ProgramNotActivated();
            error ProgramNeedsUpgrade(uint16 version, uint16 stylusVersion);
            error ProgramExpired(uint64 ageInSeconds);
            error ProgramUpToDate();
            error ProgramKeepaliveTooSoon(uint64 ageInSeconds);
            error ProgramInsufficientValue(uint256 have, uint256 want);
        }
    }
}
