//! A machine over plain memory, and comparison of whole states before and after one step.

use std::collections::BTreeMap;
use std::convert::Infallible;

use opml_core::mips::{Cpu, GuestOutput, Memory, Reg, Status, Trap, WordAddr, step};

use crate::table::encoding;

/// Where the instruction under test stands.
pub const PC: u32 = 0x0040_0100;

/// Words that are not zero, and what the guest wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlainMemory {
    words: BTreeMap<u32, u32>,
    pub output: Vec<GuestOutput>,
}

impl PlainMemory {
    pub fn word(&self, address: u32) -> u32 {
        self.words.get(&address).copied().unwrap_or(0)
    }

    pub fn put(&mut self, address: u32, value: u32) {
        assert_eq!(address % 4, 0, "a word address");
        if value == 0 {
            self.words.remove(&address);
        } else {
            self.words.insert(address, value);
        }
    }
}

impl Memory for PlainMemory {
    type Error = Infallible;

    fn fetch(&mut self, address: WordAddr) -> Result<u32, Infallible> {
        Ok(self.word(address.get()))
    }

    fn load(&mut self, address: WordAddr) -> Result<u32, Infallible> {
        Ok(self.word(address.get()))
    }

    fn store(&mut self, address: WordAddr, value: u32) -> Result<(), Infallible> {
        self.put(address.get(), value);
        Ok(())
    }

    fn guest_wrote(&mut self, output: GuestOutput) {
        self.output.push(output);
    }
}

/// A machine and its memory: all there is of a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scene {
    pub cpu: Cpu,
    pub memory: PlainMemory,
}

impl Scene {
    /// A running machine at [`PC`] with `word` there. Every register, HI and LO hold a value of
    /// their own, so that no write to a wrong place goes unseen.
    pub fn new(word: u32) -> Self {
        let mut cpu = Cpu::new(PC);
        for number in 1..32 {
            cpu.set(Reg::from_bits(number), 0xc0de_0000 | number);
        }
        (cpu.hi, cpu.lo, cpu.step) = (0xaaaa_0001, 0xbbbb_0002, 1_000_000);
        let mut memory = PlainMemory::default();
        memory.put(PC, word);
        Self { cpu, memory }
    }

    /// The same with the whole scene moved: `word` and `pc` at `pc`.
    pub fn at(pc: u32, word: u32) -> Self {
        let mut scene = Self::new(0);
        scene.memory.put(pc, word);
        (scene.cpu.pc, scene.cpu.next_pc) = (pc, pc.wrapping_add(4));
        scene
    }

    /// With a register set.
    pub fn reg(mut self, number: u32, value: u32) -> Self {
        self.cpu.set(Reg::from_bits(number), value);
        self
    }

    /// With HI and LO set.
    pub fn hi_lo(mut self, hi: u32, lo: u32) -> Self {
        (self.cpu.hi, self.cpu.lo) = (hi, lo);
        self
    }

    /// With a memory word set.
    pub fn word(mut self, address: u32, value: u32) -> Self {
        self.memory.put(address, value);
        self
    }

    /// With both program counters set.
    pub fn counters(mut self, pc: u32, next_pc: u32) -> Self {
        (self.cpu.pc, self.cpu.next_pc) = (pc, next_pc);
        self
    }

    /// Writes a register of an expected state.
    pub fn set(&mut self, number: u32, value: u32) {
        self.cpu.set(Reg::from_bits(number), value);
    }

    /// The successor.
    #[must_use]
    pub fn next(&self) -> Self {
        let mut after = self.clone();
        step(&mut after.cpu, &mut after.memory).unwrap_or_else(|never| match never {});
        after
    }

    /// Takes a step and compares the whole state: the counters advance by one instruction, the step
    /// count by one, and otherwise only what `change` changes has changed.
    #[track_caller]
    pub fn advances(&self, change: impl FnOnce(&mut Self)) -> Self {
        let (pc, next_pc) = (self.cpu.next_pc, self.cpu.next_pc.wrapping_add(4));
        self.goes_to(pc, next_pc, change)
    }

    /// As [`Self::advances`], to other counters.
    #[track_caller]
    pub fn goes_to(&self, pc: u32, next_pc: u32, change: impl FnOnce(&mut Self)) -> Self {
        let mut want = self.clone();
        (want.cpu.pc, want.cpu.next_pc) = (pc, next_pc);
        want.cpu.step += 1;
        change(&mut want);
        let got = self.next();
        assert_eq!(got, want, "from {:#010x}", self.memory.word(self.cpu.pc & !3));
        got
    }

    /// Takes a step that ends in `trap` and changes nothing but status and step count.
    #[track_caller]
    pub fn traps(&self, trap: Trap) -> Self {
        self.stops(Status::Trapped(trap))
    }

    /// Takes a step that ends in `status` and changes nothing but status and step count.
    #[track_caller]
    pub fn stops(&self, status: Status) -> Self {
        self.goes_to(self.cpu.pc, self.cpu.next_pc, |want| want.cpu.status = status)
    }
}

/// An instruction word under construction.
#[derive(Clone, Copy)]
pub struct Op(u32);

/// The instruction called `name`, all operands zero.
pub fn op(name: &str) -> Op {
    Op(encoding(name).matches)
}

impl Op {
    /// Any word.
    pub const fn raw(word: u32) -> Self {
        Self(word)
    }

    pub const fn rs(self, number: u32) -> Self {
        Self(self.0 | number << 21)
    }

    pub const fn rt(self, number: u32) -> Self {
        Self(self.0 | number << 16)
    }

    pub const fn rd(self, number: u32) -> Self {
        Self(self.0 | number << 11)
    }

    pub const fn sa(self, amount: u32) -> Self {
        Self(self.0 | amount << 6)
    }

    pub const fn imm(self, imm: u16) -> Self {
        Self(self.0 | imm as u32)
    }

    pub const fn offset(self, offset: i16) -> Self {
        self.imm(offset.cast_unsigned())
    }

    pub const fn index(self, index: u32) -> Self {
        Self(self.0 | index)
    }

    pub const fn word(self) -> u32 {
        self.0
    }
}
