// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {IStepVerifier} from "../../sol/IStepVerifier.sol";
import {Scene, StepTest} from "../StepTest.sol";
import {Machine} from "../model/Machine.sol";

/// Calldata that is not the canonical encoding, and ether.
contract CalldataTest is StepTest {
    using Machine for IStepVerifier.MachineState;

    uint64 private constant CAP = type(uint64).max;

    /// Where the parts of `step`'s arguments end: offset, length of the state, the state, length of the witness.
    uint256[4] private ends = [uint256(32), 96, 96 + 192, 96 + 192 + 32];

    function testFuzz_step_reverts_whenCalldataIsCut(uint256 seed, uint16 length) public {
        bytes memory arguments = _arguments(_nop(seed));
        uint256 rest = length % arguments.length;
        uint256 needed = arguments.length;
        for (uint256 i = ends.length; i > 0; i--) {
            if (rest < ends[i - 1]) needed = ends[i - 1];
        }
        bytes memory want = abi.encodeWithSelector(IStepVerifier.CalldataTooShort.selector, rest, needed);
        _expectRevert(_stepWith(_part(arguments, 0, rest)), want);
    }

    function testFuzz_step_reverts_whenBytesFollow(uint256 seed, bytes calldata more) public {
        vm.assume(more.length != 0);
        bytes memory arguments = _arguments(_nop(seed));
        bytes memory want = abi.encodeWithSelector(
            IStepVerifier.CalldataTooLong.selector, arguments.length + more.length, arguments.length
        );
        _expectRevert(_stepWith(bytes.concat(arguments, more)), want);
    }

    function testFuzz_step_reverts_whenOffsetIsWrong(uint256 seed, uint256 offset, bool second) public {
        uint256 canonical = second ? 64 + 32 + 192 : 64;
        vm.assume(offset != canonical);
        bytes memory arguments = _with(_arguments(_nop(seed)), second ? 32 : 0, offset);
        bytes memory want = abi.encodeWithSelector(
            IStepVerifier.OffsetNotCanonical.selector, second ? 1 : 0, _capped(offset), canonical
        );
        _expectRevert(_stepWith(arguments), want);
    }

    /// Both offsets name the same bytes: an encoding that lenient decoders take.
    function test_step_reverts_whenArgumentsShareBytes() public {
        bytes memory arguments = _with(_arguments(_nop(1)), 32, 64);
        bytes memory want = abi.encodeWithSelector(IStepVerifier.OffsetNotCanonical.selector, 1, 64, 288);
        _expectRevert(_stepWith(arguments), want);
    }

    /// A length far behind the end, up to those that overflow 64 bits when they are padded.
    function testFuzz_step_reverts_whenLengthIsTooLarge(uint256 seed, uint256 length) public {
        bytes memory arguments = _arguments(_nop(seed));
        vm.assume(length > arguments.length);
        uint256 needed = 96 + _capped(length);
        needed = _capped((needed + 31) / 32 * 32);
        bytes memory want =
            abi.encodeWithSelector(IStepVerifier.CalldataTooShort.selector, arguments.length, needed);
        _expectRevert(_stepWith(_with(arguments, 64, length)), want);
    }

    function testFuzz_step_reverts_whenPaddingIsNotZero(uint256 seed, uint8 length, uint8 place, uint8 bits)
        public
    {
        vm.assume(length % 32 != 0 && bits != 0);
        Scene memory s = _nop(seed);
        bytes memory arguments = abi.encode(s.before.encode(), new bytes(length));
        uint256 padding = 32 - length % 32;
        arguments[arguments.length - 1 - place % padding] = bytes1(bits);
        _expectRevert(_stepWith(arguments), abi.encodeWithSelector(IStepVerifier.PaddingNotZero.selector, 1));
    }

    function test_stateHash_reverts_whenPaddingIsNotZero() public {
        bytes memory arguments = abi.encode(new bytes(191));
        arguments[arguments.length - 1] = 0x01;
        bytes memory call = bytes.concat(IStepVerifier.stateHash.selector, arguments);
        _expectRevert(call, abi.encodeWithSelector(IStepVerifier.PaddingNotZero.selector, 0));
    }

    function testFuzz_version_reverts_whenBytesFollow(bytes calldata more) public {
        vm.assume(more.length != 0);
        bytes memory want = abi.encodeWithSelector(IStepVerifier.CalldataTooLong.selector, more.length, 0);
        _expectRevert(bytes.concat(IStepVerifier.version.selector, more), want);
    }

    function testFuzz_step_reverts_whenEtherIsSent(uint256 seed, uint96 value) public {
        vm.assume(value != 0);
        (bool success, bytes memory result) = _callWithValue(_stepWith(_arguments(_nop(seed))), value);
        assertFalse(success, "took ether");
        assertEq(result, abi.encodeWithSelector(IStepVerifier.ValueNotAccepted.selector, value), "error");
    }

    function _nop(uint256 seed) private pure returns (Scene memory s) {
        s = _scene(seed, 0, 0);
        _place(s, 0);
    }

    function _arguments(Scene memory s) private pure returns (bytes memory) {
        return abi.encode(s.before.encode(), _witness(s));
    }

    function _stepWith(bytes memory arguments) private pure returns (bytes memory) {
        return bytes.concat(IStepVerifier.step.selector, arguments);
    }

    /// `data` with the word at byte `place` replaced.
    function _with(bytes memory data, uint256 place, uint256 word) private pure returns (bytes memory) {
        return bytes.concat(_part(data, 0, place), bytes32(word), _part(data, place + 32, data.length));
    }

    function _capped(uint256 number) private pure returns (uint256) {
        return number < CAP ? number : CAP;
    }
}
