//! Calldata of all contracts that nobody means: each call returns, or is refused with an error of the ABIs. Neither a trap, nor
//! the end of the gas, nor an empty revert.
#![allow(clippy::unwrap_used)]

use std::path::PathBuf;

use alloy_primitives::{Address, B256};
use alloy_sol_types::{SolCall as _, SolInterface as _};
use opml_adversary::abi::{attention, batch, courier, game, hub, step};
use opml_adversary::action::Action;
use opml_adversary::encode::calldata;
use opml_adversary::people::CROWD;
use opml_adversary::spec::{Moment, Spec};
use opml_adversary::world::{Answered, World};
use opml_adversary::{actions, garble};
use rand::SeedableRng as _;
use rand::rngs::StdRng;

fn world() -> World {
    let test = std::env::current_exe().unwrap();
    let target: PathBuf = test.ancestors().nth(3).unwrap().into();
    World::new(&target.join("contracts")).unwrap()
}

fn is_error(data: &[u8]) -> bool {
    data.first_chunk::<4>().is_some_and(|selector| opml_adversary::abi::is_error(*selector))
}

/// Calls, and how many returned.
#[derive(Default)]
struct Count {
    calls: u64,
    returned: u64,
}

impl Count {
    fn note(&mut self, world: &World, (from, target): (Address, Address), data: &[u8]) {
        self.calls += 1;
        match world.try_call(from, target, data.to_vec()) {
            Answered::Returned => self.returned += 1,
            Answered::Refused(error) => {
                assert!(is_error(&error), "{target} answers {error} to {}", hex(data));
            }
            Answered::Failed(error) => panic!("{target} fails on {}: {error}", hex(data)),
        }
    }
}

fn hex(data: &[u8]) -> String {
    alloy_primitives::hex::encode(data)
}

/// Calls of schedules, altered.
#[test]
fn altered_calls_are_answered_or_refused() {
    let mut world = world();
    let (mut count, mut random) = (Count::default(), StdRng::seed_from_u64(5));
    for seed in 0..20 {
        let mark = world.mark().unwrap();
        let mut spec: Spec = world.first.clone();
        for action in actions(seed, 60) {
            if let Action::Pass { .. } = action {
                continue;
            }
            let Some(sent) = spec.direct(action) else { continue };
            let target = if sent.call.is_of_game() { spec.terms.game } else { spec.terms.hub };
            let whole = calldata(&sent.call);
            for _ in 0..4 {
                let data = garble::alter(&whole, &mut random);
                count.note(&world, (sent.from, target), &data);
            }
            let moment = Moment { now: world.now(), activation: world.activation(world.now()) };
            let _ = spec.apply(moment, &sent);
            world.send(&sent).unwrap();
        }
        assert!(world.back(mark).unwrap());
    }
    println!("{} altered calls, {} returned", count.calls, count.returned);
    assert!(count.returned > 0 && count.returned < count.calls);
}

/// Selectors of every contract with words behind them.
#[test]
fn invented_calls_are_answered_or_refused() {
    let mut world = world();
    let others = world.others().unwrap();
    let terms = world.first.terms.clone();
    let mut known: Vec<B256> = world.first.models.keys().copied().collect();
    known.extend([terms.hub, terms.game, terms.step, CROWD[0]].map(|known| known.into_word()));
    let contracts: [(Address, Vec<[u8; 4]>); 6] = [
        (terms.hub, hub::IHub::IHubCalls::selectors().collect()),
        (terms.game, game::IGame::IGameCalls::selectors().collect()),
        (terms.step, step::IStepVerifier::IStepVerifierCalls::selectors().collect()),
        (others.courier, courier::ICourier::ICourierCalls::selectors().collect()),
        (others.batch, batch::IBatch::IBatchCalls::selectors().collect()),
        (others.attention, attention::IAttention::IAttentionCalls::selectors().collect()),
    ];
    let mut random = StdRng::seed_from_u64(6);
    for (contract, selectors) in contracts {
        let mut count = Count::default();
        for _ in 0..800 {
            let data = garble::invent(&selectors, &known, &mut random);
            count.note(&world, (CROWD[0], contract), &data);
        }
        println!("{contract}: {} invented calls, {} returned", count.calls, count.returned);
        assert!(count.returned > 0, "{contract} refuses everything");
    }
    // The views of a contract that has not been set up are of no use here.
    let configured =
        world.view(others.courier, courier::ICourier::configurationCall {}.abi_encode()).unwrap();
    assert_eq!(B256::from_slice(&configured[..32]), terms.hub.into_word());
}
