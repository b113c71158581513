//! Gas: what a consumer gets, and what it can cost.

use alloy_eips::BlockId;
use alloy_primitives::{B256, Bytes, U256};
use alloy_rpc_types_eth::TransactionRequest;
use alloy_sol_types::{SolCall, SolError};
use opml_devnet::chain::Overrides;

use crate::answer::Answer;
use crate::chain_support::{send, slot, to};
use crate::consumers::{bomb, particular, recorder, spinner};
use crate::desk::{DELIVERY_GAS, Desk, GAS, ICourier, price};
use crate::world::{CAROL, REQUESTER, SERVER, WINDOW};

fn request(desk: &Desk, requestId: B256, gas: u64) -> TransactionRequest {
    let data = ICourier::deliverCall { requestId }.abi_encode();
    TransactionRequest { from: Some(CAROL), gas: Some(gas), ..to(desk.courier, data) }
}

/// What a delivery with so much gas would return; none if it would revert or run out.
fn tried(desk: &Desk, requestId: B256, gas: u64) -> Option<bool> {
    let request = request(desk, requestId, gas);
    let answer = desk.world.chain.call(&request, BlockId::latest(), &Overrides::default());
    answer.ok().map(|data| ICourier::deliverCall::abi_decode_returns(&data).unwrap())
}

fn spent(desk: &Desk) -> u64 {
    desk.world.last.as_ref().unwrap().gas_used
}

#[test]
fn a_consumer_gets_exactly_what_was_ordered() {
    let mut desk = Desk::new();
    let consumer = desk.consumer(&recorder());
    let id = desk.ordered(consumer);
    desk.finish(id);
    assert_eq!(desk.deliver(CAROL, id), Ok(true));
    assert_eq!(slot(&desk.world.chain, consumer, 0), U256::from(GAS - 2));
}

/// Whatever gas the deliverer sends, the consumer gets all that was ordered or nothing has happened.
#[test]
fn too_little_gas_cannot_burn_a_delivery() {
    let mut desk = Desk::new();
    for gas_limit in [50_000, 3_000_000] {
        let consumer = desk.consumer(&particular(gas_limit));
        let requestId = desk.world.infer();
        let data = Bytes::new();
        let call = ICourier::orderCall { requestId, callback: consumer, gasLimit: gas_limit, data };
        desk.pay(REQUESTER, price(gas_limit), call).unwrap();
        desk.finish(requestId);
        let (mut least, mut most) = (21_000, 10_000_000);
        assert_eq!(tried(&desk, requestId, most), Some(true));
        while most - least > 1 {
            let gas = u64::midpoint(least, most);
            match tried(&desk, requestId, gas) {
                Some(success) => {
                    assert!(success, "{gas} gas");
                    most = gas;
                }
                None => least = gas,
            }
        }
        // Around the boundary, where gas runs out at every place there is.
        for gas in (most - 40_000..most + 2_000).step_by(61) {
            assert_ne!(tried(&desk, requestId, gas), Some(false), "{gas} gas");
        }
        println!("{gas_limit} gas ordered: a delivery takes {most}");
        assert!(most < gas_limit + gas_limit / 63 + DELIVERY_GAS, "{most}");
        let refused = request(&desk, requestId, most - 1);
        let receipt = send(&mut desk.world.chain, refused);
        assert!(!receipt.status());
        let said = desk.world.chain.trace_transaction(receipt.transaction_hash).unwrap().output;
        let ICourier::GasTooLow { have, want } =
            ICourier::GasTooLow::abi_decode_validate(&said).unwrap();
        // As much as leaves the consumer its 63 of 64 parts, and the call itself.
        assert!(want > gas_limit + gas_limit / 63 && have < want, "{have} of {want}");
        assert_eq!(desk.get(requestId).status, ICourier::OrderStatus::Waiting);
        let enough = request(&desk, requestId, most);
        assert!(send(&mut desk.world.chain, enough).status());
        assert_eq!(desk.get(requestId).status, ICourier::OrderStatus::Delivered);
    }
}

#[test]
fn a_gas_bomb_costs_what_was_ordered() {
    let mut desk = Desk::new();
    let quiet = desk.consumer(&[0]);
    // The first makes the deliverer's account.
    for id in [desk.ordered(quiet), desk.ordered(quiet)] {
        desk.finish(id);
        assert_eq!(desk.deliver(CAROL, id), Ok(true));
    }
    let without = spent(&desk);
    println!("a delivery, apart from the consumer: {without} gas");
    assert!(without < DELIVERY_GAS);
    let spinner = desk.consumer(&spinner());
    let id = desk.ordered(spinner);
    desk.finish(id);
    assert_eq!(desk.deliver(CAROL, id), Ok(false));
    let with = spent(&desk);
    assert!((GAS - 100..GAS + 20_000).contains(&(with - without)), "{with} against {without}");
}

/// An order is priced with so much that the longest output and the longest data are covered, and the pay of a new
/// deliverer.
#[test]
fn the_largest_delivery_is_covered() {
    let mut desk = Desk::new();
    let callback = desk.consumer(&[0]);
    let requestId = desk.world.infer();
    let data = vec![7; 1024].into();
    let call = ICourier::orderCall { requestId, callback, gasLimit: 0, data };
    desk.pay(REQUESTER, price(0), call).unwrap();
    let claim = desk.world.claim(SERVER, requestId, &Answer::halted(&[7; 1024], 1));
    desk.world.pass(WINDOW);
    desk.world.finalize(claim).unwrap();
    assert_eq!(desk.deliver(CAROL, requestId), Ok(true));
    println!("the largest delivery, apart from the consumer: {} gas", spent(&desk));
    assert!(spent(&desk) < DELIVERY_GAS);
}

#[test]
fn a_return_bomb_costs_its_consumer_only() {
    let mut desk = Desk::new();
    for (ending, success) in [("RETURN", true), ("REVERT", false)] {
        let consumer = desk.consumer(&bomb(ending));
        let requestId = desk.world.infer();
        let gasLimit = 3_000_000;
        let data = Bytes::new();
        let call = ICourier::orderCall { requestId, callback: consumer, gasLimit, data };
        desk.pay(REQUESTER, price(gasLimit), call).unwrap();
        desk.finish(requestId);
        assert_eq!(desk.deliver(CAROL, requestId), Ok(success));
        // A mebibyte of memory takes 2,195,456 gas, which the consumer has paid out of its own.
        let spent = spent(&desk);
        assert!((2_195_456..2_195_456 + DELIVERY_GAS).contains(&spent), "{spent}");
    }
}
