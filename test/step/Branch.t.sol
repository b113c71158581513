// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {IStepVerifier} from "../../sol/IStepVerifier.sol";
import {Scene, StepTest} from "../StepTest.sol";
import {Assembler} from "../model/Assembler.sol";
import {Machine} from "../model/Machine.sol";

/// Branches: where they lead, what they link, and that the slot comes first.
contract BranchTest is StepTest {
    using Machine for IStepVerifier.MachineState;

    function testFuzz_beq(uint256 seed, uint32 x, uint32 y, uint16 offset) public {
        Scene memory s = _ahead(seed, x, seed % 2 == 0 ? x : y, offset);
        _checkBranch(s, 0x04, s.x == s.y);
    }

    function testFuzz_bne(uint256 seed, uint32 x, uint32 y, uint16 offset) public {
        Scene memory s = _ahead(seed, x, seed % 2 == 0 ? x : y, offset);
        _checkBranch(s, 0x05, s.x != s.y);
    }

    function testFuzz_blez(uint256 seed, uint32 x, uint16 offset) public {
        Scene memory s = _signed(seed, x, 0, offset);
        _checkBranch(s, 0x06, int32(s.x) <= 0);
    }

    function testFuzz_bgtz(uint256 seed, uint32 x, uint16 offset) public {
        Scene memory s = _signed(seed, x, 0, offset);
        _checkBranch(s, 0x07, int32(s.x) > 0);
    }

    function testFuzz_bltz(uint256 seed, uint32 x, uint16 offset) public {
        Scene memory s = _signed(seed, x, 0x00, offset);
        _checkBranch(s, Assembler.REGIMM, int32(s.x) < 0);
    }

    function testFuzz_bgez(uint256 seed, uint32 x, uint16 offset) public {
        Scene memory s = _signed(seed, x, 0x01, offset);
        _checkBranch(s, Assembler.REGIMM, int32(s.x) >= 0);
    }

    function testFuzz_bltzal(uint256 seed, uint32 x, uint16 offset) public {
        Scene memory s = _signed(seed, x, 0x10, offset);
        _checkBranchAndLink(s, int32(s.x) < 0);
    }

    function testFuzz_bgezal(uint256 seed, uint32 x, uint16 offset) public {
        Scene memory s = _signed(seed, x, 0x11, offset);
        _checkBranchAndLink(s, int32(s.x) >= 0);
    }

    /// The register that is compared is the one that is written.
    function testFuzz_bgezal_readsBeforeItLinks(uint256 seed, uint32 x, uint16 offset) public {
        Scene memory s = _ahead(seed, 0, 0, offset);
        (s.f.rs, s.f.rt) = (31, 0x11);
        s.before.registers[31] = x;
        _checkBranchAndLink(s, int32(x) >= 0);
    }

    function testFuzz_beql(uint256 seed, uint32 x, uint32 y, uint16 offset) public {
        Scene memory s = _ahead(seed, x, seed % 2 == 0 ? x : y, offset);
        _checkLikely(s, 0x14, s.x == s.y);
    }

    function testFuzz_bnel(uint256 seed, uint32 x, uint32 y, uint16 offset) public {
        Scene memory s = _ahead(seed, x, seed % 2 == 0 ? x : y, offset);
        _checkLikely(s, 0x15, s.x != s.y);
    }

    function testFuzz_blezl(uint256 seed, uint32 x, uint16 offset) public {
        Scene memory s = _signed(seed, x, 0, offset);
        _checkLikely(s, 0x16, int32(s.x) <= 0);
    }

    function testFuzz_bgtzl(uint256 seed, uint32 x, uint16 offset) public {
        Scene memory s = _signed(seed, x, 0, offset);
        _checkLikely(s, 0x17, int32(s.x) > 0);
    }

    function testFuzz_bltzl(uint256 seed, uint32 x, uint16 offset) public {
        Scene memory s = _signed(seed, x, 0x02, offset);
        _checkLikely(s, Assembler.REGIMM, int32(s.x) < 0);
    }

    function testFuzz_bgezl(uint256 seed, uint32 x, uint16 offset) public {
        Scene memory s = _signed(seed, x, 0x03, offset);
        _checkLikely(s, Assembler.REGIMM, int32(s.x) >= 0);
    }

    function testFuzz_bltzall(uint256 seed, uint32 x, uint16 offset) public {
        Scene memory s = _signed(seed, x, 0x12, offset);
        _checkLikelyAndLink(s, int32(s.x) < 0);
    }

    function testFuzz_bgezall(uint256 seed, uint32 x, uint16 offset) public {
        Scene memory s = _signed(seed, x, 0x13, offset);
        _checkLikelyAndLink(s, int32(s.x) >= 0);
    }

    /// A machine that is in no delay slot, with two operands.
    function _ahead(uint256 seed, uint32 x, uint32 y, uint16 offset) private pure returns (Scene memory s) {
        s = _scene(seed, x, y);
        s.f.imm = offset;
        _straight(s);
    }

    /// The same with one operand, zero in every fourth machine; the rt field says which branch it is.
    function _signed(uint256 seed, uint32 x, uint256 kind, uint16 offset)
        private
        pure
        returns (Scene memory s)
    {
        s = _ahead(seed, 0, 0, offset);
        s.before.set(s.f.rs, seed % 4 == 0 ? 0 : x);
        _refresh(s);
        s.f.rt = kind;
    }

    function _checkBranch(Scene memory s, uint256 opcode, bool taken) private {
        _place(s, Assembler.immediate(opcode, s.f));
        if (taken) s.want.nextPc = _target(s);
        _check(s);
    }

    function _checkBranchAndLink(Scene memory s, bool taken) private {
        _place(s, Assembler.immediate(Assembler.REGIMM, s.f));
        if (taken) s.want.nextPc = _target(s);
        _link(s);
        _check(s);
    }

    /// If it is not taken, the slot is skipped.
    function _checkLikely(Scene memory s, uint256 opcode, bool taken) private {
        _placeLikely(s, opcode, taken);
        _check(s);
    }

    function _checkLikelyAndLink(Scene memory s, bool taken) private {
        _placeLikely(s, Assembler.REGIMM, taken);
        _link(s);
        _check(s);
    }

    function _placeLikely(Scene memory s, uint256 opcode, bool taken) private pure {
        _place(s, Assembler.immediate(opcode, s.f));
        unchecked {
            (s.want.pc, s.want.nextPc) =
                taken ? (s.before.pc + 4, _target(s)) : (s.before.pc + 8, s.before.pc + 12);
        }
    }

    function _target(Scene memory s) private pure returns (uint32) {
        unchecked {
            return s.before.pc + 4 + 4 * _sext(s.f.imm);
        }
    }

    function _link(Scene memory s) private pure {
        unchecked {
            s.want.registers[31] = s.before.pc + 8;
        }
    }
}
