//! Who may fix the parameters, when, and within which limits.

use alloy_primitives::{Address, B256, U256, hex};
use alloy_sol_types::SolCall;
use opml_devnet::chain::DEV_ACCOUNT;

use crate::abi::IAttention::{self, Parameters};
use crate::chain_support::asm::assemble;
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

/// Hub and step verifier of a game contract.
type Binding = fn(&World) -> (Address, Address);

/// Anybody may initialise a game contract: one with another hub, step verifier or clock is not taken.
#[test]
fn the_game_contract_must_be_bound_as_the_hubs_is() {
    let right = u32::try_from(CLOCK).unwrap();
    let bindings: [Binding; 3] = [
        |world| (world.hub, world.step),
        |world| (world.attention, world.hub),
        |world| (world.attention, world.step),
    ];
    for (binding, clock) in bindings.into_iter().zip([right, right, right + 1]) {
        let mut world = World::deployed();
        let (game, (hub, step)) = (world.game, binding(&world));
        world.call(MALLORY, game, IGame::initializeCall { hub, step, clock }).unwrap();
        let call = initialize(&world, parameters());
        let refusal = IAttention::NotOurGame { game, hub, step, clock };
        refused(world.ask(DEV_ACCOUNT, call), refusal);
    }
    let mut world = World::deployed();
    let (game, attention) = (world.game, world.attention);
    let (hub, step, clock) = (Address::ZERO, Address::ZERO, 0);
    let call = initialize(&world, parameters());
    refused(
        world.ask(DEV_ACCOUNT, call.clone()),
        IAttention::NotOurGame { game, hub, step, clock },
    );
    world.bind_game();
    let no_contract = IAttention::initializeCall { game: MALLORY, ..call.clone() };
    refused(world.ask(DEV_ACCOUNT, no_contract), IAttention::NoAnswer { account: MALLORY });
    // Its own answer to `parameters` is not a hub's.
    let no_hub = IAttention::initializeCall { hub: attention, ..call };
    refused(world.ask(DEV_ACCOUNT, no_hub), IAttention::NoAnswer { account: attention });
}

#[test]
fn nothing_is_enrolled_before() {
    let mut world = World::deployed();
    let call =
        IAttention::enrolCall { modelId: world.model, pot: POT, threshold: 1, summonsPerEpoch: 1 };
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
        ("burnShare", 9001, 9000, |p| p.burnShare = 9001),
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
        burnShare: 9000,
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
    let short =
        world.send((MALLORY, world.attention), 0, IAttention::revealCall::SELECTOR.to_vec());
    refused(short, IAttention::BadCalldata {});
}

const PAYEE: Address = Address::repeat_byte(0x9a);

/// A contract that sends what MALLORY sends it on to the attention contract, with the ether; what comes from
/// others it answers as `told`.
fn payee(world: &mut World, told: &str) {
    let code = assemble(&format!(
        "CALLDATASIZE PUSH0 PUSH0 CALLDATACOPY
         CALLER 0x{mallory} EQ @forward JUMPI
         {told}
         forward: PUSH0 PUSH0 CALLDATASIZE PUSH0 CALLVALUE 0x{attention} GAS CALL ISZERO
                  RETURNDATASIZE PUSH0 PUSH0 RETURNDATACOPY @bubble JUMPI
                  RETURNDATASIZE PUSH0 RETURN
         bubble: RETURNDATASIZE PUSH0 REVERT",
        mallory = hex::encode(MALLORY),
        attention = hex::encode(world.attention),
    ));
    world.chain.set_code(PAYEE, code.into()).unwrap();
    world.ledger.accounts.insert(PAYEE);
}

/// A payee that calls back finds the contract closed, whatever it calls; one that refuses keeps its credit.
#[test]
fn a_payee_can_neither_come_back_nor_block() {
    let mut world = World::new();
    payee(&mut world, "PUSH0 PUSH0 REVERT");
    let deposit = IAttention::depositCall {}.abi_encode();
    world.send((MALLORY, PAYEE), BOND, deposit).unwrap();
    let amount = U256::from(BOND / 2);
    let withdraw = IAttention::withdrawCall { to: PAYEE, amount }.abi_encode();
    let refusal = IAttention::PaymentRefused { to: PAYEE, amount };
    refused(world.send((MALLORY, PAYEE), 0, withdraw.clone()), refusal);
    assert_eq!(world.credit(PAYEE), BOND);
    // Called by the contract, it takes the rest out again, and logs whether that succeeded.
    for call in [withdraw.clone(), IAttention::flushBurnedCall {}.abi_encode()] {
        let (selector, size) = (hex::encode(&call[..4]), call.len());
        let arguments = call.get(4..68).map(hex::encode).unwrap_or_default();
        let store = if arguments.is_empty() {
            String::new()
        } else {
            format!("0x{} 0x20 MSTORE 0x{} 0x40 MSTORE", &arguments[..64], &arguments[64..])
        };
        let told = format!(
            "0x{selector} PUSH0 MSTORE {store}
             PUSH0 PUSH0 0x{size:02x} 0x1c PUSH0 0x{attention} GAS CALL
             PUSH0 MSTORE PUSH0 0x20 PUSH0 LOG1 STOP",
            attention = hex::encode(world.attention),
        );
        payee(&mut world, &told);
        let before = world.credit(PAYEE);
        let small = IAttention::withdrawCall { to: PAYEE, amount: U256::from(1) }.abi_encode();
        world.send((MALLORY, PAYEE), 0, small).unwrap();
        assert_eq!(logged(&world), [0], "the call back failed");
        assert_eq!(world.credit(PAYEE), before - 1);
        // The same call from outside is a good one.
        world.send((OWNER, PAYEE), 0, Vec::new()).unwrap();
        assert_eq!(logged(&world).last(), Some(&1));
    }
}

/// What the payee has logged in the last transaction.
fn logged(world: &World) -> Vec<u8> {
    let logs = world.last.as_ref().unwrap().logs().iter();
    let logs = logs.filter(|log| log.address() == PAYEE);
    logs.map(|log| *log.data().data.last().unwrap()).collect()
}
