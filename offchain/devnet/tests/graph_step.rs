//! The compiled step contract's graph part in the engine: random steps, right and wrong, against the
//! library, and what a typical one takes.
#![allow(clippy::unwrap_used)]

#[path = "../../../onchain/step/tests/support/calls.rs"]
#[allow(dead_code, reason = "shared by several test crates")]
mod calls;
#[path = "../../../onchain/core/tests/support/draw.rs"]
#[allow(dead_code, reason = "shared by several test crates")]
mod draw;
#[path = "../../../onchain/core/tests/support/graph.rs"]
#[allow(dead_code, reason = "shared by several test crates")]
mod graph;
#[path = "../../../onchain/core/tests/support/naive.rs"]
#[allow(dead_code, reason = "shared by several test crates")]
mod naive;
#[path = "../../../onchain/core/tests/support/scenario.rs"]
#[allow(dead_code, reason = "shared by several test crates")]
mod scenario;
#[path = "../../../onchain/core/tests/graph/scenes.rs"]
#[allow(dead_code, reason = "shared by several test crates")]
mod scenes;
#[path = "../../../onchain/core/tests/support/table.rs"]
#[allow(dead_code, reason = "shared by several test crates")]
mod table;

use std::path::PathBuf;

use opml_core::graph::operator::{Control, RegionSpec, WORKING_BASE, WeightType};
use opml_core::mips::Status;
use opml_devnet::stylus::activate::{DEFAULT_PAGE_LIMIT, activate};
use opml_devnet::stylus::engine::{Engine, Finished, Outcome, PureRunner};
use opml_devnet::stylus::entry::StylusParams;

use calls::{begin_call, begin_returns, end_call, end_returns, noise};
use scenario::Entropy;
use scenes::{filled, matmul, region, with_control};

const GAS: u64 = 100_000_000;

fn runner() -> PureRunner {
    let test = std::env::current_exe().unwrap();
    let target: PathBuf = test.ancestors().nth(3).unwrap().into();
    let module = std::fs::read(target.join("contracts/step.wasm"))
        .expect("the contracts are built: cargo xtask build");
    let activation = activate(&module, DEFAULT_PAGE_LIMIT).unwrap();
    let program = Engine::new().unwrap().compile(&activation).unwrap();
    PureRunner::new(program, StylusParams::default()).unwrap()
}

/// What a call returned, or `None` for a revert with an error of the ABI.
fn returned(finished: &Finished) -> Option<Vec<u8>> {
    match &finished.outcome {
        Outcome::Success(data) => Some(data.clone()),
        Outcome::Revert(data) if data.len() % 32 == 4 => None,
        outcome => panic!("{outcome:?}"),
    }
}

fn edited(mut witness: Vec<u8>, entropy: &mut Entropy<'_>) -> Vec<u8> {
    let at = entropy.word() as usize % (witness.len() + 1);
    match entropy.below(8) {
        0 => witness.truncate(at),
        1 => witness.push(entropy.byte()),
        2 => {
            if let Some(byte) = witness.get_mut(at) {
                *byte ^= entropy.byte();
            }
        }
        _ => {}
    }
    witness
}

#[test]
fn random_steps_lead_where_the_library_says() {
    let mut runner = runner();
    let (mut taken, mut refused) = (0, 0);
    for seed in 1_000..1_400 {
        let bytes = noise(seed, 400);
        let mut entropy = Entropy::new(&bytes);
        let scene = draw::scene(&mut entropy);
        let witness = edited(scene.begin_witness(), &mut entropy);
        let result = returned(&runner.call(&begin_call(&scene, &witness), GAS));
        assert_eq!(result, begin_returns(&scene, &witness).ok(), "seed {seed}");
        *if result.is_some() { &mut taken } else { &mut refused } += 1;

        let Some(ended) = draw::ended(&scene, &mut entropy) else { continue };
        let witness = edited(scene.end_witness(&ended), &mut entropy);
        let result = returned(&runner.call(&end_call(&scene, &ended, &witness), GAS));
        assert_eq!(result, end_returns(&scene, &ended, &witness).ok(), "seed {seed}");
        *if result.is_some() { &mut taken } else { &mut refused } += 1;
    }
    assert!(taken > 300 && refused > 50, "{taken} taken, {refused} refused");
}

/// A tile of a matrix product as in a language model: 2^20 bytes of weights, 64 outputs.
#[test]
fn a_typical_handover_is_priced() {
    let mut descriptor = matmul();
    descriptor.params[..3].copy_from_slice(&[576, 1536, WeightType::Q8_0.id()]);
    descriptor.output = RegionSpec { column_stride: 256, ..region(WORKING_BASE, 8) };
    descriptor.input_specs[0] = region(1 << 20, 20);
    descriptor.input_specs[1] = region(WORKING_BASE + 4096, 10);
    (descriptor.tiles, descriptor.columns) = (24, 24);
    let mut scene = filled(&with_control(descriptor, Control::ExitIf { target: 1 }));
    scene.tile = 23;
    let ended = scene.ended(Status::Exited(0), &[7; 256]);

    let mut runner = runner();
    let mut price = |name, calldata: &[u8]| {
        let finished = runner.call(calldata, GAS);
        assert!(returned(&finished).is_some());
        println!(
            "{name}: {} bytes, {} ink, {} pages",
            calldata.len(),
            finished.ink_used,
            finished.pages
        );
        assert!(finished.ink_used < 60_000_000, "{name} takes {} ink", finished.ink_used);
    };
    price("begin", &begin_call(&scene, &scene.begin_witness()));
    price("end", &end_call(&scene, &ended, &scene.end_witness(&ended)));
    let halted = graph::Scene { status: opml_core::graph::GraphStatus::Halted, ..scene };
    price("begin of a halted state", &begin_call(&halted, &[]));
}
