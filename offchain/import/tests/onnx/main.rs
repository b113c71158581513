//! A network from an ONNX file that the test writes, to a picture.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, clippy::cast_precision_loss)]
#![allow(clippy::needless_for_each, clippy::many_single_char_names, reason = "plain formulas")]
#![allow(clippy::cast_possible_wrap, reason = "small")]

mod file;
mod network;
mod reference;
mod refused;

use std::collections::BTreeSet;
use std::num::NonZeroUsize;

use file::File;
use network::{SIDE, SIGMA, network};
use opml_core::graph::{GraphStatus, GraphStep, REQUEST_PARAMS, Request};
use opml_core::mips::Status;
use opml_import::image::gaussian;
use opml_import::onnx::{Binding, OnnxError, Options, import};
use opml_operator::WeightType;
use opml_runtime::build::{Builder, Parts};
use opml_runtime::bundle::manifest::{About, Input, ResultKind};
use opml_runtime::executor::Settings;
use opml_runtime::tile::{KernelImage, TileRun};
use opml_runtime::{Bundle, Executor};

fn imported(file: &File) -> Result<Parts, OnnxError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("network.onnx");
    std::fs::write(&path, file.bytes("denoised")).unwrap();
    let side = SIDE as u32;
    let inputs = [
        ("noisy", Binding::Noise { size: (side, side), factor: SIGMA }),
        ("sigma", Binding::Number(SIGMA)),
        ("difficulty", Binding::Choice(vec![0.5, -1.0, 2.0])),
    ];
    let inputs = inputs.map(|(name, binding)| (name.to_owned(), binding)).to_vec();
    let options = Options { inputs, weights: WeightType::Q8_0 };
    let kinds = (Input::Bytes { max: 1 }, ResultKind::Heights { width: side, height: side });
    let builder = Builder::new(About::default(), kinds.0, kinds.1);
    Ok(import(&path, builder, &options, &mut |_, _| {})?.finish()?)
}

fn bundle() -> Bundle {
    imported(&network().0).unwrap().bundle().unwrap()
}

fn machine(bundle: &Bundle, (seed, choice): (u64, &[u8]), settings: Settings) -> Executor {
    let request = Request::new(choice, seed, [0; REQUEST_PARAMS]).unwrap();
    Executor::new(bundle, &request, settings).unwrap()
}

fn picture(bundle: &Bundle, request: (u64, &[u8]), settings: Settings) -> (Executor, Vec<u8>) {
    let mut machine = machine(bundle, request, settings);
    assert_eq!(machine.run(u64::MAX).unwrap(), GraphStatus::Halted);
    let output = machine.output(bundle.manifest().output).unwrap();
    (machine, output)
}

/// Noise of a seed, as the specification has it.
fn noise(seed: u64) -> Vec<f32> {
    let table = gaussian();
    let element = |e: u64| {
        let z = seed.wrapping_add((e + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        table[((z ^ z >> 31) >> 48) as usize]
    };
    (0..(SIDE * SIDE) as u64).map(element).collect()
}

#[test]
fn a_picture_is_what_the_graph_says() {
    let (bundle, plain) = (bundle(), network().1);
    let requests: [(u64, &[u8], f32); 3] = [(7, &[], 0.5), (8, &[1], -1.0), (9, &[2], 2.0)];
    for (seed, choice, difficulty) in requests {
        let (_, output) = picture(&bundle, (seed, choice), Settings::default());
        let expected = plain(&noise(seed), difficulty);
        let levels = output.iter().collect::<BTreeSet<_>>().len();
        assert!(levels > 100, "a picture of {levels} levels");
        let error = |(byte, x): (&u8, &f32)| (f32::from(*byte) - (x + 1.0) * 127.5).powi(2);
        let errors = output.iter().zip(&expected).map(error).sum::<f32>() / output.len() as f32;
        let decibels = 20.0 * 255f32.log10() - 10.0 * errors.log10();
        assert!(decibels > 35.0, "seed {seed}: {decibels} dB");
    }
}

#[test]
fn a_picture_is_the_same_on_any_number_of_threads_and_by_the_reference() {
    let bundle = bundle();
    let threads = |count| Settings { threads: NonZeroUsize::new(count), ..Settings::default() };
    let request = (7, &[1u8][..]);
    let (mut one, first) = picture(&bundle, request, threads(1));
    let (mut two, second) = picture(&bundle, request, threads(2));
    let scalar = Settings { kernels: opml_kernels::run, ..Settings::default() };
    let (mut plain, third) = picture(&bundle, request, scalar);
    assert_eq!([&first, &first], [&second, &third]);
    assert_eq!(one.state(), two.state());
    assert_eq!(one.state(), plain.state());
    assert_ne!(first, picture(&bundle, (8, &[1]), threads(1)).1, "another seed");
    assert_ne!(first, picture(&bundle, (7, &[2]), threads(1)).1, "another difficulty");
}

#[test]
fn a_tile_of_every_kind_is_the_same_in_the_fraud_proof_machine() {
    let (bundle, image) = (bundle(), KernelImage::released().unwrap());
    let mut machine = machine(&bundle, (7, &[]), Settings::default());
    let mut seen = BTreeSet::new();
    while let GraphStep::Tile(tile) = machine.next_step() {
        let name = format!("{:?}", tile.operator);
        let kind = name.split(['(', ' ', '{']).next().unwrap_or_default().to_owned();
        if tile.last && seen.insert(kind) {
            let run = TileRun::new(&mut machine, &image, 64 << 20).unwrap().finish().unwrap();
            assert_eq!(run.status, Status::Exited(0), "{name}");
            machine.step().unwrap();
            assert_eq!(machine.read(tile.output), run.output, "{name}");
        } else {
            machine.step().unwrap();
        }
    }
    assert!(seen.len() >= 14, "{seen:?}");
}
