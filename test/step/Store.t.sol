// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {Scene, StepTest} from "../StepTest.sol";
import {Assembler} from "../model/Assembler.sol";
import {Trap} from "../model/Trap.sol";

/// Stores, told byte by byte. Every fourth overwrites the leaf that the instruction itself is in.
contract StoreTest is StepTest {
    function testFuzz_sb(uint256 seed, uint32 target, uint16 offset) public {
        Scene memory s = _aim(seed, target, offset, 0x28);
        _checkStore(s, s.data, 1, s.y);
    }

    function testFuzz_sh(uint256 seed, uint32 target, uint16 offset) public {
        Scene memory s = _aim(seed, target & ~uint32(1), offset, 0x29);
        _checkStore(s, s.data, 2, s.y);
    }

    function testFuzz_sw(uint256 seed, uint32 target, uint16 offset) public {
        Scene memory s = _aim(seed, target & ~uint32(3), offset, 0x2b);
        _checkStore(s, s.data, 4, s.y);
    }

    /// Always succeeds, and says so in its register (which may be the base).
    function testFuzz_sc(uint256 seed, uint32 target, uint16 offset) public {
        Scene memory s = _aim(seed, target & ~uint32(3), offset, 0x38);
        if (s.f.rt != 0) s.want.registers[s.f.rt] = 1;
        _checkStore(s, s.data, 4, s.y);
    }

    /// The register's upper bytes go to the bytes from the address down to the word's first.
    function testFuzz_swl(uint256 seed, uint32 target, uint16 offset) public {
        Scene memory s = _aim(seed, target, offset, 0x2a);
        uint32 size = 1 + s.data % 4;
        _checkStore(s, s.data - s.data % 4, size, s.y >> (32 - 8 * size));
    }

    /// The register's lower bytes go to the bytes from the address up to the word's last.
    function testFuzz_swr(uint256 seed, uint32 target, uint16 offset) public {
        Scene memory s = _aim(seed, target, offset, 0x2e);
        _checkStore(s, s.data, 4 - s.data % 4, s.y);
    }

    function testFuzz_sw_ofRegisterZero(uint256 seed, uint32 target, uint16 offset) public {
        Scene memory s = _sceneAt(seed, target & ~uint32(3), offset);
        s.f.rt = 0;
        _place(s, Assembler.immediate(0x2b, s.f));
        _checkStore(s, s.data, 4, 0);
    }

    /// The first leaf of a memory that is otherwise as good as empty, and the last.
    function testFuzz_sw_atBothEnds(uint256 seed) public {
        Scene memory s = _aim(seed, 0, 0, 0x2b);
        _checkStore(s, 0, 4, s.y);
        s = _aim(seed, 0xfffffffc, 0, 0x2b);
        _checkStore(s, 0xfffffffc, 4, s.y);
    }

    function testFuzz_sh_traps_whenMisaligned(uint256 seed, uint32 target, uint16 offset) public {
        _checkMisaligned(seed, target | 1, offset, 0x29);
    }

    function testFuzz_sw_traps_whenMisaligned(uint256 seed, uint32 target, uint16 offset) public {
        vm.assume(target % 4 != 0);
        _checkMisaligned(seed, target, offset, 0x2b);
        _checkMisaligned(seed, target, offset, 0x38);
    }

    /// A machine about to store with this opcode at `target`.
    function _aim(uint256 seed, uint32 target, uint16 offset, uint256 opcode)
        private
        pure
        returns (Scene memory s)
    {
        s = _sceneAt(seed, target, offset);
        _place(s, Assembler.immediate(opcode, s.f));
    }

    function _checkMisaligned(uint256 seed, uint32 target, uint16 offset, uint256 opcode) private {
        Scene memory s = _sceneAt(seed, target, offset);
        s.access = false;
        _checkTrap(s, Assembler.immediate(opcode, s.f), Trap.MISALIGNED_STORE);
    }
}
