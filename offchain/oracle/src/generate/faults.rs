//! Ends in a trap, certain to happen.

use rand::RngExt;

use super::Generator;
use super::plain::{CHECKED, overflow};
use crate::assembler::load_constant;
use crate::isa::{Insn, Op, Reg};
use crate::layout::ARENA_MIDDLE;
use crate::program::{Fault, FaultWord};
use crate::trap::TrapKind;

/// Words that encode nothing in release 2 without optional units: fixed bits, and bits that are free.
const RESERVED: &[(u32, u32)] = &[
    // Whole opcodes: coprocessors, 64-bit instructions, cache, jalx, later releases.
    (0x10 << 26, 0x03ff_ffff),
    (0x11 << 26, 0x03ff_ffff),
    (0x12 << 26, 0x03ff_ffff),
    (0x13 << 26, 0x03ff_ffff),
    (0x18 << 26, 0x03ff_ffff),
    (0x19 << 26, 0x03ff_ffff),
    (0x1a << 26, 0x03ff_ffff),
    (0x1b << 26, 0x03ff_ffff),
    (0x1d << 26, 0x03ff_ffff),
    (0x27 << 26, 0x03ff_ffff),
    (0x2c << 26, 0x03ff_ffff),
    (0x2d << 26, 0x03ff_ffff),
    (0x2f << 26, 0x03ff_ffff),
    (0x31 << 26, 0x03ff_ffff),
    (0x32 << 26, 0x03ff_ffff),
    (0x34 << 26, 0x03ff_ffff),
    (0x35 << 26, 0x03ff_ffff),
    (0x36 << 26, 0x03ff_ffff),
    (0x37 << 26, 0x03ff_ffff),
    (0x39 << 26, 0x03ff_ffff),
    (0x3a << 26, 0x03ff_ffff),
    (0x3b << 26, 0x03ff_ffff),
    (0x3c << 26, 0x03ff_ffff),
    (0x3d << 26, 0x03ff_ffff),
    (0x3e << 26, 0x03ff_ffff),
    (0x3f << 26, 0x03ff_ffff),
    // SPECIAL: movf, movt, unused, 64-bit.
    (0x01, 0x03ff_f800),
    (0x0e, 0x03ff_ffc0),
    (0x14, 0x03ff_ffc0),
    (0x16, 0x03ff_ffc0),
    (0x17, 0x03ff_ffc0),
    (0x1c, 0x03ff_ffc0),
    (0x1d, 0x03ff_ffc0),
    (0x1e, 0x03ff_ffc0),
    (0x1f, 0x03ff_ffc0),
    (0x28, 0x03ff_ffc0),
    (0x29, 0x03ff_ffc0),
    (0x2c, 0x03ff_ffc0),
    (0x2d, 0x03ff_ffc0),
    (0x2e, 0x03ff_ffc0),
    (0x2f, 0x03ff_ffc0),
    (0x35, 0x03ff_ffc0),
    (0x37, 0x03ff_ffc0),
    (0x38, 0x03ff_ffc0),
    (0x3a, 0x03ff_ffc0),
    (0x3b, 0x03ff_ffc0),
    (0x3c, 0x03ff_ffc0),
    (0x3e, 0x03ff_ffc0),
    (0x3f, 0x03ff_ffc0),
    // `srl` with rs = 2, `srlv` with sa = 2: neither shift nor rotation.
    (2 << 21 | 0x02, 0x001f_ffc0),
    (2 << 6 | 0x06, 0x03ff_f800),
    // REGIMM.
    (1 << 26 | 0x04 << 16, 0x03e0_ffff),
    (1 << 26 | 0x07 << 16, 0x03e0_ffff),
    (1 << 26 | 0x0d << 16, 0x03e0_ffff),
    (1 << 26 | 0x0f << 16, 0x03e0_ffff),
    (1 << 26 | 0x14 << 16, 0x03e0_ffff),
    (1 << 26 | 0x18 << 16, 0x03e0_ffff),
    (1 << 26 | 0x1d << 16, 0x03e0_ffff),
    // SPECIAL2.
    (0x1c << 26 | 0x03, 0x03ff_ffc0),
    (0x1c << 26 | 0x06, 0x03ff_ffc0),
    (0x1c << 26 | 0x10, 0x03ff_ffc0),
    (0x1c << 26 | 0x22, 0x03ff_ffc0),
    (0x1c << 26 | 0x24, 0x03ff_ffc0),
    (0x1c << 26 | 0x3e, 0x03ff_ffc0),
    // SPECIAL3: 64-bit fields, DSP, multi-threading, unused BSHFL.
    (0x1f << 26 | 0x01, 0x03ff_ffc0),
    (0x1f << 26 | 0x03, 0x03ff_ffc0),
    (0x1f << 26 | 0x05, 0x03ff_ffc0),
    (0x1f << 26 | 0x07, 0x03ff_ffc0),
    (0x1f << 26 | 0x08, 0x03ff_ffc0),
    (0x1f << 26 | 0x3f, 0x03ff_ffc0),
    // (QEMU looks no further into these groups when rd is $0.)
    (0x1f << 26 | 1 << 11 | 0x0a, 0x03ff_f7c0),
    (0x1f << 26 | 1 << 11 | 0x10, 0x03ff_f7c0),
    (0x1f << 26 | 1 << 11 | 0x24, 0x03ff_f7c0),
    (0x1f << 26 | 1 << 11 | 1 << 6 | 0x20, 0x03ff_f000),
    (0x1f << 26 | 1 << 11 | 17 << 6 | 0x20, 0x03ff_f000),
];

impl Generator {
    /// A trap of this kind; half of them stand in a delay slot, where the kind allows it.
    pub(super) fn fault(&mut self, kind: TrapKind) -> Fault {
        let (setup, what) = match kind {
            TrapKind::Overflow => split(self.overflowing()),
            TrapKind::Conditional => split(self.firing()),
            TrapKind::Break => (Vec::new(), FaultWord::Word(self.breakpoint())),
            TrapKind::Load => split(self.misaligned(&[Op::Lh, Op::Lhu, Op::Lw, Op::Ll])),
            TrapKind::Store => split(self.misaligned(&[Op::Sh, Op::Sw])),
            TrapKind::Fetch => (Vec::new(), self.misaligned_jump()),
            TrapKind::Reserved => (Vec::new(), FaultWord::Word(self.reserved())),
            TrapKind::BranchInSlot => (Vec::new(), FaultWord::Word(self.any_branch())),
        };
        let must = kind == TrapKind::BranchInSlot;
        let may = kind != TrapKind::Fetch && self.chance(50);
        // The transfer may write none of the registers that the trapping word reads.
        for reg in setup.iter().map(Insn::destination) {
            self.locked = self.locked.with(reg);
        }
        let before = (must || may).then(|| self.certain_transfer());
        Fault { kind, setup, before, what }
    }

    fn overflowing(&mut self) -> Vec<Insn> {
        let op = self.pick(CHECKED);
        loop {
            let (x, y) = (self.value(), self.value());
            if overflow(op, x, y) == Some(true) {
                return self.checked(op, x, y);
            }
        }
    }

    fn firing(&mut self) -> Vec<Insn> {
        let op = self.trap_op();
        loop {
            let candidate = self.trap_candidate(op);
            if candidate.fires() {
                return self.conditional_trap(candidate);
            }
        }
    }

    /// Codes below 512 and off 6 and 7, which Linux takes for division errors in either half.
    fn breakpoint(&mut self) -> u32 {
        Insn { imm: self.rng.random_range(8..512), ..Insn::bare(Op::Break) }.encode()
    }

    fn misaligned(&mut self, ops: &[Op]) -> Vec<Insn> {
        let op = self.pick(ops);
        let off = self.rng.random_range(1..op.alignment()) + 4 * self.rng.random_range(0..8);
        let (base, rt) = (self.scratch(), self.source());
        let [high, low] = load_constant(base, ARENA_MIDDLE + off);
        vec![high, low, Insn::memory(op, rt, base, -16)]
    }

    fn misaligned_jump(&mut self) -> FaultWord {
        let through = self.scratch();
        let op = self.pick(&[Op::Jr, Op::JrHb, Op::Jalr, Op::JalrHb]);
        let rd = if matches!(op, Op::Jalr | Op::JalrHb) { self.destination() } else { Reg::ZERO };
        let jump = Insn { rs: through, rd, ..Insn::bare(op) };
        FaultWord::MisalignedJump { jump, low: self.rng.random_range(1..4), slot: self.single() }
    }

    fn reserved(&mut self) -> u32 {
        let (fixed, free) = RESERVED[self.rng.random_range(0..RESERVED.len())];
        fixed | self.rng.random::<u32>() & free
    }

    fn any_branch(&mut self) -> u32 {
        let ops: Vec<Op> = Op::ALL.iter().copied().filter(|op| op.is_control()).collect();
        let op = self.pick(&ops);
        let (rs, rt) = (self.source(), self.source());
        Insn { rs, rt, rd: self.source(), imm: self.half(), ..Insn::bare(op) }.encode()
    }
}

/// The last instruction traps, the others prepare.
fn split(mut insns: Vec<Insn>) -> (Vec<Insn>, FaultWord) {
    let last = insns.pop().unwrap_or(Insn::NOP);
    (insns, FaultWord::Word(last.encode()))
}
