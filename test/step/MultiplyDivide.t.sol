// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {Scene, StepTest} from "../StepTest.sol";
import {Assembler} from "../model/Assembler.sol";

/// Products, quotients and the registers HI and LO.
contract MultiplyDivideTest is StepTest {
    function testFuzz_mult(uint256 seed, uint32 x, uint32 y) public {
        Scene memory s = _scene(seed, x, y);
        _checkAccumulator(s, Assembler.SPECIAL, 0x18, _signed(s));
    }

    function testFuzz_multu(uint256 seed, uint32 x, uint32 y) public {
        Scene memory s = _scene(seed, x, y);
        _checkAccumulator(s, Assembler.SPECIAL, 0x19, _unsigned(s));
    }

    function testFuzz_madd(uint256 seed, uint32 x, uint32 y) public {
        Scene memory s = _scene(seed, x, y);
        _checkAccumulator(s, Assembler.SPECIAL2, 0x00, _accumulator(s) + _signed(s));
    }

    function testFuzz_maddu(uint256 seed, uint32 x, uint32 y) public {
        Scene memory s = _scene(seed, x, y);
        _checkAccumulator(s, Assembler.SPECIAL2, 0x01, _accumulator(s) + _unsigned(s));
    }

    function testFuzz_msub(uint256 seed, uint32 x, uint32 y) public {
        Scene memory s = _scene(seed, x, y);
        _checkAccumulator(s, Assembler.SPECIAL2, 0x04, _accumulator(s) - _signed(s));
    }

    function testFuzz_msubu(uint256 seed, uint32 x, uint32 y) public {
        Scene memory s = _scene(seed, x, y);
        _checkAccumulator(s, Assembler.SPECIAL2, 0x05, _accumulator(s) - _unsigned(s));
    }

    function testFuzz_mul(uint256 seed, uint32 x, uint32 y) public {
        Scene memory s = _scene(seed, x, y);
        s.f.sa = 0;
        uint32 instruction = Assembler.register(Assembler.SPECIAL2, s.f, 0x02);
        _checkWrite(s, instruction, s.f.rd, uint32(uint256(_unsigned(s))));
    }

    function testFuzz_div(uint256 seed, uint32 x, uint32 y, uint8 width) public {
        Scene memory s = _scene(seed, x, _narrow(y, width));
        if (s.y == 0) return _checkHiLo(s, Assembler.SPECIAL, 0x1a, 0, s.x);
        int256 quotient = int256(int32(s.x)) / int32(s.y);
        int256 rest = int256(int32(s.x)) - quotient * int32(s.y);
        if (quotient == 2 ** 31) (quotient, rest) = (int32(s.x), 0);
        _checkHiLo(s, Assembler.SPECIAL, 0x1a, uint32(int32(rest)), uint32(int32(quotient)));
    }

    function testFuzz_divu(uint256 seed, uint32 x, uint32 y, uint8 width) public {
        Scene memory s = _scene(seed, x, _narrow(y, width));
        if (s.y == 0) return _checkHiLo(s, Assembler.SPECIAL, 0x1b, 0, s.x);
        _checkHiLo(s, Assembler.SPECIAL, 0x1b, s.x % s.y, s.x / s.y);
    }

    function testFuzz_div_byZero(uint256 seed, uint32 x) public {
        _checkDivision(seed, 0x1a, x, 0, 0, x);
        _checkDivision(seed, 0x1b, x, 0, 0, x);
    }

    function test_div_ofTheLeastNumberByMinusOne() public {
        _checkDivision(1, 0x1a, 0x80000000, 0xffffffff, 0, 0x80000000);
    }

    function test_div_restHasTheSignOfTheDividend() public {
        _checkDivision(1, 0x1a, uint32(int32(-7)), 2, uint32(int32(-1)), uint32(int32(-3)));
        _checkDivision(1, 0x1a, 7, uint32(int32(-2)), 1, uint32(int32(-3)));
    }

    function testFuzz_mfhi(uint256 seed) public {
        Scene memory s = _scene(seed, 0, 0);
        (s.f.rs, s.f.rt, s.f.sa) = (0, 0, 0);
        _checkWrite(s, Assembler.register(Assembler.SPECIAL, s.f, 0x10), s.f.rd, s.before.hi);
    }

    function testFuzz_mflo(uint256 seed) public {
        Scene memory s = _scene(seed, 0, 0);
        (s.f.rs, s.f.rt, s.f.sa) = (0, 0, 0);
        _checkWrite(s, Assembler.register(Assembler.SPECIAL, s.f, 0x12), s.f.rd, s.before.lo);
    }

    function testFuzz_mthi(uint256 seed, uint32 x) public {
        Scene memory s = _scene(seed, x, x);
        s.f.rt = 0;
        _checkHiLo(s, Assembler.SPECIAL, 0x11, s.x, s.before.lo);
    }

    function testFuzz_mtlo(uint256 seed, uint32 x) public {
        Scene memory s = _scene(seed, x, x);
        s.f.rt = 0;
        _checkHiLo(s, Assembler.SPECIAL, 0x13, s.before.hi, s.x);
    }

    function _checkDivision(uint256 seed, uint256 function_, uint32 x, uint32 y, uint32 hi, uint32 lo)
        private
    {
        Scene memory s = _scene(seed, 0, 0);
        (s.f.rs, s.f.rt) = (8, 9);
        s.before.registers[8] = x;
        s.before.registers[9] = y;
        _checkHiLo(s, Assembler.SPECIAL, function_, hi, lo);
    }

    /// The instruction does nothing but leave the low 64 bits of `value` in HI and LO.
    function _checkAccumulator(Scene memory s, uint256 opcode, uint256 function_, int256 value) private {
        uint64 low = uint64(uint256(value));
        _checkHiLo(s, opcode, function_, uint32(low >> 32), uint32(low));
    }

    function _checkHiLo(Scene memory s, uint256 opcode, uint256 function_, uint32 hi, uint32 lo) private {
        (s.f.rd, s.f.sa) = (0, 0);
        _place(s, Assembler.register(opcode, s.f, function_));
        s.want.hi = hi;
        s.want.lo = lo;
        _check(s);
    }

    function _accumulator(Scene memory s) private pure returns (int256) {
        return int256(uint256(s.before.hi) << 32 | s.before.lo);
    }

    function _signed(Scene memory s) private pure returns (int256) {
        return int256(int32(s.x)) * int32(s.y);
    }

    function _unsigned(Scene memory s) private pure returns (int256) {
        return int256(uint256(s.x) * s.y);
    }

    /// Divisors of every width, so that quotients are of every width too.
    function _narrow(uint32 y, uint8 width) private pure returns (uint32) {
        return uint32(int32(y) >> (width % 32));
    }
}
