// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {IStepVerifier} from "../../sol/IStepVerifier.sol";
import {Scene, StepTest} from "../StepTest.sol";
import {Encoding} from "../model/Encoding.sol";
import {Machine} from "../model/Machine.sol";
import {Trap} from "../model/Trap.sol";

/// Words that are no instruction trap; those that are do not trap as reserved.
contract ReservedTest is StepTest {
    using Machine for IStepVerifier.MachineState;

    function testFuzz_step_traps_whenReserved(uint256 seed, uint32 word) public {
        vm.assume(!Encoding.isListed(word));
        _checkTrap(_scene(seed, 0, 0), word, Trap.RESERVED_INSTRUCTION);
    }

    /// Words with opcodes that have functions and fields, where most of the rules are.
    function testFuzz_step_traps_whenFunctionOrFieldIsReserved(uint256 seed, uint32 word, uint8 choice)
        public
    {
        uint32 opcode = [uint32(0x00), 0x01, 0x1c, 0x1f][choice % 4];
        word = (word & 0x03ff_ffff) | opcode << 26;
        vm.assume(!Encoding.isListed(word));
        _checkTrap(_scene(seed, 0, 0), word, Trap.RESERVED_INSTRUCTION);
    }

    /// Instructions with one bit of the word turned over are often none.
    function testFuzz_step_traps_whenOneBitIsWrong(uint256 seed, uint32 fields, uint8 choice, uint8 bit)
        public
    {
        uint32 word = _strict(fields, choice) ^ uint32(2 ** (bit % 32));
        vm.assume(!Encoding.isListed(word));
        _checkTrap(_scene(seed, 0, 0), word, Trap.RESERVED_INSTRUCTION);
    }

    /// The opposite: the contract takes every listed word for an instruction. Loads and stores are left out,
    /// since they need another witness.
    function testFuzz_step_takesListedWords(uint256 seed, uint32 word, bool special) public {
        if (special) word = _strict(word, uint8(seed));
        vm.assume(Encoding.isListed(word) && !_touchesMemory(word));
        Scene memory s = _scene(seed, 0, 0);
        _place(s, word);
        s.want = s.before.stop(Machine.TRAPPED, Trap.RESERVED_INSTRUCTION);
        (bool success, bytes memory result) = _call(_stepCall(s, _witness(s)));
        assertTrue(success, string.concat("reverted with ", vm.toString(result)));
        assertNotEq(abi.decode(result, (bytes32)), s.want.hash(), "taken for a reserved instruction");
    }

    /// Encodings of opcode 0, 1c and 1f with as few operands as their rules allow.
    function _strict(uint32 fields, uint8 choice) private pure returns (uint32) {
        uint32 rs = fields & (31 << 21);
        uint32 rt = fields & (31 << 16);
        uint32 rd = fields & (31 << 11);
        uint32[18] memory words = [
            rt | rd | (fields & (31 << 6)),
            rs | rt | rd | 0x04,
            rs | 0x08,
            rs | rd | 0x09,
            0x0f,
            rd | 0x10,
            rs | 0x11,
            rd | 0x12,
            rs | 0x13,
            rs | rt | 0x18,
            rs | rt | rd | 0x20,
            rs | rt | rd | 0x2b,
            0x7000_0000 | rs | rt | 0x05,
            0x7000_0000 | rs | rd << 5 | rd | 0x20,
            0x7c00_0000 | rs | rt | (31 << 11) | 0x04,
            0x7c00_0000 | rt | rd | 0x10 << 6 | 0x20,
            rs | 0x1c00_0000,
            rt | 0x3c00_0000
        ];
        return words[choice % 18];
    }

    function _touchesMemory(uint32 word) private pure returns (bool) {
        uint32 opcode = word >> 26;
        return opcode >= 0x20 && opcode != 0x33;
    }
}
