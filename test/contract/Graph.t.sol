// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {IStepVerifier} from "../../sol/IStepVerifier.sol";
import {NodeTest} from "../NodeTest.sol";
import {GraphState} from "../model/GraphState.sol";

/// Graph states, and steps of the graph machine that need no run.
contract GraphTest is NodeTest {
    using GraphState for IStepVerifier.GraphMachineState;

    /// Descriptors of a program: 65,536 of 512 bytes.
    uint256 private constant LEVELS = 16;

    function testFuzz_graphStateHash(bytes32 root, uint32 pc, uint32 tile, uint32 iteration, uint8 status)
        public
    {
        IStepVerifier.GraphMachineState memory s = _state(root, pc, tile, iteration, status % 3);
        _expectReturn(abi.encodeCall(IStepVerifier.graphStateHash, s.encode()), abi.encode(s.hash()));
    }

    function testFuzz_decodeGraphState(bytes32 root, uint32 pc, uint32 tile, uint32 iteration, uint8 status)
        public
    {
        IStepVerifier.GraphMachineState memory s = _state(root, pc, tile, iteration, status % 3);
        _expectReturn(abi.encodeCall(IStepVerifier.decodeGraphState, s.encode()), abi.encode(s));
    }

    function testFuzz_begin_ofAStoppedStateIsItself(bytes32 root, uint32 pc, uint32 tile, bool failed)
        public
    {
        IStepVerifier.GraphMachineState memory s = _state(root, pc, tile, 0, failed ? 2 : 1);
        _checkDirect(s, root, "", s.hash());
    }

    function testFuzz_begin_failsBehindTheProgram(bytes32 root, uint32 pc, uint32 tile, uint32 iteration)
        public
    {
        pc = uint32(bound(pc, 65536, type(uint32).max));
        IStepVerifier.GraphMachineState memory s = _state(root, pc, tile, iteration, 0);
        _checkDirect(s, root, "", s.failed().hash());
    }

    /// Words that are no operator, at any place of an otherwise unknown program.
    function testFuzz_begin_failsAtAnIllegalOperator(uint256 seed, uint16 pc, uint32 tile, bool absent)
        public
    {
        bytes memory operator = new bytes(512);
        if (!absent) {
            for (uint256 i = 0; i < 512; i++) {
                operator[i] = keccak256(abi.encode(seed, i))[0];
            }
        }
        IStepVerifier.GraphMachineState memory s = _state(bytes32(seed), pc, tile, 0, 0);
        (bytes32 programRoot, bytes memory path) = _program(seed, pc, _regionRoot(operator));
        _checkDirect(s, programRoot, bytes.concat(operator, path), s.failed().hash());
    }

    /// The example of docs/spec.md, 7.1.
    function test_initialState_ofTheSpecifiedExample() public {
        bytes memory input = "What is seven times six?";
        bytes memory request = bytes.concat(
            hex"1800000000000000efcdab8967452301",
            hex"0000003f2800000080000000",
            new bytes(96),
            hex"efbeadde",
            input
        );
        assertEq(request.length, 128 + input.length);
        bytes32 want = 0x2ca7b991124bef588af4ea88db63d005b5d2785d11e5233a38e58ad591e615af;
        bytes memory call = abi.encodeCall(IStepVerifier.initialState, (keccak256("weights"), request));
        _expectReturn(call, abi.encode(want));
    }

    function _checkDirect(
        IStepVerifier.GraphMachineState memory s,
        bytes32 programRoot,
        bytes memory witness,
        bytes32 want
    ) private {
        bytes memory call = abi.encodeCall(
            IStepVerifier.begin, (s.hash(), programRoot, keccak256("image"), s.encode(), witness)
        );
        _expectReturn(call, abi.encode(IStepVerifier.StepKind.Direct, want, uint8(0)));
    }

    /// Root of a program with this operator at `pc`, and the operator's path in it.
    function _program(uint256 seed, uint256 pc, bytes32 node)
        private
        pure
        returns (bytes32, bytes memory path)
    {
        for (uint256 level = 0; level < LEVELS; level++) {
            bytes32 sibling = keccak256(abi.encode(seed, "sibling", level));
            path = bytes.concat(path, sibling);
            node = (pc >> level) & 1 == 0
                ? keccak256(bytes.concat(node, sibling))
                : keccak256(bytes.concat(sibling, node));
        }
        return (node, path);
    }

    /// Root of 512 bytes.
    function _regionRoot(bytes memory data) private pure returns (bytes32) {
        bytes32[] memory nodes = new bytes32[](16);
        for (uint256 i = 0; i < 512; i++) {
            nodes[i / 32] |= bytes32(data[i]) >> (8 * (i % 32));
        }
        for (uint256 count = 16; count > 1; count /= 2) {
            for (uint256 i = 0; i < count / 2; i++) {
                nodes[i] = keccak256(bytes.concat(nodes[2 * i], nodes[2 * i + 1]));
            }
        }
        return nodes[0];
    }

    function _state(bytes32 root, uint32 pc, uint32 tile, uint32 iteration, uint8 status)
        private
        pure
        returns (IStepVerifier.GraphMachineState memory)
    {
        return IStepVerifier.GraphMachineState(root, pc, tile, iteration, status);
    }
}
