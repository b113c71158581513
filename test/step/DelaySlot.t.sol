// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {Scene, StepTest} from "../StepTest.sol";
import {Trap} from "../model/Trap.sol";

/// Branches and jumps in delay slots, each opcode in turn.
contract DelaySlotTest is StepTest {
    /// One word of every branch and jump, with registers that are zero: some taken, some not.
    uint32[] private branches = [
        0x0800_0000, // j
        0x0c00_0000, // jal
        0x0000_0008, // jr
        0x0000_f809, // jalr
        0x1000_0005, // beq
        0x1400_0005, // bne
        0x1800_0005, // blez
        0x1c00_0005, // bgtz
        0x5000_0005, // beql
        0x5400_0005, // bnel
        0x5800_0005, // blezl
        0x5c00_0005, // bgtzl
        0x0400_0005, // bltz
        0x0401_0005, // bgez
        0x0402_0005, // bltzl
        0x0403_0005, // bgezl
        0x0410_0005, // bltzal
        0x0411_0005, // bgezal
        0x0412_0005, // bltzall
        0x0413_0005 // bgezall
    ];

    function test_step_traps_whenBranchInDelaySlot() public {
        for (uint256 i = 0; i < branches.length; i++) {
            _checkInSlot(i, 0x0040_0000, branches[i]);
        }
    }

    function testFuzz_step_traps_whenBranchInDelaySlot(uint256 seed, uint32 target, uint8 choice) public {
        _checkInSlot(seed, target, branches[choice % branches.length]);
    }

    /// The target of the branch before was the slot itself.
    function testFuzz_step_traps_whenSlotIsItsOwnTarget(uint256 seed, uint8 choice) public {
        Scene memory s = _scene(seed, 0, 0);
        s.before.nextPc = s.before.pc;
        _checkTrap(s, branches[choice % branches.length], Trap.BRANCH_IN_DELAY_SLOT);
    }

    /// A slot whose branch leads to the instruction behind it looks like no slot at all: no trap.
    function testFuzz_beq_inTheSlotOfABranchToTheNextInstruction(uint256 seed) public {
        Scene memory s = _scene(seed, 0, 0);
        _straight(s);
        _place(s, 0x1000_0005);
        unchecked {
            s.want.nextPc = s.before.pc + 4 + 20;
        }
        _check(s);
    }

    /// A trap in a slot keeps the target: checked for every trap by machines in slots elsewhere.
    function testFuzz_break_inDelaySlotKeepsTheTarget(uint256 seed, uint32 target) public {
        Scene memory s = _scene(seed, 0, 0);
        s.before.nextPc = target;
        _checkTrap(s, 0x0d, Trap.BREAKPOINT);
        assertEq(s.want.nextPc, target);
    }

    function _checkInSlot(uint256 seed, uint32 target, uint32 branch) private {
        Scene memory s = _scene(seed, 0, 0);
        unchecked {
            vm.assume(target != s.before.pc + 4);
        }
        s.before.nextPc = target;
        _checkTrap(s, branch, Trap.BRANCH_IN_DELAY_SLOT);
    }
}
