//! What the tests share.
#![allow(dead_code, reason = "not every test file uses everything")]

use std::io::Write;
use std::process::Command;

use opml_oracle::qemu::{Qemu, QemuError};

/// Makes a missing tool a failure; set where it is known to be installed.
const REQUIRE: &str = "OPML_REQUIRE_QEMU";

/// QEMU, or a loud note that this test did not run.
pub fn qemu(test: &str) -> Option<Qemu> {
    match Qemu::find() {
        Ok(qemu) => Some(qemu),
        Err(QemuError::Missing) => skip(test, "qemu-mipsel", "qemu-user"),
        Err(error) => panic!("{error}"),
    }
}

/// Whether a tool of binutils is there; a loud note if not.
pub fn has_binutils(test: &str) -> bool {
    let there = Command::new("mipsel-linux-gnu-as").arg("--version").output().is_ok();
    there || skip::<()>(test, "mipsel-linux-gnu-as", "binutils-mipsel-linux-gnu").is_some()
}

fn skip<T>(test: &str, tool: &str, package: &str) -> Option<T> {
    let note =
        format!("SKIPPED {test}: {tool} is not installed (Debian: apt-get install {package})");
    assert!(std::env::var_os(REQUIRE).is_none(), "{REQUIRE} is set. {note}");
    // Not through `eprintln!`, which the test harness swallows.
    let _ = writeln!(std::io::stderr(), "\n{note}\n");
    None
}
