//! From calldata to the data returned or reverted with.

use alloc::vec::Vec;

use alloy_primitives::B256;
use alloy_sol_types::{SolCall, SolError};
use opml_host::{Answer, Arguments, Word, concat, host, refusal, require};

use super::{deliveries, money, orders, records, setup};
use crate::abi::ICourier::{
    Reentered, UnknownSelector, ValueNotAccepted, configurationCall, creditOfCall, deliverCall,
    getOrderCall, initializeCall, orderCall, priceCall, withdrawCall,
};

/// Executes one call.
pub fn call(calldata: &[u8]) -> Answer<Vec<u8>> {
    let (selector, params) = calldata.split_first_chunk::<4>().unwrap_or((&[0; 4], &[]));
    let arguments = Arguments(params);
    if *selector == orderCall::SELECTOR {
        return orders::order(arguments).map(none);
    }
    let value = host::value();
    require!(value == 0, ValueNotAccepted, value);
    match *selector {
        configurationCall::SELECTOR => Ok(setup::configuration()),
        priceCall::SELECTOR => arguments.number(0).map(|gas_limit| one(orders::price(gas_limit))),
        getOrderCall::SELECTOR => arguments.word(0).map(orders::get),
        creditOfCall::SELECTOR => {
            arguments.address(0).map(|account| one(records::credit_of(account).get()))
        }
        selector => guarded(selector, arguments),
    }
}

/// The functions that cannot be called from inside a delivery.
fn guarded(selector: [u8; 4], arguments: Arguments<'_>) -> Answer<Vec<u8>> {
    require!(!host::reentrant(), Reentered);
    match selector {
        initializeCall::SELECTOR => setup::initialize(arguments).map(none),
        deliverCall::SELECTOR => arguments.word(0).and_then(deliveries::deliver).map(one),
        withdrawCall::SELECTOR => money::withdraw(arguments).map(none),
        selector => Err(refusal(UnknownSelector::SELECTOR, &[B256::right_padding_from(&selector)])),
    }
}

fn none((): ()) -> Vec<u8> {
    Vec::new()
}

fn one(value: impl Word) -> Vec<u8> {
    concat(&[value.word()])
}
