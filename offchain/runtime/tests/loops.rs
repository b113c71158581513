//! A language model's loop: values outside of memory and iterations computed together leave the same
//! states as the reference, tile by tile.
#![allow(clippy::unwrap_used)]

mod common;
#[path = "common/llama.rs"]
mod llama;

use std::num::NonZeroUsize;

use llama::Shape;
use opml_core::graph::GraphStatus;
use opml_operator::{Operator, Place, WeightType};
use opml_runtime::build::Attention;
use opml_runtime::executor::Settings;
use opml_runtime::{Bundle, Executor};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

/// The reference: an executor with other kernels than its own runs tile by tile.
fn reference(operator: &Operator, place: Place, inputs: &[&[u32]], output: &mut [u32]) {
    opml_kernels::run(operator, place, inputs, output);
}

fn shape(kind: WeightType, capacity: u32) -> Shape {
    Shape {
        layers: 2,
        hidden: 96,
        attention: Attention { head: 32, heads: 6, kv_heads: 2, capacity },
        feed_forward: 160,
        vocabulary: 300,
        kind,
        head_kind: WeightType::Q8_0,
    }
}

fn tokens(count: u32) -> Vec<u32> {
    (0..count).map(|index| index * 37 % 300).collect()
}

struct Machines {
    slow: Executor,
    fast: Vec<Executor>,
}

impl Machines {
    fn new(bundle: &Bundle, prompt: &[u32], most: u32) -> Self {
        let input = llama::prompt(prompt);
        let request = llama::request(&input, most);
        let machine = |settings| Executor::new(bundle, &request, settings).unwrap();
        let threads = |count| Settings { threads: NonZeroUsize::new(count), ..Settings::default() };
        Self {
            slow: machine(Settings { kernels: reference, ..Settings::default() }),
            fast: [1, 2, 3].map(|count| machine(threads(count))).into(),
        }
    }

    /// So many steps more, then all of them are in the same state.
    fn run(&mut self, steps: u64) -> GraphStatus {
        let status = self.slow.run(steps).unwrap();
        let expected = self.slow.state();
        for machine in &mut self.fast {
            assert_eq!(machine.run(steps).unwrap(), status);
            assert_eq!(machine.step_count(), self.slow.step_count());
            assert_eq!(machine.state(), expected, "step {}", self.slow.step_count());
        }
        status
    }
}

#[test]
fn a_prompt_read_at_once_leaves_the_state_of_the_reference() {
    for (kind, capacity, prompt) in [
        (WeightType::Q8_0, 64, 50),
        (WeightType::Q4_0, 128, 100),
        (WeightType::Q4_1, 32, 32),
        (WeightType::Q4_1, 32, 1),
        (WeightType::Q8_0, 32, 0),
        (WeightType::Q4_0, 16, 40),
    ] {
        let bundle = llama::model(&shape(kind, capacity));
        assert_eq!(bundle.program().fast_loops(), [(0, true)]);
        let mut machines = Machines::new(&bundle, &tokens(prompt), 5);
        assert_eq!(machines.run(u64::MAX), GraphStatus::Halted, "{kind:?}, {prompt} tokens");
    }
}

#[test]
fn machines_stop_at_any_step() {
    let mut random = StdRng::seed_from_u64(9);
    let bundle = llama::model(&shape(WeightType::Q4_0, 64));
    for prompt in [3, 17, 45] {
        let mut machines = Machines::new(&bundle, &tokens(prompt), 6);
        // An iteration has some 60 steps.
        while machines.run(random.random_range(1..700)) == GraphStatus::Running {}
    }
}

#[test]
fn copies_of_a_machine_go_their_own_ways() {
    let bundle = llama::model(&shape(WeightType::Q4_1, 64));
    let mut machines = Machines::new(&bundle, &tokens(30), 4);
    machines.run(500);
    let mut copy = machines.fast[0].clone();
    let before = copy.state();
    machines.run(u64::MAX);
    assert_eq!(copy.state(), before);
    copy.run(u64::MAX).unwrap();
    assert_eq!(copy.state(), machines.slow.state());
}

#[test]
fn the_model_computes_with_numbers() {
    let bundle = llama::model(&shape(WeightType::Q4_0, 64));
    let mut machines = Machines::new(&bundle, &tokens(30), 20);
    machines.run(u64::MAX);
    let output = machines.slow.output(bundle.manifest().output).unwrap();
    let slots =
        output.chunks_exact(64).map(|slot| u32::from_le_bytes(slot[32..36].try_into().unwrap()));
    let written: std::collections::BTreeSet<u32> = slots.skip(30).take(20).collect();
    assert!(written.len() > 3, "{written:?}");
}
