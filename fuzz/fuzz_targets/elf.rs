//! Bytes as an ELF file. Nothing panics; an image's segments are in order, apart and inside the
//! file; and what is loaded runs.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use opml_vm::Machine;
use opml_vm::elf::Image;
use opml_vm::memory::PagedMemory;
use opml_vm::source::NoSource;

fuzz_target!(|data: &[u8]| {
    let image = match Image::parse(data) {
        Ok(image) => image,
        Err(error) => return drop(error.to_string()),
    };
    assert_eq!(image.entry % 4, 0);
    for segment in &image.segments {
        let inside = data.as_ptr_range();
        let bytes = segment.bytes.as_ptr_range();
        assert!(segment.bytes.is_empty() || inside.start <= bytes.start && bytes.end <= inside.end);
        assert!(u64::from(segment.address) + segment.bytes.len() as u64 <= 1 << 32);
    }
    for pair in image.segments.windows(2) {
        let end = u64::from(pair[0].address) + pair[0].bytes.len() as u64;
        assert!(end <= u64::from(pair[1].address));
    }
    let Ok(mut machine) = Machine::load_image(&image, PagedMemory::new(Arc::new(NoSource), 64))
    else {
        return;
    };
    for segment in &image.segments {
        let mut bytes = vec![0; segment.bytes.len()];
        machine.read(segment.address, &mut bytes).expect("was just written");
        assert_eq!(bytes, segment.bytes);
    }
    // Fails only when the program fills its 64 pages.
    let _ = machine.run(500);
    machine.state().expect("memory of its own");
});
