// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {Scene, StepTest} from "../StepTest.sol";
import {Assembler} from "../model/Assembler.sol";

/// Shifts and rotations by a constant and by a register.
contract ShiftTest is StepTest {
    function testFuzz_sll(uint256 seed, uint32 y) public {
        Scene memory s = _scene(seed, 0, y);
        s.f.rs = 0;
        _checkRd(s, 0x00, _left(s.y, s.f.sa));
    }

    function testFuzz_srl(uint256 seed, uint32 y) public {
        Scene memory s = _scene(seed, 0, y);
        s.f.rs = 0;
        _checkRd(s, 0x02, _right(s.y, s.f.sa));
    }

    function testFuzz_sra(uint256 seed, uint32 y) public {
        Scene memory s = _scene(seed, 0, y);
        s.f.rs = 0;
        _checkRd(s, 0x03, _arithmetic(s.y, s.f.sa));
    }

    function testFuzz_rotr(uint256 seed, uint32 y) public {
        Scene memory s = _scene(seed, 0, y);
        s.f.rs = 1;
        _checkRd(s, 0x02, _rotated(s.before.registers[s.f.rt], s.f.sa));
    }

    function testFuzz_sllv(uint256 seed, uint32 x, uint32 y) public {
        Scene memory s = _scene(seed, x, y);
        s.f.sa = 0;
        _checkRd(s, 0x04, _left(s.y, s.x % 32));
    }

    function testFuzz_srlv(uint256 seed, uint32 x, uint32 y) public {
        Scene memory s = _scene(seed, x, y);
        s.f.sa = 0;
        _checkRd(s, 0x06, _right(s.y, s.x % 32));
    }

    function testFuzz_srav(uint256 seed, uint32 x, uint32 y) public {
        Scene memory s = _scene(seed, x, y);
        s.f.sa = 0;
        _checkRd(s, 0x07, _arithmetic(s.y, s.x % 32));
    }

    function testFuzz_rotrv(uint256 seed, uint32 x, uint32 y) public {
        Scene memory s = _scene(seed, x, y);
        s.f.sa = 1;
        _checkRd(s, 0x06, _rotated(s.y, s.x % 32));
    }

    function _checkRd(Scene memory s, uint256 function_, uint32 value) private {
        _checkWrite(s, Assembler.register(Assembler.SPECIAL, s.f, function_), s.f.rd, value);
    }

    function _left(uint32 value, uint256 by) private pure returns (uint32) {
        return uint32(uint256(value) * 2 ** by);
    }

    function _right(uint32 value, uint256 by) private pure returns (uint32) {
        return uint32(uint256(value) / 2 ** by);
    }

    /// Copies of the sign enter from the left.
    function _arithmetic(uint32 value, uint256 by) private pure returns (uint32) {
        uint256 extended = int32(value) < 0 ? 0xffffffff_00000000 | uint256(value) : value;
        return uint32(extended / 2 ** by);
    }

    function _rotated(uint32 value, uint256 by) private pure returns (uint32) {
        return uint32((uint256(value) << 32 | value) / 2 ** by);
    }
}
