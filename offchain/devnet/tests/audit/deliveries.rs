//! Deliveries at a moment that somebody else has chosen.

use alloy_primitives::{Address, B256, U256, hex};
use alloy_sol_types::SolCall;

use crate::chain_support::asm::assemble;
use crate::chain_support::slot;
use crate::desk::{Desk, ICourier};
use crate::world::CAROL;

/// A consumer with a lock, as `nonReentrant` is one: called with an address alone it calls it, locked; called with
/// anything else it keeps 1 in slot 1; while it is locked it reverts.
fn locked_while_it_pays() -> Vec<u8> {
    assemble(
        "PUSH0 SLOAD @locked JUMPI CALLDATASIZE 0x20 EQ @pay JUMPI 0x01 0x01 SSTORE STOP
         pay: 0x01 PUSH0 SSTORE
              PUSH0 PUSH0 PUSH0 PUSH0 PUSH0 PUSH0 CALLDATALOAD GAS CALL POP
              PUSH0 PUSH0 SSTORE STOP
         locked: PUSH0 PUSH0 REVERT",
    )
}

/// Delivers a request whenever it is called.
fn deliverer(courier: Address, request: B256) -> Vec<u8> {
    let selector = hex::encode(B256::right_padding_from(&ICourier::deliverCall::SELECTOR));
    let (courier, request) = (hex::encode(courier), hex::encode(request));
    assemble(&format!(
        "0x{selector} PUSH0 MSTORE 0x{request} 0x04 MSTORE
         PUSH0 PUSH0 0x24 PUSH0 PUSH0 0x{courier} GAS CALL POP STOP"
    ))
}

#[test]
fn who_chooses_the_moment_cannot_spend_a_delivery() {
    let mut desk = Desk::new();
    let consumer = desk.consumer(&locked_while_it_pays());
    let request = desk.ordered(consumer);
    desk.finish(request);
    let saboteur = deliverer(desk.courier, request);
    let saboteur = desk.consumer(&saboteur);
    // Anybody whom the consumer pays.
    let payment = saboteur.into_word().to_vec();
    desk.world.send(CAROL, consumer, 0, payment).unwrap();
    let delivered = desk.deliver(CAROL, request);
    let told = slot(&desk.world.chain, consumer, 1);
    let earned = desk.credit(saboteur);
    assert_eq!(told, U256::ONE, "the consumer never hears of it; the saboteur has earned {earned}");
    assert_eq!(delivered, Ok(true));
}
