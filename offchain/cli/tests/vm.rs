//! `opml vm` as its users call it.
#![allow(clippy::unwrap_used)]

use assert_cmd::Command;
use serde_json::Value;
use tempfile::NamedTempFile;

/// Writes `hi` to standard output, then exits with code 7.
const HELLO: [u32; 9] = [
    0x2402_0fa4, // li     v0, 4004
    0x2404_0001, // li     a0, 1
    0x3c05_0040, // lui    a1, 0x40
    0x24a5_0078, // addiu  a1, a1, 0x78: the word behind the code
    0x2406_0003, // li     a2, 3
    0x0000_000c, // syscall
    0x2402_0fa1, // li     v0, 4001
    0x2404_0007, // li     a0, 7
    0x0000_000c, // syscall
];
const TEXT: u32 = u32::from_le_bytes(*b"hi\n\0");

/// A static `MIPS32r2` executable with one segment, code at `0x0040_0054`.
fn elf(code: &[u32]) -> NamedTempFile {
    let size = u32::try_from(0x54 + code.len() * 4).unwrap();
    let mut file = vec![0x7f, b'E', b'L', b'F', 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    // e_type, e_machine; e_version .. e_flags; e_ehsize, e_phentsize, e_phnum, section headers.
    file.extend([2_u16, 8].map(u16::to_le_bytes).concat());
    file.extend([1_u32, 0x0040_0054, 0x34, 0, 0x7000_1000].map(u32::to_le_bytes).concat());
    file.extend([0x34_u16, 0x20, 1, 0, 0, 0].map(u16::to_le_bytes).concat());
    // PT_LOAD of the whole file.
    let program = [1, 0, 0x0040_0000, 0x0040_0000, size, size, 7, 0x1000];
    file.extend(program.map(u32::to_le_bytes).concat());
    file.extend(code.iter().flat_map(|word| word.to_le_bytes()));
    let path = NamedTempFile::new().unwrap();
    std::fs::write(path.path(), file).unwrap();
    path
}

fn hello() -> NamedTempFile {
    let mut code = HELLO.to_vec();
    code.push(TEXT);
    elf(&code)
}

fn opml(program: &NamedTempFile, arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("opml").unwrap();
    command.args(["vm", arguments[0]]).arg(program.path()).args(&arguments[1..]);
    command
}

fn json(program: &NamedTempFile, arguments: &[&str]) -> Value {
    let output = opml(program, arguments).arg("--json").assert().success().get_output().clone();
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn run_reports_where_the_guest_ended() {
    let report = json(&hello(), &["run"]);
    assert_eq!(report["exited"], true);
    assert_eq!(report["exit_code"], 7);
    assert_eq!(report["trap"], Value::Null);
    assert_eq!(report["steps"], 9);
    assert_eq!(report["state_hash"].as_str().unwrap().len(), 66);
}

#[test]
fn what_the_guest_writes_goes_to_standard_error() {
    let output = opml(&hello(), &["run"]).assert().success().get_output().clone();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "hi\n");
}

#[test]
fn run_stops_at_the_step_limit() {
    let report = json(&hello(), &["run", "--max-steps", "4"]);
    assert_eq!((&report["exited"], &report["steps"]), (&Value::Bool(false), &4.into()));
    assert_eq!(report["exit_code"], Value::Null);
}

#[test]
fn run_names_a_trap() {
    let report = json(&elf(&[0xffff_ffff]), &["run"]);
    assert_eq!(report["trap"], "ReservedInstruction");
    assert_eq!((&report["exited"], &report["steps"]), (&Value::Bool(false), &1.into()));
}

#[test]
fn a_witness_leads_from_one_step_to_the_next() {
    let program = hello();
    let steps: Vec<Value> =
        (0..11).map(|step| json(&program, &["witness", "--step", &step.to_string()])).collect();
    for pair in steps.windows(2) {
        assert_eq!(pair[0]["post_hash"], pair[1]["pre_hash"]);
        assert_eq!(pair[0]["post_state"], pair[1]["pre_state"]);
    }
    let end = json(&program, &["run"]);
    assert_eq!(steps[8]["post_hash"], end["state_hash"]);
    // Past the end the state is its own successor and needs no memory.
    assert_eq!(steps[9]["pre_hash"], steps[9]["post_hash"]);
    assert_eq!(steps[9]["witness"], "0x");
}

#[test]
fn check_agrees_with_the_compiled_contract_up_to_the_fixed_point() {
    let report = json(&hello(), &["check"]);
    assert_eq!((&report["checked"], &report["agreed"]), (&10.into(), &10.into()));
    let report = json(&hello(), &["check", "--from", "2", "--to", "9", "--every", "3"]);
    assert_eq!((&report["checked"], &report["agreed"]), (&3.into(), &3.into()));
}

#[test]
fn disasm_lists_from_the_entry_point() {
    let output =
        opml(&hello(), &["disasm", "--count", "2"]).assert().success().get_output().clone();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(
        text,
        "00400054: 24020fa4  addiu v0, zero, 4004\n00400058: 24040001  addiu a0, zero, 1\n"
    );
}

#[test]
fn a_file_that_is_no_program_is_named_with_the_reason() {
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), b"no program").unwrap();
    let output = opml(&file, &["run"]).assert().code(2).get_output().clone();
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains(&file.path().display().to_string()), "{text}");
    assert!(text.contains("not a 32-bit little-endian ELF file"), "{text}");
}

#[test]
fn check_refuses_an_empty_range_and_a_file_that_is_no_contract() {
    opml(&hello(), &["check", "--from", "5", "--to", "5"]).assert().code(2);
    let program = hello();
    let path = program.path().display().to_string();
    opml(&program, &["check", "--contract", &path]).assert().code(2);
}
