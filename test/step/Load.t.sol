// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {IStepVerifier} from "../../sol/IStepVerifier.sol";
import {Scene, StepTest} from "../StepTest.sol";
import {Assembler} from "../model/Assembler.sol";
import {Machine} from "../model/Machine.sol";
import {Trap} from "../model/Trap.sol";

/// Loads, told byte by byte.
contract LoadTest is StepTest {
    using Machine for IStepVerifier.MachineState;

    function testFuzz_lb(uint256 seed, uint32 target, uint16 offset) public {
        Scene memory s = _aim(seed, target, offset, 0x20);
        _checkLoad(s, uint32(int32(int8(s.ram.byteAt(s.data)))));
    }

    function testFuzz_lbu(uint256 seed, uint32 target, uint16 offset) public {
        Scene memory s = _aim(seed, target, offset, 0x24);
        _checkLoad(s, s.ram.byteAt(s.data));
    }

    function testFuzz_lh(uint256 seed, uint32 target, uint16 offset) public {
        Scene memory s = _aim(seed, target & ~uint32(1), offset, 0x21);
        _checkLoad(s, uint32(int32(int16(uint16(s.ram.read(s.data, 2))))));
    }

    function testFuzz_lhu(uint256 seed, uint32 target, uint16 offset) public {
        Scene memory s = _aim(seed, target & ~uint32(1), offset, 0x25);
        _checkLoad(s, s.ram.read(s.data, 2));
    }

    function testFuzz_lw(uint256 seed, uint32 target, uint16 offset) public {
        Scene memory s = _aim(seed, target & ~uint32(3), offset, 0x23);
        _checkLoad(s, s.ram.read(s.data, 4));
    }

    function testFuzz_ll(uint256 seed, uint32 target, uint16 offset) public {
        Scene memory s = _aim(seed, target & ~uint32(3), offset, 0x30);
        _checkLoad(s, s.ram.read(s.data, 4));
    }

    /// The bytes from the address down to the word's first fill the register from the top.
    function testFuzz_lwl(uint256 seed, uint32 target, uint16 offset) public {
        Scene memory s = _aim(seed, target, offset, 0x22);
        bytes4 value = bytes4(s.y);
        for (uint32 i = 0; i <= s.data % 4; i++) {
            value = _with(value, i, s.ram.byteAt(s.data - i));
        }
        _checkLoad(s, uint32(value));
    }

    /// The bytes from the address up to the word's last fill the register from the bottom.
    function testFuzz_lwr(uint256 seed, uint32 target, uint16 offset) public {
        Scene memory s = _aim(seed, target, offset, 0x26);
        bytes4 value = bytes4(s.y);
        for (uint32 i = 0; i < 4 - s.data % 4; i++) {
            value = _with(value, 3 - i, s.ram.byteAt(s.data + i));
        }
        _checkLoad(s, uint32(value));
    }

    function testFuzz_load_toRegisterZero(uint256 seed, uint32 target, uint16 offset) public {
        Scene memory s = _aim(seed, target & ~uint32(3), offset, 0x23);
        s.f.rt = 0;
        _place(s, Assembler.immediate(0x23, s.f));
        _check(s);
    }

    function testFuzz_lw_fromRegisterZero(uint256 seed, uint16 offset) public {
        Scene memory s = _scene(seed, 0, 0);
        (s.f.rs, s.f.imm) = (0, offset & ~uint16(3));
        _access(s, _sext(s.f.imm));
        _place(s, Assembler.immediate(0x23, s.f));
        _checkLoad(s, s.ram.read(s.data, 4));
    }

    function testFuzz_lh_traps_whenMisaligned(uint256 seed, uint32 target, uint16 offset) public {
        _checkMisaligned(seed, target | 1, offset, 0x21);
        _checkMisaligned(seed, target | 1, offset, 0x25);
    }

    function testFuzz_lw_traps_whenMisaligned(uint256 seed, uint32 target, uint16 offset) public {
        vm.assume(target % 4 != 0);
        _checkMisaligned(seed, target, offset, 0x23);
        _checkMisaligned(seed, target, offset, 0x30);
    }

    /// A machine about to load with this opcode from `target`.
    function _aim(uint256 seed, uint32 target, uint16 offset, uint256 opcode)
        private
        pure
        returns (Scene memory s)
    {
        s = _sceneAt(seed, target, offset);
        _place(s, Assembler.immediate(opcode, s.f));
    }

    function _checkLoad(Scene memory s, uint32 value) private {
        s.want.set(s.f.rt, value);
        _check(s);
    }

    function _checkMisaligned(uint256 seed, uint32 target, uint16 offset, uint256 opcode) private {
        Scene memory s = _sceneAt(seed, target, offset);
        s.access = false;
        _checkTrap(s, Assembler.immediate(opcode, s.f), Trap.MISALIGNED_LOAD);
    }

    function _with(bytes4 value, uint256 index, uint8 part) private pure returns (bytes4) {
        uint256 shift = 24 - 8 * index;
        return bytes4((uint32(value) & ~uint32(0xff * 2 ** shift)) | uint32(uint256(part) * 2 ** shift));
    }
}
