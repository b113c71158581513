//! Who may fix the parameters, when, and within which limits.

use alloy_primitives::{Address, B256, U256};
use opml_devnet::chain::DEV_ACCOUNT;

use crate::abi::IAttention::{self, Parameters};
use crate::encoding::IGame;
use crate::world::{BOND, CLOCK, MALLORY, OWNER, POT, WINDOW, World, parameters, refused};

fn initialize(world: &World, params: Parameters) -> IAttention::initializeCall {
    let (creationNonce, hub, game) = (world.nonce, world.hub, world.game);
    IAttention::initializeCall { creationNonce, hub, game, params }
}

#[test]
fn only_the_creator_initialises_and_only_once() {
    let mut world = World::deployed();
    world.bind_game();
    let call = initialize(&world, parameters());
    let nonce = world.nonce;
    let refusal = IAttention::NotCreator { sender: MALLORY, nonce };
    refused(world.ask(MALLORY, call.clone()), refusal);
    let wrong = IAttention::initializeCall { creationNonce: nonce + 1, ..call.clone() };
    let refusal = IAttention::NotCreator { sender: DEV_ACCOUNT, nonce: nonce + 1 };
    refused(world.ask(DEV_ACCOUNT, wrong), refusal);
    let empty = world.view(IAttention::parametersCall {});
    assert_eq!((empty.hub, empty.game, empty.window), (Address::ZERO, Address::ZERO, 0));
    world.ask(DEV_ACCOUNT, call.clone()).unwrap();
    refused(world.ask(DEV_ACCOUNT, call), IAttention::AlreadyInitialized {});
    let kept = world.view(IAttention::parametersCall {});
    assert_eq!((kept.hub, kept.game, kept.params), (world.hub, world.game, parameters()));
    assert_eq!(u64::from(kept.window), WINDOW, "the hub's");
}

#[test]
fn the_game_contract_must_be_bound_to_this_contract() {
    let mut world = World::deployed();
    let (game, attention) = (world.game, world.attention);
    let call = initialize(&world, parameters());
    let refusal = IAttention::NotOurGame { game, hub: Address::ZERO };
    refused(world.ask(DEV_ACCOUNT, call.clone()), refusal);
    let (step, clock, hub) = (world.step, u32::try_from(CLOCK).unwrap(), world.hub);
    world.call(DEV_ACCOUNT, game, IGame::initializeCall { hub, step, clock }).unwrap();
    refused(world.ask(DEV_ACCOUNT, call.clone()), IAttention::NotOurGame { game, hub });
    let no_contract = IAttention::initializeCall { game: MALLORY, ..call.clone() };
    refused(world.ask(DEV_ACCOUNT, no_contract), IAttention::NoAnswer { account: MALLORY });
    // Its own answer to `parameters` is not a hub's.
    let no_hub = IAttention::initializeCall { hub: attention, ..call };
    refused(world.ask(DEV_ACCOUNT, no_hub), IAttention::NoAnswer { account: attention });
}

#[test]
fn nothing_is_enrolled_before() {
    let mut world = World::deployed();
    let call = IAttention::enrolCall { modelId: world.model, pot: POT, threshold: 1 };
    refused(world.ask(OWNER, call), IAttention::NotInitialized {});
}

type Change = fn(&mut Parameters);

#[test]
fn each_parameter_has_its_limits() {
    let mut world = World::deployed();
    world.bind_game();
    let wrong: [(&str, u128, u128, Change); 9] = [
        ("epoch", 59, 60, |p| p.epoch = 59),
        ("commitTime", 29, 30, |p| p.commitTime = 29),
        ("commitTime", 601, 600, |p| p.commitTime = 601),
        ("revealTime", 59, 60, |p| p.revealTime = 59),
        ("disputeTime", 59, 60, |p| p.disputeTime = 59),
        ("burnShare", 4999, 5000, |p| p.burnShare = 4999),
        ("burnShare", 10_001, 10_000, |p| p.burnShare = 10_001),
        ("stake", 999_999_999_999_999, 10_u128.pow(15), |p| p.stake = 999_999_999_999_999),
        ("bond", 1, 10_u128.pow(15), |p| p.bond = 1),
    ];
    for (name, value, limit, change) in wrong {
        let mut params = parameters();
        change(&mut params);
        let refusal = IAttention::ParameterOutOfRange {
            name: B256::right_padding_from(name.as_bytes()),
            value: U256::from(value),
            limit: U256::from(limit),
        };
        let call = initialize(&world, params);
        refused(world.ask(DEV_ACCOUNT, call), refusal);
    }
    let least = Parameters {
        epoch: 60,
        commitTime: 600,
        revealTime: 60,
        disputeTime: 60,
        burnShare: 10_000,
        stake: 10_u128.pow(15),
        bond: 10_u128.pow(15),
    };
    let call = initialize(&world, least);
    world.ask(DEV_ACCOUNT, call).unwrap();
}

#[test]
fn ether_goes_where_it_is_asked_for_only() {
    let mut world = World::new();
    let value = IAttention::ValueNotAccepted { value: U256::from(1) };
    let call = IAttention::leaveCall { registrationId: B256::ZERO };
    refused(world.pay(MALLORY, 1, call), value);
    let unknown = IAttention::UnknownSelector { selector: [1, 2, 3, 4].into() };
    let sent = world.send((MALLORY, world.attention), 0, vec![1, 2, 3, 4]);
    refused(sent, unknown);
    let sent = world.send((MALLORY, world.attention), BOND, vec![]);
    assert!(sent.is_err(), "no plain payments");
    let short = world.send((MALLORY, world.attention), 0, {
        use alloy_sol_types::SolCall;
        IAttention::revealCall::SELECTOR.to_vec()
    });
    refused(short, IAttention::BadCalldata {});
}
