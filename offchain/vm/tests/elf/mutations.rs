//! Files cut short and altered: an image or an error, never a panic, and no byte from outside.

use opml_vm::Machine;
use opml_vm::elf::Image;
use proptest::prelude::*;

use crate::file::{Load, elf};
use crate::load::exit_42;

fn sample() -> Vec<u8> {
    elf(
        0x1000,
        &[
            Load::new(0x1000, b"some text"),
            Load::new(0x2000, b"some data").with_memory(64),
            Load::new(0x8000_0000, b"far away"),
        ],
    )
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    for file in [sample(), exit_42()] {
        for length in 0..file.len() {
            assert!(Image::parse(&file[..length]).is_err(), "{length} of {} bytes", file.len());
        }
        // What follows the last segment does not matter.
        let longer = [&file[..], &[0xff; 100]].concat();
        assert_eq!(Image::parse(&longer).unwrap(), Image::parse(&file).unwrap());
    }
}

/// Parses and, if there is anything to load, loads a file.
fn try_load(file: &[u8]) {
    let Ok(image) = Image::parse(file) else { return };
    let total: usize = image.segments.iter().map(|segment| segment.bytes.len()).sum();
    assert!(total <= image.segments.len() * file.len());
    if let Ok(mut machine) = Machine::load_elf(file) {
        machine.run(1_000).expect("memory of its own");
    }
}

#[test]
fn every_byte_of_the_headers_can_be_anything() {
    let file = sample();
    for offset in 0..52 + 3 * 32 {
        for byte in [0, 1, 2, 3, 4, 0x20, 0x7f, 0x80, 0xfe, 0xff] {
            let mut file = file.clone();
            file[offset] = byte;
            try_load(&file);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn random_mutations_never_panic(
        edits in prop::collection::vec((0..148_usize, any::<u8>()), 1..6),
        length in prop_oneof![Just(usize::MAX), 0..180_usize],
    ) {
        let mut file = sample();
        for (offset, byte) in edits {
            file[offset] = byte;
        }
        file.truncate(length);
        try_load(&file);
    }

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), magic: bool) {
        let mut bytes = bytes;
        if magic {
            let head = bytes.len().min(36);
            bytes[..head].copy_from_slice(&sample()[..head]);
        }
        try_load(&bytes);
    }
}
