//! Instructions that neither branch nor touch memory.

use rand::RngExt;

use super::Generator;
use crate::assembler::load_constant;
use crate::isa::{Form, Insn, Op, Reg};
use crate::program::Node;

/// Computations that never trap, whatever the operands.
const COMPUTE: &[Op] = &[
    Op::Addu,
    Op::Subu,
    Op::And,
    Op::Or,
    Op::Xor,
    Op::Nor,
    Op::Slt,
    Op::Sltu,
    Op::Movz,
    Op::Movn,
    Op::Mul,
    Op::Addiu,
    Op::Slti,
    Op::Sltiu,
    Op::Andi,
    Op::Ori,
    Op::Xori,
    Op::Lui,
    Op::Sll,
    Op::Srl,
    Op::Sra,
    Op::Rotr,
    Op::Sllv,
    Op::Srlv,
    Op::Srav,
    Op::Rotrv,
    Op::Mult,
    Op::Multu,
    Op::Div,
    Op::Divu,
    Op::Madd,
    Op::Maddu,
    Op::Msub,
    Op::Msubu,
    Op::Mfhi,
    Op::Mthi,
    Op::Mflo,
    Op::Mtlo,
    Op::Clz,
    Op::Clo,
    Op::Ext,
    Op::Ins,
    Op::Wsbh,
    Op::Seb,
    Op::Seh,
];

/// Trap on overflow.
pub(super) const CHECKED: &[Op] = &[Op::Add, Op::Sub, Op::Addi];

/// Trap on a condition of two registers.
pub(super) const TRAP_PAIR: &[Op] = &[Op::Tge, Op::Tgeu, Op::Tlt, Op::Tltu, Op::Teq, Op::Tne];

/// Trap on a condition of a register and an immediate.
pub(super) const TRAP_IMMEDIATE: &[Op] =
    &[Op::Tgei, Op::Tgeiu, Op::Tlti, Op::Tltiu, Op::Teqi, Op::Tnei];

impl Generator {
    /// One instruction that fits anywhere, delay slots included.
    pub(super) fn single(&mut self) -> Insn {
        match self.rng.random_range(0..100) {
            0..60 => self.compute(),
            60..90 => self.pinned_access(),
            90..93 => self.harmless_checked(),
            93..96 => self.harmless_trap(),
            _ => self.hint(),
        }
    }

    fn compute(&mut self) -> Insn {
        let op = self.pick(COMPUTE);
        self.fill(op)
    }

    /// Random operands for a computation.
    fn fill(&mut self, op: Op) -> Insn {
        let writes_rt = matches!(
            op.form(),
            Form::Signed | Form::Unsigned | Form::Upper | Form::Extract | Form::Insert
        );
        let rs = self.source();
        let other = if self.chance(15) { rs } else { self.source() };
        let rt = if writes_rt { self.destination() } else { other };
        let sa = self.position();
        let imm = match op.form() {
            Form::Extract | Form::Insert => self.size(32 - u32::from(sa)),
            _ => self.half(),
        };
        Insn { op, rs, rt, rd: self.destination(), sa, imm }
    }

    /// A number of bits; all that there are more often than others.
    fn size(&mut self, most: u32) -> u32 {
        if self.chance(25) { most } else { self.rng.random_range(1..=most) }
    }

    /// `add`, `sub`, `addi` that cannot overflow: nothing is added.
    fn harmless_checked(&mut self) -> Insn {
        let (rd, rs) = (self.destination(), self.source());
        match self.pick(CHECKED) {
            Op::Addi => Insn::immediate(Op::Addi, rd, rs, 0),
            op => Insn::three(op, rd, rs, Reg::ZERO),
        }
    }

    /// A conditional trap whose condition is false for every value.
    fn harmless_trap(&mut self) -> Insn {
        let reg = self.source();
        let code = self.rng.random_range(0..1024);
        let op = self.pick(&[Op::Tlt, Op::Tltu, Op::Tne, Op::Tltiu]);
        if op == Op::Tltiu {
            return Insn::source(op, reg);
        }
        Insn { imm: code, ..Insn::pair(op, reg, reg) }
    }

    /// `sync`, and `pref` and `synci` of any address.
    fn hint(&mut self) -> Insn {
        let op = self.pick(&[Op::Sync, Op::Pref, Op::Synci]);
        Insn {
            op,
            rs: self.source(),
            rt: self.source(),
            rd: Reg::ZERO,
            sa: self.position(),
            imm: self.half(),
        }
    }

    /// Instructions that belong together, none of them a branch.
    pub(super) fn straight(&mut self) -> Node {
        let insns = match self.rng.random_range(0..100) {
            0..35 => vec![self.single()],
            35..65 => self.on_constants(),
            65..75 => self.checked_on_constants(),
            75..83 => self.trap_on_constants(),
            83..90 => self.access_through_any(),
            90..93 => self.unaligned_pair(),
            93..97 => self.load_linked_pair(),
            _ => self.write_call(),
        };
        Node::Straight(insns)
    }

    /// Loads two registers and computes on them: edge meets edge.
    fn on_constants(&mut self) -> Vec<Insn> {
        let (a, b) = self.two_scratch();
        let (x, mut y) = (self.value(), self.value());
        let mut op = self.pick(COMPUTE);
        if self.chance(8) {
            // The divisions with a result to be agreed upon.
            op = self.pick(&[Op::Div, Op::Divu]);
            y = if self.rng.random() { 0 } else { u32::MAX };
        }
        let compute = Insn { rs: a, ..self.fill(op) };
        let reads_rt = matches!(
            op.form(),
            Form::ThreeReg
                | Form::ShiftVariable
                | Form::Shift
                | Form::Pair
                | Form::Division
                | Form::Unary
        );
        let compute = if reads_rt { Insn { rt: b, ..compute } } else { compute };
        [&load_constant(a, x)[..], &load_constant(b, y), &[compute]].concat()
    }

    /// A checked sum or difference of constants that stays in range, often just so.
    fn checked_on_constants(&mut self) -> Vec<Insn> {
        let op = self.pick(CHECKED);
        loop {
            let (x, y) = (self.value(), self.value());
            if overflow(op, x, y).is_some_and(|overflows| !overflows) {
                return self.checked(op, x, y);
            }
        }
    }

    /// The instruction and the loads of its operands; for `addi`, `y` fits its immediate.
    pub(super) fn checked(&mut self, op: Op, x: u32, y: u32) -> Vec<Insn> {
        let (a, b) = self.two_scratch();
        let rd = self.destination();
        let mut insns = load_constant(a, x).to_vec();
        if op == Op::Addi {
            insns.push(Insn::immediate(op, rd, a, y));
        } else {
            insns.extend(load_constant(b, y));
            insns.push(Insn::three(op, rd, a, b));
        }
        insns
    }

    /// A conditional trap on constants whose condition is false.
    fn trap_on_constants(&mut self) -> Vec<Insn> {
        let op = self.trap_op();
        loop {
            let candidate = self.trap_candidate(op);
            if !candidate.fires() {
                return self.conditional_trap(candidate);
            }
        }
    }

    /// Any conditional trap.
    pub(super) fn trap_op(&mut self) -> Op {
        let ops = if self.rng.random() { TRAP_PAIR } else { TRAP_IMMEDIATE };
        self.pick(ops)
    }

    /// The trap on any two values, often the same twice.
    pub(super) fn trap_candidate(&mut self, op: Op) -> TrapCandidate {
        let x = self.value();
        let near = if self.chance(40) { x } else { self.value() };
        let y = if op.form() == Form::TrapImmediate { sign_extend(near) } else { near };
        TrapCandidate { op, x, y }
    }

    /// The instruction and the loads of its operands.
    pub(super) fn conditional_trap(&mut self, candidate: TrapCandidate) -> Vec<Insn> {
        let TrapCandidate { op, x, y } = candidate;
        let (a, b) = self.two_scratch();
        let mut insns = load_constant(a, x).to_vec();
        if op.form() == Form::TrapImmediate {
            insns.push(Insn { imm: y & 0xffff, ..Insn::source(op, a) });
        } else {
            insns.extend(load_constant(b, y));
            // Codes 6 and 7 mean division errors to Linux.
            insns.push(Insn { imm: self.rng.random_range(8..512), ..Insn::pair(op, a, b) });
        }
        insns
    }
}

/// A conditional trap and its operands; `y` is the sign-extended immediate if it has one.
#[derive(Clone, Copy, Debug)]
pub(super) struct TrapCandidate {
    op: Op,
    x: u32,
    y: u32,
}

impl TrapCandidate {
    /// Whether the manual's condition holds.
    pub(super) fn fires(self) -> bool {
        let Self { op, x, y } = self;
        let (signed_x, signed_y) = (x.cast_signed(), y.cast_signed());
        match op {
            Op::Tge | Op::Tgei => signed_x >= signed_y,
            Op::Tgeu | Op::Tgeiu => x >= y,
            Op::Tlt | Op::Tlti => signed_x < signed_y,
            Op::Tltu | Op::Tltiu => x < y,
            Op::Teq | Op::Teqi => x == y,
            _ => x != y,
        }
    }
}

/// Whether the checked instruction overflows; `None` if `y` does not fit an immediate.
pub(super) fn overflow(op: Op, x: u32, y: u32) -> Option<bool> {
    let (x, y) = (i64::from(x.cast_signed()), i64::from(y.cast_signed()));
    if op == Op::Addi && i16::try_from(y).is_err() {
        return None;
    }
    let exact = if op == Op::Sub { x - y } else { x + y };
    Some(i32::try_from(exact).is_err())
}

#[expect(clippy::cast_possible_truncation, reason = "cuts to the immediate")]
fn sign_extend(value: u32) -> u32 {
    i32::from((value as u16).cast_signed()).cast_unsigned()
}
