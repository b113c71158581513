//! A bundle's four files, and a request to it. Nothing panics; what opens can be verified; and a program of any operators runs
//! to the same states by the executor's fast paths as tile by tile with the reference kernels.
#![no_main]

use std::num::NonZeroUsize;
use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use opml_core::graph::Request;
use opml_operator::WeightType;
use opml_operator::geometry::Matrix;
use opml_operator::{Descriptor, Kernel, REQUEST_BASE, RegionSpec, WORKING_BASE};
use opml_runtime::build::{Builder, Parts};
use opml_runtime::bundle::manifest::{About, Input, ResultKind};
use opml_runtime::executor::Settings;
use opml_runtime::{Bundle, Executor, ExecutorError, Program};

#[path = "support/draw.rs"]
#[allow(dead_code)]
mod draw;

use draw::Draw;

/// Bytes that a hostile program may write to.
const WORKING: u64 = 1 << 24;
/// Largest bound of an operator that is run here: tiles of more take too long for a fuzzer.
const BOUND: u32 = 17;
const STEPS: u64 = 40;

fuzz_target!(|data: &[u8]| {
    let mut draw = Draw::new(data);
    match draw.below(4) {
        0 => raw(&mut draw),
        1 => edited(&mut draw),
        _ => program(&mut draw),
    }
});

/// A small model of two tensors.
fn small() -> &'static Parts {
    static SMALL: OnceLock<Parts> = OnceLock::new();
    SMALL.get_or_init(|| {
        let kinds = (Input::Bytes { max: 40 }, ResultKind::Class { labels: vec!["a".into()] });
        let mut build = Builder::new(About::default(), kinds.0, kinds.1);
        let matrix = Matrix { k: 40, rows: 3, kind: WeightType::F32 };
        let weights: Vec<f32> = (0..120).map(|n| n as f32 / 60.0 - 1.0).collect();
        let matrix = build.matrix("matrix", matrix, &weights).expect("a matrix");
        let bias = build.vector("bias", &[1.0, -1.0, 0.5]).expect("a vector");
        let x = build.from_bytes(40, 1.0).expect("bytes");
        let x = build.matmul_float(matrix, x).expect("a product");
        let x = build.add(x, bias).expect("a sum");
        let x = build.argmax(x).expect("a class");
        build.emit(x, 4).expect("an output");
        build.finish().expect("a bundle")
    })
}

/// Four files from the input as it stands.
fn raw(draw: &mut Draw<'_>) {
    let lengths = [0; 3].map(|_: u8| draw.below(256) * 16);
    let [program, weights, tree] = lengths.map(|length| draw.take(length));
    let manifest = draw.rest();
    let files = opml_runtime::bundle::Files { manifest, program, weights, tree };
    if let Err(error) = Bundle::from_files(files) {
        drop(error.to_string());
    }
}

/// A right bundle with edits of its files; of the manifest also of its numbers.
fn edited(draw: &mut Draw<'_>) {
    let mut parts = small().clone();
    let mut manifest = parts.manifest.clone().into_bytes();
    for _ in 0..=draw.below(4) {
        match draw.below(6) {
            0 => draw.edit(&mut manifest),
            1 => draw.edit(&mut parts.program),
            2 => draw.edit(&mut parts.weights),
            3 => draw.edit(&mut parts.tree),
            _ => manifest = renumbered(&manifest, draw),
        }
    }
    let files = opml_runtime::bundle::Files {
        manifest: &manifest,
        program: &parts.program,
        weights: &parts.weights,
        tree: &parts.tree,
    };
    match Bundle::from_files(files) {
        Err(error) => drop(error.to_string()),
        Ok(bundle) => {
            let _ = bundle.verify(|_| {});
            run(&bundle, draw);
        }
    }
}

/// One of the manifest's numbers is another.
fn renumbered(manifest: &[u8], draw: &mut Draw<'_>) -> Vec<u8> {
    let is_digit = |at: &usize| manifest[*at].is_ascii_digit();
    let begins = |at: &usize| {
        is_digit(at) && manifest.get(at.wrapping_sub(1)).is_none_or(|before| *before == b' ')
    };
    let numbers: Vec<usize> = (0..manifest.len()).filter(begins).collect();
    if numbers.is_empty() {
        return manifest.to_vec();
    }
    let from = *draw.pick(&numbers);
    let to = (from..manifest.len()).find(|at| !is_digit(at)).unwrap_or(manifest.len());
    let number = draw.number().to_string();
    [&manifest[..from], number.as_bytes(), &manifest[to..]].concat()
}

/// A program of drawn operators over the small model's weights, under its right root.
fn program(draw: &mut Draw<'_>) {
    let count = 1 + draw.below(6);
    let operators: Vec<_> = (0..count).map(|_| operator(draw).encode()).collect();
    let mut program = Program::new(operators).to_bytes();
    // Whatever a descriptor's bytes are, the bundle opens: it is a step that fails.
    if draw.below(4) == 0 {
        let length = program.len();
        draw.edit(&mut program);
        program.resize(length, 0);
        bounded(&mut program);
    }
    let root = Program::new(program.as_chunks().0.to_vec()).root();
    let mut parts = small().clone();
    let mut manifest: serde_json::Value =
        serde_json::from_str(&parts.manifest).expect("what was written");
    manifest["program_root"] = serde_json::to_value(root).expect("a root");
    (parts.manifest, parts.program) = (manifest.to_string(), program);
    let bundle = parts.bundle().expect("right roots");
    run(&bundle, draw);
}

fn bounded(program: &mut [u8]) {
    for descriptor in program.as_chunks_mut::<512>().0 {
        let bound = u32::from_le_bytes([16, 17, 18, 19].map(|at| descriptor[at])) % (BOUND + 1);
        descriptor[16..20].copy_from_slice(&bound.to_le_bytes());
    }
}

fn operator(draw: &mut Draw<'_>) -> Descriptor {
    let kernel = Kernel::from_id(draw.below(80) as u32).unwrap_or(Kernel::Add);
    let mut descriptor = Descriptor {
        kernel: kernel.id(),
        input_count: kernel.inputs(),
        tiles: 1 + draw.below(5) as u32,
        columns: 1 + draw.below(3) as u32,
        bound: BOUND,
        output: region(draw, true),
        ..Descriptor::default()
    };
    for place in descriptor.params.iter_mut().take(kernel.params()) {
        *place = match draw.below(8) {
            0 => draw.number() as u32,
            1 => (f32::from(draw.byte()) / 32.0).to_bits(),
            2 => 1 << draw.below(8),
            _ => draw.below(65) as u32,
        };
    }
    for place in descriptor.input_specs.iter_mut().take(kernel.inputs() as usize) {
        *place = region(draw, false);
    }
    match draw.below(8) {
        0 => {
            (descriptor.control, descriptor.target, descriptor.count) =
                (1, draw.below(4) as u32, 1 + draw.below(5) as u32)
        }
        1 => (descriptor.control, descriptor.target) = (2, draw.below(7) as u32),
        2 => descriptor.control = 3,
        _ => {}
    }
    descriptor
}

/// A region of a small pool, of the weights, or of the request.
fn region(draw: &mut Draw<'_>, output: bool) -> RegionSpec {
    let log2_size = 5 + draw.below(8) as u32;
    let size = 1u64 << log2_size;
    let start = match draw.below(8) {
        0 if !output => 0,
        1 if !output => REQUEST_BASE,
        _ => WORKING_BASE,
    };
    let stride = |draw: &mut Draw<'_>| match draw.below(16) {
        0 => draw.number(),
        number @ 1..5 => number as u64 * size,
        _ => 0,
    };
    RegionSpec {
        base: start + draw.below(16) as u64 * size,
        iteration_stride: stride(draw),
        row_stride: stride(draw),
        column_stride: stride(draw),
        log2_size,
    }
}

/// The first steps of a request, by both ways.
fn run(bundle: &Bundle, draw: &mut Draw<'_>) {
    // Only what a fuzzer has the time for.
    if bundle.program().operators().any(|(_, operator)| operator.bound > BOUND) {
        return;
    }
    let input = draw.take(40);
    let Ok(request) = Request::new(input, 7, [0; 28]) else { return };
    let threads = NonZeroUsize::new(1);
    let fast = Settings { working_limit: WORKING, threads, ..Settings::default() };
    let slow = Settings { kernels: opml_kernels::run, ..fast };
    let mut fast = match Executor::new(bundle, &request, fast) {
        Ok(fast) => fast,
        Err(error) => return drop(error.to_string()),
    };
    let mut slow = Executor::new(bundle, &request, slow).expect("as the other");
    let status = fast.run(STEPS);
    let plain = slow.run(STEPS);
    if let (Err(ExecutorError::Memory(_)), _) | (_, Err(ExecutorError::Memory(_))) =
        (&status, &plain)
    {
        return;
    }
    assert_eq!(status, plain);
    assert_eq!(fast.step_count(), slow.step_count());
    assert_eq!(fast.state(), slow.state());
    let output = bundle.manifest().output;
    assert_eq!(fast.output(output), slow.output(output));
}
