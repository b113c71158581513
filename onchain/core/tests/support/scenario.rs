//! Machine states made of entropy: random bytes, biased towards what is worth a test.

use opml_core::mips::{Cpu, Reg, Status, Trap};

use crate::naive::NaiveMemory;
use crate::table::{TABLE, encoding};

/// Bytes to draw from; zeros once they are used up, so that shorter means simpler.
#[derive(Clone, Copy)]
pub struct Entropy<'a> {
    bytes: &'a [u8],
}

impl<'a> Entropy<'a> {
    /// Draws from `bytes`.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// Whether all bytes are used up.
    pub const fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        let Some((byte, rest)) = self.bytes.split_first() else { return 0 };
        self.bytes = rest;
        *byte
    }

    /// The next four bytes.
    pub fn word(&mut self) -> u32 {
        u32::from_le_bytes([self.byte(), self.byte(), self.byte(), self.byte()])
    }

    /// One of `0..bound`.
    pub fn below(&mut self, bound: u8) -> u8 {
        self.byte() % bound
    }

    /// A number at which something happens, or any.
    pub fn value(&mut self) -> u32 {
        const EDGES: [u32; 16] = [
            0,
            1,
            2,
            4,
            0x7f,
            0x80,
            0xff,
            0x7fff,
            0x8000,
            0xffff,
            0x7fff_ffff,
            0x8000_0000,
            0x8000_0001,
            0xffff_fffc,
            0xffff_fffe,
            0xffff_ffff,
        ];
        match self.below(32) {
            edge @ 0..16 => EDGES[usize::from(edge)],
            _ => self.word(),
        }
    }

    /// An instruction word: mostly a valid one.
    pub fn instruction(&mut self) -> u32 {
        let kind = self.below(32);
        let line = &TABLE[usize::from(self.byte()) % TABLE.len()];
        let word = line.with(self.word());
        match kind {
            0 => self.word(),
            1 => word ^ 1 << self.below(32),
            // Short immediates keep accesses and branches near; hi and sa stay as drawn.
            2..16 if line.mask & 0xffff == 0 => word & 0xffff_007f,
            _ => word,
        }
    }

    /// An address of code: a multiple of four, seldom not.
    pub fn pc(&mut self) -> u32 {
        match self.below(16) {
            0 => self.value(),
            1 => 0xffff_fffc,
            2 => 0xffff_f000 | self.word() & 0xffc,
            3 => 0x0fff_fffc,
            4..10 => self.word() & 0x0000_1ffc,
            _ => self.word() & !3,
        }
    }

    /// A status: mostly running.
    pub fn status(&mut self) -> Status {
        match self.below(32) {
            0 => Status::Exited(self.byte()),
            1 => Status::Trapped(Trap::ALL[usize::from(self.below(10))]),
            _ => Status::Running,
        }
    }

    /// All registers and the status; `pc` and `next_pc` mostly as in a program.
    pub fn cpu(&mut self) -> Cpu {
        let mut cpu = Cpu::new(self.pc());
        if self.below(8) == 0 {
            cpu.next_pc = self.value();
        }
        cpu.status = self.status();
        (cpu.hi, cpu.lo) = (self.value(), self.value());
        cpu.step = u64::from(self.value()) << 32 | u64::from(self.value());
        for number in 1..32 {
            let value = match self.below(8) {
                // Data in the leaf of the code, or near it.
                0 => cpu.pc.wrapping_add(u32::from(self.byte())).wrapping_sub(128),
                _ => self.value(),
            };
            cpu.set(Reg::from_bits(number), value);
        }
        if self.below(4) == 0 {
            const CALLS: [u32; 4] = [4001, 4004, 4246, 4003];
            cpu.set(Reg::V0, CALLS[usize::from(self.below(4))]);
            cpu.set(Reg::A0, self.below(4).into());
        }
        cpu
    }

    /// A machine about to execute an instruction, over a small memory.
    pub fn machine(&mut self) -> (Cpu, NaiveMemory) {
        let cpu = self.cpu();
        let word = self.instruction();
        let mut memory = NaiveMemory::mips();
        for _ in 0..self.below(4) {
            memory.set_word(self.value() & !3, self.word());
        }
        memory.set_word(cpu.pc & !3, word);
        if let Some(address) = data_address(&cpu, word)
            && address & !3 != cpu.pc & !3
        {
            memory.set_word(address & !3, self.word());
        }
        (cpu, memory)
    }
}

/// Address that the load or store `word` touches, whether aligned or not; `None` for any other
/// instruction.
pub fn data_address(cpu: &Cpu, word: u32) -> Option<u32> {
    const ACCESSES: [&str; 14] =
        ["lb", "lbu", "lh", "lhu", "lw", "lwl", "lwr", "ll", "sb", "sh", "sw", "swl", "swr", "sc"];
    let base = cpu.regs()[(word >> 21 & 31) as usize];
    let offset = ((word << 16).cast_signed() >> 16).cast_unsigned();
    let accesses = ACCESSES.iter().any(|name| encoding(name).covers(word));
    accesses.then(|| base.wrapping_add(offset))
}

/// The word that the next step loads or stores, by the rules of the manual.
pub fn data_word(cpu: &Cpu, word: u32) -> Option<u32> {
    let address = data_address(cpu, word)?;
    let size = match word >> 26 {
        0x21 | 0x25 | 0x29 => 2,
        0x23 | 0x30 | 0x2b | 0x38 => 4,
        _ => 1,
    };
    address.is_multiple_of(size).then_some(address & !3)
}
