//! Imported models run, alike on every backend and in the MIPS machine.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, clippy::cast_precision_loss)]

mod common;

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::process::Command;

use common::{File, MIXED, byte_level, characters, model, model_of};
use opml_core::graph::{GraphStatus, GraphStep, REQUEST_PARAMS, Request};
use opml_core::mips::Status;
use opml_import::{ImportError, Options, WholeWords, import};
use opml_native::Backend;
use opml_operator::Kernel;
use opml_runtime::executor::Settings;
use opml_runtime::text::TextProgram;
use opml_runtime::tile::{KernelImage, TileRun};
use opml_runtime::{Bundle, Executor};

const OPTIONS: Options = Options {
    positions: 64,
    prompt_bytes: 100,
    output_bytes: 200,
    whole_words: WholeWords::Refused,
};

fn imported(file: &File) -> Result<Bundle, ImportError> {
    let folder = tempfile::tempdir().unwrap();
    let path = file.write(folder.path());
    let target = folder.path().join("bundle");
    import(&path, &target, &OPTIONS, &mut |_| {})?;
    Ok(Bundle::open(&target).unwrap())
}

fn small() -> File {
    let (tokenizer, tokens) = byte_level();
    model(&tokenizer, tokens, true)
}

/// A draw at temperature 1 of `most` tokens.
fn params(most: u32, layout: u32) -> [u32; REQUEST_PARAMS] {
    let mut params = [0; REQUEST_PARAMS];
    params[..5].copy_from_slice(&[1.0f32.to_bits(), 40, most, 0.9f32.to_bits(), layout]);
    params
}

fn machine(bundle: &Bundle, text: &str, settings: Settings) -> Executor {
    let request = Request::new(text.as_bytes(), 5, params(9, 0)).unwrap();
    Executor::new(bundle, &request, settings).unwrap()
}

#[test]
fn a_model_answers_and_the_text_is_its_output() {
    for (tokenizer, tokens) in [byte_level(), characters()] {
        for tied in [true, false] {
            let bundle = imported(&model(&tokenizer, tokens, tied)).unwrap();
            let text = TextProgram::of(&bundle).unwrap();
            let mut machine = machine(&bundle, "the é in abc 12", Settings::default());
            let mut position = text.read_prompt(&mut machine).unwrap();
            loop {
                position += 1;
                if text.advance(&mut machine).unwrap() != GraphStatus::Running {
                    break;
                }
            }
            assert_eq!(machine.status(), GraphStatus::Halted);
            let answer = text.answer(&machine, position);
            assert!(answer.ended && (1..=9).contains(&answer.tokens.len()), "{answer:?}");
            assert_eq!(machine.output(bundle.manifest().output), Some(answer.text));
        }
    }
}

#[test]
fn every_way_to_run_leads_to_the_same_state() {
    let bundle = imported(&small()).unwrap();
    let plain = Settings { kernels: opml_kernels::run, ..Settings::default() };
    let threads = |count| Settings { threads: NonZeroUsize::new(count), ..Settings::default() };
    let whole = |settings| {
        let mut machine = machine(&bundle, "the end of it", settings);
        machine.run(u64::MAX).unwrap();
        (machine.status(), machine.step_count(), machine.state())
    };
    let expected = whole(plain);
    assert_eq!(expected.0, GraphStatus::Halted);
    assert_eq!(whole(threads(1)), expected);
    assert_eq!(whole(threads(2)), expected);

    // Position by position, where a prompt is read at once otherwise.
    let text = TextProgram::of(&bundle).unwrap();
    let mut stepped = machine(&bundle, "the end of it", threads(2));
    while text.advance(&mut stepped).unwrap() == GraphStatus::Running {}
    assert_eq!((stepped.status(), stepped.step_count(), stepped.state()), expected);

    let mut single = machine(&bundle, "the end of it", threads(2));
    while single.status() == GraphStatus::Running {
        single.run(1).unwrap();
    }
    assert_eq!((single.status(), single.step_count(), single.state()), expected);
}

/// Runs a model; tiles of all kinds of operators in two positions of the prompt, in two of the answer, and outside
/// the loop are compared with the MIPS machine. The kernels that were.
fn compared(bundle: &Bundle) -> BTreeSet<Kernel> {
    let image = KernelImage::released().unwrap();
    let mut machine = machine(bundle, "the fox", Settings::default());
    let mut kernels = BTreeSet::new();
    let mut last = None;
    while let GraphStep::Tile(tile) = machine.next_step() {
        let iteration = tile.place.iteration;
        let checked = tile.last && [0, 1, 12, 16].contains(&iteration);
        if !checked {
            machine.step().unwrap();
            continue;
        }
        let finished = TileRun::new(&mut machine, &image, 64 << 20).unwrap().finish().unwrap();
        machine.step().unwrap();
        assert_eq!(finished.status, Status::Exited(0), "{tile:?}");
        assert_eq!(machine.read(tile.output), finished.output, "{tile:?}");
        kernels.insert(tile.operator.kernel());
        last = Some(tile.operator.kernel());
    }
    assert_eq!(last, Some(Kernel::Decode));
    kernels
}

#[test]
fn tiles_of_every_operator_are_the_same_in_the_mips_machine() {
    let kernels = compared(&imported(&small()).unwrap());
    assert_eq!(kernels.len(), 15, "{kernels:?}");
}

#[test]
fn k_quants_run_in_a_whole_model_alike_in_both_machines() {
    let (tokenizer, tokens) = byte_level();
    let bundle = imported(&model_of(MIXED, &tokenizer, (tokens, false))).unwrap();
    let kernels = compared(&bundle);
    assert_eq!(kernels.len(), 15, "{kernels:?}");
    let whole = |settings| {
        let mut machine = machine(&bundle, "the end of it", settings);
        machine.run(u64::MAX).unwrap();
        (machine.status(), machine.state(), machine.output(bundle.manifest().output).unwrap())
    };
    let expected = whole(Settings { kernels: opml_kernels::run, ..Settings::default() });
    assert_eq!(expected.0, GraphStatus::Halted);
    assert!(!expected.2.is_empty(), "something is written");
    assert_eq!(whole(Settings::default()), expected);
}

/// Marks the line with a run's result.
const RESULT: &str = "state of a run: ";

/// Its result is read by the test below, which runs it by each set of instructions.
#[test]
fn a_run_by_the_instructions_that_the_environment_names() {
    let bundle = imported(&small()).unwrap();
    let mut machine = machine(&bundle, "the end of it", Settings::default());
    machine.run(u64::MAX).unwrap();
    println!("\n{RESULT}{:?}", machine.state());
}

#[test]
fn all_instructions_lead_to_the_same_state() {
    let results = Backend::available().map(|backend| {
        let output = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "--nocapture",
                "a_run_by_the_instructions_that_the_environment_names",
            ])
            .env("OPML_BACKEND", backend.name())
            .output()
            .unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let line = said.lines().find_map(|line| line.strip_prefix(RESULT)).map(str::to_owned);
        (backend.name(), line.unwrap_or_else(|| panic!("{}: {said}", backend.name())))
    });
    let results: Vec<(&str, String)> = results.collect();
    assert!(results.len() > 1, "{results:?}");
    for (name, result) in &results {
        assert_eq!(*result, results[0].1, "{name}");
    }
}

#[test]
fn a_long_prompt_leaves_room_for_the_answers_frame() {
    let bundle = imported(&small()).unwrap();
    let long = "x".repeat(5_000);
    let mut machine = machine(&bundle, &long, Settings::default());
    machine.run(u64::MAX).unwrap();
    // 64 positions are taken by the prompt, which has about a hundred tokens: nothing is written.
    assert_eq!(machine.status(), GraphStatus::Halted);
    assert_eq!(machine.output(bundle.manifest().output), Some(Vec::new()));
}
