//! From instruction words to [`Instruction`]s.
//!
//! Strict: a field that the architecture wants zero must be zero. Hint and code fields (`jr`,
//! `jalr`, `sync`, `pref`, `syscall`, `break`, conditional traps) are free.

use super::instruction::{
    Access, Branch, Compare, Field, Instruction, Pair, Reg, RegImm, Shift, ShiftV, ThreeReg,
    TrapImm, Unary,
};

/// An instruction word and the names of its fields.
#[derive(Clone, Copy)]
struct Word(u32);

#[allow(clippy::cast_possible_truncation, reason = "fields are cut out of a word")]
impl Word {
    const fn opcode(self) -> u32 {
        self.0 >> 26
    }

    const fn rs_bits(self) -> u32 {
        (self.0 >> 21) & 31
    }

    const fn rt_bits(self) -> u32 {
        (self.0 >> 16) & 31
    }

    const fn rd_bits(self) -> u32 {
        (self.0 >> 11) & 31
    }

    const fn sa_bits(self) -> u32 {
        (self.0 >> 6) & 31
    }

    const fn function(self) -> u32 {
        self.0 & 63
    }

    const fn rs(self) -> Reg {
        Reg::from_bits(self.rs_bits())
    }

    const fn rt(self) -> Reg {
        Reg::from_bits(self.rt_bits())
    }

    const fn rd(self) -> Reg {
        Reg::from_bits(self.rd_bits())
    }

    const fn imm(self) -> u16 {
        self.0 as u16
    }

    const fn offset(self) -> i16 {
        self.imm().cast_signed()
    }

    const fn three(self) -> ThreeReg {
        ThreeReg { rd: self.rd(), rs: self.rs(), rt: self.rt() }
    }

    const fn reg_imm(self) -> RegImm {
        RegImm { rt: self.rt(), rs: self.rs(), imm: self.imm() }
    }

    const fn shift(self) -> Shift {
        Shift { rd: self.rd(), rt: self.rt(), sa: self.sa_bits() as u8 }
    }

    const fn shift_v(self) -> ShiftV {
        ShiftV { rd: self.rd(), rt: self.rt(), rs: self.rs() }
    }

    const fn pair(self) -> Pair {
        Pair { rs: self.rs(), rt: self.rt() }
    }

    const fn compare(self) -> Compare {
        Compare { rs: self.rs(), rt: self.rt(), offset: self.offset() }
    }

    const fn branch(self) -> Branch {
        Branch { rs: self.rs(), offset: self.offset() }
    }

    const fn access(self) -> Access {
        Access { rt: self.rt(), base: self.rs(), offset: self.offset() }
    }

    const fn trap_imm(self) -> TrapImm {
        TrapImm { rs: self.rs(), imm: self.offset() }
    }
}

/// `instruction` if a field that must be zero is, the reserved instruction otherwise.
const fn when_zero(field: u32, instruction: Instruction) -> Instruction {
    if field == 0 { instruction } else { Instruction::Reserved }
}

/// The instruction that `word` encodes; total.
pub const fn decode(word: u32) -> Instruction {
    use Instruction as I;
    let w = Word(word);
    match w.opcode() {
        0x00 => special(w),
        0x01 => regimm(w),
        0x02 => I::J(word & 0x03ff_ffff),
        0x03 => I::Jal(word & 0x03ff_ffff),
        0x04 => I::Beq(w.compare()),
        0x05 => I::Bne(w.compare()),
        0x06 => when_zero(w.rt_bits(), I::Blez(w.branch())),
        0x07 => when_zero(w.rt_bits(), I::Bgtz(w.branch())),
        0x08 => I::Addi(w.reg_imm()),
        0x09 => I::Addiu(w.reg_imm()),
        0x0a => I::Slti(w.reg_imm()),
        0x0b => I::Sltiu(w.reg_imm()),
        0x0c => I::Andi(w.reg_imm()),
        0x0d => I::Ori(w.reg_imm()),
        0x0e => I::Xori(w.reg_imm()),
        0x0f => when_zero(w.rs_bits(), I::Lui(w.reg_imm())),
        0x14 => I::Beql(w.compare()),
        0x15 => I::Bnel(w.compare()),
        0x16 => when_zero(w.rt_bits(), I::Blezl(w.branch())),
        0x17 => when_zero(w.rt_bits(), I::Bgtzl(w.branch())),
        0x1c => special2(w),
        0x1f => special3(w),
        0x33 => I::Hint,
        0x20..=0x38 => load_or_store(w),
        _ => I::Reserved,
    }
}

/// Opcode 0: the function field selects.
const fn special(w: Word) -> Instruction {
    use Instruction as I;
    let (rs, rt, rd, sa) = (w.rs_bits(), w.rt_bits(), w.rd_bits(), w.sa_bits());
    match w.function() {
        0x00 => when_zero(rs, I::Sll(w.shift())),
        0x02 if rs == 1 => I::Rotr(w.shift()),
        0x02 => when_zero(rs, I::Srl(w.shift())),
        0x03 => when_zero(rs, I::Sra(w.shift())),
        0x04 => when_zero(sa, I::Sllv(w.shift_v())),
        0x06 if sa == 1 => I::Rotrv(w.shift_v()),
        0x06 => when_zero(sa, I::Srlv(w.shift_v())),
        0x07 => when_zero(sa, I::Srav(w.shift_v())),
        0x08 => when_zero(rt | rd, I::Jr(w.rs())),
        0x09 => when_zero(rt, I::Jalr(Unary { rd: w.rd(), source: w.rs() })),
        0x0a => when_zero(sa, I::Movz(w.three())),
        0x0b => when_zero(sa, I::Movn(w.three())),
        0x0c => I::Syscall,
        0x0d => I::Break,
        0x0f => when_zero(rs | rt | rd, I::Hint),
        0x10 => when_zero(rs | rt | sa, I::Mfhi(w.rd())),
        0x11 => when_zero(rt | rd | sa, I::Mthi(w.rs())),
        0x12 => when_zero(rs | rt | sa, I::Mflo(w.rd())),
        0x13 => when_zero(rt | rd | sa, I::Mtlo(w.rs())),
        0x18 => when_zero(rd | sa, I::Mult(w.pair())),
        0x19 => when_zero(rd | sa, I::Multu(w.pair())),
        0x1a => when_zero(rd | sa, I::Div(w.pair())),
        0x1b => when_zero(rd | sa, I::Divu(w.pair())),
        0x20 => when_zero(sa, I::Add(w.three())),
        0x21 => when_zero(sa, I::Addu(w.three())),
        0x22 => when_zero(sa, I::Sub(w.three())),
        0x23 => when_zero(sa, I::Subu(w.three())),
        0x24 => when_zero(sa, I::And(w.three())),
        0x25 => when_zero(sa, I::Or(w.three())),
        0x26 => when_zero(sa, I::Xor(w.three())),
        0x27 => when_zero(sa, I::Nor(w.three())),
        0x2a => when_zero(sa, I::Slt(w.three())),
        0x2b => when_zero(sa, I::Sltu(w.three())),
        0x30 => I::Tge(w.pair()),
        0x31 => I::Tgeu(w.pair()),
        0x32 => I::Tlt(w.pair()),
        0x33 => I::Tltu(w.pair()),
        0x34 => I::Teq(w.pair()),
        0x36 => I::Tne(w.pair()),
        _ => I::Reserved,
    }
}

/// Opcode 1: the rt field selects.
const fn regimm(w: Word) -> Instruction {
    use Instruction as I;
    match w.rt_bits() {
        0x00 => I::Bltz(w.branch()),
        0x01 => I::Bgez(w.branch()),
        0x02 => I::Bltzl(w.branch()),
        0x03 => I::Bgezl(w.branch()),
        0x08 => I::Tgei(w.trap_imm()),
        0x09 => I::Tgeiu(w.trap_imm()),
        0x0a => I::Tlti(w.trap_imm()),
        0x0b => I::Tltiu(w.trap_imm()),
        0x0c => I::Teqi(w.trap_imm()),
        0x0e => I::Tnei(w.trap_imm()),
        0x10 => I::Bltzal(w.branch()),
        0x11 => I::Bgezal(w.branch()),
        0x12 => I::Bltzall(w.branch()),
        0x13 => I::Bgezall(w.branch()),
        0x1f => I::Hint,
        _ => I::Reserved,
    }
}

/// Opcode 0x1c: the function field selects.
const fn special2(w: Word) -> Instruction {
    use Instruction as I;
    let (rd, sa) = (w.rd_bits(), w.sa_bits());
    let counted = Unary { rd: w.rd(), source: w.rs() };
    match w.function() {
        0x00 => when_zero(rd | sa, I::Madd(w.pair())),
        0x01 => when_zero(rd | sa, I::Maddu(w.pair())),
        0x02 => when_zero(sa, I::Mul(w.three())),
        0x04 => when_zero(rd | sa, I::Msub(w.pair())),
        0x05 => when_zero(rd | sa, I::Msubu(w.pair())),
        // The manual wants rt = rd here.
        0x20 => when_zero(sa | (w.rt_bits() ^ rd), I::Clz(counted)),
        0x21 => when_zero(sa | (w.rt_bits() ^ rd), I::Clo(counted)),
        _ => I::Reserved,
    }
}

/// Opcode 0x1f: the function field selects, and for BSHFL the sa field.
const fn special3(w: Word) -> Instruction {
    use Instruction as I;
    let extended = Unary { rd: w.rd(), source: w.rt() };
    match (w.function(), w.sa_bits()) {
        (0x00, _) => extract(w),
        (0x04, _) => insert(w),
        (0x20, 0x02) => when_zero(w.rs_bits(), I::Wsbh(extended)),
        (0x20, 0x10) => when_zero(w.rs_bits(), I::Seb(extended)),
        (0x20, 0x18) => when_zero(w.rs_bits(), I::Seh(extended)),
        _ => I::Reserved,
    }
}

/// `ext`: sa is the lowest bit, rd the size less one; a field past bit 31 is reserved.
#[allow(clippy::cast_possible_truncation, reason = "both are below 33")]
const fn extract(w: Word) -> Instruction {
    let (pos, size) = (w.sa_bits(), w.rd_bits().wrapping_add(1));
    if pos.wrapping_add(size) > 32 {
        return Instruction::Reserved;
    }
    Instruction::Ext(Field { rt: w.rt(), rs: w.rs(), pos: pos as u8, size: size as u8 })
}

/// `ins`: sa is the lowest bit, rd the highest; a highest below the lowest is reserved.
#[allow(clippy::cast_possible_truncation, reason = "both are below 33")]
const fn insert(w: Word) -> Instruction {
    let (pos, highest) = (w.sa_bits(), w.rd_bits());
    if highest < pos {
        return Instruction::Reserved;
    }
    let size = highest.wrapping_sub(pos).wrapping_add(1);
    Instruction::Ins(Field { rt: w.rt(), rs: w.rs(), pos: pos as u8, size: size as u8 })
}

/// Opcodes 0x20 to 0x38.
const fn load_or_store(w: Word) -> Instruction {
    use Instruction as I;
    match w.opcode() {
        0x20 => I::Lb(w.access()),
        0x21 => I::Lh(w.access()),
        0x22 => I::Lwl(w.access()),
        0x23 => I::Lw(w.access()),
        0x24 => I::Lbu(w.access()),
        0x25 => I::Lhu(w.access()),
        0x26 => I::Lwr(w.access()),
        0x28 => I::Sb(w.access()),
        0x29 => I::Sh(w.access()),
        0x2a => I::Swl(w.access()),
        0x2b => I::Sw(w.access()),
        0x2e => I::Swr(w.access()),
        0x30 => I::Ll(w.access()),
        0x38 => I::Sc(w.access()),
        _ => I::Reserved,
    }
}
