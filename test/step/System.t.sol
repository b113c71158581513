// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {IStepVerifier} from "../../sol/IStepVerifier.sol";
import {Scene, StepTest} from "../StepTest.sol";
import {Machine} from "../model/Machine.sol";
import {Trap} from "../model/Trap.sol";

/// System calls, breakpoints, fetches, and instructions that do nothing.
contract SystemTest is StepTest {
    using Machine for IStepVerifier.MachineState;

    uint32 private constant SYSCALL = 0x0c;
    uint32 private constant BREAK = 0x0d;

    uint32 private constant EXIT = 4001;
    uint32 private constant EXIT_GROUP = 4246;
    uint32 private constant WRITE = 4004;

    function testFuzz_exit(uint256 seed, uint32 code, bool group) public {
        Scene memory s = _syscall(seed, group ? EXIT_GROUP : EXIT, code);
        s.want = s.before.stop(Machine.EXITED, uint8(code));
        _check(s);
    }

    function testFuzz_write(uint256 seed, bool standardError) public {
        Scene memory s = _syscall(seed, WRITE, standardError ? 2 : 1);
        s.want.registers[2] = s.before.registers[6];
        s.want.registers[7] = 0;
        _check(s);
    }

    function testFuzz_write_traps_whenDescriptorIsBad(uint256 seed, uint32 descriptor) public {
        vm.assume(descriptor != 1 && descriptor != 2);
        Scene memory s = _syscall(seed, WRITE, descriptor);
        s.want = s.before.stop(Machine.TRAPPED, Trap.BAD_FILE_DESCRIPTOR);
        _check(s);
    }

    function test_write_traps_whenDescriptorIsStandardInput() public {
        Scene memory s = _syscall(1, WRITE, 0);
        s.want = s.before.stop(Machine.TRAPPED, Trap.BAD_FILE_DESCRIPTOR);
        _check(s);
    }

    function testFuzz_syscall_traps_whenUnknown(uint256 seed, uint32 number, uint16 near) public {
        if (seed % 2 == 0) number = 3990 + near % 300;
        vm.assume(number != EXIT && number != EXIT_GROUP && number != WRITE);
        Scene memory s = _syscall(seed, number, 1);
        s.want = s.before.stop(Machine.TRAPPED, Trap.UNKNOWN_SYSCALL);
        _check(s);
    }

    /// The code inside the instruction changes nothing.
    function testFuzz_break_traps(uint256 seed, uint32 code) public {
        _checkTrap(_scene(seed, 0, 0), BREAK | code % 2 ** 20 << 6, Trap.BREAKPOINT);
    }

    /// Nothing is fetched, so the witness is empty.
    function testFuzz_step_traps_whenFetchIsMisaligned(uint256 seed, uint32 pc, bytes32 root) public {
        vm.assume(pc % 4 != 0);
        Scene memory s = _scene(seed, 0, 0);
        s.before.pc = pc;
        s.before.memoryRoot = root;
        s.want = s.before.stop(Machine.TRAPPED, Trap.MISALIGNED_FETCH);
        _check(s, "");
    }

    function testFuzz_sync(uint256 seed, uint32 kind) public {
        _checkNothing(seed, 0x0f | kind % 32 << 6);
    }

    function testFuzz_synci(uint256 seed, uint32 operands) public {
        _checkNothing(seed, 0x041f_0000 | (operands & 0x03e0_ffff));
    }

    /// Neither the hint nor the address matters; no memory is touched.
    function testFuzz_pref(uint256 seed, uint32 operands) public {
        _checkNothing(seed, 0xcc00_0000 | (operands & 0x03ff_ffff));
    }

    function testFuzz_nop(uint256 seed) public {
        _checkNothing(seed, 0);
    }

    /// The step counter has 64 bits and wraps.
    function test_step_countsModuloItsWidth() public {
        Scene memory s = _scene(3, 0, 0);
        s.before.step = type(uint64).max;
        _place(s, 0);
        assertEq(s.want.step, 0);
        _check(s);
    }

    function _checkNothing(uint256 seed, uint32 instruction) private {
        Scene memory s = _scene(seed, 0, 0);
        _place(s, instruction);
        _check(s);
    }

    /// A machine about to make a system call with this first argument.
    function _syscall(uint256 seed, uint32 number, uint32 argument) private pure returns (Scene memory s) {
        s = _scene(seed, 0, 0);
        s.before.registers[2] = number;
        s.before.registers[4] = argument;
        _place(s, SYSCALL | uint32(seed % 2 ** 20) << 6);
    }
}
