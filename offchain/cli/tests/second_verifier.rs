//! The machine against `test/second_verifier`, which is written from docs/spec.md alone and shares
//! no code with it. Skipped, saying so, where there is no `python3`.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::process::Command as Process;
use std::thread;

use alloy_sol_types::{SolCall, SolInterface};
use assert_cmd::Command;
use opml_devnet::stylus::activate::{DEFAULT_PAGE_LIMIT, activate};
use opml_devnet::stylus::engine::{Engine, Outcome, PureRunner, on_deep_stack};
use opml_devnet::stylus::entry::StylusParams;
use serde_json::Value;
use tempfile::NamedTempFile;

use abi::IStepVerifier::{IStepVerifierErrors, stepCall};

#[allow(missing_docs, clippy::pedantic, reason = "generated from the Solidity interface")]
mod abi {
    alloy_sol_types::sol!(
        #[sol(all_derives)]
        "../../sol/IStepVerifier.sol"
    );
}

include!(concat!(env!("OUT_DIR"), "/STEP.rs"));

const LISTINGS: [&str; 6] = [
    include_str!("../../../test/second_verifier/programs/alu.txt"),
    include_str!("../../../test/second_verifier/programs/branches.txt"),
    include_str!("../../../test/second_verifier/programs/memory.txt"),
    include_str!("../../../test/second_verifier/programs/reserved.txt"),
    include_str!("../../../test/second_verifier/programs/traps.txt"),
    include_str!("../../../test/second_verifier/programs/wrap.txt"),
];
/// No program runs longer.
const MAX_STEPS: usize = 200;
/// Far more gas than a step takes.
const GAS: u64 = 100_000_000;

/// A program of a listing: its words by segment, and the status and code it ends with.
struct Program {
    name: String,
    end: (u32, u32),
    segments: Vec<(u32, Vec<u32>)>,
}

fn programs() -> Vec<Program> {
    let mut programs = Vec::new();
    for line in LISTINGS.iter().flat_map(|listing| listing.lines()) {
        if let Some(title) = line.strip_prefix("program ") {
            programs.push(Program::titled(title));
        } else if let Some(address) = line.strip_prefix('@') {
            let segment = (hex_word(address), Vec::new());
            programs.last_mut().unwrap().segments.push(segment);
        } else if !line.is_empty() && !line.starts_with('#') {
            let (_, words) = programs.last_mut().unwrap().segments.last_mut().unwrap();
            words.push(hex_word(&line[..8]));
        }
    }
    programs
}

fn hex_word(digits: &str) -> u32 {
    u32::from_str_radix(digits, 16).unwrap()
}

impl Program {
    /// From `NAME exits CODE` or `NAME traps CODE`.
    fn titled(title: &str) -> Self {
        let [name, verb, code] = title.split(' ').collect::<Vec<_>>().try_into().unwrap();
        let status = ["exits", "traps"].iter().position(|known| *known == verb).unwrap() + 1;
        let end = (u32::try_from(status).unwrap(), code.parse().unwrap());
        Self { name: name.to_owned(), end, segments: Vec::new() }
    }

    /// A static MIPS32 release 2 executable that begins at the first segment.
    fn elf(&self) -> NamedTempFile {
        let count = u16::try_from(self.segments.len()).unwrap();
        let mut file = b"\x7fELF\x01\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
        // e_type, e_machine; e_version .. e_flags; e_ehsize, e_phentsize, e_phnum, section headers.
        file.extend([2_u16, 8].map(u16::to_le_bytes).concat());
        file.extend([1, self.segments[0].0, 0x34, 0, 0x7000_1000].map(u32::to_le_bytes).concat());
        file.extend([0x34_u16, 0x20, count, 0, 0, 0].map(u16::to_le_bytes).concat());
        let mut offset = 0x34 + 0x20 * u32::from(count);
        for (address, words) in &self.segments {
            let size = u32::try_from(words.len() * 4).unwrap();
            let header = [1, offset, *address, *address, size, size, 7, 4];
            file.extend(header.map(u32::to_le_bytes).concat());
            offset += size;
        }
        for (_, words) in &self.segments {
            file.extend(words.iter().flat_map(|word| word.to_le_bytes()));
        }
        let path = NamedTempFile::new().unwrap();
        std::fs::write(path.path(), file).unwrap();
        path
    }

    /// What `opml vm witness` prints for every step up to the fixed point after the end.
    fn witnesses(&self) -> Vec<Value> {
        let elf = self.elf();
        let mut steps = Vec::new();
        loop {
            let step = witness(elf.path(), steps.len());
            let ended = step["post_hash"] == step["pre_hash"];
            steps.push(step);
            if ended {
                return steps;
            }
            assert!(steps.len() < MAX_STEPS, "{} does not end", self.name);
        }
    }

    /// All steps as text, and whether the last state is the one the title promises.
    fn checked_witnesses(&self) -> String {
        let steps = self.witnesses();
        let end = steps.last().unwrap()["post_state"].as_str().unwrap();
        let (status, code) = end[end.len() - 16..].split_at(8);
        assert_eq!((hex_word(status), hex_word(code)), self.end, "end of {}", self.name);
        lines(&steps)
    }
}

fn lines(steps: &[Value]) -> String {
    steps.iter().flat_map(|step| [step.to_string(), "\n".to_owned()]).collect()
}

fn witness(program: &Path, step: usize) -> Value {
    let mut command = Process::new(env!("CARGO_BIN_EXE_opml"));
    command.args(["vm", "witness", "--json", "--step", &step.to_string()]).arg(program);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A script of the second verifier, or nothing, said aloud, where there is no Python.
fn script(name: &str) -> Option<Command> {
    if Process::new("python3").arg("--version").output().is_err() {
        eprintln!("SKIPPED: no python3 in PATH");
        return None;
    }
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../test/second_verifier");
    let mut command = Command::new("python3");
    command.arg("-B").arg(folder.join(name));
    Some(command)
}

#[test]
fn every_step_of_every_program_agrees_and_nothing_stays_unreached() {
    let Some(mut check) = script("check.py") else { return };
    let programs = programs();
    let half = programs.len() / 2;
    let witnesses =
        |part: &[Program]| -> String { part.iter().map(Program::checked_witnesses).collect() };
    let input = thread::scope(|scope| {
        let rest = scope.spawn(|| witnesses(&programs[half..]));
        witnesses(&programs[..half]) + &rest.join().unwrap()
    });
    let steps = input.lines().count();
    let assert = check.arg("--cover").write_stdin(input).assert().success();
    assert.stdout(format!("{steps} steps agree\n"));
}

#[test]
fn step_0_follows_from_the_file_and_damaged_witnesses_are_refused() {
    for name in ["code-across-the-end", "jump-between-regions"] {
        let Some(mut check) = script("check.py") else { return };
        let program = programs().into_iter().find(|program| program.name == name).unwrap();
        let elf = program.elf();
        check.args(["--mutate", "1", "--program"]).arg(elf.path());
        check.write_stdin(program.checked_witnesses()).assert().success();
    }
}

#[test]
fn a_difference_is_named() {
    let Some(mut check) = script("check.py") else { return };
    let mut step = witness(programs()[0].elf().path(), 3);
    step["post_hash"] = step["pre_hash"].clone();
    let output = check.write_stdin(lines(&[step])).assert().code(1).get_output().clone();
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.starts_with("step 3 (") && text.contains(": post_hash is 0x"), "{text}");
}

#[test]
fn the_compiled_contract_judges_arbitrary_states_alike() {
    let Some(mut cases) = script("cases.py") else { return };
    let drawn = std::env::var("SECOND_VERIFIER_CASES").unwrap_or_else(|_| "1 120".to_owned());
    let output = cases.args(drawn.split(' ')).assert().success().get_output().clone();
    let module = STEP.expect("the contracts are built: cargo xtask build");
    let activation = activate(module, DEFAULT_PAGE_LIMIT).unwrap();
    let program = Engine::new().unwrap().compile(&activation).unwrap();
    let mut contract = PureRunner::new(program, StylusParams::default()).unwrap();
    on_deep_stack(|| {
        for line in String::from_utf8(output.stdout).unwrap().lines() {
            let case: Value = serde_json::from_str(line).unwrap();
            assert_eq!(verdict(&mut contract, &case), case["result"].as_str().unwrap(), "{case}");
        }
    });
}

/// What the contract says of a case: the successor's hash, or the class of the refusal in the
/// second verifier's words.
fn verdict(contract: &mut PureRunner, case: &Value) -> String {
    let bytes = |field: &str| case[field].as_str().unwrap().parse().unwrap();
    let call = stepCall { state: bytes("state"), witness: bytes("witness") };
    match contract.call(&call.abi_encode(), GAS).outcome {
        Outcome::Success(hash) => stepCall::abi_decode_returns(&hash).unwrap().to_string(),
        Outcome::Revert(data) => {
            refusal(&IStepVerifierErrors::abi_decode(&data).unwrap()).to_owned()
        }
        other => panic!("{other:?}"),
    }
}

fn refusal(error: &IStepVerifierErrors) -> &'static str {
    use IStepVerifierErrors as E;
    match error {
        E::StateLength(_) | E::StateRegisterZero(_) | E::StateStatus(_) => "StateRefused",
        E::WitnessTooShort(_)
        | E::WitnessTooLong(_)
        | E::WitnessPathLength(_)
        | E::WitnessWrongRoot(_) => "WitnessRefused",
        E::ValueNotAccepted(_)
        | E::UnknownSelector(_)
        | E::CalldataTooShort(_)
        | E::CalldataTooLong(_)
        | E::OffsetNotCanonical(_)
        | E::PaddingNotZero(_) => "calldata",
        other => panic!("step raises no {other:?}"),
    }
}
