//! Instructions, decoded. Eight bytes each, so that an emulator can keep whole pages of them.

/// A general register, 0 to 31.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reg(u8);

impl Reg {
    /// `v0`: system call number, and its result.
    pub const V0: Self = Self(2);
    /// `a0`: first argument.
    pub const A0: Self = Self(4);
    /// `a1`: second argument.
    pub const A1: Self = Self(5);
    /// `a2`: third argument.
    pub const A2: Self = Self(6);
    /// `a3`: fourth argument, and the error flag of a system call.
    pub const A3: Self = Self(7);
    /// `sp`: stack pointer.
    pub const SP: Self = Self(29);
    /// `ra`: return address.
    pub const RA: Self = Self(31);

    /// The register whose number is the low five bits of `bits`.
    #[inline]
    pub const fn from_bits(bits: u32) -> Self {
        Self((bits & 31) as u8)
    }

    /// Number of the register, 0 to 31.
    #[inline]
    pub const fn number(self) -> usize {
        (self.0 & 31) as usize
    }
}

/// Operands `rd, rs, rt`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThreeReg {
    /// Destination.
    pub rd: Reg,
    /// First source.
    pub rs: Reg,
    /// Second source.
    pub rt: Reg,
}

/// Operands `rt, rs, imm16`; the instruction says whether the immediate is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegImm {
    /// Destination.
    pub rt: Reg,
    /// Source.
    pub rs: Reg,
    /// Immediate as encoded.
    pub imm: u16,
}

/// Operands `rd, rt, sa`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shift {
    /// Destination.
    pub rd: Reg,
    /// Value to shift.
    pub rt: Reg,
    /// Amount, 0 to 31.
    pub sa: u8,
}

/// Operands `rd, rt, rs`: the amount is the low five bits of `rs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShiftV {
    /// Destination.
    pub rd: Reg,
    /// Value to shift.
    pub rt: Reg,
    /// Holds the amount.
    pub rs: Reg,
}

/// Operands `rs, rt` of a multiplication, division or conditional trap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// First source.
    pub rs: Reg,
    /// Second source.
    pub rt: Reg,
}

/// One destination, one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unary {
    /// Destination.
    pub rd: Reg,
    /// Source: `rs` for `clz`, `clo` and `jalr`, `rt` for `seb`, `seh` and `wsbh`.
    pub source: Reg,
}

/// Operands of `ext` and `ins`: `size` bits from bit `pos`, with `pos + size <= 32`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Destination.
    pub rt: Reg,
    /// Source.
    pub rs: Reg,
    /// Lowest bit, 0 to 31.
    pub pos: u8,
    /// Number of bits, 1 to 32.
    pub size: u8,
}

/// Operands of a branch that compares two registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compare {
    /// First register.
    pub rs: Reg,
    /// Second register.
    pub rt: Reg,
    /// Distance in instructions from the delay slot.
    pub offset: i16,
}

/// Operands of a branch that compares a register with zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Branch {
    /// Register compared.
    pub rs: Reg,
    /// Distance in instructions from the delay slot.
    pub offset: i16,
}

/// Operands of a conditional trap against an immediate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrapImm {
    /// Register compared.
    pub rs: Reg,
    /// Sign-extended for every comparison, the unsigned ones included.
    pub imm: i16,
}

/// Operands of a load or store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// Loaded or stored register.
    pub rt: Reg,
    /// Holds the base address.
    pub base: Reg,
    /// Bytes added to it.
    pub offset: i16,
}

/// One instruction of the machine. The operands' fields carry the names of the architecture manual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instruction {
    /// `rd = rs + rt`; traps on signed overflow.
    Add(ThreeReg),
    /// `rd = rs + rt` modulo 2^32.
    Addu(ThreeReg),
    /// `rd = rs - rt`; traps on signed overflow.
    Sub(ThreeReg),
    /// `rd = rs - rt` modulo 2^32.
    Subu(ThreeReg),
    /// `rd = rs & rt`.
    And(ThreeReg),
    /// `rd = rs | rt`.
    Or(ThreeReg),
    /// `rd = rs ^ rt`.
    Xor(ThreeReg),
    /// `rd = !(rs | rt)`.
    Nor(ThreeReg),
    /// `rd = rs < rt`, signed.
    Slt(ThreeReg),
    /// `rd = rs < rt`, unsigned.
    Sltu(ThreeReg),
    /// `rd = rs` if `rt` is zero.
    Movz(ThreeReg),
    /// `rd = rs` if `rt` is not zero.
    Movn(ThreeReg),
    /// `rd = rs * rt`, low 32 bits; HI and LO keep their values.
    Mul(ThreeReg),
    /// `rt = rs + imm`, signed; traps on signed overflow.
    Addi(RegImm),
    /// `rt = rs + imm` modulo 2^32, immediate sign-extended.
    Addiu(RegImm),
    /// `rt = rs < imm`, signed.
    Slti(RegImm),
    /// `rt = rs < imm`, immediate sign-extended, then compared unsigned.
    Sltiu(RegImm),
    /// `rt = rs & imm`, zero-extended.
    Andi(RegImm),
    /// `rt = rs | imm`, zero-extended.
    Ori(RegImm),
    /// `rt = rs ^ imm`, zero-extended.
    Xori(RegImm),
    /// `rt = imm << 16`.
    Lui(RegImm),
    /// `rd = rt << sa`.
    Sll(Shift),
    /// `rd = rt >> sa`, zeros enter.
    Srl(Shift),
    /// `rd = rt >> sa`, the sign enters.
    Sra(Shift),
    /// `rd = rt` rotated right by `sa`.
    Rotr(Shift),
    /// `rd = rt << (rs & 31)`.
    Sllv(ShiftV),
    /// `rd = rt >> (rs & 31)`, zeros enter.
    Srlv(ShiftV),
    /// `rd = rt >> (rs & 31)`, the sign enters.
    Srav(ShiftV),
    /// `rd = rt` rotated right by `rs & 31`.
    Rotrv(ShiftV),
    /// `HI:LO = rs * rt`, signed.
    Mult(Pair),
    /// `HI:LO = rs * rt`, unsigned.
    Multu(Pair),
    /// `LO = rs / rt`, `HI = rs % rt`, signed, toward zero.
    Div(Pair),
    /// `LO = rs / rt`, `HI = rs % rt`, unsigned.
    Divu(Pair),
    /// `HI:LO += rs * rt`, signed.
    Madd(Pair),
    /// `HI:LO += rs * rt`, unsigned.
    Maddu(Pair),
    /// `HI:LO -= rs * rt`, signed.
    Msub(Pair),
    /// `HI:LO -= rs * rt`, unsigned.
    Msubu(Pair),
    /// `rd = HI`.
    Mfhi(Reg),
    /// `rd = LO`.
    Mflo(Reg),
    /// `HI = rs`.
    Mthi(Reg),
    /// `LO = rs`.
    Mtlo(Reg),
    /// `rd` = leading zeros of `rs`.
    Clz(Unary),
    /// `rd` = leading ones of `rs`.
    Clo(Unary),
    /// `rd` = low byte of `rt`, sign-extended.
    Seb(Unary),
    /// `rd` = low half of `rt`, sign-extended.
    Seh(Unary),
    /// `rd` = `rt` with the bytes of each half swapped.
    Wsbh(Unary),
    /// `rt` = `size` bits of `rs` from bit `pos`.
    Ext(Field),
    /// `size` bits of `rt` from bit `pos` = low bits of `rs`.
    Ins(Field),
    /// Jump inside the 256 MiB of the delay slot, by instruction index.
    J(u32),
    /// As [`Self::J`], return address in `ra`.
    Jal(u32),
    /// Jump to `rs`.
    Jr(Reg),
    /// Jump to `rs`, return address in `rd`.
    Jalr(Unary),
    /// Branch if `rs == rt`.
    Beq(Compare),
    /// Branch if `rs != rt`.
    Bne(Compare),
    /// As [`Self::Beq`], delay slot skipped when not taken.
    Beql(Compare),
    /// As [`Self::Bne`], delay slot skipped when not taken.
    Bnel(Compare),
    /// Branch if `rs <= 0`.
    Blez(Branch),
    /// Branch if `rs > 0`.
    Bgtz(Branch),
    /// Branch if `rs < 0`.
    Bltz(Branch),
    /// Branch if `rs >= 0`.
    Bgez(Branch),
    /// As [`Self::Blez`], delay slot skipped when not taken.
    Blezl(Branch),
    /// As [`Self::Bgtz`], delay slot skipped when not taken.
    Bgtzl(Branch),
    /// As [`Self::Bltz`], delay slot skipped when not taken.
    Bltzl(Branch),
    /// As [`Self::Bgez`], delay slot skipped when not taken.
    Bgezl(Branch),
    /// As [`Self::Bltz`]; `ra` is written whether or not taken.
    Bltzal(Branch),
    /// As [`Self::Bgez`]; `ra` is written whether or not taken.
    Bgezal(Branch),
    /// As [`Self::Bltzal`], delay slot skipped when not taken.
    Bltzall(Branch),
    /// As [`Self::Bgezal`], delay slot skipped when not taken.
    Bgezall(Branch),
    /// Load a byte, sign-extended.
    Lb(Access),
    /// Load a byte, zero-extended.
    Lbu(Access),
    /// Load a half, sign-extended.
    Lh(Access),
    /// Load a half, zero-extended.
    Lhu(Access),
    /// Load a word.
    Lw(Access),
    /// Load the upper bytes of a word that may be misaligned.
    Lwl(Access),
    /// Load the lower bytes of a word that may be misaligned.
    Lwr(Access),
    /// Load a word; the machine keeps no link.
    Ll(Access),
    /// Store a byte.
    Sb(Access),
    /// Store a half.
    Sh(Access),
    /// Store a word.
    Sw(Access),
    /// Store the upper bytes of a word that may be misaligned.
    Swl(Access),
    /// Store the lower bytes of a word that may be misaligned.
    Swr(Access),
    /// Store a word, then `rt = 1`: always succeeds.
    Sc(Access),
    /// Trap if `rs >= rt`, signed.
    Tge(Pair),
    /// Trap if `rs >= rt`, unsigned.
    Tgeu(Pair),
    /// Trap if `rs < rt`, signed.
    Tlt(Pair),
    /// Trap if `rs < rt`, unsigned.
    Tltu(Pair),
    /// Trap if `rs == rt`.
    Teq(Pair),
    /// Trap if `rs != rt`.
    Tne(Pair),
    /// Trap if `rs >= imm`, signed.
    Tgei(TrapImm),
    /// Trap if `rs >= imm`, unsigned.
    Tgeiu(TrapImm),
    /// Trap if `rs < imm`, signed.
    Tlti(TrapImm),
    /// Trap if `rs < imm`, unsigned.
    Tltiu(TrapImm),
    /// Trap if `rs == imm`.
    Teqi(TrapImm),
    /// Trap if `rs != imm`.
    Tnei(TrapImm),
    /// System call; see `docs/spec.md`.
    Syscall,
    /// Trap.
    Break,
    /// `sync`, `synci` and `pref`: no effect on one processor without caches.
    Hint,
    /// Whatever the machine does not define: traps.
    Reserved,
}
