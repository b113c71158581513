//! Instructions against the formulas of docs/spec.md, written in wide integers, over all pairs of values at
//! the ends of their ranges: every comparison is of all registers, counters and of the word in memory.

mod branches;
mod immediates;
mod memory;
mod multiply;
mod registers;
mod shifts;

use std::convert::Infallible;

use opml_core::mips::{Cpu, Memory, Reg, Status, Trap, WordAddr, step};

pub use crate::scene::op;

/// Where the instruction stands.
pub const PC: u32 = 0x0040_0100;
/// Registers of the operands.
pub const A: u32 = 8;
pub const B: u32 = 9;
/// Register of the result, and what it holds before.
pub const TO: u32 = 10;
pub const OLD: u32 = 0xc0de_000a;

/// Two words: the instruction, and a word of data wherever else is looked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TwoWords {
    pub instruction: u32,
    /// Address of the last access, and the word there.
    pub data: (Option<u32>, u32),
}

impl Memory for TwoWords {
    type Error = Infallible;

    fn fetch(&mut self, _: WordAddr) -> Result<u32, Infallible> {
        Ok(self.instruction)
    }

    fn load(&mut self, address: WordAddr) -> Result<u32, Infallible> {
        self.data.0 = Some(address.get());
        Ok(self.data.1)
    }

    fn store(&mut self, address: WordAddr, value: u32) -> Result<(), Infallible> {
        self.data = (Some(address.get()), value);
        Ok(())
    }
}

/// A machine about to execute `instruction`, every register with a value of its own, those of the operands
/// as given.
pub fn machine(pc: u32, (a, b): (u32, u32)) -> Cpu {
    let mut cpu = Cpu::new(pc);
    for number in 1..32 {
        cpu.set(Reg::from_bits(number), 0xc0de_0000 | number);
    }
    cpu.set(Reg::from_bits(A), a);
    cpu.set(Reg::from_bits(B), b);
    (cpu.hi, cpu.lo, cpu.step) = (0xaaaa_0001, 0xbbbb_0002, 41);
    cpu
}

/// Executes `word` and compares with `before`, advanced and then changed by `change`.
#[track_caller]
pub fn check(before: &Cpu, word: u32, change: impl FnOnce(&mut Cpu)) {
    let mut memory = TwoWords { instruction: word, data: (None, 0) };
    let mut after = before.clone();
    step(&mut after, &mut memory).unwrap_or_else(|never| match never {});
    let mut want = before.clone();
    (want.pc, want.next_pc) = (before.next_pc, before.next_pc.wrapping_add(4));
    want.step += 1;
    change(&mut want);
    assert_eq!(after, want, "{word:#010x} from {before:?}");
    assert_eq!(memory.data, (None, 0), "{word:#010x} looks at memory");
}

/// Makes the expected state one that trapped at `before`.
pub const fn trapped(want: &mut Cpu, before: &Cpu, trap: Trap) {
    (want.pc, want.next_pc) = (before.pc, before.next_pc);
    want.status = Status::Trapped(trap);
}

/// Sets a register of the expected state.
pub const fn set(want: &mut Cpu, number: u32, value: u32) {
    want.set(Reg::from_bits(number), value);
}

/// Powers of two and what lies beside them, upwards and downwards, and some patterns.
pub fn values() -> Vec<u32> {
    let mut values = vec![0x5555_5555, 0xaaaa_aaaa, 0x1234_5678, 0x8765_4321, 0x00ff_ff00];
    for bit in [0, 1, 2, 7, 8, 15, 16, 23, 24, 30, 31] {
        let power = 1_u32 << bit;
        let near = [power.wrapping_sub(1), power, power.wrapping_add(1)];
        values.extend(near.into_iter().chain(near.map(u32::wrapping_neg)));
    }
    values.sort_unstable();
    values.dedup();
    values
}

/// All pairs of [`values`].
pub fn pairs() -> impl Iterator<Item = (u32, u32)> {
    let values = values();
    let second = values.clone();
    values.into_iter().flat_map(move |a| second.clone().into_iter().map(move |b| (a, b)))
}

/// A word as a signed number, by its definition.
pub fn signed(word: u32) -> i128 {
    i128::from(word) - if word >> 31 == 1 { 1 << 32 } else { 0 }
}

/// A number modulo 2^32.
pub fn word(number: i128) -> u32 {
    u32::try_from(number.rem_euclid(1 << 32)).unwrap()
}

/// Bit `index`.
pub const fn bit(word: u32, index: u32) -> bool {
    word >> index & 1 == 1
}

/// The word whose bit `index` is `f(index)`.
pub fn from_bits(f: impl Fn(u32) -> bool) -> u32 {
    (0..32).filter(|index| f(*index)).fold(0, |word, index| word | 1 << index)
}
