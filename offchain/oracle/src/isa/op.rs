//! The instructions: name, form and fixed bits of each.

use super::Form;

/// Fixed bits of the opcode map.
const fn opcode(op: u32) -> u32 {
    op << 26
}

/// Fixed bits of the SPECIAL map (opcode 0).
const fn special(function: u32) -> u32 {
    function
}

/// Fixed bits of the REGIMM map (opcode 1).
const fn regimm(rt: u32) -> u32 {
    1 << 26 | rt << 16
}

/// Fixed bits of the SPECIAL2 map (opcode 28).
const fn special2(function: u32) -> u32 {
    28 << 26 | function
}

/// Fixed bits of the SPECIAL3 map (opcode 31).
const fn special3(function: u32) -> u32 {
    31 << 26 | function
}

/// Fixed bits of the BSHFL group inside SPECIAL3.
const fn bshfl(sa: u32) -> u32 {
    special3(32) | sa << 6
}

macro_rules! instructions {
    ($($op:ident $name:literal $form:ident $base:expr;)*) => {
        /// An instruction of the user-mode integer set.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[expect(missing_docs, reason = "each is the mnemonic of the manual")]
        pub enum Op { $($op),* }

        impl Op {
            /// Every instruction.
            pub const ALL: &[Self] = &[$(Self::$op),*];

            /// Mnemonic.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$op => $name),* }
            }

            /// Operand layout.
            pub const fn form(self) -> Form {
                match self { $(Self::$op => Form::$form),* }
            }

            /// The word with all operands zero.
            pub const fn base(self) -> u32 {
                match self { $(Self::$op => $base),* }
            }
        }
    };
}

instructions! {
    Add "add" ThreeReg special(0x20);
    Addu "addu" ThreeReg special(0x21);
    Sub "sub" ThreeReg special(0x22);
    Subu "subu" ThreeReg special(0x23);
    And "and" ThreeReg special(0x24);
    Or "or" ThreeReg special(0x25);
    Xor "xor" ThreeReg special(0x26);
    Nor "nor" ThreeReg special(0x27);
    Slt "slt" ThreeReg special(0x2a);
    Sltu "sltu" ThreeReg special(0x2b);
    Movz "movz" ThreeReg special(0x0a);
    Movn "movn" ThreeReg special(0x0b);
    Mul "mul" ThreeReg special2(0x02);

    Addi "addi" Signed opcode(0x08);
    Addiu "addiu" Signed opcode(0x09);
    Slti "slti" Signed opcode(0x0a);
    Sltiu "sltiu" Signed opcode(0x0b);
    Andi "andi" Unsigned opcode(0x0c);
    Ori "ori" Unsigned opcode(0x0d);
    Xori "xori" Unsigned opcode(0x0e);
    Lui "lui" Upper opcode(0x0f);

    Sll "sll" Shift special(0x00);
    Srl "srl" Shift special(0x02);
    Sra "sra" Shift special(0x03);
    Rotr "rotr" Shift special(0x02) | 1 << 21;
    Sllv "sllv" ShiftVariable special(0x04);
    Srlv "srlv" ShiftVariable special(0x06);
    Srav "srav" ShiftVariable special(0x07);
    Rotrv "rotrv" ShiftVariable special(0x06) | 1 << 6;

    Mult "mult" Pair special(0x18);
    Multu "multu" Pair special(0x19);
    Div "div" Division special(0x1a);
    Divu "divu" Division special(0x1b);
    Madd "madd" Pair special2(0x00);
    Maddu "maddu" Pair special2(0x01);
    Msub "msub" Pair special2(0x04);
    Msubu "msubu" Pair special2(0x05);
    Mfhi "mfhi" Destination special(0x10);
    Mthi "mthi" Source special(0x11);
    Mflo "mflo" Destination special(0x12);
    Mtlo "mtlo" Source special(0x13);

    Clz "clz" Count special2(0x20);
    Clo "clo" Count special2(0x21);
    Ext "ext" Extract special3(0x00);
    Ins "ins" Insert special3(0x04);
    Wsbh "wsbh" Unary bshfl(0x02);
    Seb "seb" Unary bshfl(0x10);
    Seh "seh" Unary bshfl(0x18);

    Lb "lb" Memory opcode(0x20);
    Lh "lh" Memory opcode(0x21);
    Lwl "lwl" Memory opcode(0x22);
    Lw "lw" Memory opcode(0x23);
    Lbu "lbu" Memory opcode(0x24);
    Lhu "lhu" Memory opcode(0x25);
    Lwr "lwr" Memory opcode(0x26);
    Sb "sb" Memory opcode(0x28);
    Sh "sh" Memory opcode(0x29);
    Swl "swl" Memory opcode(0x2a);
    Sw "sw" Memory opcode(0x2b);
    Swr "swr" Memory opcode(0x2e);
    Ll "ll" Memory opcode(0x30);
    Sc "sc" Memory opcode(0x38);
    Pref "pref" Prefetch opcode(0x33);
    Synci "synci" CacheLine regimm(0x1f);
    Sync "sync" Sync special(0x0f);

    Beq "beq" BranchPair opcode(0x04);
    Bne "bne" BranchPair opcode(0x05);
    Blez "blez" BranchOne opcode(0x06);
    Bgtz "bgtz" BranchOne opcode(0x07);
    Beql "beql" BranchPair opcode(0x14);
    Bnel "bnel" BranchPair opcode(0x15);
    Blezl "blezl" BranchOne opcode(0x16);
    Bgtzl "bgtzl" BranchOne opcode(0x17);
    Bltz "bltz" BranchOne regimm(0x00);
    Bgez "bgez" BranchOne regimm(0x01);
    Bltzl "bltzl" BranchOne regimm(0x02);
    Bgezl "bgezl" BranchOne regimm(0x03);
    Bltzal "bltzal" BranchOne regimm(0x10);
    Bgezal "bgezal" BranchOne regimm(0x11);
    Bltzall "bltzall" BranchOne regimm(0x12);
    Bgezall "bgezall" BranchOne regimm(0x13);
    J "j" Jump opcode(0x02);
    Jal "jal" Jump opcode(0x03);
    Jr "jr" JumpRegister special(0x08);
    JrHb "jr.hb" JumpRegister special(0x08) | 16 << 6;
    Jalr "jalr" JumpLinkRegister special(0x09);
    JalrHb "jalr.hb" JumpLinkRegister special(0x09) | 16 << 6;

    Tge "tge" TrapPair special(0x30);
    Tgeu "tgeu" TrapPair special(0x31);
    Tlt "tlt" TrapPair special(0x32);
    Tltu "tltu" TrapPair special(0x33);
    Teq "teq" TrapPair special(0x34);
    Tne "tne" TrapPair special(0x36);
    Tgei "tgei" TrapImmediate regimm(0x08);
    Tgeiu "tgeiu" TrapImmediate regimm(0x09);
    Tlti "tlti" TrapImmediate regimm(0x0a);
    Tltiu "tltiu" TrapImmediate regimm(0x0b);
    Teqi "teqi" TrapImmediate regimm(0x0c);
    Tnei "tnei" TrapImmediate regimm(0x0e);
    Syscall "syscall" Code special(0x0c);
    Break "break" Code special(0x0d);
}

impl Op {
    /// The instruction whose fixed bits are those of `word`.
    pub fn of(word: u32) -> Option<Self> {
        Self::ALL.iter().copied().find(|op| word & !op.form().operand_bits() == op.base())
    }

    /// Whether `rs` and `rt`, or `rs` and zero, decide a branch.
    pub const fn is_conditional_branch(self) -> bool {
        matches!(self.form(), Form::BranchPair | Form::BranchOne)
    }

    /// Whether it names a place to continue: a branch or a jump.
    pub const fn is_control(self) -> bool {
        self.is_conditional_branch()
            || matches!(self.form(), Form::Jump | Form::JumpRegister | Form::JumpLinkRegister)
    }

    /// Whether its delay slot is annulled when the branch is not taken.
    pub const fn is_likely(self) -> bool {
        matches!(
            self,
            Self::Beql
                | Self::Bnel
                | Self::Blezl
                | Self::Bgtzl
                | Self::Bltzl
                | Self::Bgezl
                | Self::Bltzall
                | Self::Bgezall
        )
    }

    /// Whether it writes `ra` without naming it.
    pub const fn links_ra(self) -> bool {
        matches!(self, Self::Jal | Self::Bltzal | Self::Bgezal | Self::Bltzall | Self::Bgezall)
    }

    /// Bytes of an access that must be aligned; 1 for all other instructions.
    pub const fn alignment(self) -> u32 {
        match self {
            Self::Lh | Self::Lhu | Self::Sh => 2,
            Self::Lw | Self::Sw | Self::Ll | Self::Sc => 4,
            _ => 1,
        }
    }
}
