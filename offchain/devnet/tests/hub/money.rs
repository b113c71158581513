//! Credits, payments, the burn, and calls that are none.

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall;

use crate::chain_support::deploy_evm;
use crate::chain_support::relay::{self, Kind, Script};
use crate::world::{CAROL, DAVE, IHub, SERVER, WORK_BURN, World, refused};

fn balance(world: &World, account: Address) -> U256 {
    world.chain.balance(account, alloy_eips::BlockId::latest()).unwrap()
}

#[test]
fn credit_is_taken_out_by_its_owner_alone() {
    let mut world = World::new();
    world.deposit(CAROL, 100);
    let to = Address::repeat_byte(0xee);
    let withdraw = |amount: u64| IHub::withdrawCall { to, amount: U256::from(amount) };
    let short = |account, have: u64, want: u64| IHub::InsufficientFunds {
        account,
        have: U256::from(have),
        want: U256::from(want),
    };
    refused(world.ask(DAVE, withdraw(1)), short(DAVE, 0, 1));
    refused(world.ask(CAROL, withdraw(101)), short(CAROL, 100, 101));
    world.ask(CAROL, withdraw(40)).unwrap();
    world.ask(CAROL, withdraw(60)).unwrap();
    assert_eq!((world.credit(CAROL), balance(&world, to)), (0, U256::from(100)));
    refused(world.ask(CAROL, withdraw(1)), short(CAROL, 0, 1));
    world.deposit(CAROL, 1);
    let call = IHub::withdrawCall { to, amount: U256::MAX };
    refused(world.ask(CAROL, call), IHub::BadCalldata {});
}

#[test]
fn a_payee_that_refuses_or_calls_again_harms_only_itself() {
    let mut world = World::new();
    world.deposit(CAROL, 100);
    // Reverts whenever it is called.
    let closed = deploy_evm(&mut world.chain, &[0x5f, 0x5f, 0xfd]);
    let amount = U256::from(100);
    let call = IHub::withdrawCall { to: closed, amount };
    refused(world.ask(CAROL, call), IHub::PaymentRefused { to: closed, amount });
    assert_eq!(world.credit(CAROL), 100);
    // A contract calls the hub again with what it gets: the hub refuses, and so the payment fails.
    let hub = world.hub.as_slice().to_vec();
    let data = IHub::burnedCall::SELECTOR;
    let again = again(&hub, data);
    let again = deploy_evm(&mut world.chain, &again);
    let call = IHub::withdrawCall { to: again, amount };
    refused(world.ask(CAROL, call), IHub::PaymentRefused { to: again, amount });
    assert_eq!(world.credit(CAROL), 100);
    world.ask(CAROL, IHub::withdrawCall { to: CAROL, amount }).unwrap();
}

/// Code that calls the hub with a selector and reverts if that fails.
fn again(hub: &[u8], selector: [u8; 4]) -> Vec<u8> {
    let push_selector = [[0x63].as_slice(), &selector, &[0x60, 0xe0, 0x1b, 0x5f, 0x52]].concat();
    let call = [[0x5f, 0x5f, 0x60, 0x04, 0x5f, 0x5f, 0x73].as_slice(), hub, &[0x5a, 0xf1]].concat();
    let code = [push_selector, call].concat();
    // Success jumps over the revert.
    let target = u8::try_from(code.len() + 6).unwrap();
    [code, vec![0x60, target, 0x57, 0x5f, 0x5f, 0xfd, 0x5b, 0x00]].concat()
}

#[test]
fn what_is_burned_leaves_for_good() {
    let mut world = World::new();
    let request = world.infer();
    crate::lifecycle::finish(&mut world, request);
    assert_eq!(world.burned(), WORK_BURN);
    let before = balance(&world, Address::ZERO);
    world.ask(DAVE, IHub::flushBurnedCall {}).unwrap();
    assert_eq!(world.burned(), 0);
    assert_eq!(balance(&world, Address::ZERO), before + U256::from(WORK_BURN));
    world.ask(DAVE, IHub::flushBurnedCall {}).unwrap();
}

#[test]
fn ether_comes_in_by_four_functions_only() {
    let mut world = World::new();
    let value = U256::from(7);
    let refusal = IHub::ValueNotAccepted { value };
    refused(world.pay(CAROL, 7, IHub::burnedCall {}), refusal.clone());
    refused(world.pay(CAROL, 7, IHub::flushBurnedCall {}), refusal.clone());
    let hub = world.hub;
    refused(world.send(CAROL, hub, 7, Vec::new()), refusal);
    let selector = [1, 2, 3, 4].into();
    refused(world.send(CAROL, hub, 0, vec![1, 2, 3, 4, 5]), IHub::UnknownSelector { selector });
    let selector = [0; 4].into();
    refused(world.send(CAROL, hub, 0, vec![1, 2, 3]), IHub::UnknownSelector { selector });
}

#[test]
fn calldata_that_is_cut_short_or_too_wide_is_refused() {
    let mut world = World::new();
    let hub = world.hub;
    let whole = IHub::withdrawCall { to: CAROL, amount: U256::ZERO }.abi_encode();
    for length in 4..whole.len() {
        let cut = whole[..length].to_vec();
        refused(world.send(SERVER, hub, 0, cut), IHub::BadCalldata {});
    }
    let mut wide = whole.clone();
    wide[4] = 1;
    refused(world.send(SERVER, hub, 0, wide), IHub::BadCalldata {});
    let request = crate::world::request(b"why?");
    let infer = IHub::inferCall { modelId: world.model, request }.abi_encode();
    for length in (4..infer.len() - 28).step_by(7) {
        refused(world.send(SERVER, hub, 0, infer[..length].to_vec()), IHub::BadCalldata {});
    }
    let mut far = infer;
    far[36..68].fill(0xff);
    refused(world.send(SERVER, hub, 0, far), IHub::BadCalldata {});
}

#[test]
fn a_contract_can_ask_and_be_paid() {
    let mut world = World::new();
    let relay = deploy_evm(&mut world.chain, &relay::evm());
    world.accounts.push(relay);
    let deposit = Script(IHub::depositCall {}.abi_encode());
    let script = Script::new().call(Kind::Call, world.hub, &deposit);
    world.send(CAROL, relay, 9, script.0).unwrap();
    world.assert_balanced();
    assert_eq!(world.credit(relay), 9);
}
