//! The guest prints the same digest natively, in the VM and under QEMU.
#![allow(clippy::expect_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use opml_core::mips::Status;
use opml_vm::Machine;

/// More steps than the guest takes; it must end by itself.
const STEP_LIMIT: u64 = 2_000_000;

/// The guest built for MIPS, in the target folder that this test was built into.
fn guest_elf() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("a target folder");
    let elf = target.join("guest/guest.elf");
    assert!(elf.exists(), "{} is missing: run `cargo xtask guest`", elf.display());
    elf
}

/// Standard output of a program that succeeds.
fn stdout(command: &mut Command) -> Vec<u8> {
    let Output { status, stdout, .. } = command.output().expect("the program starts");
    assert!(status.success(), "{command:?}: {status}");
    stdout
}

fn host() -> Vec<u8> {
    stdout(&mut Command::new(env!("CARGO_BIN_EXE_opml-guest")))
}

#[test]
fn the_report_is_a_line_with_a_digest() {
    let line = String::from_utf8(host()).expect("text");
    let digest = line.strip_prefix("digest ").and_then(|rest| rest.strip_suffix('\n'));
    assert!(digest.is_some_and(|digest| {
        digest.len() == 16 && digest.bytes().all(|digit| digit.is_ascii_hexdigit())
    }));
}

#[test]
fn the_vm_prints_what_the_host_prints() {
    let elf = fs::read(guest_elf()).expect("readable");
    let mut machine = Machine::load_elf(&elf).expect("a program for this machine");
    let status = machine.run(STEP_LIMIT).expect("all memory is here");
    assert_eq!(status, Status::Exited(0));
    assert_eq!(machine.take_output(), host());
    assert!(machine.cpu().step >= 50_000, "{} steps", machine.cpu().step);
}

#[test]
fn qemu_prints_what_the_host_prints() {
    assert_eq!(stdout(Command::new("qemu-mipsel").arg(guest_elf())), host());
}
