//! All tiles of an image at once: what one of them has unpacked serves the others, and every word is the
//! reference's.
#![allow(clippy::unwrap_used)]

use opml_cases::{Case, generate};
use opml_native::{Backend, Engine, Job};
use opml_operator::{INPUTS, Kernel};

const CASES: u64 = 400;

/// The words of all tiles, one after another, by the reference.
fn expected(case: &Case) -> Vec<u32> {
    let tiles = 0..case.descriptor.tiles;
    tiles.flat_map(|tile| Case { tile, ..case.clone() }.reference().unwrap()).collect()
}

fn check(engine: &Engine, case: &Case, expected: &[u32], name: &str) {
    let mut actual = vec![0xdead_beef; expected.len()];
    let tile = case.tile().unwrap();
    let mut inputs: [&[u32]; INPUTS] = [&[]; INPUTS];
    for (place, input) in inputs.iter_mut().zip(&case.inputs) {
        *place = input;
    }
    let rows = actual.chunks_mut(case.output_words()).zip(0..);
    let job = |(output, row)| Job {
        operator: tile.operator,
        iteration: case.iteration,
        row,
        inputs,
        output,
    };
    let mut jobs: Vec<Job<'_>> = rows.map(job).collect();
    engine.run_batch(&mut jobs);
    if let Some(at) = (0..expected.len()).find(|at| actual[*at] != expected[*at]) {
        let (actual, expected) = (actual[at], expected[at]);
        panic!("{name}, word {at}: {actual:#x}, not {expected:#x}\n{:?}", tile.operator);
    }
}

fn check_kernel(kernel: Kernel) {
    let engines: Vec<Engine> = Backend::available()
        .flat_map(|backend| [1, 2].map(|threads| Engine::new(backend, threads).unwrap()))
        .collect();
    for seed in 0..CASES {
        let case = generate(kernel, seed);
        let expected = expected(&case);
        for engine in &engines {
            let name = format!("{kernel:?} {seed}, {}, {}", engine.backend(), engine.threads());
            check(engine, &case, &expected, &name);
        }
    }
}

#[test]
fn convolutions() {
    check_kernel(Kernel::Conv);
    check_kernel(Kernel::ConvAdd);
}

#[test]
fn attention() {
    check_kernel(Kernel::Attend);
}

#[test]
fn others() {
    for kernel in Kernel::ALL.into_iter().filter(|kernel| *kernel > Kernel::Attend) {
        check_kernel(kernel);
    }
}
