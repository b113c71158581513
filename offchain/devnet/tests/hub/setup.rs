//! Who may fix the parameters, when, and within which limits.

use alloy_primitives::{Address, B256, U256};
use opml_devnet::chain::DEV_ACCOUNT;

use crate::chain_support::deploy_wasm;
use crate::world::{CAROL, IHub, World, model, module, parameters, refused, runway};

fn initialize(world: &World, nonce: u64, params: IHub::Parameters) -> IHub::initializeCall {
    IHub::initializeCall { creationNonce: nonce, game: world.game, params }
}

#[test]
fn only_the_creator_initialises_and_only_once() {
    let (mut world, nonce) = World::deployed();
    let call = initialize(&world, nonce, parameters());
    let refusal = IHub::NotCreator { sender: CAROL, nonce };
    refused(world.ask(CAROL, call.clone()), refusal);
    for wrong in [0, nonce - 1, nonce + 1, u64::MAX] {
        let call = initialize(&world, wrong, parameters());
        let refusal = IHub::NotCreator { sender: DEV_ACCOUNT, nonce: wrong };
        refused(world.ask(DEV_ACCOUNT, call), refusal);
    }
    world.ask(DEV_ACCOUNT, call.clone()).unwrap();
    refused(world.ask(DEV_ACCOUNT, call), IHub::AlreadyInitialized {});
    let kept = world.view(IHub::parametersCall {});
    assert_eq!((kept.game, kept.params), (world.game, parameters()));
    assert_eq!((kept.step, kept.runway), (world.game, runway()));
}

#[test]
fn nothing_is_registered_before() {
    let (mut world, _) = World::deployed();
    let call = IHub::registerModelCall { model: model(), uri: String::new() };
    refused(world.ask(CAROL, call), IHub::NotInitialized {});
    let kept = world.view(IHub::parametersCall {});
    assert_eq!(kept.game, Address::ZERO);
}

#[test]
fn a_creator_with_a_large_nonce_is_known() {
    let (mut world, _) = World::deployed();
    for nonce in [127, 128, 255, 256, 0x00ff_ffff, 0x0100_0000] {
        world.chain.set_nonce(DEV_ACCOUNT, nonce).unwrap();
        world.hub = deploy_wasm(&mut world.chain, &module("hub"));
        // Far from all nonces of hubs.
        world.chain.set_nonce(DEV_ACCOUNT, nonce + (1 << 32)).unwrap();
        world.game = deploy_wasm(&mut world.chain, &module("game"));
        world.configure_game(world.game);
        let call = initialize(&world, nonce, parameters());
        world.ask(DEV_ACCOUNT, call).unwrap();
    }
}

type Change = fn(&mut IHub::Parameters);

#[test]
fn each_parameter_has_its_limits() {
    let (mut world, nonce) = World::deployed();
    let (most, bond) = ((1 << 96) - 1, parameters().serverBond);
    let wrong: [(&str, u128, u128, Change); 17] = [
        ("window", 59, 60, |p| p.window = 59),
        ("patience", 599, 600, |p| p.patience = 599),
        ("burnShare", 4999, 5000, |p| p.burnShare = 4999),
        ("burnShare", 10_001, 10_000, |p| p.burnShare = 10_001),
        ("failedShare", 10_001, 10_000, |p| p.failedShare = 10_001),
        ("serverBond", 999_999_999_999_999, 10_u128.pow(15), |p| {
            p.serverBond = 999_999_999_999_999;
        }),
        ("challengerBond", 7, 10_u128.pow(15), |p| p.challengerBond = 7),
        ("gasStake", 0, 1, |p| p.gasStake = 0),
        ("gasStake", 2_000_000_000_000_002, 2_000_000_000_000_001, |p| {
            p.gasStake = 2_000_000_000_000_002;
        }),
        ("burnPerStep", 0, 1, |p| p.burnPerStep = 0),
        ("serverBond", 1 << 96, most, |p| p.serverBond = 1 << 96),
        ("challengerBond", 1 << 96, most, |p| p.challengerBond = 1 << 96),
        ("exclusivity", 0, 1, |p| p.exclusivity = 0),
        ("exclusivity", 601, 600, |p| p.exclusivity = 601),
        ("acceptBond", 999_999_999_999, 10_u128.pow(12), |p| p.acceptBond = 999_999_999_999),
        ("patience", 31_441_801, 31_441_800, |p| p.patience = 31_441_801),
        ("acceptBond", bond + 1, bond, |p| p.acceptBond = p.serverBond + 1),
    ];
    for (name, value, limit, change) in wrong {
        let mut params = parameters();
        change(&mut params);
        let refusal = IHub::ParameterOutOfRange {
            name: B256::right_padding_from(name.as_bytes()),
            value: U256::from(value),
            limit: U256::from(limit),
        };
        let call = initialize(&world, nonce, params);
        refused(world.ask(DEV_ACCOUNT, call), refusal);
    }
    let call = IHub::initializeCall { creationNonce: nonce, game: CAROL, params: parameters() };
    let refusal = IHub::NotGameOfHub { game: CAROL, hub: Address::ZERO };
    refused(world.ask(DEV_ACCOUNT, call), refusal);
    let mut least = parameters();
    (least.window, least.patience, least.burnShare, least.exclusivity) = (60, 60, 5000, 30);
    let call = initialize(&world, nonce, least);
    world.ask(DEV_ACCOUNT, call).unwrap();
}
