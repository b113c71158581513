//! Registers and values, weighted towards the edges.

use rand::RngExt;

use super::Generator;
use crate::isa::Reg;

impl Generator {
    /// A source register; `$0` and `ra` are as likely as any.
    pub(super) fn source(&mut self) -> Reg {
        Reg::new(self.rng.random_range(0..32))
    }

    /// A destination that nothing around relies on; sometimes `$0`.
    pub(super) fn destination(&mut self) -> Reg {
        if self.chance(4) { Reg::ZERO } else { self.scratch() }
    }

    /// A destination other than `$0`.
    pub(super) fn scratch(&mut self) -> Reg {
        loop {
            let reg = Reg::new(self.rng.random_range(1..32));
            if !self.locked.contains(reg) {
                return reg;
            }
        }
    }

    /// Two different destinations other than `$0`.
    pub(super) fn two_scratch(&mut self) -> (Reg, Reg) {
        let first = self.scratch();
        (first, self.keeping(first, Self::scratch))
    }

    /// A word: zero, ones, the signed limits, powers of two and their neighbours, small, any.
    pub(super) fn value(&mut self) -> u32 {
        match self.rng.random_range(0..10) {
            0 => 0,
            1 => u32::MAX,
            2 => 1 << 31,
            3 => i32::MAX.cast_unsigned(),
            4 => 1 << self.rng.random_range(0..32),
            5 => (1_u32 << self.rng.random_range(0..32)).wrapping_sub(1),
            6 => self.rng.random_range(0..40),
            7 => self.rng.random_range(0_u32..40).wrapping_neg(),
            8 => u32::from(self.rng.random::<u16>()) << 16,
            _ => self.rng.random(),
        }
    }

    /// A 16-bit field: the same edges, cut to size.
    pub(super) fn half(&mut self) -> u32 {
        match self.rng.random_range(0..4) {
            0 => self.value() >> 16,
            1 => self.value() & 0xffff,
            2 => 0x7fff + self.rng.random_range(0..2),
            _ => self.rng.random::<u16>().into(),
        }
    }

    /// A bit position or shift amount; the ends are more likely.
    pub(super) fn position(&mut self) -> u8 {
        match self.rng.random_range(0..5) {
            0 => 0,
            1 => 31,
            _ => self.rng.random_range(0..32),
        }
    }
}
