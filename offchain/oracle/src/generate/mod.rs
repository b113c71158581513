//! Random programs.
//!
//! Every program ends: loops count in registers that nothing in them writes, all other branches go
//! forward. No program runs into a trap unless it is built to, and none depends on what the
//! architecture leaves open, except where both sides are known to agree (see README.md).

mod control;
mod faults;
mod memory;
mod operands;
mod plain;

use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};

use crate::isa::{Op, Reg, RegSet};
use crate::layout::ARENA_BYTES;
use crate::program::{Ending, ExitCall, Program};
use crate::trap::TrapKind;

/// What to generate.
#[derive(Clone, Copy, Debug)]
pub struct Recipe {
    /// Determines the program, together with the other fields.
    pub seed: u64,
    /// Nodes of the body: single instructions, short sequences, branches, loops, calls.
    pub length: usize,
    /// The trap to end in, if any.
    pub fault: Option<TrapKind>,
}

impl Recipe {
    /// The recipe of program `index` of a run: every other one exits, the others end in a trap.
    pub fn of_run(seed: u64, index: u64, length: usize) -> Self {
        // Twelve instructions have conditions to get wrong.
        const TURNS: [TrapKind; 11] = [
            TrapKind::Overflow,
            TrapKind::Conditional,
            TrapKind::Break,
            TrapKind::Load,
            TrapKind::Conditional,
            TrapKind::Store,
            TrapKind::Fetch,
            TrapKind::Conditional,
            TrapKind::Reserved,
            TrapKind::BranchInSlot,
            TrapKind::Conditional,
        ];
        let turn = usize::try_from(index / 2).unwrap_or_default() % TURNS.len();
        let fault = (index % 2 == 1).then(|| TURNS[turn]);
        let seed = seed ^ index.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Self { seed, length, fault }
    }

    /// The program.
    pub fn program(&self) -> Program {
        Generator::new(self.seed).program(self.length, self.fault)
    }
}

/// Draws programs; knows which registers the code around a node relies on.
struct Generator {
    rng: Xoshiro256PlusPlus,
    pinned: Reg,
    locked: RegSet,
}

impl Generator {
    fn new(seed: u64) -> Self {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let pinned = Reg::new(rng.random_range(1..32));
        Self { rng, pinned, locked: RegSet::default().with(pinned) }
    }

    fn program(&mut self, length: usize, fault: Option<TrapKind>) -> Program {
        let mut regs = [0; 32];
        regs.iter_mut().skip(1).for_each(|reg| *reg = self.value());
        let arena = (0..ARENA_BYTES).map(|_| self.rng.random()).collect();
        let (hi, lo) = (self.value(), self.value());
        let body = self.nodes(length, 0);
        let ending = match fault {
            Some(kind) => Ending::Fault(self.fault(kind)),
            None => Ending::Exit { code: self.value(), number: self.exit_call() },
        };
        Program { regs, hi, lo, pinned: self.pinned, arena, body, ending }
    }

    fn exit_call(&mut self) -> ExitCall {
        if self.rng.random() { ExitCall::Exit } else { ExitCall::ExitGroup }
    }

    /// Runs `draw` while nothing writes `reg`.
    fn keeping<T>(&mut self, reg: Reg, draw: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.locked;
        self.locked = before.with(reg);
        let drawn = draw(self);
        self.locked = before;
        drawn
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.rng.random_ratio(percent, 100)
    }

    fn pick(&mut self, ops: &[Op]) -> Op {
        *ops.choose(&mut self.rng).expect("a list of instructions is not empty")
    }
}
