// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// Which words are instructions: the tables of docs/spec.md, 2.5, as sets of field values.
library Encoding {
    /// Functions of opcode 0 by the fields that must be zero.
    uint256 private constant RS_ZERO = 1 << 0x00 | 1 << 0x03;
    uint256 private constant SA_ZERO = 1 << 0x04 | 1 << 0x07 | 1 << 0x0a | 1 << 0x0b | 0x0cff << 0x20;
    uint256 private constant RT_RD_ZERO = 1 << 0x08;
    uint256 private constant RT_ZERO = 1 << 0x09;
    uint256 private constant FREE = 1 << 0x0c | 1 << 0x0d | 0x5f << 0x30;
    uint256 private constant RS_RT_RD_ZERO = 1 << 0x0f;
    uint256 private constant RS_RT_SA_ZERO = 1 << 0x10 | 1 << 0x12;
    uint256 private constant RT_RD_SA_ZERO = 1 << 0x11 | 1 << 0x13;
    uint256 private constant RD_SA_ZERO = 0xf << 0x18;

    /// Values of the rt field of opcode 1.
    uint256 private constant REGIMM = 0x0f | 0x5f << 0x08 | 0x0f << 0x10 | 1 << 0x1f;
    /// Opcodes without a condition on other fields.
    uint256 private constant PLAIN =
        0x3c | 0x7f << 0x08 | 0x3 << 0x14 | 0x7f << 0x20 | 0x4f << 0x28 | 1 << 0x30 | 1 << 0x33 | 1 << 0x38;

    /// Whether the word is an instruction.
    function isListed(uint32 word) internal pure returns (bool) {
        uint256 opcode = word >> 26;
        (uint256 rs, uint256 rt) = ((word >> 21) & 31, (word >> 16) & 31);
        if (opcode == 0x00) return _special(word);
        if (opcode == 0x01) return _in(REGIMM, rt);
        if (opcode == 0x1c) return _special2(word);
        if (opcode == 0x1f) return _special3(word);
        if (opcode == 0x06 || opcode == 0x07 || opcode == 0x16 || opcode == 0x17) return rt == 0;
        if (opcode == 0x0f) return rs == 0;
        return _in(PLAIN, opcode);
    }

    function _special(uint32 word) private pure returns (bool) {
        (uint256 rs, uint256 rt) = ((word >> 21) & 31, (word >> 16) & 31);
        (uint256 rd, uint256 sa) = ((word >> 11) & 31, (word >> 6) & 31);
        uint256 f = word & 63;
        if (f == 0x02) return rs <= 1;
        if (f == 0x06) return sa <= 1;
        if (_in(RS_ZERO, f)) return rs == 0;
        if (_in(SA_ZERO, f)) return sa == 0;
        if (_in(RT_RD_ZERO, f)) return rt | rd == 0;
        if (_in(RT_ZERO, f)) return rt == 0;
        if (_in(RS_RT_RD_ZERO, f)) return rs | rt | rd == 0;
        if (_in(RS_RT_SA_ZERO, f)) return rs | rt | sa == 0;
        if (_in(RT_RD_SA_ZERO, f)) return rt | rd | sa == 0;
        if (_in(RD_SA_ZERO, f)) return rd | sa == 0;
        return _in(FREE, f);
    }

    function _special2(uint32 word) private pure returns (bool) {
        (uint256 rt, uint256 rd, uint256 sa) = ((word >> 16) & 31, (word >> 11) & 31, (word >> 6) & 31);
        uint256 f = word & 63;
        if (f == 0x02) return sa == 0;
        if (f == 0x20 || f == 0x21) return sa == 0 && rt == rd;
        return _in(1 << 0x00 | 1 << 0x01 | 1 << 0x04 | 1 << 0x05, f) && rd | sa == 0;
    }

    function _special3(uint32 word) private pure returns (bool) {
        (uint256 rs, uint256 rd, uint256 sa) = ((word >> 21) & 31, (word >> 11) & 31, (word >> 6) & 31);
        uint256 f = word & 63;
        if (f == 0x00) return sa + rd + 1 <= 32;
        if (f == 0x04) return rd >= sa;
        return f == 0x20 && rs == 0 && _in(1 << 0x02 | 1 << 0x10 | 1 << 0x18, sa);
    }

    function _in(uint256 set, uint256 value) private pure returns (bool) {
        return (set >> value) & 1 == 1;
    }
}
