//! Tiles of a model that is larger than the machine's memory.
#![allow(clippy::unwrap_used)]

mod common;

use std::fs;
use std::os::unix::fs::FileExt as _;

use common::{builder, numbers, start};
use opml_core::graph::GraphStep;
use opml_core::mips::Status;
use opml_operator::WeightType;
use opml_operator::geometry::Matrix;
use opml_runtime::Bundle;
use opml_runtime::tile::{KernelImage, TileRun};
use tempfile::TempDir;

/// 8192 x 1024 numbers: 32 MiB of weights, of which a tile reads 32 rows, 128 KiB.
fn large() -> TempDir {
    let mut build = builder();
    let matrix = Matrix { k: 1024, rows: 8192, kind: WeightType::F32 };
    let weights = build.matrix("wide", matrix, &numbers(9, 8192 * 1024)).unwrap();
    let x = build.from_bytes(32, 0.01).unwrap();
    // 1024 numbers out of 32: a matrix of its own.
    let widen = Matrix { k: 32, rows: 1024, kind: WeightType::F32 };
    let widen = build.matrix("widen", widen, &numbers(8, 32 * 1024)).unwrap();
    let x = build.matmul_float(widen, x).unwrap();
    let x = build.matmul_float(weights, x).unwrap();
    let x = build.argmax(x).unwrap();
    build.emit(x, 4).unwrap();
    let folder = tempfile::tempdir().unwrap();
    build.finish().unwrap().write(folder.path()).unwrap();
    folder
}

/// The tile in the middle of the wide product.
fn middle(bundle: &Bundle) -> opml_runtime::Executor {
    let mut machine = start(bundle, &[77; 32]);
    let product = 2;
    while machine.state().pc < product {
        machine.step().unwrap();
    }
    machine.run(100).unwrap();
    assert_eq!(machine.state().pc, product);
    machine
}

#[test]
fn a_tile_needs_no_more_memory_than_it_touches() {
    let folder = large();
    let bundle = Bundle::open(folder.path()).unwrap();
    let image = KernelImage::released().unwrap();
    let mut machine = middle(&bundle);
    let cap = 512 << 10;
    let mut run = TileRun::new(&mut machine, &image, cap).unwrap();
    let finished = run.finish().unwrap();
    assert_eq!(finished.status, Status::Exited(0));
    assert!(run.machine().memory_mut().resident_pages() * 4096 <= cap);
    let output = run.tile().output;
    machine.step().unwrap();
    assert_eq!(machine.read(output), finished.output);
}

#[test]
fn a_page_altered_in_the_store_is_named_and_stops_the_run() {
    let folder = large();
    let bundle = Bundle::open(folder.path()).unwrap();
    let image = KernelImage::released().unwrap();
    let mut machine = middle(&bundle);
    let GraphStep::Tile(next) = machine.next_step() else { panic!("a tile was expected") };
    let tile = u64::from(machine.state().tile);
    let rows = next.output.bytes() / 4;
    let offset = tile * rows * 1024 * 4 + 4096 + 8;
    let file = fs::OpenOptions::new().write(true).open(folder.path().join("weights.bin")).unwrap();
    file.write_at(&[0xff, 0xff, 0xff], offset).unwrap();

    let mut run = TileRun::new(&mut machine, &image, 1 << 20).unwrap();
    let error = run.finish().unwrap_err().to_string();
    let address = 0x2000_0000 + offset / 4096 * 4096;
    assert!(error.contains(&format!("region of 2^12 bytes at {address:#x}")), "{error}");
}
