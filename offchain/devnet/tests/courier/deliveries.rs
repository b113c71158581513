//! What a consumer is told, and when.

use alloy_primitives::{Address, B256, U256};

use crate::answer::Answer;
use crate::chain_support::slot;
use crate::consumers::{lockable, on_refunded, on_result, recorder, spinner};
use crate::desk::{Desk, GAS, ICourier, price};
use crate::world::{CAROL, DAVE, IHub, PATIENCE, REQUESTER, SERVER, WINDOW, refused};

/// Caller and calldata of the recorder's only call in the last transaction.
fn recorded(desk: &Desk, recorder: Address) -> (B256, Vec<u8>) {
    let logs = desk.world.last.as_ref().unwrap().logs().iter();
    let mut found = logs.filter(|log| log.address() == recorder);
    let log = found.next().expect("the consumer was not called");
    assert!(found.next().is_none());
    (log.topics()[0], log.data().data.to_vec())
}

fn delivered(requestId: B256, refunded: bool, success: bool) -> ICourier::Delivered {
    ICourier::Delivered { requestId, deliverer: CAROL, refunded, success }
}

#[test]
fn a_final_result_is_delivered_once() {
    let mut desk = Desk::new();
    let consumer = desk.consumer(&recorder());
    let request = desk.ordered(consumer);
    desk.finish(request);
    assert_eq!(desk.deliver(CAROL, request), Ok(true));
    assert_eq!(desk.event::<ICourier::Delivered>(), delivered(request, false, true));
    let outcome = desk.outcome(request);
    assert_eq!(outcome.status, IHub::ResultStatus::Final);
    let wanted = (desk.courier.into_word(), on_result(request, &outcome, b"for whom"));
    assert_eq!(recorded(&desk, consumer), wanted);
    assert_eq!(slot(&desk.world.chain, consumer, 1), U256::ZERO, "no ether comes along");
    assert_eq!(desk.credit(CAROL), U256::from(price(GAS)));
    assert_eq!(desk.get(request).status, ICourier::OrderStatus::Delivered);
    let again = ICourier::AlreadyDelivered { requestId: request };
    refused(desk.deliver(CAROL, request), again.clone());
    refused(desk.deliver(DAVE, request), again);
}

#[test]
fn nothing_is_delivered_before_it_is_final() {
    let mut desk = Desk::new();
    let consumer = desk.consumer(&recorder());
    let request = desk.world.infer();
    refused(desk.deliver(CAROL, request), ICourier::NotOrdered { requestId: request });
    desk.order(request, consumer);
    let early = ICourier::NotSettled { requestId: request };
    refused(desk.deliver(CAROL, request), early.clone());
    let claim = desk.world.claim(SERVER, request, &Answer::halted(b"because", 1));
    assert_eq!(desk.outcome(request).status, IHub::ResultStatus::Provisional);
    refused(desk.deliver(CAROL, request), early.clone());
    desk.world.pass(WINDOW);
    refused(desk.deliver(CAROL, request), early);
    desk.world.finalize(claim).unwrap();
    assert_eq!(desk.deliver(CAROL, request), Ok(true));
}

#[test]
fn outputs_of_every_kind_arrive_as_the_hub_has_them() {
    let mut desk = Desk::new();
    let consumer = desk.consumer(&recorder());
    let output: Vec<u8> = (1..=251).cycle().take(1025).collect();
    let answers = [0, 1, 32, 33, 1024, 1025].map(|length| Answer::halted(&output[..length], 1));
    for answer in answers.into_iter().chain([Answer::failed(3)]) {
        let requestId = desk.world.infer();
        let data = vec![9; answer.output.len() % 70].into();
        let gasLimit = 10 * GAS;
        let call = ICourier::orderCall { requestId, callback: consumer, gasLimit, data };
        desk.pay(REQUESTER, price(gasLimit), call.clone()).unwrap();
        let claim = desk.world.claim(SERVER, requestId, &answer);
        desk.world.pass(WINDOW);
        desk.world.finalize(claim).unwrap();
        assert_eq!(desk.deliver(CAROL, requestId), Ok(true));
        let outcome = desk.outcome(requestId);
        assert_eq!(outcome.failed, answer.output.is_empty() && answer.path.is_empty());
        let (_, calldata) = recorded(&desk, consumer);
        assert_eq!(calldata, on_result(requestId, &outcome, &call.data));
    }
}

#[test]
fn a_refund_is_delivered_as_such() {
    let mut desk = Desk::new();
    let consumer = desk.consumer(&recorder());
    let cancelled = desk.ordered(consumer);
    desk.world.ask(REQUESTER, IHub::cancelCall { requestId: cancelled }).unwrap();
    let reclaimed = desk.ordered(consumer);
    desk.world.voided(SERVER, reclaimed, &Answer::halted(b"wrong", 1));
    desk.world.pass(PATIENCE);
    desk.world.ask(DAVE, IHub::reclaimCall { requestId: reclaimed }).unwrap();
    for request in [cancelled, reclaimed] {
        assert_eq!(desk.deliver(CAROL, request), Ok(true));
        assert_eq!(desk.event::<ICourier::Delivered>(), delivered(request, true, true));
        let wanted = (desk.courier.into_word(), on_refunded(request, b"for whom"));
        assert_eq!(recorded(&desk, consumer), wanted);
        refused(desk.deliver(CAROL, request), ICourier::AlreadyDelivered { requestId: request });
    }
}

#[test]
fn what_is_ordered_late_is_delivered_too() {
    let mut desk = Desk::new();
    let consumer = desk.consumer(&recorder());
    let request = desk.world.infer();
    desk.finish(request);
    desk.order(request, consumer);
    assert_eq!(desk.deliver(CAROL, request), Ok(true));
}

/// Regression: an earlier system let anybody have it call anything as itself.
#[test]
fn arbitrary_external_call_as_the_contract() {
    let mut desk = Desk::new();
    let consumer = desk.consumer(&recorder());
    // Data that reads as a call of a token, at a callback that is one: it is an argument, and nothing more.
    let requestId = desk.world.infer();
    let data = [&[0xa9, 0x05, 0x9c, 0xbb][..], &[0; 12], DAVE.as_slice(), &[0xff; 32]].concat();
    let call = ICourier::orderCall {
        requestId,
        callback: consumer,
        gasLimit: 10 * GAS,
        data: data.clone().into(),
    };
    desk.pay(REQUESTER, price(10 * GAS), call).unwrap();
    desk.finish(requestId);
    desk.deliver(CAROL, requestId).unwrap();
    let (caller, calldata) = recorded(&desk, consumer);
    assert_eq!(caller, desk.courier.into_word());
    assert_eq!(calldata, on_result(requestId, &desk.outcome(requestId), &data));
    // The courier has no credit at the hub that a call as itself could take.
    assert_eq!(desk.world.credit(desk.courier), 0);
}

/// Regression: anyone re-firing a callback.
#[test]
fn a_delivery_that_fails_is_paid_once() {
    let mut desk = Desk::new();
    let consumer = desk.consumer(&spinner());
    let request = desk.ordered(consumer);
    desk.finish(request);
    assert_eq!(desk.deliver(CAROL, request), Ok(false));
    assert_eq!(desk.event::<ICourier::Delivered>(), delivered(request, false, false));
    assert_eq!(desk.credit(CAROL), U256::from(price(GAS)));
    assert_eq!(desk.get(request).status, ICourier::OrderStatus::Failed);
    // What it has missed stands in the hub.
    assert_eq!(&desk.outcome(request).output[..], b"because");
    // Trying again is free, and pays nobody.
    assert_eq!(desk.deliver(DAVE, request), Ok(false));
    assert_eq!((desk.credit(CAROL), desk.credit(DAVE)), (U256::from(price(GAS)), U256::ZERO));
}

#[test]
fn a_consumer_that_was_busy_is_served_later_and_then_no_more() {
    let mut desk = Desk::new();
    let consumer = desk.consumer(&lockable());
    let request = desk.ordered(consumer);
    desk.finish(request);
    let toggle = |desk: &mut Desk| desk.world.send(DAVE, consumer, 0, Vec::new()).unwrap();
    toggle(&mut desk);
    assert_eq!(desk.deliver(CAROL, request), Ok(false));
    toggle(&mut desk);
    assert_eq!(desk.deliver(DAVE, request), Ok(true));
    assert_eq!(slot(&desk.world.chain, consumer, 1), U256::ONE);
    refused(desk.deliver(DAVE, request), ICourier::AlreadyDelivered { requestId: request });
    assert_eq!((desk.credit(CAROL), desk.credit(DAVE)), (U256::from(price(GAS)), U256::ZERO));
}
