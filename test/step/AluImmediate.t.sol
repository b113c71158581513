// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {Scene, StepTest} from "../StepTest.sol";
import {Assembler} from "../model/Assembler.sol";
import {Trap} from "../model/Trap.sol";

/// Arithmetic, logic and comparison with a 16-bit constant.
contract AluImmediateTest is StepTest {
    function testFuzz_addi(uint256 seed, uint32 x, uint16 imm) public {
        Scene memory s = _sceneWith(seed, x, imm);
        int256 sum = int256(int32(s.x)) + int16(imm);
        if (sum == int32(sum)) {
            _checkRt(s, 0x08, uint32(int32(sum)));
        } else {
            _checkTrap(s, Assembler.immediate(0x08, s.f), Trap.INTEGER_OVERFLOW);
        }
    }

    function testFuzz_addiu(uint256 seed, uint32 x, uint16 imm) public {
        Scene memory s = _sceneWith(seed, x, imm);
        unchecked {
            _checkRt(s, 0x09, s.x + _sext(imm));
        }
    }

    function testFuzz_slti(uint256 seed, uint32 x, uint16 imm) public {
        Scene memory s = _sceneWith(seed, x, imm);
        _checkRt(s, 0x0a, int32(s.x) < int16(imm) ? 1 : 0);
    }

    function testFuzz_sltiu(uint256 seed, uint32 x, uint16 imm) public {
        Scene memory s = _sceneWith(seed, x, imm);
        _checkRt(s, 0x0b, s.x < _sext(imm) ? 1 : 0);
    }

    function testFuzz_andi(uint256 seed, uint32 x, uint16 imm) public {
        Scene memory s = _sceneWith(seed, x, imm);
        _checkRt(s, 0x0c, s.x & imm);
    }

    function testFuzz_ori(uint256 seed, uint32 x, uint16 imm) public {
        Scene memory s = _sceneWith(seed, x, imm);
        _checkRt(s, 0x0d, s.x | imm);
    }

    function testFuzz_xori(uint256 seed, uint32 x, uint16 imm) public {
        Scene memory s = _sceneWith(seed, x, imm);
        _checkRt(s, 0x0e, s.x ^ imm);
    }

    function testFuzz_lui(uint256 seed, uint16 imm) public {
        Scene memory s = _sceneWith(seed, 0, imm);
        s.f.rs = 0;
        _checkRt(s, 0x0f, uint32(imm) << 16);
    }

    function test_addi_traps_whenTheSumOverflows() public {
        _checkOverflow(0x7fffffff, 1);
        _checkOverflow(0x80000000, 0xffff);
    }

    function _checkOverflow(uint32 x, uint16 imm) private {
        Scene memory s = _sceneWith(0, x, imm);
        (s.f.rs, s.f.rt) = (4, 5);
        s.before.registers[4] = x;
        _checkTrap(s, Assembler.immediate(0x08, s.f), Trap.INTEGER_OVERFLOW);
    }

    /// Near the overflow in every other scene, where a constant matters most.
    function _sceneWith(uint256 seed, uint32 x, uint16 imm) private pure returns (Scene memory s) {
        s = _scene(seed, seed % 2 == 0 ? x : 0x7fff_8000 ^ x >> 16, 0);
        s.f.imm = imm;
    }

    function _checkRt(Scene memory s, uint256 opcode, uint32 value) private {
        _checkWrite(s, Assembler.immediate(opcode, s.f), s.f.rt, value);
    }
}
