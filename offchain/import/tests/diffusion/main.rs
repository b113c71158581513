//! A small Stable Diffusion with random weights, from its files to a picture.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, clippy::cast_precision_loss)]
#![allow(dead_code, reason = "other tests use the rest of the network's module")]

mod files;
mod network;
mod words;

use std::collections::BTreeSet;
use std::num::NonZeroUsize;

use files::small;
use network::{PROMPT, SEED};
use opml_core::graph::{GraphStatus, GraphStep, REQUEST_PARAMS, Request};
use opml_core::mips::Status;
use opml_operator::WeightType;
use opml_runtime::executor::Settings;
use opml_runtime::tile::{KernelImage, TileRun};
use opml_runtime::{Bundle, Executor};

/// What candle draws, three bytes a pixel: `test/diffusion` says how.
const CANDLE: &[u8] = include_bytes!("candle.rgb");

fn machine(bundle: &Bundle, settings: Settings) -> Executor {
    let request = Request::new(PROMPT.as_bytes(), SEED, [0; REQUEST_PARAMS]).unwrap();
    Executor::new(bundle, &request, settings).unwrap()
}

fn picture(bundle: &Bundle, settings: Settings) -> (Executor, Vec<u8>) {
    let mut machine = machine(bundle, settings);
    machine.run(u64::MAX).unwrap();
    assert_eq!(machine.status(), GraphStatus::Halted, "pc {:?}", machine.next_step());
    let output = machine.output(bundle.manifest().output).unwrap();
    (machine, output)
}

#[test]
fn a_text_and_a_seed_become_a_picture_alike_on_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let bundle = small(folder.path(), WeightType::Q8_0);
    let threads = |count| Settings { threads: NonZeroUsize::new(count), ..Settings::default() };
    let (mut first, one) = picture(&bundle, threads(1));
    let (mut second, two) = picture(&bundle, threads(2));
    let (mut plain, scalar) =
        picture(&bundle, Settings { kernels: opml_kernels::run, ..Settings::default() });
    assert_eq!(one.len(), 32 * 32 * 3);
    assert!(one.iter().collect::<BTreeSet<_>>().len() > 50, "a picture of many colours");
    assert_eq!([&one, &one], [&two, &scalar]);
    assert_eq!(first.state(), second.state());
    assert_eq!(first.state(), plain.state());
}

#[test]
fn the_picture_is_close_to_candles() {
    for (weights, least) in
        [(WeightType::F32, 40.0), (WeightType::F16, 40.0), (WeightType::Q8_0, 32.0)]
    {
        let folder = tempfile::tempdir().unwrap();
        let (_, ours) = picture(&small(folder.path(), weights), Settings::default());
        let square = |(a, b): (&u8, &u8)| f64::from(a.abs_diff(*b)).powi(2);
        let mean = ours.iter().zip(CANDLE).map(square).sum::<f64>() / ours.len() as f64;
        let ratio = 10.0 * (255.0f64.powi(2) / mean).log10();
        println!("{weights:?}: {ratio:.2} dB");
        assert!(ratio > least, "{weights:?}: {ratio:.2} dB");
    }
}

#[test]
fn tiles_of_every_operator_are_the_same_in_the_mips_machine() {
    let folder = tempfile::tempdir().unwrap();
    let bundle = small(folder.path(), WeightType::Q8_0);
    let image = KernelImage::released().unwrap();
    let mut machine = machine(&bundle, Settings::default());
    let mut seen = BTreeSet::new();
    while let GraphStep::Tile(tile) = machine.next_step() {
        let kernel = tile.operator.kernel();
        // The last tile of the first and of the last operator of every kind and iteration looked at.
        if !(tile.last && tile.place.iteration < 2 && seen.insert((kernel, tile.place.iteration))) {
            machine.run(1).unwrap();
            continue;
        }
        let finished = TileRun::new(&mut machine, &image, 64 << 20).unwrap().finish().unwrap();
        machine.step().unwrap();
        assert_eq!(finished.status, Status::Exited(0), "{tile:?}");
        assert_eq!(machine.read(tile.output), finished.output, "{tile:?}");
    }
    assert_eq!(machine.status(), GraphStatus::Halted);
    let kernels: BTreeSet<_> = seen.into_iter().map(|(kernel, _)| kernel).collect();
    assert_eq!(kernels.len(), 23, "{kernels:?}");
}
