// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {Scene, StepTest} from "../StepTest.sol";
import {Assembler} from "../model/Assembler.sol";
import {Trap} from "../model/Trap.sol";

/// Arithmetic, logic, comparison and conditional moves between registers.
contract AluTest is StepTest {
    function testFuzz_add(uint256 seed, uint32 x, uint32 y) public {
        Scene memory s = _scene(seed, x, y);
        _checkSigned(s, 0x20, int256(int32(s.x)) + int32(s.y));
    }

    function testFuzz_addu(uint256 seed, uint32 x, uint32 y) public {
        Scene memory s = _scene(seed, x, y);
        unchecked {
            _checkRd(s, 0x21, s.x + s.y);
        }
    }

    function testFuzz_sub(uint256 seed, uint32 x, uint32 y) public {
        Scene memory s = _scene(seed, x, y);
        _checkSigned(s, 0x22, int256(int32(s.x)) - int32(s.y));
    }

    function testFuzz_subu(uint256 seed, uint32 x, uint32 y) public {
        Scene memory s = _scene(seed, x, y);
        unchecked {
            _checkRd(s, 0x23, s.x - s.y);
        }
    }

    function testFuzz_and(uint256 seed, uint32 x, uint32 y) public {
        Scene memory s = _scene(seed, x, y);
        _checkRd(s, 0x24, s.x & s.y);
    }

    function testFuzz_or(uint256 seed, uint32 x, uint32 y) public {
        Scene memory s = _scene(seed, x, y);
        _checkRd(s, 0x25, s.x | s.y);
    }

    function testFuzz_xor(uint256 seed, uint32 x, uint32 y) public {
        Scene memory s = _scene(seed, x, y);
        _checkRd(s, 0x26, s.x ^ s.y);
    }

    function testFuzz_nor(uint256 seed, uint32 x, uint32 y) public {
        Scene memory s = _scene(seed, x, y);
        _checkRd(s, 0x27, ~(s.x | s.y));
    }

    function testFuzz_slt(uint256 seed, uint32 x, uint32 y) public {
        Scene memory s = _scene(seed, x, y);
        _checkRd(s, 0x2a, int32(s.x) < int32(s.y) ? 1 : 0);
    }

    function testFuzz_sltu(uint256 seed, uint32 x, uint32 y) public {
        Scene memory s = _scene(seed, x, y);
        _checkRd(s, 0x2b, s.x < s.y ? 1 : 0);
    }

    function testFuzz_movz(uint256 seed, uint32 x, uint32 y, bool zero) public {
        Scene memory s = _scene(seed, x, zero ? 0 : y);
        _checkRd(s, 0x0a, s.y == 0 ? s.x : s.before.registers[s.f.rd]);
    }

    function testFuzz_movn(uint256 seed, uint32 x, uint32 y, bool zero) public {
        Scene memory s = _scene(seed, x, zero ? 0 : y);
        _checkRd(s, 0x0b, s.y != 0 ? s.x : s.before.registers[s.f.rd]);
    }

    function test_add_traps_whenTheSumOverflows() public {
        _checkOverflow(0x20, 0x7fffffff, 1);
        _checkOverflow(0x20, 0x80000000, 0xffffffff);
    }

    function test_sub_traps_whenTheDifferenceOverflows() public {
        _checkOverflow(0x22, 0x80000000, 1);
        _checkOverflow(0x22, 0, 0x80000000);
    }

    function _checkRd(Scene memory s, uint256 function_, uint32 value) private {
        s.f.sa = 0;
        _checkWrite(s, Assembler.register(Assembler.SPECIAL, s.f, function_), s.f.rd, value);
    }

    /// The result is written if it is a signed 32-bit number, else the instruction traps.
    function _checkSigned(Scene memory s, uint256 function_, int256 result) private {
        if (result == int32(result)) {
            _checkRd(s, function_, uint32(int32(result)));
        } else {
            s.f.sa = 0;
            _checkTrap(s, Assembler.register(Assembler.SPECIAL, s.f, function_), Trap.INTEGER_OVERFLOW);
        }
    }

    function _checkOverflow(uint256 function_, uint32 x, uint32 y) private {
        Scene memory s = _scene(function_, x, y);
        (s.f.rs, s.f.rt, s.f.sa) = (4, 5, 0);
        s.before.registers[4] = x;
        s.before.registers[5] = y;
        _checkTrap(s, Assembler.register(Assembler.SPECIAL, s.f, function_), Trap.INTEGER_OVERFLOW);
    }
}
