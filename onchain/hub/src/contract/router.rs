//! From calldata to the data returned or reverted with.

use alloc::vec::Vec;

use alloy_primitives::B256;
use alloy_sol_types::{SolCall, SolError};
use opml_host::{Arguments, Word, concat, refusal};

use super::{
    Answer, acceptance, claims, finish, games, host, models, money, records, requests, require,
    setup, views,
};
use crate::abi::IHub::{
    UnknownSelector, ValueNotAccepted, acceptCall, allowPayerCall, burnedCall, cancelCall,
    challengeCall, claimCall, claimForCall, creditOfCall, depositCall, finalizeCall,
    flushBurnedCall, getClaimCall, getGameCall, getModelCall, getRequestCall, inferCall,
    initializeCall, isAllowedCall, lockStakeCall, nonceOfCall, parametersCall, quoteCall,
    reclaimCall, refundGameCall, registerModelCall, releaseCall, resultCall, retireModelCall,
    verdictCall, withdrawCall,
};

/// Executes one call.
pub fn call(calldata: &[u8]) -> Answer<Vec<u8>> {
    let (selector, params) = calldata.split_first_chunk::<4>().unwrap_or((&[0; 4], &[]));
    let arguments = Arguments(params);
    if let Some(answer) = payable(*selector, arguments) {
        return answer;
    }
    let value = host::value();
    require!(value == 0, ValueNotAccepted, value);
    if let Some(answer) = by_id(*selector, arguments) {
        return answer;
    }
    match *selector {
        initializeCall::SELECTOR => setup::initialize(arguments).map(none),
        registerModelCall::SELECTOR => models::register(arguments).map(one),
        quoteCall::SELECTOR => models::quote(arguments),
        allowPayerCall::SELECTOR => claims::allow_payer(arguments).map(none),
        isAllowedCall::SELECTOR => claims::is_allowed(arguments).map(one),
        verdictCall::SELECTOR => games::verdict(arguments).map(none),
        withdrawCall::SELECTOR => money::withdraw(arguments).map(none),
        flushBurnedCall::SELECTOR => money::flush_burned().map(none),
        parametersCall::SELECTOR => Ok(setup::parameters()),
        burnedCall::SELECTOR => Ok(one(records::burned().get())),
        creditOfCall::SELECTOR => {
            arguments.address(0).map(|account| one(records::credit_of(account).get()))
        }
        nonceOfCall::SELECTOR => {
            arguments.address(0).map(|account| one(records::nonce_of(account).get()))
        }
        selector => Err(refusal(UnknownSelector::SELECTOR, &[B256::right_padding_from(&selector)])),
    }
}

/// The functions that take ether; none if it is another.
fn payable(selector: [u8; 4], arguments: Arguments<'_>) -> Option<Answer<Vec<u8>>> {
    Some(match selector {
        inferCall::SELECTOR => requests::infer(arguments).map(one),
        acceptCall::SELECTOR => arguments.word(0).and_then(acceptance::accept).map(none),
        claimCall::SELECTOR => claims::claim(arguments).map(one),
        claimForCall::SELECTOR => claims::claim_for(arguments).map(one),
        challengeCall::SELECTOR => games::challenge(arguments).map(one),
        depositCall::SELECTOR => {
            money::deposit();
            Ok(Vec::new())
        }
        _ => return None,
    })
}

/// The functions whose only argument is an id; none if it is another.
fn by_id(selector: [u8; 4], arguments: Arguments<'_>) -> Option<Answer<Vec<u8>>> {
    let function: fn(B256) -> Answer<Vec<u8>> = match selector {
        retireModelCall::SELECTOR => |id| models::retire(id).map(none),
        getModelCall::SELECTOR => models::get,
        cancelCall::SELECTOR => |id| requests::cancel(id).map(none),
        reclaimCall::SELECTOR => |id| requests::reclaim(id).map(none),
        getRequestCall::SELECTOR => views::request,
        resultCall::SELECTOR => views::result,
        finalizeCall::SELECTOR => |id| finish::finalize(id).map(none),
        releaseCall::SELECTOR => |id| finish::release(id).map(none),
        getClaimCall::SELECTOR => views::claim,
        lockStakeCall::SELECTOR => |id| games::lock_stake(id).map(none),
        refundGameCall::SELECTOR => |id| games::refund(id).map(none),
        getGameCall::SELECTOR => views::game,
        _ => return None,
    };
    Some(arguments.word(0).and_then(function))
}

fn none((): ()) -> Vec<u8> {
    Vec::new()
}

fn one(value: impl Word) -> Vec<u8> {
    concat(&[value.word()])
}
