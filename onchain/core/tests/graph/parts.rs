//! Numbers and names of a witness's parts, as the ABI and error messages have them.

use opml_core::graph::handover::Part;

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
