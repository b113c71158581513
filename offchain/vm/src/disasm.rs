//! Instructions as text, in the notation of binutils.

use std::fmt::{self, Display, Formatter};

use opml_core::mips::{
    Access, Branch, Compare, Field, Instruction, Pair, Reg, RegImm, Shift, ShiftV, ThreeReg,
    TrapImm, Unary, decode,
};

/// Names of the registers in the o32 ABI.
const NAMES: [&str; 32] = [
    "zero", "at", "v0", "v1", "a0", "a1", "a2", "a3", "t0", "t1", "t2", "t3", "t4", "t5", "t6",
    "t7", "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "t8", "t9", "k0", "k1", "gp", "sp", "s8",
    "ra",
];

/// Name of a register in the o32 ABI.
pub const fn register_name(reg: Reg) -> &'static str {
    NAMES[reg.number()]
}

/// An instruction word and where it stands; displays as assembly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disassembly {
    /// Address of the instruction, for targets of branches and jumps.
    pub address: u32,
    /// The instruction word.
    pub word: u32,
}

impl Display for Disassembly {
    #[allow(clippy::too_many_lines, reason = "one line an instruction")]
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        use Instruction as I;
        let at = self.address;
        match decode(self.word) {
            I::Sll(_) if self.word == 0 => f.write_str("nop"),
            I::Add(r) => three(f, "add", r),
            I::Addu(r) => three(f, "addu", r),
            I::Sub(r) => three(f, "sub", r),
            I::Subu(r) => three(f, "subu", r),
            I::And(r) => three(f, "and", r),
            I::Or(r) => three(f, "or", r),
            I::Xor(r) => three(f, "xor", r),
            I::Nor(r) => three(f, "nor", r),
            I::Slt(r) => three(f, "slt", r),
            I::Sltu(r) => three(f, "sltu", r),
            I::Movz(r) => three(f, "movz", r),
            I::Movn(r) => three(f, "movn", r),
            I::Mul(r) => three(f, "mul", r),
            I::Addi(r) => immediate(f, "addi", r),
            I::Addiu(r) => immediate(f, "addiu", r),
            I::Slti(r) => immediate(f, "slti", r),
            I::Sltiu(r) => immediate(f, "sltiu", r),
            I::Andi(r) => bits(f, "andi", r),
            I::Ori(r) => bits(f, "ori", r),
            I::Xori(r) => bits(f, "xori", r),
            I::Lui(r) => write!(f, "lui {}, {:#x}", register_name(r.rt), r.imm),
            I::Sll(s) => shift(f, "sll", s),
            I::Srl(s) => shift(f, "srl", s),
            I::Sra(s) => shift(f, "sra", s),
            I::Rotr(s) => shift(f, "rotr", s),
            I::Sllv(s) => shift_variable(f, "sllv", s),
            I::Srlv(s) => shift_variable(f, "srlv", s),
            I::Srav(s) => shift_variable(f, "srav", s),
            I::Rotrv(s) => shift_variable(f, "rotrv", s),
            I::Mult(p) => pair(f, "mult", p),
            I::Multu(p) => pair(f, "multu", p),
            I::Div(p) => pair(f, "div", p),
            I::Divu(p) => pair(f, "divu", p),
            I::Madd(p) => pair(f, "madd", p),
            I::Maddu(p) => pair(f, "maddu", p),
            I::Msub(p) => pair(f, "msub", p),
            I::Msubu(p) => pair(f, "msubu", p),
            I::Mfhi(reg) => one(f, "mfhi", reg),
            I::Mflo(reg) => one(f, "mflo", reg),
            I::Mthi(reg) => one(f, "mthi", reg),
            I::Mtlo(reg) => one(f, "mtlo", reg),
            I::Clz(u) => unary(f, "clz", u),
            I::Clo(u) => unary(f, "clo", u),
            I::Seb(u) => unary(f, "seb", u),
            I::Seh(u) => unary(f, "seh", u),
            I::Wsbh(u) => unary(f, "wsbh", u),
            I::Ext(x) => field(f, "ext", x),
            I::Ins(x) => field(f, "ins", x),
            I::J(index) => jump(f, "j", at, index),
            I::Jal(index) => jump(f, "jal", at, index),
            I::Jr(reg) => one(f, "jr", reg),
            I::Jalr(u) => unary(f, "jalr", u),
            I::Beq(b) => compare(f, "beq", at, b),
            I::Bne(b) => compare(f, "bne", at, b),
            I::Beql(b) => compare(f, "beql", at, b),
            I::Bnel(b) => compare(f, "bnel", at, b),
            I::Blez(b) => branch(f, "blez", at, b),
            I::Bgtz(b) => branch(f, "bgtz", at, b),
            I::Bltz(b) => branch(f, "bltz", at, b),
            I::Bgez(b) => branch(f, "bgez", at, b),
            I::Blezl(b) => branch(f, "blezl", at, b),
            I::Bgtzl(b) => branch(f, "bgtzl", at, b),
            I::Bltzl(b) => branch(f, "bltzl", at, b),
            I::Bgezl(b) => branch(f, "bgezl", at, b),
            I::Bltzal(b) => branch(f, "bltzal", at, b),
            I::Bgezal(b) => branch(f, "bgezal", at, b),
            I::Bltzall(b) => branch(f, "bltzall", at, b),
            I::Bgezall(b) => branch(f, "bgezall", at, b),
            I::Lb(a) => access(f, "lb", a),
            I::Lbu(a) => access(f, "lbu", a),
            I::Lh(a) => access(f, "lh", a),
            I::Lhu(a) => access(f, "lhu", a),
            I::Lw(a) => access(f, "lw", a),
            I::Lwl(a) => access(f, "lwl", a),
            I::Lwr(a) => access(f, "lwr", a),
            I::Ll(a) => access(f, "ll", a),
            I::Sb(a) => access(f, "sb", a),
            I::Sh(a) => access(f, "sh", a),
            I::Sw(a) => access(f, "sw", a),
            I::Swl(a) => access(f, "swl", a),
            I::Swr(a) => access(f, "swr", a),
            I::Sc(a) => access(f, "sc", a),
            I::Tge(p) => pair(f, "tge", p),
            I::Tgeu(p) => pair(f, "tgeu", p),
            I::Tlt(p) => pair(f, "tlt", p),
            I::Tltu(p) => pair(f, "tltu", p),
            I::Teq(p) => pair(f, "teq", p),
            I::Tne(p) => pair(f, "tne", p),
            I::Tgei(t) => trap(f, "tgei", t),
            I::Tgeiu(t) => trap(f, "tgeiu", t),
            I::Tlti(t) => trap(f, "tlti", t),
            I::Tltiu(t) => trap(f, "tltiu", t),
            I::Teqi(t) => trap(f, "teqi", t),
            I::Tnei(t) => trap(f, "tnei", t),
            I::Syscall => f.write_str("syscall"),
            I::Break => f.write_str("break"),
            I::Hint => f.write_str(hint(self.word)),
            I::Reserved => write!(f, ".word {:#010x}", self.word),
        }
    }
}

/// The three instructions without effect, by opcode.
const fn hint(word: u32) -> &'static str {
    match word >> 26 {
        0x00 => "sync",
        0x01 => "synci",
        _ => "pref",
    }
}

fn three(f: &mut Formatter<'_>, name: &str, r: ThreeReg) -> fmt::Result {
    let [rd, rs, rt] = [r.rd, r.rs, r.rt].map(register_name);
    write!(f, "{name} {rd}, {rs}, {rt}")
}

fn immediate(f: &mut Formatter<'_>, name: &str, r: RegImm) -> fmt::Result {
    let [rt, rs] = [r.rt, r.rs].map(register_name);
    write!(f, "{name} {rt}, {rs}, {}", r.imm.cast_signed())
}

fn bits(f: &mut Formatter<'_>, name: &str, r: RegImm) -> fmt::Result {
    let [rt, rs] = [r.rt, r.rs].map(register_name);
    write!(f, "{name} {rt}, {rs}, {:#x}", r.imm)
}

fn shift(f: &mut Formatter<'_>, name: &str, s: Shift) -> fmt::Result {
    let [rd, rt] = [s.rd, s.rt].map(register_name);
    write!(f, "{name} {rd}, {rt}, {}", s.sa)
}

fn shift_variable(f: &mut Formatter<'_>, name: &str, s: ShiftV) -> fmt::Result {
    let [rd, rt, rs] = [s.rd, s.rt, s.rs].map(register_name);
    write!(f, "{name} {rd}, {rt}, {rs}")
}

fn pair(f: &mut Formatter<'_>, name: &str, p: Pair) -> fmt::Result {
    write!(f, "{name} {}, {}", register_name(p.rs), register_name(p.rt))
}

fn one(f: &mut Formatter<'_>, name: &str, reg: Reg) -> fmt::Result {
    write!(f, "{name} {}", register_name(reg))
}

fn unary(f: &mut Formatter<'_>, name: &str, u: Unary) -> fmt::Result {
    write!(f, "{name} {}, {}", register_name(u.rd), register_name(u.source))
}

fn field(f: &mut Formatter<'_>, name: &str, x: Field) -> fmt::Result {
    let [rt, rs] = [x.rt, x.rs].map(register_name);
    write!(f, "{name} {rt}, {rs}, {}, {}", x.pos, x.size)
}

fn access(f: &mut Formatter<'_>, name: &str, a: Access) -> fmt::Result {
    write!(f, "{name} {}, {}({})", register_name(a.rt), a.offset, register_name(a.base))
}

fn trap(f: &mut Formatter<'_>, name: &str, t: TrapImm) -> fmt::Result {
    write!(f, "{name} {}, {}", register_name(t.rs), t.imm)
}

fn jump(f: &mut Formatter<'_>, name: &str, at: u32, index: u32) -> fmt::Result {
    write!(f, "{name} {:#010x}", (at.wrapping_add(4) & 0xf000_0000) | (index << 2))
}

/// Target of a branch at `at`.
fn target(at: u32, offset: i16) -> u32 {
    at.wrapping_add(4).wrapping_add_signed(i32::from(offset) << 2)
}

fn compare(f: &mut Formatter<'_>, name: &str, at: u32, b: Compare) -> fmt::Result {
    let [rs, rt] = [b.rs, b.rt].map(register_name);
    write!(f, "{name} {rs}, {rt}, {:#010x}", target(at, b.offset))
}

fn branch(f: &mut Formatter<'_>, name: &str, at: u32, b: Branch) -> fmt::Result {
    write!(f, "{name} {}, {:#010x}", register_name(b.rs), target(at, b.offset))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(word: u32) -> String {
        Disassembly { address: 0x0040_0000, word }.to_string()
    }

    #[test]
    fn reads_like_objdump() {
        // Words and texts from `mipsel-linux-gnu-objdump -d -M no-aliases` of an assembled file.
        for (word, want) in [
            (0x0000_0000, "nop"),
            (0x27bd_ffe8, "addiu sp, sp, -24"),
            (0x8fbf_0014, "lw ra, 20(sp)"),
            (0x0085_1021, "addu v0, a0, a1"),
            (0x3c1c_1234, "lui gp, 0x1234"),
            (0x1485_fffe, "bne a0, a1, 0x003ffffc"),
            (0x0c10_0040, "jal 0x00400100"),
            (0x7c82_3900, "ext v0, a0, 4, 8"),
            (0x7c82_5904, "ins v0, a0, 4, 8"),
            (0x0085_001a, "div a0, a1"),
            (0x0000_000c, "syscall"),
            (0xffff_ffff, ".word 0xffffffff"),
        ] {
            assert_eq!(text(word), want);
        }
    }
}
