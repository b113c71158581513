// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {IStepVerifier} from "../../sol/IStepVerifier.sol";
import {Scene, StepTest} from "../StepTest.sol";
import {Machine} from "../model/Machine.sol";

/// Encoded states: what is one, its fields, its hash, and that a stopped machine stays as it is.
contract StateTest is StepTest {
    using Machine for IStepVerifier.MachineState;

    function testFuzz_stateHash(uint256 seed, uint8 code) public {
        IStepVerifier.MachineState memory state = _any(seed, code);
        bytes memory call = abi.encodeCall(IStepVerifier.stateHash, state.encode());
        _expectReturn(call, abi.encode(state.hash()));
    }

    function testFuzz_decodeState(uint256 seed, uint8 code) public {
        IStepVerifier.MachineState memory state = _any(seed, code);
        _expectReturn(abi.encodeCall(IStepVerifier.decodeState, state.encode()), abi.encode(state));
    }

    function testFuzz_step_ofAnExitedMachineIsItself(uint256 seed, uint8 code) public {
        _checkFixed(seed, Machine.EXITED, code);
    }

    function testFuzz_step_ofATrappedMachineIsItself(uint256 seed, uint8 code) public {
        _checkFixed(seed, Machine.TRAPPED, 1 + code % 10);
    }

    /// Even where the machine stands at no instruction.
    function testFuzz_step_ofAStoppedMachineLooksAtNothing(uint256 seed, uint32 pc, bytes32 root) public {
        Scene memory s = _scene(seed, 0, 0);
        (s.before.pc, s.before.memoryRoot, s.before.status) = (pc, root, Machine.EXITED);
        s.want = s.before;
        _check(s, "");
    }

    function testFuzz_step_reverts_whenWitnessAndMachineHasStopped(uint256 seed, bytes calldata witness)
        public
    {
        vm.assume(witness.length != 0);
        Scene memory s = _scene(seed, 0, 0);
        s.before.status = Machine.EXITED;
        bytes memory want = abi.encodeWithSelector(IStepVerifier.WitnessTooLong.selector, witness.length);
        _checkRefused(s, witness, want);
    }

    function testFuzz_state_reverts_whenLengthIsWrong(bytes calldata state) public {
        vm.assume(state.length != 192);
        _expectNoState(state, abi.encodeWithSelector(IStepVerifier.StateLength.selector, state.length));
    }

    function test_state_reverts_whenOneByteIsMissingOrTooMany() public {
        bytes memory state = _any(1, 0).encode();
        bytes4 selector = IStepVerifier.StateLength.selector;
        _expectNoState(_part(state, 0, 191), abi.encodeWithSelector(selector, 191));
        _expectNoState(bytes.concat(state, hex"00"), abi.encodeWithSelector(selector, 193));
        _expectNoState("", abi.encodeWithSelector(selector, 0));
    }

    function testFuzz_state_reverts_whenRegisterZeroIsNotZero(uint256 seed, uint32 value) public {
        vm.assume(value != 0);
        IStepVerifier.MachineState memory state = _any(seed, 0);
        state.registers[0] = value;
        _expectNoState(
            state.encode(), abi.encodeWithSelector(IStepVerifier.StateRegisterZero.selector, value)
        );
    }

    /// Any pair of status and code that docs/spec.md, 2.1, does not allow.
    function testFuzz_state_reverts_whenStatusOrCodeIsWrong(uint256 seed, uint32 status, uint32 code) public {
        if (seed % 3 != 0) status %= 4;
        if (seed % 5 != 0) code %= 300;
        vm.assume(!_isStatus(status, code));
        bytes memory state = _part(_any(seed, 0).encode(), 0, 184);
        state = abi.encodePacked(state, status, code);
        _expectNoState(state, abi.encodeWithSelector(IStepVerifier.StateStatus.selector, status, code));
    }

    function test_state_reverts_atTheEdgesOfStatusAndCode() public {
        uint32[2][6] memory pairs = [
            [uint32(0), 1],
            [uint32(1), 256],
            [uint32(2), 0],
            [uint32(2), 11],
            [uint32(3), 0],
            [uint32(1 << 31), 0]
        ];
        for (uint256 i = 0; i < pairs.length; i++) {
            bytes memory state =
                abi.encodePacked(_part(_any(i, 0).encode(), 0, 184), pairs[i][0], pairs[i][1]);
            bytes4 selector = IStepVerifier.StateStatus.selector;
            _expectNoState(state, abi.encodeWithSelector(selector, pairs[i][0], pairs[i][1]));
        }
    }

    function _checkFixed(uint256 seed, uint8 status, uint8 code) private {
        Scene memory s = _scene(seed, 0, 0);
        s.before.memoryRoot = keccak256(abi.encode(seed));
        (s.before.status, s.before.code) = (status, code);
        s.want = s.before;
        _check(s, "");
    }

    /// All functions that take a state refuse it.
    function _expectNoState(bytes memory state, bytes memory want) private {
        _expectRevert(abi.encodeCall(IStepVerifier.stateHash, state), want);
        _expectRevert(abi.encodeCall(IStepVerifier.decodeState, state), want);
        _expectRevert(abi.encodeCall(IStepVerifier.step, (state, "")), want);
    }

    /// A running, exited or trapped machine.
    function _any(uint256 seed, uint8 code) private pure returns (IStepVerifier.MachineState memory state) {
        state = _scene(seed, 0, 0).before;
        state.memoryRoot = keccak256(abi.encode(seed));
        state.status = uint8(seed % 3);
        if (state.status == Machine.EXITED) state.code = code;
        if (state.status == Machine.TRAPPED) state.code = 1 + code % 10;
    }

    function _isStatus(uint32 status, uint32 code) private pure returns (bool) {
        if (status == Machine.RUNNING) return code == 0;
        if (status == Machine.EXITED) return code < 256;
        return status == Machine.TRAPPED && 1 <= code && code <= 10;
    }
}
