//! Every reason to refuse a file.

use std::sync::Arc;

use opml_vm::elf::{ElfError, Image};
use opml_vm::memory::PagedMemory;
use opml_vm::source::NoSource;
use opml_vm::{Machine, MemoryError};

use crate::file::{
    CLASS, DATA, ENTRY, FLAGS, KIND, Load, MACHINE, MIPS32R2_O32, P_FILESZ, P_LEN, P_OFFSET,
    P_TYPE, PROGRAM, elf, with_half, with_word,
};

fn file() -> Vec<u8> {
    elf(0x1000, &[Load::new(0x1000, b"text"), Load::new(0x2000, b"data").with_memory(64)])
}

fn error(file: &[u8]) -> ElfError {
    Image::parse(file).unwrap_err()
}

#[test]
fn the_sample_is_fine() {
    assert_eq!(Image::parse(&file()).unwrap().segments.len(), 2);
}

#[test]
fn other_formats_classes_and_byte_orders_are_malformed() {
    for (offset, byte) in [(0, 0x7e), (1, b'e'), (CLASS, 2), (CLASS, 0), (DATA, 2), (DATA, 0)] {
        let mut file = file();
        file[offset] = byte;
        assert!(matches!(error(&file), ElfError::Malformed(_)), "{offset}: {byte}");
    }
    for other in [&b""[..], b"\x7fELF", b"#!/bin/sh\n", &[0; 4096]] {
        assert!(matches!(error(other), ElfError::Malformed(_)));
    }
}

#[test]
fn another_machine() {
    // EM_386, EM_MIPS_RS3_LE, EM_ARM, EM_X86_64, EM_RISCV, and MIPS with its bytes swapped.
    for machine in [0, 3, 10, 40, 62, 243, 0x0800] {
        let error = error(&with_half(file(), MACHINE, machine));
        assert!(matches!(error, ElfError::Machine { machine: named } if named == machine));
    }
}

#[test]
fn another_kind_of_file() {
    // None, object, shared (and position-independent), core, processor-specific.
    for kind in [0, 1, 3, 4, 0xff00] {
        let error = error(&with_half(file(), KIND, kind));
        assert!(matches!(error, ElfError::Kind { kind: named } if named == kind));
    }
}

#[test]
fn a_dynamic_executable() {
    // PT_DYNAMIC, PT_INTERP.
    for kind in [2, 3] {
        let error = error(&with_word(file(), PROGRAM + P_LEN + P_TYPE, kind));
        assert!(matches!(error, ElfError::Dynamic { kind: named } if named == kind));
    }
}

#[test]
fn an_instruction_set_or_abi_beyond_the_machine() {
    // MIPS III, IV, V, 64, 64r2, 32r6, 64r6, and numbers without a name.
    let architectures = [2_u32, 3, 4, 6, 8, 9, 10, 11, 15].map(|level| level << 28 | 0x1000);
    // n32, MIPS16, microMIPS.
    let features = [0x20, 0x0400_0000, 0x0200_0000].map(|flag| MIPS32R2_O32 | flag);
    for flags in architectures.into_iter().chain(features) {
        let error = error(&with_word(file(), FLAGS, flags));
        assert!(matches!(error, ElfError::Flags { flags: named } if named == flags), "{flags:#x}");
    }
    // MIPS I, II, 32, 32r2; PIC, CPIC, NaN 2008.
    for flags in [0x1000, 0x1000_1000, 0x5000_1000, 0x7000_1000, 0x7000_1007, 0x7000_1400] {
        assert!(Image::parse(&with_word(file(), FLAGS, flags)).is_ok(), "{flags:#x}");
    }
}

#[test]
fn a_segment_larger_in_the_file_than_in_memory() {
    let file = elf(0x1000, &[Load::new(0x1000, b"text").with_memory(3)]);
    let error = error(&file);
    assert!(matches!(error, ElfError::Segment { index: 0, address: 0x1000 }), "{error}");
}

#[test]
fn a_segment_past_the_end_of_the_address_space() {
    for (address, size) in [(0xffff_ffff, 2), (0xffff_f000, 0x1001), (2, u32::MAX)] {
        let file = elf(0, &[Load::new(0, b"a"), Load::new(address, b"").with_memory(size)]);
        let error = error(&file);
        assert!(matches!(error, ElfError::Segment { index: 1, address: at } if at == address));
    }
}

#[test]
fn a_segment_past_the_end_of_the_file() {
    let field = |offset| PROGRAM + P_LEN + offset;
    let length = u32::try_from(file().len()).unwrap();
    for file in [
        with_word(file(), field(P_FILESZ), 5),
        with_word(file(), field(P_OFFSET), length - 3),
        with_word(file(), field(P_OFFSET), length),
        with_word(file(), field(P_OFFSET), u32::MAX),
    ] {
        let error = error(&file);
        assert!(matches!(error, ElfError::Segment { index: 1, address: 0x2000 }), "{error}");
    }
}

#[test]
fn overlapping_segments() {
    let pairs = [
        (Load::new(0x1000, b"0123"), Load::new(0x1003, b"x")),
        (Load::new(0x1000, b"0123"), Load::new(0x1000, b"0123")),
        // Only the zero tail overlaps.
        (Load::new(0x1000, b"").with_memory(0x1001), Load::new(0x2000, b"x")),
        (Load::new(0, b"").with_memory(u32::MAX), Load::new(0x8000_0000, b"x")),
    ];
    for (first, second) in pairs {
        for loads in [[first.clone(), second.clone()], [second.clone(), first.clone()]] {
            let error = error(&elf(0, &loads));
            let ElfError::Overlap { first: a, second: b } = error else { panic!("{error}") };
            assert_eq!((a, b), (first.address, second.address));
        }
    }
    // Not neighbours in the file: a third one between them.
    let loads = [
        Load::new(0x1000, b"0123").with_memory(0x100),
        Load::new(0x5000, b"x"),
        Load::new(0x10ff, b"x"),
    ];
    assert!(matches!(error(&elf(0, &loads)), ElfError::Overlap { .. }));
}

#[test]
fn a_misaligned_entry() {
    for entry in [0x1001, 0x1002, 0x1003, u32::MAX] {
        let error = error(&with_word(file(), ENTRY, entry));
        assert!(matches!(error, ElfError::Entry { entry: named } if named == entry));
    }
}

#[test]
fn a_memory_too_small_for_the_file() {
    let file = elf(0, &[Load::new(0x1000, &vec![1; 17 * 4096])]);
    let image = Image::parse(&file).unwrap();
    let small = PagedMemory::new(Arc::new(NoSource), 16);
    let refused = Machine::load_image(&image, small).map(|_| ()).unwrap_err();
    assert!(matches!(refused, ElfError::Memory(MemoryError::Full { cap_pages: 16 })), "{refused}");
}
