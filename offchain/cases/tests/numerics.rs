//! The Python implementation of the numeric specification (`test/numerics`) computes what the scalar
//! reference computes. Skipped where numpy is missing, unless `OPML_REQUIRE_NUMPY=1`.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation)]

use std::fmt::Write as _;
use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};

use opml_cases::{Case, Flavor, generate, generate_of};
use opml_operator::Kernel;

/// Cases a kernel with flavours mixed, and as many with one in all tensors.
const CASES: u64 = 100;

#[test]
fn python_computes_the_same() {
    if !numpy() {
        let required = std::env::var_os("OPML_REQUIRE_NUMPY").is_some();
        assert!(!required, "numpy is missing: `pip install numpy`");
        eprintln!("skipped: numpy is missing (`pip install numpy`)");
        return;
    }
    let cases = cases();
    let output = python(&cases.iter().map(line).collect::<String>());
    let results: Vec<&str> = output.lines().collect();
    assert_eq!(results.len(), cases.len());
    for (case, result) in cases.iter().zip(results) {
        let expected = hex(&case.reference().unwrap());
        assert_eq!(result, expected, "{:?}\n{case:?}", case.tile().unwrap());
    }
}

fn cases() -> Vec<Case> {
    let mixed = |kernel| (0..CASES).map(move |seed| generate(kernel, seed));
    let pure = |kernel| {
        (0..CASES).map(move |seed| generate_of(kernel, Flavor::ALL[(seed % 7) as usize], seed))
    };
    Kernel::ALL.into_iter().flat_map(|kernel| mixed(kernel).chain(pure(kernel))).collect()
}

/// A tile as the program reads it.
fn line(case: &Case) -> String {
    let mut line = String::new();
    for byte in case.descriptor.encode() {
        write!(line, "{byte:02x}").unwrap();
    }
    write!(line, " {:x} {:x}", case.iteration, case.tile).unwrap();
    for input in &case.inputs {
        write!(line, " {}", hex(input)).unwrap();
    }
    line + "\n"
}

fn hex(words: &[u32]) -> String {
    words.iter().fold(String::new(), |mut text, word| {
        write!(text, "{:08x}", word.swap_bytes()).unwrap();
        text
    })
}

fn numpy() -> bool {
    let mut command = Command::new("python3");
    command.args(["-c", "import numpy"]).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// What the program prints for `input`.
fn python(input: &str) -> String {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test/numerics/main.py");
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("numerics-cases");
    std::fs::write(&file, input).unwrap();
    let mut command = Command::new("python3");
    command.arg("-B").arg(program).stdin(File::open(file).unwrap()).stderr(Stdio::inherit());
    let output = command.output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}
