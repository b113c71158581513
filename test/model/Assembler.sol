// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// Operand fields of an instruction.
struct Fields {
    uint256 rs;
    uint256 rt;
    uint256 rd;
    uint256 sa;
    uint16 imm;
}

/// Instructions as words. Opcodes, functions and fields: docs/spec.md, 2.5.
library Assembler {
    uint256 internal constant SPECIAL = 0x00;
    uint256 internal constant REGIMM = 0x01;
    uint256 internal constant SPECIAL2 = 0x1c;
    uint256 internal constant SPECIAL3 = 0x1f;

    /// Opcode, rs, rt, rd, sa, function.
    function register(uint256 opcode, Fields memory f, uint256 function_) internal pure returns (uint32) {
        return uint32(opcode << 26 | f.rs << 21 | f.rt << 16 | f.rd << 11 | f.sa << 6 | function_);
    }

    /// Opcode, rs, rt, 16 bits.
    function immediate(uint256 opcode, Fields memory f) internal pure returns (uint32) {
        return uint32(opcode << 26 | f.rs << 21 | f.rt << 16 | f.imm);
    }

    /// Opcode, 26 bits.
    function jump(uint256 opcode, uint256 target) internal pure returns (uint32) {
        return uint32(opcode << 26 | (target & 0x03ff_ffff));
    }
}
