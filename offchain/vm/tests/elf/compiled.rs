//! Freestanding C programs, where a cross compiler is installed: they run to the exit code and the
//! output that their sources name. Without `mipsel-linux-gnu-gcc` these tests check nothing.

use std::path::{Path, PathBuf};
use std::process::Command;

use opml_core::mips::Status;
use opml_vm::Machine;

const COMPILER: &str = "mipsel-linux-gnu-gcc";

/// Compiles `tests/elf/programs/{name}.c`; `None` if there is no compiler.
fn compile(name: &str, optimisation: &str) -> Option<Vec<u8>> {
    if Command::new(COMPILER).arg("--version").output().is_err() {
        eprintln!("{COMPILER} is not installed: {name} was not run");
        return None;
    }
    let programs = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/elf/programs");
    let out = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}{optimisation}.elf"));
    let status = Command::new(COMPILER)
        .args(["-EL", "-march=mips32r2", "-mabi=32", "-msoft-float", "-mno-abicalls", "-fno-pic"])
        .args(["-G0", "-ffreestanding", "-nostdlib", "-static", "-Wall", "-Werror", optimisation])
        .args(["-Wl,--build-id=none", "-fno-stack-protector"])
        .arg(programs.join(name).with_extension("c"))
        .arg("-lgcc")
        .arg("-o")
        .arg(&out)
        .status()
        .unwrap();
    assert!(status.success());
    Some(std::fs::read(out).unwrap())
}

/// Runs a program at several levels of optimisation.
fn check(name: &str, code: u8, output: &str) {
    for optimisation in ["-O0", "-O1", "-O2", "-Os"] {
        let Some(file) = compile(name, optimisation) else { return };
        let mut machine = Machine::load_elf(&file).unwrap();
        let status = machine.run(10_000_000).unwrap();
        assert_eq!(status, Status::Exited(code), "{name} {optimisation}: {:?}", machine.cpu());
        assert_eq!(String::from_utf8_lossy(&machine.take_output()), output);
    }
}

#[test]
fn an_exit_code() {
    check("exit", 42, "");
}

#[test]
fn primes_below_a_thousand_in_zero_initialised_memory() {
    check("primes", 168, "997\n");
}

#[test]
fn misaligned_and_64_bit_arithmetic() {
    check("arithmetic", 0, "ok\n");
}

#[test]
fn recursion_and_function_pointers_on_the_stack() {
    check("recursion", 233, "fib\n");
}
