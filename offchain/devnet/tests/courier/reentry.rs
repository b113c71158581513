//! Consumers that call back.

use alloy_primitives::{B256, U256};
use alloy_sol_types::{SolCall, SolError};

use crate::chain_support::slot;
use crate::consumers::{asker, prober, selector_word};
use crate::desk::{Desk, ICourier};
use crate::world::{CAROL, IHub, refused};

#[test]
fn a_consumer_asks_again_from_inside_its_delivery() {
    let mut desk = Desk::new();
    let (hub, model, courier) = (desk.world.hub, desk.world.model, desk.courier);
    let consumer = desk.consumer(&asker(hub, model, courier));
    desk.world.accounts.push(consumer);
    let ether = U256::from(10_u128.pow(18));
    desk.world.chain.set_balance(consumer, ether).unwrap();
    desk.world.send(CAROL, consumer, 0, Vec::new()).unwrap();
    let mut asked: Vec<B256> = Vec::new();
    for round in 0..3 {
        let requested = desk.event::<IHub::Requested>();
        let ordered = desk.event::<ICourier::Ordered>();
        assert_eq!((requested.requester, requested.nonce), (consumer, round));
        assert_eq!((ordered.requestId, ordered.callback), (requested.requestId, consumer));
        desk.world.requests.push(requested.requestId);
        asked.push(requested.requestId);
        desk.finish(requested.requestId);
        assert_eq!(desk.deliver(CAROL, requested.requestId), Ok(true));
    }
    for requestId in asked {
        refused(desk.deliver(CAROL, requestId), ICourier::AlreadyDelivered { requestId });
    }
}

/// Whether a call from inside a delivery worked, and the first word that it returned.
fn probed(selector: [u8; 4], target: fn(&Desk) -> alloy_primitives::Address) -> (U256, U256) {
    let mut desk = Desk::new();
    let target = target(&desk);
    let consumer = desk.consumer(&prober(target, selector));
    let request = desk.ordered(consumer);
    desk.finish(request);
    assert_eq!(desk.deliver(CAROL, request), Ok(true));
    (slot(&desk.world.chain, consumer, 1), slot(&desk.world.chain, consumer, 2))
}

#[test]
fn a_consumer_reads_the_hub_and_its_order() {
    // The offset of a structure.
    let read = (U256::ONE, U256::from(32));
    assert_eq!(probed(IHub::resultCall::SELECTOR, |desk| desk.world.hub), read);
    assert_eq!(probed(ICourier::getOrderCall::SELECTOR, |desk| desk.courier), read);
}

#[test]
fn a_consumer_neither_delivers_nor_withdraws() {
    let reentered = (U256::ZERO, selector_word(ICourier::Reentered::SELECTOR));
    for selector in [
        ICourier::deliverCall::SELECTOR,
        ICourier::withdrawCall::SELECTOR,
        ICourier::initializeCall::SELECTOR,
    ] {
        assert_eq!(probed(selector, |desk| desk.courier), reentered);
    }
}
