//! Loads, stores and the `write` system call.

use rand::RngExt;

use super::Generator;
use crate::assembler::load_constant;
use crate::isa::{Insn, Op, Reg};
use crate::layout::{ARENA, ARENA_BYTES, ARENA_MIDDLE};

const ACCESS: &[Op] = &[
    Op::Lb,
    Op::Lh,
    Op::Lwl,
    Op::Lw,
    Op::Lbu,
    Op::Lhu,
    Op::Lwr,
    Op::Ll,
    Op::Sb,
    Op::Sh,
    Op::Swl,
    Op::Sw,
    Op::Swr,
];

impl Generator {
    /// A load or store through the pinned register.
    pub(super) fn pinned_access(&mut self) -> Insn {
        let op = self.pick(ACCESS);
        let address = self.arena_address(op.alignment());
        let rt = self.accessed(op);
        Insn::memory(op, rt, self.pinned, offset_from(ARENA_MIDDLE, address))
    }

    /// An address in the arena; those around the page boundary are more likely.
    fn arena_address(&mut self, alignment: u32) -> u32 {
        let address = if self.chance(25) {
            ARENA_MIDDLE - 8 + self.rng.random_range(0..16)
        } else {
            ARENA + self.rng.random_range(0..ARENA_BYTES)
        };
        address / alignment * alignment
    }

    /// The register a load writes or a store reads.
    fn accessed(&mut self, op: Op) -> Reg {
        let writes = Insn::memory(op, Reg::RA, Reg::ZERO, 0).destination() == Reg::RA;
        if writes { self.destination() } else { self.source() }
    }

    /// A load or store through any register and with any offset; the two may be the same register.
    pub(super) fn access_through_any(&mut self) -> Vec<Insn> {
        let op = self.pick(ACCESS);
        let address = self.arena_address(op.alignment());
        let base = self.scratch();
        let rt = if self.chance(15) { base } else { self.accessed(op) };
        let offset: i16 = if self.chance(10) { i16::MIN } else { self.rng.random() };
        let start = address.wrapping_sub(i32::from(offset).cast_unsigned());
        let [high, low] = load_constant(base, start);
        vec![high, low, Insn::memory(op, rt, base, offset)]
    }

    /// `lwl` and `lwr` (or `swl` and `swr`) of the same word, in either order.
    pub(super) fn unaligned_pair(&mut self) -> Vec<Insn> {
        let (left, right) = if self.rng.random() { (Op::Lwl, Op::Lwr) } else { (Op::Swl, Op::Swr) };
        let last = ARENA_BYTES - 4;
        let address = ARENA + self.rng.random_range(0..=last);
        let rt = self.accessed(left);
        let pair = [(right, address), (left, address + 3)];
        let mut insns: Vec<Insn> = pair
            .map(|(op, at)| Insn::memory(op, rt, self.pinned, offset_from(ARENA_MIDDLE, at)))
            .to_vec();
        if self.rng.random() {
            insns.reverse();
        }
        insns
    }

    /// `ll`, perhaps a computation, and `sc` to the same word: it succeeds on both sides.
    pub(super) fn load_linked_pair(&mut self) -> Vec<Insn> {
        let offset = offset_from(ARENA_MIDDLE, self.arena_address(4));
        let (loaded, stored) = (self.destination(), self.destination());
        let mut insns = vec![Insn::memory(Op::Ll, loaded, self.pinned, offset)];
        if self.rng.random() {
            insns.push(Insn::immediate(Op::Addiu, stored, loaded, 1));
        }
        insns.push(Insn::memory(Op::Sc, stored, self.pinned, offset));
        insns
    }

    /// Writes a few bytes of the arena to fd 1 or 2.
    pub(super) fn write_call(&mut self) -> Vec<Insn> {
        const ARGUMENTS: [Reg; 5] = [Reg::V0, Reg::A0, Reg::A1, Reg::A2, Reg::A3];
        if ARGUMENTS.iter().any(|reg| self.locked.contains(*reg)) {
            return vec![self.single()];
        }
        let length = self.rng.random_range(0..=32);
        let address = ARENA + self.rng.random_range(0..=ARENA_BYTES - length);
        let descriptor = self.rng.random_range(1..=2);
        let call = Insn { imm: self.rng.random_range(0..1 << 20), ..Insn::bare(Op::Syscall) };
        [
            load_constant(Reg::A0, descriptor),
            load_constant(Reg::A1, address),
            load_constant(Reg::A2, length),
            load_constant(Reg::V0, 4004),
        ]
        .into_iter()
        .flatten()
        .chain([call])
        .collect()
    }
}

/// `to - from`, which is inside the arena.
fn offset_from(from: u32, to: u32) -> i16 {
    i16::try_from(i64::from(to) - i64::from(from)).unwrap_or_default()
}
