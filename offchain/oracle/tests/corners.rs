//! What the architecture leaves open: what QEMU does and what the machine decides, case by case.
#![allow(clippy::unwrap_used, reason = "a test")]

#[path = "support/corner.rs"]
mod corner;
mod support;

use corner::{Corner, run};

/// A line a case: name, words, what QEMU does, what the machine does.
const TABLE: &str = include_str!("corners.txt");
/// The QEMU that was measured. Another one may resolve an open case in another way.
const MEASURED: &str = "version 7.2.";

#[test]
fn qemu_and_the_machine_do_what_the_table_says() {
    let Some(qemu) = support::qemu("qemu_and_the_machine_do_what_the_table_says") else { return };
    let measured = qemu.version().contains(MEASURED);
    let judge = |corner: &Corner| {
        let (theirs, ours) = run(&qemu, corner);
        let right = (theirs == corner.qemu || !measured) && ours == corner.machine;
        (!right).then(|| format!("{}: qemu {theirs}, machine {ours}", corner.name))
    };
    let wrong: Vec<String> = Corner::parse_all(TABLE).iter().filter_map(judge).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
