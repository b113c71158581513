//! From calldata to the data returned or reverted with.

use alloc::vec::Vec;

use alloy_primitives::B256;
use alloy_sol_types::{SolCall, SolError};
use opml_host::{Answer, Arguments, host, refusal, require};

use super::{claims, setup};
use crate::abi::IBatch::{
    UnknownSelector, ValueNotAccepted, claimManyCall, configurationCall, initializeCall,
};

/// Executes one call.
pub fn call(calldata: &[u8]) -> Answer<Vec<u8>> {
    let (selector, params) = calldata.split_first_chunk::<4>().unwrap_or((&[0; 4], &[]));
    let arguments = Arguments(params);
    if *selector == claimManyCall::SELECTOR {
        return claims::claim_many(arguments);
    }
    let value = host::value();
    require!(value == 0, ValueNotAccepted, value);
    match *selector {
        initializeCall::SELECTOR => setup::initialize(arguments).map(|()| Vec::new()),
        configurationCall::SELECTOR => Ok(setup::configuration()),
        selector => Err(refusal(UnknownSelector::SELECTOR, &[B256::right_padding_from(&selector)])),
    }
}
