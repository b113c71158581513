//! Every step of a whole inference: natively, in the MIPS machine, and by the contract's functions.
#![allow(clippy::unwrap_used)]

mod common;

use common::{classifier, input, start};
use opml_core::graph::handover::{Begun, Program, begin, end};
use opml_core::graph::{GraphStatus, GraphStep, Request, initial_state};
use opml_core::mips::Status;
use opml_runtime::Executor;
use opml_runtime::tile::{KernelImage, TileRun};
use opml_runtime::trace::{begin_witness, end_witness};
use opml_vm::keccak::FastKeccak;

const CAP: usize = 64 << 20;

/// The step of `machine` by `begin`, a run, and `end`.
fn proven_successor(machine: &mut Executor, image: &KernelImage) -> opml_core::graph::GraphState {
    let state = machine.state();
    let program = Program { program_root: machine.program().root(), image_root: image.root() };
    let witness = begin_witness(machine);
    let begun = begin::<FastKeccak>(&state, &program, &witness).unwrap();
    let Begun::Run(agreed) = begun else { panic!("a run was expected") };

    let mut run = TileRun::new(machine, image, CAP).unwrap();
    assert_eq!(run.machine().state().unwrap(), agreed.initial);
    assert_eq!(run.tile().bound, agreed.bound);
    let finished = run.finish().unwrap();
    assert_eq!(finished.status, Status::Exited(0));
    assert!(finished.instructions <= (1 << agreed.bound) / 2);

    let tile = run.tile().clone();
    let mut last = run.into_machine();
    let witness = end_witness(machine, &tile, &mut last).unwrap();
    let last = last.state().unwrap();
    end::<FastKeccak>(&state, program.program_root, &last, &witness).unwrap()
}

#[test]
fn every_step_has_one_successor() {
    let bundle = classifier().bundle().unwrap();
    let image = KernelImage::released().unwrap();
    let mut machine = start(&bundle, &input(3));
    let weights_root = bundle.manifest().weights_root;
    let request = input(3);
    let request = Request::new(&request, 7, [0; 28]).unwrap();
    assert_eq!(machine.state(), initial_state::<FastKeccak>(&weights_root, &request));

    while let GraphStep::Tile(_) = machine.next_step() {
        let proven = proven_successor(&mut machine, &image);
        machine.step().unwrap();
        assert_eq!(machine.state(), proven, "step {}", machine.step_count());
    }
    assert_eq!(machine.status(), GraphStatus::Halted);
    assert!(machine.step_count() <= 1 << bundle.manifest().steps_log2);
}
