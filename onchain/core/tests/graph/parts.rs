//! Numbers and names of a witness's parts, as the ABI and error messages have them.

use opml_core::graph::handover::Part;
use opml_core::mips::{InputIndex, Window};

#[test]
fn every_part_has_its_number_and_its_name() {
    let parts = [
        (Part::Descriptor, 0, "descriptor"),
        (Part::Input(0), 1, "input 0"),
        (Part::Input(7), 8, "input 7"),
        (Part::NewOutput, 9, "new output"),
        (Part::OldOutput, 10, "old output"),
        (Part::FirstLeaf, 11, "first leaf"),
    ];
    for (part, code, name) in parts {
        assert_eq!((part.code(), part.to_string().as_str()), (code, name));
    }
}

/// Section 2 of the specification: sixteen windows of 2^28 bytes.
#[test]
fn every_window_has_its_first_address() {
    let input = |number| Window::Input(InputIndex::new(number).unwrap());
    let windows = [
        (Window::Image, 0),
        (Window::Arguments, 0x1000_0000),
        (input(0), 0x2000_0000),
        (input(7), 0x9000_0000),
        (Window::Output, 0xa000_0000),
        (Window::Stack, 0xf000_0000),
    ];
    for (window, base) in windows {
        assert_eq!(window.base(), base);
    }
}
