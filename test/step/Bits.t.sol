// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {Scene, StepTest} from "../StepTest.sol";
import {Assembler} from "../model/Assembler.sol";
import {Trap} from "../model/Trap.sol";

/// Counting, extracting, inserting and rearranging bits.
contract BitsTest is StepTest {
    function testFuzz_clz(uint256 seed, uint32 x, uint8 width) public {
        Scene memory s = _scene(seed, x >> (width % 33), 0);
        _checkCount(s, 0x20, _leadingZeros(s.before.registers[s.f.rs]));
    }

    function testFuzz_clo(uint256 seed, uint32 x, uint8 width) public {
        Scene memory s = _scene(seed, ~(x >> (width % 33)), 0);
        _checkCount(s, 0x21, _leadingZeros(~s.before.registers[s.f.rs]));
    }

    function testFuzz_ext(uint256 seed, uint32 x, uint8 position, uint8 size) public {
        Scene memory s = _scene(seed, x, 0);
        (uint256 low, uint256 bits) = _within(position, size);
        (s.f.sa, s.f.rd) = (low, bits - 1);
        uint32 value = uint32((s.x / 2 ** low) % 2 ** bits);
        _checkWrite(s, Assembler.register(Assembler.SPECIAL3, s.f, 0x00), s.f.rt, value);
    }

    function testFuzz_ins(uint256 seed, uint32 x, uint32 y, uint8 position, uint8 size) public {
        Scene memory s = _scene(seed, x, y);
        (uint256 low, uint256 bits) = _within(position, size);
        (s.f.sa, s.f.rd) = (low, low + bits - 1);
        uint32 value = s.y;
        for (uint256 i = 0; i < bits; i++) {
            uint32 mask = uint32(2 ** (low + i));
            value = (s.x >> i) & 1 == 1 ? value | mask : value & ~mask;
        }
        _checkWrite(s, Assembler.register(Assembler.SPECIAL3, s.f, 0x04), s.f.rt, value);
    }

    function testFuzz_ext_traps_whenTheFieldLeavesTheWord(uint256 seed, uint8 position, uint8 size) public {
        Scene memory s = _scene(seed, 0, 0);
        (s.f.sa, s.f.rd) = (position % 32, size % 32);
        vm.assume(s.f.sa + s.f.rd + 1 > 32);
        _checkTrap(s, Assembler.register(Assembler.SPECIAL3, s.f, 0x00), Trap.RESERVED_INSTRUCTION);
    }

    function testFuzz_ins_traps_whenTheFieldIsEmpty(uint256 seed, uint8 position, uint8 top) public {
        Scene memory s = _scene(seed, 0, 0);
        (s.f.sa, s.f.rd) = (position % 32, top % 32);
        vm.assume(s.f.rd < s.f.sa);
        _checkTrap(s, Assembler.register(Assembler.SPECIAL3, s.f, 0x04), Trap.RESERVED_INSTRUCTION);
    }

    function testFuzz_seb(uint256 seed, uint32 y) public {
        Scene memory s = _scene(seed, 0, y);
        _checkShuffle(s, 0x10, uint32(int32(int8(uint8(s.y)))));
    }

    function testFuzz_seh(uint256 seed, uint32 y) public {
        Scene memory s = _scene(seed, 0, y);
        _checkShuffle(s, 0x18, uint32(int32(int16(uint16(s.y)))));
    }

    function testFuzz_wsbh(uint256 seed, uint32 y) public {
        Scene memory s = _scene(seed, 0, y);
        bytes4 b = bytes4(s.y);
        _checkShuffle(s, 0x02, uint32(bytes4(bytes.concat(b[1], b[0], b[3], b[2]))));
    }

    /// The two count instructions name their destination twice.
    function _checkCount(Scene memory s, uint256 function_, uint32 value) private {
        (s.f.sa, s.f.rt) = (0, s.f.rd);
        _checkWrite(s, Assembler.register(Assembler.SPECIAL2, s.f, function_), s.f.rd, value);
    }

    function _checkShuffle(Scene memory s, uint256 kind, uint32 value) private {
        s.f.rs = 0;
        s.f.sa = kind;
        _checkWrite(s, Assembler.register(Assembler.SPECIAL3, s.f, 0x20), s.f.rd, value);
    }

    function _leadingZeros(uint32 value) private pure returns (uint32 count) {
        for (uint32 mask = 0x80000000; mask != 0 && value & mask == 0; mask >>= 1) {
            count++;
        }
    }

    /// A field inside the word: its lowest bit and its size of 1 to 32 bits.
    function _within(uint8 position, uint8 size) private pure returns (uint256 low, uint256 bits) {
        low = position % 32;
        bits = 1 + size % (32 - low);
    }
}
