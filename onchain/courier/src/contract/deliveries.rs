//! The one call of a consumer.

use alloc::vec::Vec;

use alloy_primitives::B256;
use alloy_sol_types::SolCall;
use opml_host::{Answer, Arguments, concat, emit, host, require, size, with_bytes, words};

use super::money;
use super::orders::ask_hub;
use super::records::Order;
use crate::abi::ICourier::{
    AlreadyDelivered, Delivered, GasTooLow, NotOrdered, NotSettled, OrderStatus,
};
use crate::abi::hub::IHub::{RequestStatus, ResultStatus, getRequestCall, resultCall};
use crate::{ON_REFUNDED, ON_RESULT, needed};

/// Delivers; whether the consumer's function returned. One that did not has changed nothing, so trying again is
/// no second delivery.
pub fn deliver(id: B256) -> Answer<bool> {
    let mut order = Order::load(id);
    require!(order.status != OrderStatus::None, NotOrdered, id);
    require!(order.status != OrderStatus::Delivered, AlreadyDelivered, id);
    let message = message(id, &order)?;
    let deliverer = host::sender();
    if order.status == OrderStatus::Waiting {
        money::credit(deliverer, order.pay().get());
    }
    // From here on the consumer may come back, but not to here.
    order.status = OrderStatus::Delivered;
    order.save();
    host::flush();
    let (have, want) = (host::gas_left(), needed(order.gas_limit));
    require!(have >= want, GasTooLow, have, want);
    let success = host::call_blindly(order.callback, order.gas_limit, &message.calldata);
    if !success {
        order.status = OrderStatus::Failed;
        order.save();
    }
    emit!(Delivered [id, deliverer], message.refunded, success);
    Ok(success)
}

/// What the consumer is told.
struct Message {
    refunded: bool,
    calldata: Vec<u8>,
}

fn message(id: B256, order: &Order) -> Answer<Message> {
    let result = ask_hub(resultCall::SELECTOR, id)?;
    // Behind the offset of the structure.
    let outcome = Arguments(&result).rest()?;
    if outcome.number::<u8>(0)? == ResultStatus::Final as u8 {
        return Ok(Message { refunded: false, calldata: on_result(id, outcome, &order.data()) });
    }
    let request = ask_hub(getRequestCall::SELECTOR, id)?;
    let status = Arguments(&request).number::<u8>(3)?;
    require!(status == RequestStatus::Refunded as u8, NotSettled, id);
    Ok(Message { refunded: true, calldata: on_refunded(id, &order.data()) })
}

/// The outcome is passed on as the hub encodes it: offsets in a structure count from its own first word.
fn on_result(id: B256, outcome: Arguments<'_>, data: &[u8]) -> Vec<u8> {
    const HEAD: usize = 96;
    let Arguments(outcome) = outcome;
    let behind = HEAD.saturating_add(outcome.len());
    let mut calldata = ON_RESULT.to_vec();
    calldata.extend(concat(&[id, size(HEAD), size(behind)]));
    calldata.extend(outcome);
    // A length and the data: what follows an offset.
    calldata.extend(with_bytes(&[], data).get(32..).unwrap_or_default());
    calldata
}

fn on_refunded(id: B256, data: &[u8]) -> Vec<u8> {
    let mut calldata = ON_REFUNDED.to_vec();
    calldata.extend(with_bytes(&words![id], data));
    calldata
}
