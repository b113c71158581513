// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {IStepVerifier} from "../../sol/IStepVerifier.sol";
import {Scene, StepTest} from "../StepTest.sol";
import {Assembler} from "../model/Assembler.sol";
import {Machine} from "../model/Machine.sol";

/// Jumps: where they lead and what they link.
contract JumpTest is StepTest {
    using Machine for IStepVerifier.MachineState;

    function testFuzz_j(uint256 seed, uint32 target) public {
        Scene memory s = _ahead(seed, 0);
        _place(s, Assembler.jump(0x02, target));
        s.want.nextPc = _region(s) + target % 2 ** 26 * 4;
        _check(s);
    }

    function testFuzz_jal(uint256 seed, uint32 target) public {
        Scene memory s = _ahead(seed, 0);
        _place(s, Assembler.jump(0x03, target));
        s.want.nextPc = _region(s) + target % 2 ** 26 * 4;
        unchecked {
            s.want.registers[31] = s.before.pc + 8;
        }
        _check(s);
    }

    /// A jump in the last word of a region leads into the region of its slot.
    function testFuzz_j_acrossRegions(uint256 seed, uint32 target) public {
        Scene memory s = _ahead(seed, 0);
        s.before.pc |= 0x0ffffffc;
        _straight(s);
        _place(s, Assembler.jump(0x02, target));
        s.want.nextPc = _region(s) + target % 2 ** 26 * 4;
        _check(s);
    }

    /// The hint in the sa field changes nothing.
    function testFuzz_jr(uint256 seed, uint32 x) public {
        Scene memory s = _ahead(seed, x);
        (s.f.rt, s.f.rd) = (0, 0);
        _place(s, Assembler.register(Assembler.SPECIAL, s.f, 0x08));
        s.want.nextPc = s.x;
        _check(s);
    }

    function testFuzz_jalr(uint256 seed, uint32 x) public {
        _checkJalr(_ahead(seed, x));
    }

    /// The target is read before the link is written.
    function testFuzz_jalr_ofOneRegister(uint256 seed, uint32 x) public {
        Scene memory s = _ahead(seed, x);
        s.f.rd = s.f.rs;
        _checkJalr(s);
    }

    function _checkJalr(Scene memory s) private {
        s.f.rt = 0;
        _place(s, Assembler.register(Assembler.SPECIAL, s.f, 0x09));
        s.want.nextPc = s.x;
        unchecked {
            s.want.set(s.f.rd, s.before.pc + 8);
        }
        _check(s);
    }

    /// A machine that is in no delay slot, with `x` in rs.
    function _ahead(uint256 seed, uint32 x) private pure returns (Scene memory s) {
        s = _scene(seed, x, x);
        _straight(s);
    }

    /// The 256 MiB that the delay slot is in.
    function _region(Scene memory s) private pure returns (uint32 base) {
        unchecked {
            base = s.before.pc + 4;
        }
        return base - base % 0x1000_0000;
    }
}
