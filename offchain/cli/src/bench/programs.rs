//! Programs to measure with, in machine code.

use opml_core::mips::{Cpu, Reg};
use opml_vm::Machine;
use opml_vm::memory::{MemoryError, PagedMemory};

/// Where code stands.
const CODE: u32 = 0x0001_0000;
/// An array of 4096 words.
const ARRAY: u32 = 0x0010_0000;
/// Bytes of the array.
const ARRAY_BYTES: u32 = 4096 * 4;

/// An endless loop of integer work as a compiler would write it: a linear congruential generator
/// stirs an array, with a branch that goes either way at random.
const STIR: [u32; 19] = [
    0x0160_1825, // outer: move  v1, t3
    0x70a8_1002, // loop:  mul   v0, a1, t0
    0x8c66_0000, //        lw    a2, 0(v1)
    0x0047_2821, //        addu  a1, v0, a3
    0x0005_11c2, //        srl   v0, a1, 7
    0x0046_1021, //        addu  v0, v0, a2
    0x3046_0001, //        andi  a2, v0, 1
    0x10c0_0006, //        beqz  a2, even
    0xac62_0000, //        sw    v0, 0(v1)
    0x2463_0004, //        addiu v1, v1, 4
    0x1469_fff6, //        bne   v1, t1, loop
    0x0082_2021, //        addu  a0, a0, v0
    0x1000_fff3, //        b     outer
    0x0000_0000, //        nop
    0x2463_0004, // even:  addiu v1, v1, 4
    0x1469_fff1, //        bne   v1, t1, loop
    0x0085_2026, //        xor   a0, a0, a1
    0x1000_ffee, //        b     outer
    0x0000_0000, //        nop
];

/// Instructions whose step is priced, with their names. `v1` points to the array.
pub const PRICED: [(&str, u32); 9] = [
    ("addu", 0x00a8_1021), // addu v0, a1, t0
    ("mul", 0x70a8_1002),  // mul  v0, a1, t0
    ("div", 0x00a8_001a),  // div  a1, t0
    ("beq", 0x10a8_0010),  // beq  a1, t0, +16
    ("jal", 0x0c00_4010),  // jal  0x10040
    ("lw", 0x8c66_0000),   // lw   a2, 0(v1)
    ("lb", 0x8066_0001),   // lb   a2, 1(v1)
    ("sw", 0xac65_0000),   // sw   a1, 0(v1)
    ("swl", 0xa865_0002),  // swl  a1, 2(v1)
];

/// A machine about to run [`STIR`].
pub fn stir() -> Result<Machine, MemoryError> {
    machine(&STIR)
}

/// A machine about to execute one instruction.
pub fn single(word: u32) -> Result<Machine, MemoryError> {
    let mut machine = machine(&[word])?;
    machine.memory_mut().write(ARRAY, &[0x5a; 64])?;
    Ok(machine)
}

fn machine(code: &[u32]) -> Result<Machine, MemoryError> {
    let mut memory = PagedMemory::default();
    let bytes: Vec<u8> = code.iter().flat_map(|word| word.to_le_bytes()).collect();
    memory.write(CODE, &bytes)?;
    let mut cpu = Cpu::new(CODE);
    let registers = [
        (3, ARRAY),               // v1
        (5, 12_345),              // a1: the generator's state
        (7, 1_013_904_223),       // a3: its increment
        (8, 1_664_525),           // t0: its multiplier
        (9, ARRAY + ARRAY_BYTES), // t1
        (11, ARRAY),              // t3
    ];
    for (number, value) in registers {
        cpu.set(Reg::from_bits(number), value);
    }
    Ok(Machine::new(cpu, memory))
}
