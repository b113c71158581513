//! Random programs: short blocks of mostly valid instructions at page ends and at both ends of
//! memory, with registers that point into them, so that they jump around and rewrite themselves.

use opml_core::mips::{Cpu, Reg, Status};
use opml_vm::memory::PagedMemory;

use crate::naive::NaiveMemory;
use crate::scenario::Entropy;

/// Where blocks begin: inside a page, across page ends, at the ends of memory and of a window.
const STARTS: [u32; 8] = [
    0x0000_0000,
    0x0000_0fe0,
    0x0000_1ff8,
    0x0000_3100,
    0x0fff_ffe8,
    0x7fff_fff0,
    0xffff_efe0,
    0xffff_ffe0,
];
/// Instructions of a block.
const BLOCK: u32 = 20;

/// Registers at the start, and the code.
#[derive(Clone, Debug)]
pub struct Program {
    pub cpu: Cpu,
    words: Vec<(u32, u32)>,
}

impl Program {
    /// A program made of `entropy`.
    pub fn draw(entropy: &mut Entropy<'_>) -> Self {
        let mut words = Vec::new();
        for start in STARTS {
            for index in 0..BLOCK {
                words.push((start.wrapping_add(4 * index), instruction(entropy)));
            }
        }
        let mut cpu = entropy.cpu();
        for number in 1..32 {
            if entropy.below(4) != 0 {
                cpu.set(Reg::from_bits(number), place(entropy));
            }
        }
        let mut program = Self { cpu, words };
        revive(&mut program.cpu, entropy);
        program
    }

    /// The code in a naive memory.
    pub fn naive(&self) -> NaiveMemory {
        let mut memory = NaiveMemory::mips();
        for (address, word) in &self.words {
            memory.set_word(*address, *word);
        }
        memory
    }

    /// The code in a paged memory of its own.
    pub fn paged(&self) -> PagedMemory {
        let mut memory = PagedMemory::default();
        for (address, word) in &self.words {
            memory.write(*address, &word.to_le_bytes()).expect("memory of its own");
        }
        memory
    }
}

/// Sets a machine running at the start of a block, seldom elsewhere.
pub fn revive(cpu: &mut Cpu, entropy: &mut Entropy<'_>) {
    cpu.status = Status::Running;
    cpu.pc = match entropy.below(16) {
        0 => entropy.value(),
        1 => place(entropy) | 2,
        _ => place(entropy) & !3,
    };
    cpu.next_pc = cpu.pc.wrapping_add(4);
}

/// An address in or near a block.
fn place(entropy: &mut Entropy<'_>) -> u32 {
    let start = STARTS[usize::from(entropy.below(8))];
    let offset = match entropy.below(4) {
        0 => u32::from(entropy.byte()).wrapping_sub(32),
        _ => 4 * u32::from(entropy.below(24)),
    };
    start.wrapping_add(offset)
}

/// An instruction that tends to stay near: short offsets both ways, jumps to the first pages.
fn instruction(entropy: &mut Entropy<'_>) -> u32 {
    let word = entropy.instruction();
    let offset = i32::from(entropy.byte().cast_signed()).cast_unsigned() & 0xffff;
    match word >> 26 {
        0x02 | 0x03 => word & 0xfc00_0c7f,
        // Branches, loads and stores; the immediate stays in one of eight.
        0x01 | 0x04..=0x07 | 0x14..=0x17 | 0x20..=0x3f if entropy.below(8) != 0 => {
            word & 0xffff_0000 | offset
        }
        _ => word,
    }
}
