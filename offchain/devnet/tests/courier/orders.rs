//! Set-up, and who may order what.

use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_sol_types::{SolCall, SolError};
use opml_devnet::chain::DEV_ACCOUNT;

use crate::consumers::recorder;
use crate::desk::{Desk, GAS, GAS_PRICE, ICourier, price};
use crate::world::{CAROL, IHub, REQUESTER, refused};

#[test]
fn only_the_creator_initialises_and_only_once() {
    let (mut desk, nonce) = Desk::deployed();
    let hub = desk.world.hub;
    let call = |hub| ICourier::initializeCall { creationNonce: nonce, hub, gasPrice: GAS_PRICE };
    refused(desk.ask(CAROL, call(hub)), ICourier::NotCreator { sender: CAROL, nonce });
    refused(desk.ask(DEV_ACCOUNT, call(CAROL)), ICourier::NoHub { hub: CAROL });
    let request = desk.world.infer();
    let consumer = desk.consumer(&recorder());
    let order = Desk::order_call(request, consumer);
    refused(desk.pay(REQUESTER, 1, order), ICourier::NoHub { hub: Address::ZERO });
    desk.ask(DEV_ACCOUNT, call(hub)).unwrap();
    let wanted = ICourier::Initialized { hub, gasPrice: GAS_PRICE };
    assert_eq!(desk.event::<ICourier::Initialized>(), wanted);
    refused(desk.ask(DEV_ACCOUNT, call(hub)), ICourier::AlreadyInitialized {});
    let kept = desk.ask(CAROL, ICourier::configurationCall {}).unwrap();
    assert_eq!((kept.hub, kept.gasPrice), (hub, GAS_PRICE));
}

#[test]
fn the_requester_orders_once() {
    let mut desk = Desk::new();
    let consumer = desk.consumer(&recorder());
    let request = desk.world.infer();
    let call = Desk::order_call(request, consumer);
    let stranger = ICourier::NotRequester { sender: CAROL, requester: REQUESTER };
    refused(desk.pay(CAROL, price(GAS), call.clone()), stranger);
    desk.pay(REQUESTER, price(GAS) + 7, call.clone()).unwrap();
    let pay = U256::from(price(GAS) + 7);
    let wanted = ICourier::Ordered {
        requestId: request,
        callback: consumer,
        requester: REQUESTER,
        gasLimit: GAS,
        pay,
    };
    assert_eq!(desk.event::<ICourier::Ordered>(), wanted);
    let wanted = ICourier::Order {
        callback: consumer,
        gasLimit: GAS,
        status: ICourier::OrderStatus::Waiting,
        pay: pay.to(),
        data: call.data.clone(),
    };
    assert_eq!(desk.get(request), wanted);
    let again = ICourier::AlreadyOrdered { requestId: request };
    refused(desk.pay(REQUESTER, price(GAS), call), again);
}

#[test]
fn what_cannot_be_delivered_cannot_be_ordered() {
    let mut desk = Desk::new();
    let consumer = desk.consumer(&recorder());
    let requestId = desk.world.infer();
    let whole = Desk::order_call(requestId, consumer);
    let least = price(GAS);
    let asked = desk.ask(CAROL, ICourier::priceCall { gasLimit: GAS }).unwrap();
    assert_eq!(asked, U256::from(least));
    let (have, want) = (U256::from(least - 1), U256::from(least));
    refused(desk.pay(REQUESTER, least - 1, whole.clone()), ICourier::PayTooLow { have, want });
    for callback in [CAROL, desk.world.hub, desk.courier, Address::ZERO] {
        let call = ICourier::orderCall { callback, ..whole.clone() };
        refused(desk.pay(REQUESTER, least, call), ICourier::BadCallback { callback });
    }
    let call = ICourier::orderCall { gasLimit: 10_000_001, ..whole.clone() };
    let refusal = ICourier::GasLimitTooHigh { gasLimit: 10_000_001, most: 10_000_000 };
    refused(desk.pay(REQUESTER, least, call), refusal);
    let call = ICourier::orderCall { data: vec![0; 1025].into(), ..whole.clone() };
    let (length, most) = (U256::from(1025), U256::from(1024));
    refused(desk.pay(REQUESTER, least, call), ICourier::DataTooLong { length, most });
    // The hub's own words come with its refusal.
    let unknown = B256::repeat_byte(7);
    let call = ICourier::orderCall { requestId: unknown, ..whole.clone() };
    let reason = IHub::UnknownRequest { requestId: unknown }.abi_encode().into();
    refused(desk.pay(REQUESTER, least, call), ICourier::HubRefused { reason });
    let call = ICourier::orderCall { gasLimit: 10_000_000, data: vec![7; 1024].into(), ..whole };
    desk.pay(REQUESTER, price(10_000_000), call.clone()).unwrap();
    assert_eq!(desk.get(requestId).data, call.data);
}

#[test]
fn calldata_that_is_no_call_is_refused() {
    let mut desk = Desk::new();
    let (courier, world) = (desk.courier, &mut desk.world);
    let refusal = ICourier::ValueNotAccepted { value: U256::from(7) };
    refused(world.send(CAROL, courier, 7, Vec::new()), refusal);
    let selector = [1, 2, 3, 4].into();
    refused(
        world.send(CAROL, courier, 0, vec![1, 2, 3, 4]),
        ICourier::UnknownSelector { selector },
    );
    let order = Desk::order_call(B256::ZERO, CAROL).abi_encode();
    for length in 4..order.len() - 24 {
        let cut: Bytes = order[..length].to_vec().into();
        refused(world.send(CAROL, courier, 0, cut.into()), ICourier::BadCalldata {});
    }
}
