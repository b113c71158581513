//! What a file loads.

use opml_core::mips::{Cpu, Reg, Status, Trap};
use opml_vm::Machine;
use opml_vm::elf::{Image, Segment};

use crate::file::{Load, P_LEN, P_TYPE, PROGRAM, elf, with_half, with_word};

/// `addiu $4, $0, 42; addiu $2, $0, 4001; syscall`.
pub fn exit_42() -> Vec<u8> {
    let code = [0x2404_002a_u32, 0x2402_0fa1, 0x0000_000c];
    let bytes: Vec<u8> = code.iter().flat_map(|word| word.to_le_bytes()).collect();
    elf(0x0040_0000, &[Load::new(0x0040_0000, &bytes)])
}

#[test]
fn a_program_starts_at_its_entry_with_only_sp_set() {
    let file = exit_42();
    let mut machine = Machine::load_elf(&file).unwrap();
    let mut want = Cpu::new(0x0040_0000);
    want.set(Reg::SP, 0xffff_f000);
    assert_eq!(machine.cpu(), &want);
    assert_eq!(machine.run(100).unwrap(), Status::Exited(42));
    assert_eq!(machine.cpu().step, 3);
}

#[test]
fn segments_are_sorted_and_their_zero_tail_is_not_stored() {
    let file = elf(
        0x1000,
        &[Load::new(0x5000, b"second").with_memory(0x2000), Load::new(0x1000, b"first")],
    );
    let image = Image::parse(&file).unwrap();
    let segments = [
        Segment { address: 0x1000, bytes: b"first" },
        Segment { address: 0x5000, bytes: b"second" },
    ];
    assert_eq!(image, Image { entry: 0x1000, segments: segments.to_vec() });
}

#[test]
fn bytes_go_to_their_addresses_aligned_or_not() {
    let loads = [
        Load::new(0x1003, b"odd"),
        Load::new(0x1006, b"right behind"),
        Load::new(0x1fff, b"over a page end"),
        Load::new(0xffff_fffd, b"end"),
    ];
    let mut machine = Machine::load_elf(&elf(0, &loads)).unwrap();
    for load in &loads {
        let mut bytes = vec![0; load.bytes.len()];
        machine.read(load.address, &mut bytes).unwrap();
        assert_eq!(bytes, load.bytes);
    }
    let mut around = [1; 3];
    machine.read(0x1000, &mut around).unwrap();
    assert_eq!(around, [0; 3]);
}

#[test]
fn touching_and_empty_segments_are_no_overlap() {
    let loads = [
        Load::new(0x1000, b"0123"),
        Load::new(0x1004, b"4567"),
        Load::new(0x1002, b""),
        Load::new(0x1008, b"").with_memory(0x1000),
        Load::new(0x2008, b"89"),
    ];
    let file = elf(0x1000, &loads);
    let image = Image::parse(&file).unwrap();
    let addresses: Vec<u32> = image.segments.iter().map(|segment| segment.address).collect();
    assert_eq!(addresses, [0x1000, 0x1004, 0x1008, 0x2008]);
}

#[test]
fn a_segment_may_end_with_memory() {
    let file = elf(0, &[Load::new(0xffff_f000, b"x").with_memory(0x1000)]);
    assert!(Image::parse(&file).is_ok());
}

#[test]
fn segments_of_other_types_are_not_loaded() {
    // PT_NOTE, PT_PHDR, PT_TLS, PT_GNU_STACK, PT_MIPS_REGINFO, PT_MIPS_ABIFLAGS.
    for kind in [4, 6, 7, 0x6474_e551, 0x7000_0000, 0x7000_0003] {
        let file = elf(0, &[Load::new(0x1000, b"this"), Load::new(0x2000, b"that")]);
        let file = with_word(file, PROGRAM + P_LEN + P_TYPE, kind);
        let image = Image::parse(&file).unwrap();
        assert_eq!(image.segments, [Segment { address: 0x1000, bytes: b"this" }]);
    }
}

#[test]
fn a_file_without_segments_is_zero_memory() {
    let mut machine = Machine::load_elf(&elf(0, &[])).unwrap();
    // Nops to the end of memory would never stop; a thousand of them are enough.
    assert_eq!(machine.run(1_000).unwrap(), Status::Running);
    let file = with_half(elf(0, &[]), 0x2c, 0);
    assert!(Image::parse(&file).is_ok());
}

#[test]
fn an_entry_anywhere_is_taken_and_traps_where_nothing_is_loaded() {
    let file = elf(0x7000_0000, &[Load::new(0x1000, &[0xff; 4])]);
    assert_eq!(Machine::load_elf(&file).unwrap().run(10).unwrap(), Status::Running);
    let file = elf(0x1000, &[Load::new(0x1000, &[0xff; 4])]);
    let status = Machine::load_elf(&file).unwrap().run(10).unwrap();
    assert_eq!(status, Status::Trapped(Trap::ReservedInstruction));
}

#[test]
fn a_file_need_not_be_aligned_in_memory() {
    let file = exit_42();
    for shift in 0..8 {
        let padded = [vec![0; shift], file.clone()].concat();
        assert!(Image::parse(&padded[shift..]).is_ok(), "{shift} bytes in front");
    }
}
