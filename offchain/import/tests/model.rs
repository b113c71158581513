//! Imported models run, alike on every backend and in the MIPS machine.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, clippy::cast_precision_loss)]

mod common;

use std::collections::BTreeSet;
use std::num::NonZeroUsize;

use common::{File, byte_level, characters, model};
use opml_core::graph::{GraphStatus, GraphStep, REQUEST_PARAMS, Request};
use opml_core::mips::Status;
use opml_import::{ImportError, Options, import};
use opml_operator::Kernel;
use opml_runtime::executor::Settings;
use opml_runtime::text::TextProgram;
use opml_runtime::tile::{KernelImage, TileRun};
use opml_runtime::{Bundle, Executor};

const OPTIONS: Options = Options { positions: 64, prompt_bytes: 100, output_bytes: 200 };

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

    let mut single = machine(&bundle, "the end of it", threads(2));
    while single.status() == GraphStatus::Running {
        single.run(1).unwrap();
    }
    assert_eq!((single.status(), single.step_count(), single.state()), expected);
}

#[test]
fn tiles_of_every_operator_are_the_same_in_the_mips_machine() {
    let bundle = imported(&small()).unwrap();
    let image = KernelImage::released().unwrap();
    let mut machine = machine(&bundle, "the fox", Settings::default());
    let mut kernels = BTreeSet::new();
    let mut last = None;
    while let GraphStep::Tile(tile) = machine.next_step() {
        // In two positions of the prompt, in two of the answer, and outside the loop.
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
    assert_eq!(kernels.len(), 15, "{kernels:?}");
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
