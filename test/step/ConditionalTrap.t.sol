// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {IStepVerifier} from "../../sol/IStepVerifier.sol";
import {Scene, StepTest} from "../StepTest.sol";
import {Assembler} from "../model/Assembler.sol";
import {Machine} from "../model/Machine.sol";
import {Trap} from "../model/Trap.sol";

/// Instructions that trap if a comparison holds.
contract ConditionalTrapTest is StepTest {
    using Machine for IStepVerifier.MachineState;

    function testFuzz_tge(uint256 seed, uint32 x, uint32 y) public {
        Scene memory s = _pair(seed, x, y);
        _checkRegisters(s, 0x30, int32(s.x) >= int32(s.y));
    }

    function testFuzz_tgeu(uint256 seed, uint32 x, uint32 y) public {
        Scene memory s = _pair(seed, x, y);
        _checkRegisters(s, 0x31, s.x >= s.y);
    }

    function testFuzz_tlt(uint256 seed, uint32 x, uint32 y) public {
        Scene memory s = _pair(seed, x, y);
        _checkRegisters(s, 0x32, int32(s.x) < int32(s.y));
    }

    function testFuzz_tltu(uint256 seed, uint32 x, uint32 y) public {
        Scene memory s = _pair(seed, x, y);
        _checkRegisters(s, 0x33, s.x < s.y);
    }

    function testFuzz_teq(uint256 seed, uint32 x, uint32 y) public {
        Scene memory s = _pair(seed, x, y);
        _checkRegisters(s, 0x34, s.x == s.y);
    }

    function testFuzz_tne(uint256 seed, uint32 x, uint32 y) public {
        Scene memory s = _pair(seed, x, y);
        _checkRegisters(s, 0x36, s.x != s.y);
    }

    function testFuzz_tgei(uint256 seed, uint32 x, uint16 imm) public {
        Scene memory s = _constant(seed, x, imm);
        _checkConstant(s, 0x08, int32(s.x) >= int16(imm));
    }

    function testFuzz_tgeiu(uint256 seed, uint32 x, uint16 imm) public {
        Scene memory s = _constant(seed, x, imm);
        _checkConstant(s, 0x09, s.x >= _sext(imm));
    }

    function testFuzz_tlti(uint256 seed, uint32 x, uint16 imm) public {
        Scene memory s = _constant(seed, x, imm);
        _checkConstant(s, 0x0a, int32(s.x) < int16(imm));
    }

    function testFuzz_tltiu(uint256 seed, uint32 x, uint16 imm) public {
        Scene memory s = _constant(seed, x, imm);
        _checkConstant(s, 0x0b, s.x < _sext(imm));
    }

    function testFuzz_teqi(uint256 seed, uint32 x, uint16 imm) public {
        Scene memory s = _constant(seed, x, imm);
        _checkConstant(s, 0x0c, s.x == _sext(imm));
    }

    function testFuzz_tnei(uint256 seed, uint32 x, uint16 imm) public {
        Scene memory s = _constant(seed, x, imm);
        _checkConstant(s, 0x0e, s.x != _sext(imm));
    }

    /// Equal operands every third time.
    function _pair(uint256 seed, uint32 x, uint32 y) private pure returns (Scene memory) {
        return _scene(seed, x, seed % 3 == 0 ? x : y);
    }

    function _constant(uint256 seed, uint32 x, uint16 imm) private pure returns (Scene memory s) {
        s = _scene(seed, seed % 3 == 0 ? _sext(imm) : x, 0);
        if (s.f.rs == s.f.rt) s.before.set(s.f.rs, x);
        s.f.imm = imm;
        _refresh(s);
    }

    function _checkRegisters(Scene memory s, uint256 function_, bool traps) private {
        _checkIf(s, Assembler.register(Assembler.SPECIAL, s.f, function_), traps);
    }

    function _checkConstant(Scene memory s, uint256 kind, bool traps) private {
        s.f.rt = kind;
        _checkIf(s, Assembler.immediate(Assembler.REGIMM, s.f), traps);
    }

    function _checkIf(Scene memory s, uint32 instruction, bool traps) private {
        if (traps) return _checkTrap(s, instruction, Trap.CONDITIONAL_TRAP);
        _place(s, instruction);
        _check(s);
    }
}
