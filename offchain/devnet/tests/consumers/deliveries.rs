//! What every consumer inherits: requests as bytes, deliveries that fail, and what is made of them later.

use alloy_primitives::{Address, B256, Bytes};
use alloy_sol_types::sol;
use opml_core::graph::Request;

use crate::court::{STRANGER, refused};
use crate::desk::{Consumer, Desk, ICourier};
use crate::model::Model;

sol! {
    #![sol(all_derives)]
    interface Thrifty {
        struct Settings { uint64 seed; uint32 temperature; uint32 topK; uint32 iterations; uint32 topP; }
        function ask(bytes32 model, bytes input, uint64 gasLimit, bytes data) external payable returns (bytes32);
        function price(bytes32 model, uint64 gasLimit) external view returns (uint256);
        function encode(bytes input, Settings settings) external pure returns (bytes);
        function answerOf(bytes32 requestId) external view returns (bytes);
        function dataOf(bytes32 requestId) external view returns (bytes);
    }
}

const SOURCE: &str = "test/fixtures/Thrifty.sol";

#[test]
fn a_request_is_encoded_as_the_specification_says() {
    let mut desk = Desk::new();
    let consumer = desk.deploy(SOURCE, (desk.courier,));
    let settings = Thrifty::Settings {
        seed: 0x0123_4567_89ab_cdef,
        temperature: 0x3f00_0000,
        topK: 40,
        iterations: 128,
        topP: 0x3f66_6666,
    };
    for input in [&b""[..], b"What is seven times six?", &[7; 1_000]] {
        let mut params = [0; 28];
        params[..4].copy_from_slice(&[0x3f00_0000, 40, 128, 0x3f66_6666]);
        let wanted = Request::new(input, settings.seed, params).unwrap();
        let wanted = [&wanted.header()[..], input].concat();
        let input = Bytes::copy_from_slice(input);
        let call = Thrifty::encodeCall { input, settings: settings.clone() };
        assert_eq!(desk.view(consumer, call), wanted[..]);
    }
}

fn asked(desk: &mut Desk, (consumer, gasLimit): (Address, u64)) -> (Model, B256) {
    let model = Model { seed: 0, ..Model::toy(4) };
    let id = desk.court.register(&model);
    let price = desk.view(consumer, Thrifty::priceCall { model: id, gasLimit });
    let input = model.input.clone().into();
    let call = Thrifty::askCall { model: id, input, gasLimit, data: b"note".into() };
    let request = desk.ask(id, (consumer, price), call);
    (model, request)
}

/// A delivery that had too little gas is done again by whoever likes, once.
#[test]
fn a_delivery_that_ran_out_of_gas_is_recovered_once() {
    let mut desk = Desk::new();
    let consumer = desk.deploy(SOURCE, (desk.courier,));
    let (model, request) = asked(&mut desk, (consumer, 30_000));
    let recover = Consumer::recoverCall { requestId: request };
    let early = Consumer::NotDelivered { requestId: request };
    refused(desk.send(STRANGER, consumer, recover.clone()), early.clone());
    let truth = model.truth();
    desk.answer(request, &truth);
    refused(desk.send(STRANGER, consumer, recover.clone()), early);
    desk.deliver_with(request, false);
    let answer = Thrifty::answerOfCall { requestId: request };
    assert!(desk.view(consumer, answer.clone()).is_empty());
    // Again with the same gas, for no pay: it does not help.
    desk.deliver_with(request, false);
    desk.send(STRANGER, consumer, recover.clone()).unwrap();
    assert_eq!(desk.view(consumer, answer), truth.output[..]);
    let data = desk.view(consumer, Thrifty::dataOfCall { requestId: request });
    assert_eq!(data, b"note"[..]);
    let again = Consumer::NotPending { requestId: request };
    refused(desk.send(STRANGER, consumer, recover), again);
    desk.deliver_with(request, false);
}

/// With gas enough there is nothing to recover; two requests of one consumer do not get mixed up.
#[test]
fn two_requests_of_one_consumer_are_apart() {
    let mut desk = Desk::new();
    let consumer = desk.deploy(SOURCE, (desk.courier,));
    let (model, first) = asked(&mut desk, (consumer, 200_000));
    let id = desk.court.request(first).modelId;
    let price = desk.view(consumer, Thrifty::priceCall { model: id, gasLimit: 200_000 });
    let input = crate::common::input(9);
    let other = Model { input: input.clone(), ..Model { seed: 0, ..Model::toy(4) } };
    let call = Thrifty::askCall {
        model: id,
        input: input.into(),
        gasLimit: 200_000,
        data: b"other".into(),
    };
    let second = desk.ask(id, (consumer, price), call);
    desk.answer(second, &other.truth());
    desk.deliver_with(second, true);
    refused(desk.deliver(first), ICourier::NotSettled { requestId: first });
    desk.answer(first, &model.truth());
    desk.deliver_with(first, true);
    for (request, data, truth) in [(first, &b"note"[..], &model), (second, b"other", &other)] {
        let kept = desk.view(consumer, Thrifty::dataOfCall { requestId: request });
        assert_eq!(kept, data[..]);
        let kept = desk.view(consumer, Thrifty::answerOfCall { requestId: request });
        assert_eq!(kept, truth.truth().output[..]);
    }
}
