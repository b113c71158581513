//! Random programs: short blocks of mostly valid instructions at page ends and at both ends of
//! memory. Some registers point into them and some hold instructions, so that programs jump around
//! and rewrite what they have executed and will execute again.

use std::ops::RangeInclusive;

use opml_core::mips::{Cpu, Reg, Status};
use opml_vm::memory::PagedMemory;

use crate::naive::NaiveMemory;
use crate::scenario::Entropy;
use crate::table::encoding;

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
const BLOCK: u8 = 20;

/// Registers that point into blocks at the start.
const POINTERS: RangeInclusive<u32> = 8..=15;
/// Registers that hold instruction words at the start.
const INSTRUCTIONS: RangeInclusive<u32> = 16..=23;
/// Other registers, which computations write.
const RESULTS: [u32; 8] = [2, 3, 5, 6, 7, 24, 25, 31];

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
                words.push((start.wrapping_add(4 * u32::from(index)), instruction(entropy)));
            }
        }
        let mut cpu = entropy.cpu();
        for number in POINTERS {
            cpu.set(Reg::from_bits(number), place(entropy));
        }
        for number in INSTRUCTIONS {
            cpu.set(Reg::from_bits(number), instruction(entropy));
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
    let offset = match entropy.below(8) {
        0 => u32::from(entropy.byte()).wrapping_sub(32),
        _ => 4 * u32::from(entropy.below(BLOCK)),
    };
    start.wrapping_add(offset)
}

/// An instruction word, mostly one that does not trap.
fn instruction(entropy: &mut Entropy<'_>) -> u32 {
    const STORES: [&str; 6] = ["sw", "sw", "sh", "sb", "swl", "sc"];
    const LOADS: [&str; 4] = ["lw", "lhu", "lb", "lwr"];
    const BRANCHES: [&str; 6] = ["beq", "bne", "bgezal", "blezl", "bgtz", "bnel"];
    const RESULT_OF_THREE: [&str; 8] = ["addu", "subu", "and", "or", "xor", "sltu", "mul", "movn"];
    match entropy.below(16) {
        0..5 => {
            let stored = INSTRUCTIONS.start() + u32::from(entropy.below(8));
            access(entropy, &STORES, stored)
        }
        5..7 => {
            let loaded = result(entropy);
            access(entropy, &LOADS, loaded)
        }
        7..9 => {
            let offset = u32::from(entropy.below(16)).wrapping_sub(6) & 0xffff;
            pick(entropy, &BRANCHES) & !0xffff | offset
        }
        9..13 => {
            let word = pick(entropy, &RESULT_OF_THREE);
            word & !0xf800 | result(entropy) << 11
        }
        _ => anything(entropy),
    }
}

/// One of these instructions with any operands.
fn pick(entropy: &mut Entropy<'_>, names: &[&str]) -> u32 {
    let name = names[usize::from(entropy.byte()) % names.len()];
    encoding(name).with(entropy.word())
}

fn result(entropy: &mut Entropy<'_>) -> u32 {
    RESULTS[usize::from(entropy.below(8))]
}

/// An access by a pointer, mostly aligned.
fn access(entropy: &mut Entropy<'_>, names: &[&str], rt: u32) -> u32 {
    let base = POINTERS.start() + u32::from(entropy.below(8));
    let near = 4 * u32::from(entropy.below(16));
    let offset = if entropy.below(16) == 0 { near | 1 } else { near }.wrapping_sub(32) & 0xffff;
    pick(entropy, names) & 0xfc00_0000 | base << 21 | rt << 16 | offset
}

/// Any instruction, jumps and branches mostly to places nearby.
fn anything(entropy: &mut Entropy<'_>) -> u32 {
    let word = entropy.instruction();
    let offset = i32::from(entropy.byte().cast_signed()).cast_unsigned() & 0xffff;
    match word >> 26 {
        0x02 | 0x03 => word & 0xfc00_0c7f,
        0x01 | 0x04..=0x07 | 0x14..=0x17 | 0x20..=0x3f if entropy.below(8) != 0 => {
            word & 0xffff_0000 | offset
        }
        _ => word,
    }
}
