//! Every graph step of an inference of the digits model: natively, and by `begin`, a run of the MIPS
//! machine, and `end` in the compiled contract.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use alloy_primitives::B256;
use alloy_sol_types::SolCall;
use opml_core::graph::{GraphStatus, GraphStep, Request};
use opml_devnet::stylus::activate::{DEFAULT_PAGE_LIMIT, activate};
use opml_devnet::stylus::engine::{Engine, Outcome, PureRunner, on_deep_stack};
use opml_devnet::stylus::entry::StylusParams;
use opml_runtime::executor::Settings;
use opml_runtime::tile::{KernelImage, TileRun};
use opml_runtime::trace::{begin_witness, end_witness};
use opml_runtime::{Bundle, Executor};
use opml_vm::keccak::FastKeccak;

use abi::IStepVerifier::{beginCall, endCall};

#[allow(missing_docs, clippy::pedantic, reason = "generated from the Solidity interface")]
mod abi {
    alloy_sol_types::sol!("../../sol/IStepVerifier.sol");
}

include!(concat!(env!("OUT_DIR"), "/STEP.rs"));

const GAS: u64 = 100_000_000;
/// The step has a run.
const RUN: u8 = 1;
const CAP: usize = 64 << 20;

struct Contract(PureRunner);

impl Contract {
    fn load() -> Self {
        let module = STEP.expect("the step contract was not built: `cargo xtask build`");
        let activation = activate(module, DEFAULT_PAGE_LIMIT).unwrap();
        let program = Engine::new().unwrap().compile(&activation).unwrap();
        Self(PureRunner::new(program, StylusParams::default()).unwrap())
    }

    /// What a call returns; `None` if it is refused.
    fn call<C: SolCall>(&mut self, call: &C) -> Option<C::Return> {
        match self.0.call(&call.abi_encode(), GAS).outcome {
            Outcome::Success(data) => Some(C::abi_decode_returns(&data).unwrap()),
            Outcome::Revert(_) => None,
            other => panic!("{other:?}"),
        }
    }
}

/// Compares the contract's answers for the machine's next step with the machine's own.
fn check_step(contract: &mut Contract, machine: &mut Executor, image: &KernelImage) {
    let state = machine.state();
    let agreed = state.hash::<FastKeccak>();
    let program_root = machine.program().root();
    let opening = beginCall {
        agreed,
        programRoot: program_root,
        imageRoot: image.root(),
        graphState: state.encode().to_vec().into(),
        witness: begin_witness(machine).into(),
    };
    let begun = contract.call(&opening).unwrap();
    let mut run = TileRun::new(machine, image, CAP).unwrap();
    let tile = run.tile().clone();
    assert_eq!((begun.kind as u8, begun.bound), (RUN, tile.bound));
    assert_eq!(begun.result, run.machine().state().unwrap().hash::<FastKeccak>());

    run.finish().unwrap();
    let mut last = run.into_machine();
    let witness = end_witness(machine, &tile, &mut last).unwrap();
    let last = last.state().unwrap();
    let closing = endCall {
        agreed,
        programRoot: program_root,
        graphState: opening.graphState.clone(),
        finalState: last.encode().to_vec().into(),
        witness: witness.clone().into(),
    };
    let ended = contract.call(&closing).unwrap();
    assert_eq!(ended.finalStateHash, last.hash::<FastKeccak>());
    // Another state, and a witness with another output, are refused.
    let other = endCall { agreed: B256::repeat_byte(7), ..closing.clone() };
    assert!(contract.call(&other).is_none());
    let mut spliced = witness;
    spliced[1024] ^= 1;
    assert!(contract.call(&endCall { witness: spliced.into(), ..closing }).is_none());

    machine.step().unwrap();
    assert_eq!(ended.successor, machine.state().hash::<FastKeccak>());
}

#[test]
fn the_contract_agrees_with_every_step_of_an_inference() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/digits");
    let bundle = Bundle::open(&folder).unwrap();
    let image = KernelImage::released().unwrap();
    let input: Vec<u8> = (0..784u32).map(|i| (i * 7919 % 251) as u8).collect();
    let request = Request::new(&input, 3, [0; 28]).unwrap();
    let mut machine = Executor::new(&bundle, &request, Settings::default()).unwrap();
    on_deep_stack(|| {
        let mut contract = Contract::load();
        while let GraphStep::Tile(_) = machine.next_step() {
            check_step(&mut contract, &mut machine, &image);
        }
        assert_eq!(machine.status(), GraphStatus::Halted);
        assert_eq!(machine.step_count(), 10);
    });
}
