//! One instruction with its operands.

use std::fmt;

use super::{Form, Op, Reg};

/// An instruction and its operands; a field that its form does not use is zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Insn {
    /// Which instruction.
    pub op: Op,
    /// Register field at bit 21.
    pub rs: Reg,
    /// Register field at bit 16; the hint of `pref`.
    pub rt: Reg,
    /// Register field at bit 11.
    pub rd: Reg,
    /// Shift amount, bit position of `ext` and `ins`, stype of `sync`.
    pub sa: u8,
    /// Immediate, offset in bytes (memory) or in instructions (branches), jump index, code, or the
    /// size of `ext` and `ins`.
    pub imm: u32,
}

impl Insn {
    /// The instruction with all operands zero.
    pub const fn bare(op: Op) -> Self {
        Self { op, rs: Reg::ZERO, rt: Reg::ZERO, rd: Reg::ZERO, sa: 0, imm: 0 }
    }

    /// `sll $0, $0, 0`.
    pub const NOP: Self = Self::bare(Op::Sll);

    /// `op rd, rs, rt`.
    pub const fn three(op: Op, rd: Reg, rs: Reg, rt: Reg) -> Self {
        Self { rs, rt, rd, ..Self::bare(op) }
    }

    /// `op rs, rt`.
    pub const fn pair(op: Op, rs: Reg, rt: Reg) -> Self {
        Self { rs, rt, ..Self::bare(op) }
    }

    /// `op rs`.
    pub const fn source(op: Op, rs: Reg) -> Self {
        Self { rs, ..Self::bare(op) }
    }

    /// `op rt, rs, imm`; the low 16 bits count.
    pub const fn immediate(op: Op, rt: Reg, rs: Reg, imm: u32) -> Self {
        Self { rt, rs, imm: imm & 0xffff, ..Self::bare(op) }
    }

    /// `op rt, offset(base)`.
    #[expect(clippy::cast_sign_loss, reason = "two's complement field")]
    pub const fn memory(op: Op, rt: Reg, base: Reg, offset: i16) -> Self {
        Self::immediate(op, rt, base, offset as u32)
    }

    /// The word.
    pub fn encode(&self) -> u32 {
        let (rs, rt, rd) = (self.rs.field() << 21, self.rt.field() << 16, self.rd.field() << 11);
        let sa = u32::from(self.sa & 31) << 6;
        let imm = self.imm & 0xffff;
        let operands = match self.op.form() {
            Form::ThreeReg | Form::ShiftVariable => rs | rt | rd,
            Form::Shift => rt | rd | sa,
            Form::Pair | Form::Division => rs | rt,
            Form::TrapPair => rs | rt | (self.imm & 0x3ff) << 6,
            Form::TrapImmediate | Form::BranchOne | Form::CacheLine => rs | imm,
            Form::Destination => rd,
            Form::Source | Form::JumpRegister => rs,
            Form::Count => rs | self.rd.field() << 16 | rd,
            Form::Unary => rt | rd,
            Form::Extract => rs | rt | sa | ((self.imm - 1) & 31) << 11,
            Form::Insert => rs | rt | sa | ((u32::from(self.sa) + self.imm - 1) & 31) << 11,
            Form::Signed | Form::Unsigned | Form::Memory | Form::Prefetch | Form::BranchPair => {
                rs | rt | imm
            }
            Form::Upper => rt | imm,
            Form::Jump => self.imm & 0x03ff_ffff,
            Form::JumpLinkRegister => rs | rd,
            Form::Code => (self.imm & 0xf_ffff) << 6,
            Form::Sync => sa,
        };
        self.op.base() | operands
    }

    /// The register it writes, `$0` if none; links included.
    pub fn destination(&self) -> Reg {
        let op = self.op;
        match op.form() {
            Form::ThreeReg
            | Form::Shift
            | Form::ShiftVariable
            | Form::Destination
            | Form::Count
            | Form::Unary
            | Form::JumpLinkRegister => self.rd,
            Form::Extract | Form::Insert | Form::Signed | Form::Unsigned | Form::Upper => self.rt,
            Form::Memory => match op {
                Op::Sb | Op::Sh | Op::Sw | Op::Swl | Op::Swr => Reg::ZERO,
                _ => self.rt,
            },
            _ if op.links_ra() => Reg::RA,
            _ => Reg::ZERO,
        }
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "16-bit field")]
    fn signed(&self) -> i16 {
        self.imm as u16 as i16
    }
}

/// Assembly as GNU `as` reads it; branch targets relative to the branch.
impl fmt::Display for Insn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { op, rs, rt, rd, sa, imm } = self;
        let name = op.name();
        let target = (i32::from(self.signed()) + 1) * 4;
        match op.form() {
            Form::ThreeReg => write!(f, "{name} {rd}, {rs}, {rt}"),
            Form::Shift => write!(f, "{name} {rd}, {rt}, {sa}"),
            Form::ShiftVariable => write!(f, "{name} {rd}, {rt}, {rs}"),
            Form::Pair => write!(f, "{name} {rs}, {rt}"),
            Form::Division => write!(f, "{name} $0, {rs}, {rt}"),
            Form::TrapPair => write!(f, "{name} {rs}, {rt}, {imm}"),
            Form::TrapImmediate => write!(f, "{name} {rs}, {}", self.signed()),
            Form::Destination => write!(f, "{name} {rd}"),
            Form::Source | Form::JumpRegister => write!(f, "{name} {rs}"),
            Form::Unary => write!(f, "{name} {rd}, {rt}"),
            Form::Extract | Form::Insert => write!(f, "{name} {rt}, {rs}, {sa}, {imm}"),
            Form::Signed => write!(f, "{name} {rt}, {rs}, {}", self.signed()),
            Form::Unsigned => write!(f, "{name} {rt}, {rs}, {imm:#x}"),
            Form::Upper => write!(f, "{name} {rt}, {imm:#x}"),
            Form::Memory => write!(f, "{name} {rt}, {}({rs})", self.signed()),
            Form::Prefetch => write!(f, "{name} {}, {}({rs})", rt.field(), self.signed()),
            Form::CacheLine => write!(f, "{name} {}({rs})", self.signed()),
            Form::BranchPair => write!(f, "{name} {rs}, {rt}, . + {target}"),
            Form::BranchOne => write!(f, "{name} {rs}, . + {target}"),
            Form::Jump => write!(f, "{name} {:#x}", imm << 2),
            Form::Count | Form::JumpLinkRegister => write!(f, "{name} {rd}, {rs}"),
            // The assembler takes the code of `break` in two halves.
            Form::Code if *op == Op::Break => write!(f, "{name} {}, {}", imm >> 10, imm & 0x3ff),
            Form::Code => write!(f, "{name} {imm:#x}"),
            Form::Sync => write!(f, "{name} {sa}"),
        }
    }
}
