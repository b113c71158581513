// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// Trap codes: docs/spec.md, 2.3.
library Trap {
    uint8 internal constant RESERVED_INSTRUCTION = 1;
    uint8 internal constant MISALIGNED_FETCH = 2;
    uint8 internal constant MISALIGNED_LOAD = 3;
    uint8 internal constant MISALIGNED_STORE = 4;
    uint8 internal constant INTEGER_OVERFLOW = 5;
    uint8 internal constant BRANCH_IN_DELAY_SLOT = 6;
    uint8 internal constant CONDITIONAL_TRAP = 7;
    uint8 internal constant BREAKPOINT = 8;
    uint8 internal constant UNKNOWN_SYSCALL = 9;
    uint8 internal constant BAD_FILE_DESCRIPTOR = 10;
}
