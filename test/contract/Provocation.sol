// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {IStepVerifier} from "../../sol/IStepVerifier.sol";
import {GraphState} from "../model/GraphState.sol";

/// A call, and the error that it must meet.
struct Provocation {
    string error_;
    bytes call;
}

/// Calls for the errors of the graph machine's part.
library GraphProvocations {
    using GraphState for IStepVerifier.GraphMachineState;

    bytes32 private constant ROOT = "root";

    function list() internal pure returns (Provocation[] memory all) {
        Provocation[] memory handover_ = handover();
        Provocation[] memory rest = requestAndOutput();
        all = new Provocation[](handover_.length + rest.length);
        for (uint256 i = 0; i < all.length; i++) {
            all[i] = i < handover_.length ? handover_[i] : rest[i - handover_.length];
        }
    }

    function handover() private pure returns (Provocation[] memory list_) {
        bytes memory running = state(GraphState.RUNNING).encode();
        bytes memory noStatus = state(3).encode();
        list_ = new Provocation[](7);
        list_[0] = Provocation("GraphStateLength", abi.encodeCall(IStepVerifier.graphStateHash, ""));
        list_[1] = Provocation("GraphStateStatus", abi.encodeCall(IStepVerifier.graphStateHash, noStatus));
        list_[2] = Provocation(
            "GraphStateNotAgreed", abi.encodeCall(IStepVerifier.begin, (ROOT, ROOT, ROOT, running, ""))
        );
        list_[3] = Provocation("HandoverTooShort", begin(GraphState.RUNNING, ""));
        list_[4] = Provocation("HandoverTooLong", begin(GraphState.HALTED, hex"00"));
        list_[5] = Provocation("HandoverWrongRoot", begin(GraphState.RUNNING, new bytes(512 + 16 * 32)));
        IStepVerifier.GraphMachineState memory halted = state(GraphState.HALTED);
        bytes memory end =
            abi.encodeCall(IStepVerifier.end, (halted.hash(), ROOT, halted.encode(), new bytes(192), ""));
        list_[6] = Provocation("NoRun", end);
    }

    function requestAndOutput() private pure returns (Provocation[] memory list_) {
        bytes memory otherLength = abi.encodePacked(uint8(1), new bytes(127));
        bytes memory reserved = abi.encodePacked(uint32(0), uint8(1), new bytes(123));
        list_ = new Provocation[](10);
        list_[0] = Provocation("RequestTooShort", request(new bytes(127)));
        list_[1] = Provocation("RequestInputLength", request(otherLength));
        list_[2] = Provocation("RequestReserved", request(reserved));
        list_[3] = Provocation("OutputOfRunningState", output(GraphState.RUNNING, 10, "", ""));
        list_[4] = Provocation("OutputOfFailedState", output(GraphState.FAILED, 10, hex"01", ""));
        list_[5] = Provocation("OutputRegion", output(GraphState.HALTED, 41, "", ""));
        list_[6] = Provocation("OutputTooLong", output(GraphState.HALTED, 5, hex"01", new bytes(35 * 32)));
        list_[7] = Provocation("OutputPathLength", output(GraphState.HALTED, 10, "", new bytes(29 * 32)));
        list_[8] = Provocation("OutputWrongRoot", output(GraphState.HALTED, 10, "", new bytes(30 * 32)));
        bytes memory wide = output(GraphState.HALTED, 10, "", "");
        // The third argument, a byte, with a bit above it.
        wide[4 + 2 * 32 + 30] = 0x01;
        list_[9] = Provocation("ArgumentOutOfRange", wide);
    }

    function begin(uint8 status, bytes memory witness) private pure returns (bytes memory) {
        IStepVerifier.GraphMachineState memory s = state(status);
        return abi.encodeCall(IStepVerifier.begin, (s.hash(), ROOT, ROOT, s.encode(), witness));
    }

    function request(bytes memory encoded) private pure returns (bytes memory) {
        return abi.encodeCall(IStepVerifier.initialState, (ROOT, encoded));
    }

    function output(uint8 status, uint8 log2Size, bytes memory data, bytes memory path)
        private
        pure
        returns (bytes memory)
    {
        IStepVerifier.GraphMachineState memory s = state(status);
        return
            abi.encodeCall(
                IStepVerifier.output, (s.hash(), 2 ** 39 + 2 ** 28, log2Size, s.encode(), data, path)
            );
    }

    function state(uint8 status) private pure returns (IStepVerifier.GraphMachineState memory) {
        return
            IStepVerifier.GraphMachineState({memoryRoot: ROOT, pc: 1, tile: 2, iteration: 3, status: status});
    }
}
