//! Which fields of a word an instruction uses.

/// Operand layout and assembly syntax of an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `op rd, rs, rt`
    ThreeReg,
    /// `op rd, rt, sa`
    Shift,
    /// `op rd, rt, rs`
    ShiftVariable,
    /// `op rs, rt`: multiplications into HI/LO.
    Pair,
    /// `op $0, rs, rt`: divisions (the assembler's two-operand form is a macro).
    Division,
    /// `op rs, rt, code`: conditional traps; the code has ten bits.
    TrapPair,
    /// `op rs, imm`: conditional traps against a signed immediate.
    TrapImmediate,
    /// `op rd`
    Destination,
    /// `op rs`
    Source,
    /// `op rd, rs` with rt = rd, as release 1 and 2 want it.
    Count,
    /// `op rd, rt`
    Unary,
    /// `op rt, rs, pos, size` with `size - 1` in the rd field.
    Extract,
    /// `op rt, rs, pos, size` with `pos + size - 1` in the rd field.
    Insert,
    /// `op rt, rs, imm`, immediate written as a signed number.
    Signed,
    /// `op rt, rs, imm`, immediate written as an unsigned number.
    Unsigned,
    /// `op rt, imm`
    Upper,
    /// `op rt, offset(rs)`
    Memory,
    /// `op hint, offset(rs)` with the hint in the rt field.
    Prefetch,
    /// `op offset(rs)`
    CacheLine,
    /// `op rs, rt, offset`
    BranchPair,
    /// `op rs, offset`
    BranchOne,
    /// `op target`
    Jump,
    /// `op rs`
    JumpRegister,
    /// `op rd, rs`
    JumpLinkRegister,
    /// `op code`: twenty bits.
    Code,
    /// `op stype` in the sa field.
    Sync,
}

const RS: u32 = 31 << 21;
const RT: u32 = 31 << 16;
const RD: u32 = 31 << 11;
const SA: u32 = 31 << 6;
const IMM: u32 = 0xffff;

impl Form {
    /// Bits of a word that hold operands; all others are fixed.
    pub const fn operand_bits(self) -> u32 {
        match self {
            Self::ThreeReg | Self::ShiftVariable | Self::Count => RS | RT | RD,
            Self::Shift => RT | RD | SA,
            Self::Pair | Self::Division => RS | RT,
            Self::TrapImmediate | Self::BranchOne | Self::CacheLine => RS | IMM,
            Self::Destination => RD,
            Self::Source | Self::JumpRegister => RS,
            Self::Unary => RT | RD,
            Self::TrapPair | Self::Extract | Self::Insert => RS | RT | RD | SA,
            Self::Signed | Self::Unsigned | Self::Memory | Self::Prefetch | Self::BranchPair => {
                RS | RT | IMM
            }
            Self::Upper => RT | IMM,
            Self::Jump => 0x03ff_ffff,
            Self::JumpLinkRegister => RS | RD,
            Self::Code => 0x03ff_ffc0,
            Self::Sync => SA,
        }
    }

    /// Lowest bit and mask of the number among the operands; the other operand bits are register
    /// fields and the shift amount.
    pub const fn number(self) -> (u32, u32) {
        match self {
            Self::TrapImmediate
            | Self::BranchOne
            | Self::CacheLine
            | Self::Signed
            | Self::Unsigned
            | Self::Memory
            | Self::Prefetch
            | Self::BranchPair
            | Self::Upper => (0, IMM),
            Self::TrapPair => (6, 0x3ff),
            Self::Extract | Self::Insert => (11, 31),
            Self::Jump => (0, 0x03ff_ffff),
            Self::Code => (6, 0xf_ffff),
            _ => (0, 0),
        }
    }
}
