//! Programs of arbitrary small operators, against a plain memory and a plain loop.
#![allow(clippy::unwrap_used)]

mod common;

use alloy_primitives::B256;
use common::{Plain, builder, root};
use opml_core::graph::{
    GraphState, GraphStatus, GraphStep, Request, Spliced, advance, operator::Area,
};
use opml_operator::{
    Control, Descriptor, Kernel, REQUEST_BASE, RegionSpec, WORKING_BASE, WeightType,
};
use opml_runtime::executor::Settings;
use opml_runtime::{Bundle, Executor, Program};
use proptest::prelude::*;

/// The machine in its plainest form.
struct Naive {
    state: GraphState,
    memory: Plain,
    steps: u64,
}

impl Naive {
    fn read(&self, area: Area) -> Vec<u32> {
        let mut words = vec![0; (area.bytes() / 4) as usize];
        for (address, word) in self.memory.range(area.base()..area.base() + area.bytes()) {
            words[((address - area.base()) / 4) as usize] = *word;
        }
        words
    }

    fn run(&mut self, program: &Program, limit: u64) {
        while self.steps < limit {
            match program.step_of(&self.state) {
                GraphStep::Stopped => return,
                GraphStep::Illegal(_) => self.state = self.state.failed(),
                GraphStep::Tile(tile) => {
                    let inputs: Vec<Vec<u32>> = tile.inputs().map(|area| self.read(area)).collect();
                    let inputs: Vec<&[u32]> = inputs.iter().map(Vec::as_slice).collect();
                    let mut output = vec![0xdead_beef; (tile.output.bytes() / 4) as usize];
                    opml_kernels::run(&tile.operator, tile.place, &inputs, &mut output);
                    for (address, word) in (tile.output.base()..).step_by(4).zip(&output) {
                        self.memory.insert(address, *word);
                    }
                    let spliced = Spliced { memory_root: B256::ZERO, first_word: output[0] };
                    self.state = advance(&self.state, &tile, spliced);
                }
            }
            self.steps += 1;
        }
    }
}

fn request() -> Request<'static> {
    Request::new(b"some bytes that a program reads here", 99, [3; 28]).unwrap()
}

/// A bundle of a few weights with another program.
fn bundle(operators: &[Descriptor]) -> Bundle {
    let mut build = builder();
    build.vector("weights", &common::numbers(5, 3000)).unwrap();
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

fn naive(bundle: &Bundle) -> Naive {
    let mut memory = Plain::new();
    let mut put = |base: u64, words: &[u32]| {
        memory.extend((base..).step_by(4).zip(words.iter().copied()));
    };
    for block in bundle.weights() {
        put(block.base(), block.words());
    }
    let request = request();
    let bytes: Vec<u8> = request.header().iter().chain(request.input()).copied().collect();
    let word = |bytes: &[u8]| bytes.iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte));
    put(REQUEST_BASE, &bytes.chunks(4).map(word).collect::<Vec<_>>());
    Naive { state: GraphState::start(B256::ZERO), memory, steps: 0 }
}

/// Somewhere among the weights, the request or 16 KiB of working memory: regions overlap often.
fn region(log2: impl Strategy<Value = u32>, output: bool) -> impl Strategy<Value = RegionSpec> {
    let base = if output { 3..4u32 } else { 0..6 };
    (base, log2, 0u64..64, 0u64..3, 0u64..2, 0u64..3).prop_map(
        |(area, log2_size, index, column, row, iteration)| {
            let size = 1u64 << log2_size;
            let base = match area {
                0 | 1 => 0,
                2 => REQUEST_BASE,
                _ => WORKING_BASE,
            };
            RegionSpec {
                base: base + index * size % (1 << 14),
                iteration_stride: iteration * size,
                row_stride: row * size,
                column_stride: column * size,
                log2_size,
            }
        },
    )
}

fn control(operators: u32) -> impl Strategy<Value = Control> {
    let target = 0..operators + 1;
    prop_oneof![
        8 => Just(Control::Next),
        2 => (target.clone(), 1u32..4).prop_map(|(target, count)| Control::Loop { target, count }),
        2 => target.prop_map(|target| Control::ExitIf { target }),
        1 => Just(Control::Halt),
    ]
}

fn operator() -> impl Strategy<Value = Descriptor> {
    let kernels = prop::sample::select(Kernel::ALL.to_vec());
    let params = [1u32..70, 1..70, 0..5, 5..9, 0..8, 0..2].map(Strategy::boxed);
    let regions = (region(5u32..11, true), prop::collection::vec(region(5u32..13, false), 3));
    (kernels, 1u32..7, 1u32..4, params, regions, control(5)).prop_map(
        |(kernel, tiles, columns, mut params, (output, inputs), control)| {
            let alike = matches!(kernel, Kernel::Add | Kernel::Mul | Kernel::Relu | Kernel::Silu);
            if matches!(kernel, Kernel::Scores | Kernel::Mix) {
                params = [32, tiles, 1, 7, 8, 0x3f00_0000];
            } else if matches!(kernel, Kernel::Matmul) && params[2] >= WeightType::Q8_0.id() {
                params[0] = 32;
            }
            let mut descriptor = Descriptor {
                kernel: kernel.id(),
                input_count: kernel.inputs(),
                tiles,
                columns: if params[0] == 32 { 1 } else { columns },
                bound: 25,
                output,
                ..Descriptor::default()
            };
            (descriptor.control, descriptor.target, descriptor.count) = control.encode();
            let used = inputs.into_iter().take(kernel.inputs() as usize);
            for (place, mut input) in descriptor.input_specs.iter_mut().zip(used) {
                if alike {
                    input.log2_size = output.log2_size;
                    input.base &= !((1 << output.log2_size) - 1);
                }
                *place = input;
            }
            for (place, param) in descriptor.params.iter_mut().zip(params).take(kernel.params()) {
                *place = param;
            }
            descriptor
        },
    )
}

const LIMIT: u64 = 200;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_executor_is_the_plain_machine(
        operators in prop::collection::vec(operator(), 1..6), pauses in prop::collection::vec(1u64..40, 5)
    ) {
        let bundle = bundle(&operators);
        let mut plain = naive(&bundle);
        let mut machine = Executor::new(&bundle, &request(), Settings::default()).unwrap();
        for pause in pauses.into_iter().chain([LIMIT]) {
            let limit = (machine.step_count() + pause).min(LIMIT);
            machine.run(limit - machine.step_count()).unwrap();
            plain.run(bundle.program(), limit);
            prop_assert_eq!(machine.step_count(), plain.steps);
            plain.state.memory_root = root(&plain.memory, 0, 40);
            prop_assert_eq!(machine.state(), plain.state);
        }
    }
}

#[test]
fn plausible_operators_are_often_legal() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    let mut runner = TestRunner::deterministic();
    let mut reached = std::collections::BTreeSet::new();
    let mut failed = 0;
    for _ in 0..3000 {
        let descriptor = operator().new_tree(&mut runner).unwrap().current();
        match opml_operator::legal(&descriptor, 0, 0) {
            Ok(tile) => drop(reached.insert(tile.operator.kernel())),
            Err(_) => failed += 1,
        }
    }
    assert!(failed < 2500, "{failed} of 3000 are illegal");
    assert!(reached.len() >= 17, "{reached:?}");
}

/// An operator that halts after writing to `output`.
fn writes_to(output: RegionSpec) -> Descriptor {
    let mut descriptor = Descriptor {
        kernel: Kernel::ArgMax.id(),
        input_count: 1,
        tiles: 1,
        columns: 1,
        bound: 25,
        control: 3,
        output,
        ..Descriptor::default()
    };
    descriptor.params[0] = 8;
    descriptor.input_specs[0] = RegionSpec { log2_size: 5, ..RegionSpec::default() };
    descriptor
}

#[test]
fn outputs_in_weights_or_request_fail() {
    for base in [0, 4096, REQUEST_BASE, REQUEST_BASE + 128, WORKING_BASE - 32] {
        let bundle =
            bundle(&[writes_to(RegionSpec { base, log2_size: 5, ..RegionSpec::default() })]);
        let mut machine = Executor::new(&bundle, &request(), Settings::default()).unwrap();
        let before = machine.state();
        assert_eq!(machine.run(10).unwrap(), GraphStatus::Failed);
        assert_eq!(machine.state(), before.failed());
        assert_eq!(machine.step_count(), 1);
    }
}

#[test]
fn a_program_that_ends_without_halt_fails() {
    let mut operator =
        writes_to(RegionSpec { base: WORKING_BASE, log2_size: 5, ..RegionSpec::default() });
    operator.control = 0;
    let bundle = bundle(&[operator]);
    let mut machine = Executor::new(&bundle, &request(), Settings::default()).unwrap();
    assert_eq!(machine.run(10).unwrap(), GraphStatus::Failed);
    assert_eq!((machine.step_count(), machine.state().pc), (2, 1));
}

#[test]
fn a_block_may_reach_around_the_request() {
    // The smallest aligned region around both outputs begins where the request does.
    let near = writes_to(RegionSpec { base: WORKING_BASE, log2_size: 5, ..RegionSpec::default() });
    let mut far = near.clone();
    far.tiles = 2;
    far.output.row_stride = 1 << 28;
    let bundle = bundle(&[Descriptor { control: 0, ..near }, far]);
    let mut plain = naive(&bundle);
    let mut machine = Executor::new(&bundle, &request(), Settings::default()).unwrap();
    assert_eq!(machine.run(LIMIT).unwrap(), GraphStatus::Halted);
    plain.run(bundle.program(), LIMIT);
    plain.state.memory_root = root(&plain.memory, 0, 40);
    assert_eq!(machine.state(), plain.state);
}

/// Runs a program in both machines to its end.
fn same_as_plain(operators: &[Descriptor]) -> GraphStatus {
    let bundle = bundle(operators);
    let mut plain = naive(&bundle);
    let mut machine = Executor::new(&bundle, &request(), Settings::default()).unwrap();
    let status = machine.run(LIMIT).unwrap();
    plain.run(bundle.program(), LIMIT);
    assert_eq!(machine.step_count(), plain.steps);
    plain.state.memory_root = root(&plain.memory, 0, 40);
    assert_eq!(machine.state(), plain.state);
    status
}

#[test]
fn outputs_far_apart_take_no_memory_between_them() {
    let at = |base, log2_size| RegionSpec { base, log2_size, ..RegionSpec::default() };
    let two = |row_stride| {
        let output = RegionSpec { row_stride, ..at(WORKING_BASE, 10) };
        Descriptor { tiles: 2, ..writes_to(output) }
    };
    // The second tile lies outside the memory, or 200 GiB on.
    assert_eq!(same_as_plain(&[two(1 << 39)]), GraphStatus::Failed);
    assert_eq!(same_as_plain(&[two(200 << 30)]), GraphStatus::Halted);
    assert_eq!(same_as_plain(&[writes_to(at(WORKING_BASE, 40))]), GraphStatus::Failed);
    // Two KiB around a large boundary.
    let base = (1 << 39) + (1 << 38) - 1024;
    let astride = RegionSpec { row_stride: 1024, ..at(base, 10) };
    assert_eq!(
        same_as_plain(&[Descriptor { tiles: 2, ..writes_to(astride) }]),
        GraphStatus::Halted
    );
}

#[test]
fn a_loop_without_end_that_is_left_takes_no_memory_for_the_rest() {
    let output = RegionSpec {
        iteration_stride: 1 << 12,
        base: WORKING_BASE,
        log2_size: 5,
        ..RegionSpec::default()
    };
    // Leaves for the operator behind the loop unless the greatest of eight weights is the first.
    let leave = Descriptor { control: 2, target: 2, ..writes_to(output) };
    let again = Descriptor { control: 1, count: u32::MAX, ..writes_to(output) };
    assert_eq!(same_as_plain(&[leave, again, writes_to(output)]), GraphStatus::Halted);
}

#[test]
fn a_large_region_takes_in_the_small_ones_written_before() {
    let at = |offset, log2_size| RegionSpec {
        base: WORKING_BASE + offset,
        log2_size,
        ..RegionSpec::default()
    };
    let small = |offset| Descriptor { control: 0, ..writes_to(at(offset, 5)) };
    let mut reads = writes_to(at(1 << 20, 13));
    reads.input_specs[0] = at(0, 14);
    reads.params[0] = 4096;
    let large = Descriptor { control: 0, ..writes_to(at(1 << 15, 15)) };
    let program = [small(96), small(8192), small(9 << 12), large, small(11 << 12), reads];
    assert_eq!(same_as_plain(&program), GraphStatus::Halted);
}

#[test]
fn more_memory_than_allowed_is_refused() {
    let output = RegionSpec {
        base: WORKING_BASE,
        row_stride: 1 << 30,
        log2_size: 13,
        ..RegionSpec::default()
    };
    let bundle = bundle(&[Descriptor { tiles: 3, ..writes_to(output) }]);
    let settings = Settings { working_limit: 1 << 14, ..Settings::default() };
    let mut machine = Executor::new(&bundle, &request(), settings).unwrap();
    let error = machine.run(LIMIT).unwrap_err();
    assert_eq!(error.to_string(), "the program writes to 24576 bytes of memory, 16384 are allowed");
    assert_eq!(machine.step_count(), 2);
}
