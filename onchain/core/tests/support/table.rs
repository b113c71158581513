//! Every instruction of the machine by mask and match, written down from the MIPS32 manual
//! (volume II, release 2) and not from the decoder.
//!
//! A word encodes the instruction of the one line for which `word & mask == matches`; a word that
//! no line describes is reserved.

use opml_core::mips::{
    Access, Branch, Compare, Field, Instruction, Pair, Reg, RegImm, Shift, ShiftV, ThreeReg,
    TrapImm, Unary,
};

/// One line of the table.
#[derive(Clone, Copy)]
pub struct Encoding {
    /// Mnemonic.
    pub name: &'static str,
    /// Bits that are not operands.
    pub mask: u32,
    /// What those bits are.
    pub matches: u32,
    /// The instruction with the operands of a matching word.
    pub meaning: fn(u32) -> Instruction,
}

impl Encoding {
    /// Whether `word` is this instruction.
    pub const fn covers(&self, word: u32) -> bool {
        word & self.mask == self.matches
    }

    /// This instruction, its operand fields cut out of `operands`.
    pub const fn with(&self, operands: u32) -> u32 {
        self.matches | (operands & !self.mask)
    }
}

/// The line called `name`.
pub fn encoding(name: &str) -> &'static Encoding {
    TABLE.iter().find(|line| line.name == name).expect("a name of the table")
}

/// What the table says about `word`.
pub fn meaning(word: u32) -> Instruction {
    TABLE
        .iter()
        .find(|line| line.covers(word))
        .map_or(Instruction::Reserved, |line| (line.meaning)(word))
}

fn rs(word: u32) -> Reg {
    Reg::from_bits(word >> 21 & 0x1f)
}

fn rt(word: u32) -> Reg {
    Reg::from_bits(word >> 16 & 0x1f)
}

fn rd(word: u32) -> Reg {
    Reg::from_bits(word >> 11 & 0x1f)
}

fn sa(word: u32) -> u8 {
    (word >> 6 & 0x1f) as u8
}

fn rd_number(word: u32) -> u8 {
    (word >> 11 & 0x1f) as u8
}

fn immediate(word: u32) -> u16 {
    (word & 0xffff) as u16
}

fn offset(word: u32) -> i16 {
    immediate(word).cast_signed()
}

fn three(w: u32) -> ThreeReg {
    ThreeReg { rd: rd(w), rs: rs(w), rt: rt(w) }
}

fn reg_imm(w: u32) -> RegImm {
    RegImm { rt: rt(w), rs: rs(w), imm: immediate(w) }
}

fn shift(w: u32) -> Shift {
    Shift { rd: rd(w), rt: rt(w), sa: sa(w) }
}

fn shift_v(w: u32) -> ShiftV {
    ShiftV { rd: rd(w), rt: rt(w), rs: rs(w) }
}

fn pair(w: u32) -> Pair {
    Pair { rs: rs(w), rt: rt(w) }
}

fn compare(w: u32) -> Compare {
    Compare { rs: rs(w), rt: rt(w), offset: offset(w) }
}

fn branch(w: u32) -> Branch {
    Branch { rs: rs(w), offset: offset(w) }
}

fn trap_imm(w: u32) -> TrapImm {
    TrapImm { rs: rs(w), imm: offset(w) }
}

fn access(w: u32) -> Access {
    Access { rt: rt(w), base: rs(w), offset: offset(w) }
}

fn from_rs(w: u32) -> Unary {
    Unary { rd: rd(w), source: rs(w) }
}

fn from_rt(w: u32) -> Unary {
    Unary { rd: rd(w), source: rt(w) }
}

/// `clz` and `clo`: the destination stands in both fields.
fn counting(w: u32, instruction: fn(Unary) -> Instruction) -> Instruction {
    if rd(w) == rt(w) { instruction(from_rs(w)) } else { Instruction::Reserved }
}

/// `ext`: `sa` is the position, `rd` the size less one; position + size is at most 32.
fn ext(w: u32) -> Instruction {
    let (pos, size) = (sa(w), rd_number(w) + 1);
    if pos + size > 32 {
        return Instruction::Reserved;
    }
    Instruction::Ext(Field { rt: rt(w), rs: rs(w), pos, size })
}

/// `ins`: `sa` is the lowest bit, `rd` the highest.
fn ins(w: u32) -> Instruction {
    let (lowest, highest) = (sa(w), rd_number(w));
    if lowest > highest {
        return Instruction::Reserved;
    }
    Instruction::Ins(Field { rt: rt(w), rs: rs(w), pos: lowest, size: highest - lowest + 1 })
}

const fn line(
    name: &'static str,
    mask: u32,
    matches: u32,
    meaning: fn(u32) -> Instruction,
) -> Encoding {
    Encoding { name, mask, matches, meaning }
}

use Instruction as I;

/// The table.
pub static TABLE: &[Encoding] = &[
    // SPECIAL
    line("sll", 0xffe0_003f, 0x0000_0000, |w| I::Sll(shift(w))),
    line("srl", 0xffe0_003f, 0x0000_0002, |w| I::Srl(shift(w))),
    line("rotr", 0xffe0_003f, 0x0020_0002, |w| I::Rotr(shift(w))),
    line("sra", 0xffe0_003f, 0x0000_0003, |w| I::Sra(shift(w))),
    line("sllv", 0xfc00_07ff, 0x0000_0004, |w| I::Sllv(shift_v(w))),
    line("srlv", 0xfc00_07ff, 0x0000_0006, |w| I::Srlv(shift_v(w))),
    line("rotrv", 0xfc00_07ff, 0x0000_0046, |w| I::Rotrv(shift_v(w))),
    line("srav", 0xfc00_07ff, 0x0000_0007, |w| I::Srav(shift_v(w))),
    line("jr", 0xfc1f_f83f, 0x0000_0008, |w| I::Jr(rs(w))),
    line("jalr", 0xfc1f_003f, 0x0000_0009, |w| I::Jalr(from_rs(w))),
    line("movz", 0xfc00_07ff, 0x0000_000a, |w| I::Movz(three(w))),
    line("movn", 0xfc00_07ff, 0x0000_000b, |w| I::Movn(three(w))),
    line("syscall", 0xfc00_003f, 0x0000_000c, |_| I::Syscall),
    line("break", 0xfc00_003f, 0x0000_000d, |_| I::Break),
    line("sync", 0xffff_f83f, 0x0000_000f, |_| I::Hint),
    line("mfhi", 0xffff_07ff, 0x0000_0010, |w| I::Mfhi(rd(w))),
    line("mthi", 0xfc1f_ffff, 0x0000_0011, |w| I::Mthi(rs(w))),
    line("mflo", 0xffff_07ff, 0x0000_0012, |w| I::Mflo(rd(w))),
    line("mtlo", 0xfc1f_ffff, 0x0000_0013, |w| I::Mtlo(rs(w))),
    line("mult", 0xfc00_ffff, 0x0000_0018, |w| I::Mult(pair(w))),
    line("multu", 0xfc00_ffff, 0x0000_0019, |w| I::Multu(pair(w))),
    line("div", 0xfc00_ffff, 0x0000_001a, |w| I::Div(pair(w))),
    line("divu", 0xfc00_ffff, 0x0000_001b, |w| I::Divu(pair(w))),
    line("add", 0xfc00_07ff, 0x0000_0020, |w| I::Add(three(w))),
    line("addu", 0xfc00_07ff, 0x0000_0021, |w| I::Addu(three(w))),
    line("sub", 0xfc00_07ff, 0x0000_0022, |w| I::Sub(three(w))),
    line("subu", 0xfc00_07ff, 0x0000_0023, |w| I::Subu(three(w))),
    line("and", 0xfc00_07ff, 0x0000_0024, |w| I::And(three(w))),
    line("or", 0xfc00_07ff, 0x0000_0025, |w| I::Or(three(w))),
    line("xor", 0xfc00_07ff, 0x0000_0026, |w| I::Xor(three(w))),
    line("nor", 0xfc00_07ff, 0x0000_0027, |w| I::Nor(three(w))),
    line("slt", 0xfc00_07ff, 0x0000_002a, |w| I::Slt(three(w))),
    line("sltu", 0xfc00_07ff, 0x0000_002b, |w| I::Sltu(three(w))),
    line("tge", 0xfc00_003f, 0x0000_0030, |w| I::Tge(pair(w))),
    line("tgeu", 0xfc00_003f, 0x0000_0031, |w| I::Tgeu(pair(w))),
    line("tlt", 0xfc00_003f, 0x0000_0032, |w| I::Tlt(pair(w))),
    line("tltu", 0xfc00_003f, 0x0000_0033, |w| I::Tltu(pair(w))),
    line("teq", 0xfc00_003f, 0x0000_0034, |w| I::Teq(pair(w))),
    line("tne", 0xfc00_003f, 0x0000_0036, |w| I::Tne(pair(w))),
    // REGIMM
    line("bltz", 0xfc1f_0000, 0x0400_0000, |w| I::Bltz(branch(w))),
    line("bgez", 0xfc1f_0000, 0x0401_0000, |w| I::Bgez(branch(w))),
    line("bltzl", 0xfc1f_0000, 0x0402_0000, |w| I::Bltzl(branch(w))),
    line("bgezl", 0xfc1f_0000, 0x0403_0000, |w| I::Bgezl(branch(w))),
    line("tgei", 0xfc1f_0000, 0x0408_0000, |w| I::Tgei(trap_imm(w))),
    line("tgeiu", 0xfc1f_0000, 0x0409_0000, |w| I::Tgeiu(trap_imm(w))),
    line("tlti", 0xfc1f_0000, 0x040a_0000, |w| I::Tlti(trap_imm(w))),
    line("tltiu", 0xfc1f_0000, 0x040b_0000, |w| I::Tltiu(trap_imm(w))),
    line("teqi", 0xfc1f_0000, 0x040c_0000, |w| I::Teqi(trap_imm(w))),
    line("tnei", 0xfc1f_0000, 0x040e_0000, |w| I::Tnei(trap_imm(w))),
    line("bltzal", 0xfc1f_0000, 0x0410_0000, |w| I::Bltzal(branch(w))),
    line("bgezal", 0xfc1f_0000, 0x0411_0000, |w| I::Bgezal(branch(w))),
    line("bltzall", 0xfc1f_0000, 0x0412_0000, |w| I::Bltzall(branch(w))),
    line("bgezall", 0xfc1f_0000, 0x0413_0000, |w| I::Bgezall(branch(w))),
    line("synci", 0xfc1f_0000, 0x041f_0000, |_| I::Hint),
    // Opcodes
    line("j", 0xfc00_0000, 0x0800_0000, |w| I::J(w & 0x03ff_ffff)),
    line("jal", 0xfc00_0000, 0x0c00_0000, |w| I::Jal(w & 0x03ff_ffff)),
    line("beq", 0xfc00_0000, 0x1000_0000, |w| I::Beq(compare(w))),
    line("bne", 0xfc00_0000, 0x1400_0000, |w| I::Bne(compare(w))),
    line("blez", 0xfc1f_0000, 0x1800_0000, |w| I::Blez(branch(w))),
    line("bgtz", 0xfc1f_0000, 0x1c00_0000, |w| I::Bgtz(branch(w))),
    line("addi", 0xfc00_0000, 0x2000_0000, |w| I::Addi(reg_imm(w))),
    line("addiu", 0xfc00_0000, 0x2400_0000, |w| I::Addiu(reg_imm(w))),
    line("slti", 0xfc00_0000, 0x2800_0000, |w| I::Slti(reg_imm(w))),
    line("sltiu", 0xfc00_0000, 0x2c00_0000, |w| I::Sltiu(reg_imm(w))),
    line("andi", 0xfc00_0000, 0x3000_0000, |w| I::Andi(reg_imm(w))),
    line("ori", 0xfc00_0000, 0x3400_0000, |w| I::Ori(reg_imm(w))),
    line("xori", 0xfc00_0000, 0x3800_0000, |w| I::Xori(reg_imm(w))),
    line("lui", 0xffe0_0000, 0x3c00_0000, |w| I::Lui(reg_imm(w))),
    line("beql", 0xfc00_0000, 0x5000_0000, |w| I::Beql(compare(w))),
    line("bnel", 0xfc00_0000, 0x5400_0000, |w| I::Bnel(compare(w))),
    line("blezl", 0xfc1f_0000, 0x5800_0000, |w| I::Blezl(branch(w))),
    line("bgtzl", 0xfc1f_0000, 0x5c00_0000, |w| I::Bgtzl(branch(w))),
    // SPECIAL2
    line("madd", 0xfc00_ffff, 0x7000_0000, |w| I::Madd(pair(w))),
    line("maddu", 0xfc00_ffff, 0x7000_0001, |w| I::Maddu(pair(w))),
    line("mul", 0xfc00_07ff, 0x7000_0002, |w| I::Mul(three(w))),
    line("msub", 0xfc00_ffff, 0x7000_0004, |w| I::Msub(pair(w))),
    line("msubu", 0xfc00_ffff, 0x7000_0005, |w| I::Msubu(pair(w))),
    line("clz", 0xfc00_07ff, 0x7000_0020, |w| counting(w, I::Clz)),
    line("clo", 0xfc00_07ff, 0x7000_0021, |w| counting(w, I::Clo)),
    // SPECIAL3
    line("ext", 0xfc00_003f, 0x7c00_0000, ext),
    line("ins", 0xfc00_003f, 0x7c00_0004, ins),
    line("wsbh", 0xffe0_07ff, 0x7c00_00a0, |w| I::Wsbh(from_rt(w))),
    line("seb", 0xffe0_07ff, 0x7c00_0420, |w| I::Seb(from_rt(w))),
    line("seh", 0xffe0_07ff, 0x7c00_0620, |w| I::Seh(from_rt(w))),
    // Loads and stores
    line("lb", 0xfc00_0000, 0x8000_0000, |w| I::Lb(access(w))),
    line("lh", 0xfc00_0000, 0x8400_0000, |w| I::Lh(access(w))),
    line("lwl", 0xfc00_0000, 0x8800_0000, |w| I::Lwl(access(w))),
    line("lw", 0xfc00_0000, 0x8c00_0000, |w| I::Lw(access(w))),
    line("lbu", 0xfc00_0000, 0x9000_0000, |w| I::Lbu(access(w))),
    line("lhu", 0xfc00_0000, 0x9400_0000, |w| I::Lhu(access(w))),
    line("lwr", 0xfc00_0000, 0x9800_0000, |w| I::Lwr(access(w))),
    line("sb", 0xfc00_0000, 0xa000_0000, |w| I::Sb(access(w))),
    line("sh", 0xfc00_0000, 0xa400_0000, |w| I::Sh(access(w))),
    line("swl", 0xfc00_0000, 0xa800_0000, |w| I::Swl(access(w))),
    line("sw", 0xfc00_0000, 0xac00_0000, |w| I::Sw(access(w))),
    line("swr", 0xfc00_0000, 0xb800_0000, |w| I::Swr(access(w))),
    line("ll", 0xfc00_0000, 0xc000_0000, |w| I::Ll(access(w))),
    line("pref", 0xfc00_0000, 0xcc00_0000, |_| I::Hint),
    line("sc", 0xfc00_0000, 0xe000_0000, |w| I::Sc(access(w))),
];
