// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {IStepVerifier} from "../../sol/IStepVerifier.sol";

/// Encoding and hash of a state of the graph machine: docs/spec.md, 5.1.
library GraphState {
    bytes32 internal constant TAG = "opml.graph.state.v1";

    uint8 internal constant RUNNING = 0;
    uint8 internal constant HALTED = 1;
    uint8 internal constant FAILED = 2;

    /// The 48 bytes of a state.
    function encode(IStepVerifier.GraphMachineState memory s) internal pure returns (bytes memory) {
        return abi.encodePacked(s.memoryRoot, s.pc, s.tile, s.iteration, uint32(s.status));
    }

    function hash(IStepVerifier.GraphMachineState memory s) internal pure returns (bytes32) {
        return keccak256(bytes.concat(TAG, encode(s)));
    }

    /// The same state as failed.
    function failed(IStepVerifier.GraphMachineState memory s)
        internal
        pure
        returns (IStepVerifier.GraphMachineState memory)
    {
        return IStepVerifier.GraphMachineState(s.memoryRoot, s.pc, s.tile, s.iteration, FAILED);
    }
}
