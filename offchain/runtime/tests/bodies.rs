//! Random bodies of loops, whose operators read and write the same few places in all ways: whatever the
//! analysis makes of them, the states are those of the reference, tile by tile.
#![allow(clippy::unwrap_used)]

mod common;

use opml_core::graph::Request;
use opml_operator::{
    Control, Descriptor, Kernel, Operator, Place, REQUEST_BASE, RegionSpec, WORKING_BASE,
};
use opml_runtime::executor::Settings;
use opml_runtime::{Bundle, Executor, Program};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

const CASES: u64 = 1500;
/// Bytes of the places that operators share.
const POOL: u64 = 2048;

fn reference(operator: &Operator, place: Place, inputs: &[&[u32]], output: &mut [u32]) {
    opml_kernels::run(operator, place, inputs, output);
}

/// Numbers to begin with, in all of the pool.
fn fill() -> Descriptor {
    let log2_size = POOL.ilog2();
    let mut fill = Descriptor {
        kernel: Kernel::FromBytes.id(),
        input_count: 1,
        tiles: 1,
        columns: 1,
        bound: 25,
        output: RegionSpec { base: WORKING_BASE, log2_size, ..RegionSpec::default() },
        ..Descriptor::default()
    };
    fill.params[..3].copy_from_slice(&[512, 128, 0.25_f32.to_bits()]);
    fill.input_specs[0] = RegionSpec { base: REQUEST_BASE, log2_size: 10, ..RegionSpec::default() };
    fill
}

fn region(random: &mut StdRng, log2_size: u32, columns: u32) -> RegionSpec {
    let size = 1u64 << log2_size;
    let places = POOL / size;
    RegionSpec {
        base: WORKING_BASE + random.random_range(0..places) * size,
        iteration_stride: [0, 0, 0, 1, 2][random.random_range(0..5)] * size,
        row_stride: u64::from(columns) * size,
        column_stride: size,
        log2_size,
    }
}

fn operator(random: &mut StdRng) -> Descriptor {
    let kernels = [
        Kernel::Add,
        Kernel::Mul,
        Kernel::Relu,
        Kernel::Quantize,
        Kernel::ArgMax,
        Kernel::Softmax,
        Kernel::Next,
        Kernel::Scores,
        Kernel::Mix,
    ];
    let kernel = kernels[random.random_range(0..kernels.len())];
    let elementwise = matches!(kernel, Kernel::Add | Kernel::Mul | Kernel::Relu);
    let cached = matches!(kernel, Kernel::Scores | Kernel::Mix);
    let columns = if elementwise { random.random_range(1..4) } else { 1 };
    let rows = random.random_range(1..3);
    // The request that the choice of a token reads has 128 bytes.
    let log2_size = random.random_range(if kernel == Kernel::Next { 7 } else { 6 }..9);
    let mut descriptor = Descriptor {
        kernel: kernel.id(),
        input_count: kernel.inputs(),
        tiles: rows * columns,
        columns,
        bound: 25,
        output: region(random, log2_size, columns),
        ..Descriptor::default()
    };
    let tile = 1u32 << (log2_size - 2);
    // Rows of whole tiles, of a part of them, or of more than there is.
    let most = if elementwise { columns * tile + 3 } else { tile / 2 };
    descriptor.params[0] = random.random_range(1..=most);
    match kernel {
        Kernel::Softmax => descriptor.params[1] = random.random_range(0..2),
        Kernel::Next => {
            descriptor.params[0] = random.random_range(1..=tile - 8);
            descriptor.params[1] = random.random_range(1..20);
        }
        _ => {}
    }
    for input in 0..kernel.inputs() as usize {
        descriptor.input_specs[input] = match random.random_range(0..4) {
            0 => descriptor.output,
            _ => region(random, log2_size, columns),
        };
    }
    if cached {
        attention(random, &mut descriptor, rows);
    }
    descriptor
}

/// One key and value head of 32 elements for all heads, rows of 64 bytes, up to 16 positions.
fn attention(random: &mut StdRng, descriptor: &mut Descriptor, heads: u32) {
    let capacity = random.random_range(10..=16);
    descriptor.params[..5].copy_from_slice(&[32, heads, 1, 6, capacity]);
    if descriptor.kernel == Kernel::Scores.id() {
        descriptor.params[5] = 0.5_f32.to_bits();
    }
    let mut fixed = |log2_size| RegionSpec { row_stride: 0, ..region(random, log2_size, 1) };
    descriptor.input_specs[1] = RegionSpec { iteration_stride: 0, ..fixed(10) };
    if descriptor.kernel == Kernel::Scores.id() {
        descriptor.input_specs[0] = fixed(7);
    }
}

/// A program of one loop.
fn program(random: &mut StdRng) -> Vec<Descriptor> {
    let body = random.random_range(1..7);
    let count = random.random_range(1..14);
    let mut operators = vec![fill()];
    operators.extend((0..body).map(|_| operator(random)));
    let behind = u32::try_from(operators.len()).unwrap();
    for operator in &mut operators[1..] {
        if operator.tiles == 1 && random.random_range(0..12) == 0 {
            (operator.control, operator.target, operator.count) =
                Control::ExitIf { target: behind }.encode();
        }
    }
    let last = operators.last_mut().unwrap();
    (last.control, last.target, last.count) = Control::Loop { target: 1, count }.encode();
    let mut end = fill();
    end.control = 3;
    end.output.base += POOL * 64;
    operators.push(end);
    operators
}

fn bundle(operators: &[Descriptor]) -> Bundle {
    let mut build = common::builder();
    let x = build.from_bytes(8, 1.0).unwrap();
    build.emit(x, 4).unwrap();
    let mut parts = build.finish().unwrap();
    let program = Program::new(operators.iter().map(Descriptor::encode).collect());
    let mut manifest: serde_json::Value = serde_json::from_str(&parts.manifest).unwrap();
    manifest["program_root"] = serde_json::to_value(program.root()).unwrap();
    parts.manifest = manifest.to_string();
    parts.program = program.to_bytes();
    parts.bundle().unwrap()
}

#[test]
fn bodies_of_all_kinds_leave_the_states_of_the_reference() {
    let input: Vec<u8> = (0..512_u32).map(|index| (index * 89 % 251) as u8).collect();
    let request = Request::new(&input, 3, [0; 28]).unwrap();
    let (mut regular, mut together) = (0, 0);
    for seed in 0..CASES {
        let random = &mut StdRng::seed_from_u64(seed);
        let bundle = bundle(&program(random));
        let slow = Settings { kernels: reference, ..Settings::default() };
        let mut slow = Executor::new(&bundle, &request, slow).unwrap();
        let mut fast = Executor::new(&bundle, &request, Settings::default()).unwrap();
        let pause = [u64::MAX, 7, 60][random.random_range(0..3)];
        loop {
            let steps = random.random_range(1..=pause);
            let status = slow.run(steps).unwrap();
            assert_eq!(fast.run(steps).unwrap(), status, "program {seed}");
            assert_eq!(fast.step_count(), slow.step_count(), "program {seed}");
            assert_eq!(fast.state(), slow.state(), "program {seed}, step {}", slow.step_count());
            if status != opml_core::graph::GraphStatus::Running {
                break;
            }
        }
        for (_, batches) in bundle.program().fast_loops() {
            regular += 1;
            together += u32::from(batches);
        }
    }
    assert!(regular > 300 && together > 100, "{regular} regular, {together} together");
}
