//! Words of GNU `as` with the instructions that their assembly text names.

use opml_core::mips::{
    Access, Branch, Compare, Field, Instruction as I, Pair, Reg, RegImm, Shift, ShiftV, ThreeReg,
    TrapImm, Unary,
};

fn r(number: u32) -> Reg {
    Reg::from_bits(number)
}

fn shift(instruction: fn(Shift) -> I, rd: u32, rt: u32, sa: u8) -> I {
    instruction(Shift { rd: r(rd), rt: r(rt), sa })
}

fn shift_v(instruction: fn(ShiftV) -> I, rd: u32, rt: u32, rs: u32) -> I {
    instruction(ShiftV { rd: r(rd), rt: r(rt), rs: r(rs) })
}

fn three(instruction: fn(ThreeReg) -> I, rd: u32, rs: u32, rt: u32) -> I {
    instruction(ThreeReg { rd: r(rd), rs: r(rs), rt: r(rt) })
}

pub fn unary(instruction: fn(Unary) -> I, rd: u32, source: u32) -> I {
    instruction(Unary { rd: r(rd), source: r(source) })
}

fn pair(instruction: fn(Pair) -> I, rs: u32, rt: u32) -> I {
    instruction(Pair { rs: r(rs), rt: r(rt) })
}

fn branch(instruction: fn(Branch) -> I, rs: u32, offset: i16) -> I {
    instruction(Branch { rs: r(rs), offset })
}

fn compare(instruction: fn(Compare) -> I, (rs, rt): (u32, u32), offset: i16) -> I {
    instruction(Compare { rs: r(rs), rt: r(rt), offset })
}

fn trap_imm(instruction: fn(TrapImm) -> I, rs: u32, imm: i16) -> I {
    instruction(TrapImm { rs: r(rs), imm })
}

fn reg_imm(instruction: fn(RegImm) -> I, rt: u32, rs: u32, imm: u16) -> I {
    instruction(RegImm { rt: r(rt), rs: r(rs), imm })
}

fn field(instruction: fn(Field) -> I, (rt, rs): (u32, u32), pos: u8, size: u8) -> I {
    instruction(Field { rt: r(rt), rs: r(rs), pos, size })
}

fn access(instruction: fn(Access) -> I, rt: u32, base: u32, offset: i16) -> I {
    instruction(Access { rt: r(rt), base: r(base), offset })
}

/// Assembly text, the word that GNU `as` (binutils, `-mips32r2 -EL`) makes of it, and the operands
/// as the text names them; a branch's text gives the distance from the branch itself.
#[rustfmt::skip]
#[allow(clippy::too_many_lines, reason = "one line an instruction")]
pub fn vectors() -> Vec<(&'static str, u32, I)> {
    vec![
        ("sll $10,$9,3", 0x0009_50c0, shift(I::Sll, 10, 9, 3)),
        ("srl $10,$9,31", 0x0009_57c2, shift(I::Srl, 10, 9, 31)),
        ("rotr $10,$9,5", 0x0029_5142, shift(I::Rotr, 10, 9, 5)),
        ("sra $10,$9,7", 0x0009_51c3, shift(I::Sra, 10, 9, 7)),
        ("sllv $10,$9,$8", 0x0109_5004, shift_v(I::Sllv, 10, 9, 8)),
        ("srlv $10,$9,$8", 0x0109_5006, shift_v(I::Srlv, 10, 9, 8)),
        ("rotrv $10,$9,$8", 0x0109_5046, shift_v(I::Rotrv, 10, 9, 8)),
        ("srav $10,$9,$8", 0x0109_5007, shift_v(I::Srav, 10, 9, 8)),
        ("nop", 0x0000_0000, shift(I::Sll, 0, 0, 0)),
        ("ssnop", 0x0000_0040, shift(I::Sll, 0, 0, 1)),
        ("ehb", 0x0000_00c0, shift(I::Sll, 0, 0, 3)),
        ("jr $31", 0x03e0_0008, I::Jr(r(31))),
        ("jr.hb $25", 0x0320_0408, I::Jr(r(25))),
        ("jalr $25", 0x0320_f809, unary(I::Jalr, 31, 25)),
        ("jalr $8,$9", 0x0120_4009, unary(I::Jalr, 8, 9)),
        ("jalr.hb $31,$9", 0x0120_fc09, unary(I::Jalr, 31, 9)),
        ("movz $10,$8,$9", 0x0109_500a, three(I::Movz, 10, 8, 9)),
        ("movn $10,$8,$9", 0x0109_500b, three(I::Movn, 10, 8, 9)),
        ("syscall", 0x0000_000c, I::Syscall),
        ("syscall 0x12345", 0x0048_d14c, I::Syscall),
        ("break", 0x0000_000d, I::Break),
        ("break 7,3", 0x0007_00cd, I::Break),
        ("sync", 0x0000_000f, I::Hint),
        ("sync 0x10", 0x0000_040f, I::Hint),
        ("mfhi $10", 0x0000_5010, I::Mfhi(r(10))),
        ("mthi $8", 0x0100_0011, I::Mthi(r(8))),
        ("mflo $10", 0x0000_5012, I::Mflo(r(10))),
        ("mtlo $8", 0x0100_0013, I::Mtlo(r(8))),
        ("mult $8,$9", 0x0109_0018, pair(I::Mult, 8, 9)),
        ("multu $8,$9", 0x0109_0019, pair(I::Multu, 8, 9)),
        ("div $0,$8,$9", 0x0109_001a, pair(I::Div, 8, 9)),
        ("divu $0,$8,$9", 0x0109_001b, pair(I::Divu, 8, 9)),
        ("add $10,$8,$9", 0x0109_5020, three(I::Add, 10, 8, 9)),
        ("addu $10,$8,$9", 0x0109_5021, three(I::Addu, 10, 8, 9)),
        ("sub $10,$8,$9", 0x0109_5022, three(I::Sub, 10, 8, 9)),
        ("subu $10,$8,$9", 0x0109_5023, three(I::Subu, 10, 8, 9)),
        ("and $10,$8,$9", 0x0109_5024, three(I::And, 10, 8, 9)),
        ("or $10,$8,$9", 0x0109_5025, three(I::Or, 10, 8, 9)),
        ("xor $10,$8,$9", 0x0109_5026, three(I::Xor, 10, 8, 9)),
        ("nor $10,$8,$9", 0x0109_5027, three(I::Nor, 10, 8, 9)),
        ("slt $10,$8,$9", 0x0109_502a, three(I::Slt, 10, 8, 9)),
        ("sltu $10,$8,$9", 0x0109_502b, three(I::Sltu, 10, 8, 9)),
        ("tge $8,$9", 0x0109_0030, pair(I::Tge, 8, 9)),
        ("tgeu $8,$9,0x3ff", 0x0109_fff1, pair(I::Tgeu, 8, 9)),
        ("tlt $8,$9", 0x0109_0032, pair(I::Tlt, 8, 9)),
        ("tltu $8,$9", 0x0109_0033, pair(I::Tltu, 8, 9)),
        ("teq $8,$9,7", 0x0109_01f4, pair(I::Teq, 8, 9)),
        ("tne $8,$9", 0x0109_0036, pair(I::Tne, 8, 9)),
        ("bltz $8,.+4-16", 0x0500_fffc, branch(I::Bltz, 8, -4)),
        ("bgez $8,.+4+32", 0x0501_0008, branch(I::Bgez, 8, 8)),
        ("bltzl $8,.+4", 0x0502_0000, branch(I::Bltzl, 8, 0)),
        ("bgezl $8,.+8", 0x0503_0001, branch(I::Bgezl, 8, 1)),
        ("tgei $8,-1", 0x0508_ffff, trap_imm(I::Tgei, 8, -1)),
        ("tgeiu $8,-1", 0x0509_ffff, trap_imm(I::Tgeiu, 8, -1)),
        ("tlti $8,100", 0x050a_0064, trap_imm(I::Tlti, 8, 100)),
        ("tltiu $8,100", 0x050b_0064, trap_imm(I::Tltiu, 8, 100)),
        ("teqi $8,-32768", 0x050c_8000, trap_imm(I::Teqi, 8, -32768)),
        ("tnei $8,32767", 0x050e_7fff, trap_imm(I::Tnei, 8, 32767)),
        ("bltzal $8,.+4-16", 0x0510_fffc, branch(I::Bltzal, 8, -4)),
        ("bgezal $0,.+4+16", 0x0411_0004, branch(I::Bgezal, 0, 4)),
        ("bltzall $8,.+4+16", 0x0512_0004, branch(I::Bltzall, 8, 4)),
        ("bgezall $8,.+4+16", 0x0513_0004, branch(I::Bgezall, 8, 4)),
        ("synci 16($8)", 0x051f_0010, I::Hint),
        ("j 0x00000100", 0x0800_0040, I::J(0x0000_0040)),
        ("jal 0x0ffffffc", 0x0fff_ffff, I::Jal(0x03ff_ffff)),
        ("beq $8,$9,.+4+16", 0x1109_0004, compare(I::Beq, (8, 9), 4)),
        ("bne $8,$9,.+4-16", 0x1509_fffc, compare(I::Bne, (8, 9), -4)),
        ("blez $8,.+4+16", 0x1900_0004, branch(I::Blez, 8, 4)),
        ("bgtz $8,.+4+16", 0x1d00_0004, branch(I::Bgtz, 8, 4)),
        ("addi $10,$8,-5", 0x210a_fffb, reg_imm(I::Addi, 10, 8, 0xfffb)),
        ("addiu $10,$8,-5", 0x250a_fffb, reg_imm(I::Addiu, 10, 8, 0xfffb)),
        ("slti $10,$8,-5", 0x290a_fffb, reg_imm(I::Slti, 10, 8, 0xfffb)),
        ("sltiu $10,$8,-5", 0x2d0a_fffb, reg_imm(I::Sltiu, 10, 8, 0xfffb)),
        ("andi $10,$8,0xfffb", 0x310a_fffb, reg_imm(I::Andi, 10, 8, 0xfffb)),
        ("ori $10,$8,0xfffb", 0x350a_fffb, reg_imm(I::Ori, 10, 8, 0xfffb)),
        ("xori $10,$8,0xfffb", 0x390a_fffb, reg_imm(I::Xori, 10, 8, 0xfffb)),
        ("lui $10,0xfffb", 0x3c0a_fffb, reg_imm(I::Lui, 10, 0, 0xfffb)),
        ("beql $8,$9,.+4+16", 0x5109_0004, compare(I::Beql, (8, 9), 4)),
        ("bnel $8,$9,.+4+16", 0x5509_0004, compare(I::Bnel, (8, 9), 4)),
        ("blezl $8,.+4+16", 0x5900_0004, branch(I::Blezl, 8, 4)),
        ("bgtzl $8,.+4+16", 0x5d00_0004, branch(I::Bgtzl, 8, 4)),
        ("madd $8,$9", 0x7109_0000, pair(I::Madd, 8, 9)),
        ("maddu $8,$9", 0x7109_0001, pair(I::Maddu, 8, 9)),
        ("mul $10,$8,$9", 0x7109_5002, three(I::Mul, 10, 8, 9)),
        ("msub $8,$9", 0x7109_0004, pair(I::Msub, 8, 9)),
        ("msubu $8,$9", 0x7109_0005, pair(I::Msubu, 8, 9)),
        ("clz $10,$8", 0x710a_5020, unary(I::Clz, 10, 8)),
        ("clo $10,$8", 0x710a_5021, unary(I::Clo, 10, 8)),
        ("ext $10,$8,4,12", 0x7d0a_5900, field(I::Ext, (10, 8), 4, 12)),
        ("ext $10,$8,0,32", 0x7d0a_f800, field(I::Ext, (10, 8), 0, 32)),
        ("ext $10,$8,31,1", 0x7d0a_07c0, field(I::Ext, (10, 8), 31, 1)),
        ("ins $10,$8,4,12", 0x7d0a_7904, field(I::Ins, (10, 8), 4, 12)),
        ("ins $10,$8,0,32", 0x7d0a_f804, field(I::Ins, (10, 8), 0, 32)),
        ("ins $10,$8,31,1", 0x7d0a_ffc4, field(I::Ins, (10, 8), 31, 1)),
        ("wsbh $10,$9", 0x7c09_50a0, unary(I::Wsbh, 10, 9)),
        ("seb $10,$9", 0x7c09_5420, unary(I::Seb, 10, 9)),
        ("seh $10,$9", 0x7c09_5620, unary(I::Seh, 10, 9)),
        ("lb $10,-4($8)", 0x810a_fffc, access(I::Lb, 10, 8, -4)),
        ("lh $10,-4($8)", 0x850a_fffc, access(I::Lh, 10, 8, -4)),
        ("lwl $10,-4($8)", 0x890a_fffc, access(I::Lwl, 10, 8, -4)),
        ("lw $10,-4($8)", 0x8d0a_fffc, access(I::Lw, 10, 8, -4)),
        ("lbu $10,-4($8)", 0x910a_fffc, access(I::Lbu, 10, 8, -4)),
        ("lhu $10,-4($8)", 0x950a_fffc, access(I::Lhu, 10, 8, -4)),
        ("lwr $10,-4($8)", 0x990a_fffc, access(I::Lwr, 10, 8, -4)),
        ("sb $10,-4($8)", 0xa10a_fffc, access(I::Sb, 10, 8, -4)),
        ("sh $10,-4($8)", 0xa50a_fffc, access(I::Sh, 10, 8, -4)),
        ("swl $10,-4($8)", 0xa90a_fffc, access(I::Swl, 10, 8, -4)),
        ("sw $10,-4($8)", 0xad0a_fffc, access(I::Sw, 10, 8, -4)),
        ("swr $10,-4($8)", 0xb90a_fffc, access(I::Swr, 10, 8, -4)),
        ("ll $10,-4($8)", 0xc10a_fffc, access(I::Ll, 10, 8, -4)),
        ("pref 4,8($9)", 0xcd24_0008, I::Hint),
        ("sc $10,-4($8)", 0xe10a_fffc, access(I::Sc, 10, 8, -4)),
        ("pause", 0x0000_0140, shift(I::Sll, 0, 0, 5)),
    ]
}
