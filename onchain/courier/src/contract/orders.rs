//! Orders, and what is asked of the hub about them.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256};
use alloy_sol_types::{SolCall, SolError};
use opml_host::{
    Answer, Arguments, Refusal, Word, concat, emit, host, refusal, require, with_bytes, words,
};

use super::records::{self, Order};
use crate::abi::ICourier::{
    AlreadyOrdered, BadCallback, DataTooLong, GasLimitTooHigh, HubRefused, NoHub, NotRequester,
    OrderStatus, Ordered, PayTooLow,
};
use crate::abi::hub::IHub::getRequestCall;
use crate::{DELIVERY_GAS, MAX_DATA, MAX_GAS};

pub fn order(arguments: Arguments<'_>) -> Answer<()> {
    let (id, callback) = (arguments.word(0)?, arguments.address(1)?);
    let (gas_limit, data) = (arguments.number::<u64>(2)?, arguments.bytes(3)?);
    require!(gas_limit <= MAX_GAS, GasLimitTooHigh, gas_limit, MAX_GAS);
    let length = data_length(data)?;
    require_callable(callback)?;
    let requester = require_requester(id)?;
    let mut order = Order::load(id);
    require!(order.status == OrderStatus::None, AlreadyOrdered, id);
    let (pay, least) = (host::value(), price(gas_limit));
    require!(pay >= least, PayTooLow, pay, least);
    (order.callback, order.gas_limit, order.length) = (callback, gas_limit, length);
    order.status = OrderStatus::Waiting;
    order.save();
    order.pay().set(pay);
    order.set_data(data);
    emit!(Ordered [id, callback, requester], gas_limit, pay);
    Ok(())
}

fn data_length(data: &[u8]) -> Answer<u16> {
    let length = u64::try_from(data.len()).unwrap_or(u64::MAX);
    require!(data.len() <= MAX_DATA, DataTooLong, length, 1024_u64);
    Ok(u16::try_from(length).unwrap_or(u16::MAX))
}

/// Neither call would do anything; that they cannot is not left to what the two contracts refuse.
fn require_callable(callback: Address) -> Answer<()> {
    let own = callback == host::this() || callback == hub()?;
    require!(!own && host::has_code(callback), BadCallback, callback);
    Ok(())
}

/// The sender, if it has made the request.
fn require_requester(id: B256) -> Answer<Address> {
    let sender = host::sender();
    let requester = Arguments(&ask_hub(getRequestCall::SELECTOR, id)?).address(2)?;
    require!(sender == requester, NotRequester, sender, requester);
    Ok(sender)
}

/// What one of the hub's views with one argument returns.
pub fn ask_hub(selector: [u8; 4], id: B256) -> Answer<Vec<u8>> {
    let mut calldata = selector.to_vec();
    calldata.extend(id);
    host::query(hub()?, &calldata).map_err(|Refusal(reason)| {
        let mut error = refusal(HubRefused::SELECTOR, &[]);
        error.0.extend(with_bytes(&[], &reason));
        error
    })
}

fn hub() -> Answer<Address> {
    let hub = records::configuration().hub;
    require!(!hub.is_zero(), NoHub, hub);
    Ok(hub)
}

/// The least pay of an order.
pub fn price(gas_limit: u64) -> u128 {
    let gas = u128::from(gas_limit).saturating_add(DELIVERY_GAS.into());
    gas.saturating_mul(records::configuration().gas_price.into())
}

pub fn get(id: B256) -> Vec<u8> {
    let order = Order::load(id);
    let words = words![order.callback, order.gas_limit, order.status as u8, order.pay().get()];
    let mut data = concat(&[32_u8.word()]);
    data.extend(with_bytes(&words, &order.data()));
    data
}
