//! Loads and stores byte by byte: what each does to the four bytes of a word and of a register.

use opml_core::mips::{Cpu, Status, Trap, step};

use super::{A, B, OLD, TO, TwoWords, machine, op, set, values};

/// Bytes of a word in memory, in the order of their addresses; byte 0 of a register is its lowest.
type Bytes = [u8; 4];

/// What an access at byte `k` of a word makes of memory and register, or its trap.
type Formula = fn(usize, Bytes, Bytes) -> Result<(Bytes, Bytes), Trap>;

fn sign(byte: u8) -> u8 {
    if byte >> 7 == 1 { 0xff } else { 0 }
}

/// `count` bytes from `k` on, `fill` above them.
fn taken(m: Bytes, k: usize, count: usize, fill: u8) -> Bytes {
    core::array::from_fn(|i| if i < count { m[k + i] } else { fill })
}

/// `m` with `count` bytes from `k` on replaced by the lowest ones of `r`.
fn put(m: Bytes, k: usize, count: usize, r: Bytes) -> Bytes {
    core::array::from_fn(|i| if (k..k + count).contains(&i) { r[i - k] } else { m[i] })
}

fn aligned(k: usize, size: usize, trap: Trap) -> Result<(), Trap> {
    if k.is_multiple_of(size) { Ok(()) } else { Err(trap) }
}

const ACCESSES: [(&str, Formula); 14] = [
    ("lb", |k, m, _| Ok((m, taken(m, k, 1, sign(m[k]))))),
    ("lbu", |k, m, _| Ok((m, taken(m, k, 1, 0)))),
    ("lh", |k, m, _| {
        aligned(k, 2, Trap::MisalignedLoad).map(|()| (m, taken(m, k, 2, sign(m[k + 1]))))
    }),
    ("lhu", |k, m, _| aligned(k, 2, Trap::MisalignedLoad).map(|()| (m, taken(m, k, 2, 0)))),
    ("lw", |k, m, _| aligned(k, 4, Trap::MisalignedLoad).map(|()| (m, m))),
    ("ll", |k, m, _| aligned(k, 4, Trap::MisalignedLoad).map(|()| (m, m))),
    // Bytes 0 to k of the word become the upper ones of the register.
    ("lwl", |k, m, r| {
        Ok((m, core::array::from_fn(|i| if i >= 3 - k { m[i + k - 3] } else { r[i] })))
    }),
    // Bytes k to 3 of the word become the lower ones of the register.
    ("lwr", |k, m, r| Ok((m, core::array::from_fn(|i| if i <= 3 - k { m[i + k] } else { r[i] })))),
    ("sb", |k, m, r| Ok((put(m, k, 1, r), r))),
    ("sh", |k, m, r| aligned(k, 2, Trap::MisalignedStore).map(|()| (put(m, k, 2, r), r))),
    ("sw", |k, _, r| aligned(k, 4, Trap::MisalignedStore).map(|()| (r, r))),
    ("sc", |k, _, r| aligned(k, 4, Trap::MisalignedStore).map(|()| (r, [1, 0, 0, 0]))),
    ("swl", |k, m, r| Ok((core::array::from_fn(|i| if i <= k { r[i + 3 - k] } else { m[i] }), r))),
    ("swr", |k, m, r| Ok((core::array::from_fn(|i| if i >= k { r[i - k] } else { m[i] }), r))),
];

/// Executes an access at `address` over `memory` with the register's value, and compares.
#[track_caller]
fn check(before: &Cpu, word: u32, (address, memory, register): (u32, u32, u32), formula: Formula) {
    let mut machine = TwoWords { instruction: word, data: (None, memory) };
    let mut after = before.clone();
    step(&mut after, &mut machine).unwrap_or_else(|never| match never {});
    let mut want = before.clone();
    want.step += 1;
    let k = address as usize % 4;
    let data = match formula(k, memory.to_le_bytes(), register.to_le_bytes()) {
        Ok((memory, register)) => {
            (want.pc, want.next_pc) = (before.next_pc, before.next_pc.wrapping_add(4));
            set(&mut want, TO, u32::from_le_bytes(register));
            (Some(address - address % 4), u32::from_le_bytes(memory))
        }
        Err(trap) => {
            want.status = Status::Trapped(trap);
            (None, memory)
        }
    };
    assert_eq!((after, machine.data), (want, data), "{word:#010x} at {address:#010x}");
}

#[test]
fn every_byte_of_a_word() {
    let bases = [0, 0x0050_0000, 0x7fff_fffc, 0x8000_0000, 0xffff_fffc];
    let accesses = ACCESSES.map(|(name, formula)| (op(name).rt(TO).rs(A), formula));
    for memory in values() {
        for register in [0, OLD, u32::MAX, 0x1234_5678] {
            for base in bases {
                for k in 0..4 {
                    let mut before = machine(super::PC, (base, 0));
                    set(&mut before, TO, register);
                    for (op, formula) in accesses {
                        let word = op.offset(k).word();
                        let address = base + u32::from(k.unsigned_abs());
                        check(&before, word, (address, memory, register), formula);
                    }
                }
            }
        }
    }
}

#[test]
fn every_offset_wraps_in_the_address_space() {
    let (lbu, (_, formula)) = (op("lbu").rt(TO).rs(A), ACCESSES[1]);
    for base in [0, 1, 0x7fff, 0x8000, 0xffff_8000, 0xffff_ffff] {
        let before = machine(super::PC, (base, 0));
        for offset in i16::MIN..=i16::MAX {
            let wide = i128::from(base) + i128::from(offset);
            let address = super::word(wide);
            check(&before, lbu.offset(offset).word(), (address, 0x8765_4321, OLD), formula);
        }
    }
}

#[test]
fn a_load_into_register_0_reads_and_a_base_is_read_before_it_is_written() {
    let before = machine(super::PC, (0x0050_0000, 7));
    let mut memory = TwoWords { instruction: op("lw").rs(A).word(), data: (None, 5) };
    let mut after = before.clone();
    step(&mut after, &mut memory).unwrap_or_else(|never| match never {});
    assert_eq!((memory.data, after.regs()), ((Some(0x0050_0000), 5), before.regs()));
    let mut memory = TwoWords { instruction: op("lw").rt(A).rs(A).word(), data: (None, 5) };
    let mut after = before.clone();
    step(&mut after, &mut memory).unwrap_or_else(|never| match never {});
    let mut want = before;
    set(&mut want, A, 5);
    assert_eq!((memory.data, after.regs()), ((Some(0x0050_0000), 5), want.regs()));
    assert_eq!(want.regs()[B as usize], 7);
}
