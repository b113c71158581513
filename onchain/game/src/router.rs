//! From calldata to the data returned or reverted with.

use alloc::vec::Vec;

use alloy_sol_types::SolCall;

use crate::abi::IGame::{
    UnknownSelector, concludeCall, configurationCall, deadlineCall, descendCall, dissectCall,
    getGameCall, initializeCall, openCall, positionHashCall, proveCall, settleCall, timeoutCall,
    versionCall,
};
use crate::answer::answer;
use crate::calldata::split_selector;
use crate::finish::{settle, timeout};
use crate::host::Host;
use crate::moves::Kind;
use crate::open::open;
use crate::revert::Revert;
use crate::settings::initialize;
use crate::views;

/// Executes one call: the ABI-encoded result, or what to revert with. What a call that reverts has
/// written is for the chain to undo.
pub fn call<H: Host>(calldata: &[u8], host: &mut H) -> Result<Vec<u8>, Revert> {
    let (selector, params) = split_selector(calldata);
    let done = |()| Vec::new();
    match selector {
        initializeCall::SELECTOR => initialize(params, host).map(done),
        openCall::SELECTOR => open(params, host).map(done),
        dissectCall::SELECTOR => answer(Kind::Dissect, params, host).map(done),
        concludeCall::SELECTOR => answer(Kind::Conclude, params, host).map(done),
        descendCall::SELECTOR => answer(Kind::Descend, params, host).map(done),
        proveCall::SELECTOR => answer(Kind::Prove, params, host).map(done),
        timeoutCall::SELECTOR => timeout(params, host).map(done),
        settleCall::SELECTOR => settle(params, host).map(done),
        getGameCall::SELECTOR => views::get_game(params, host),
        positionHashCall::SELECTOR => views::position_hash(params, host),
        deadlineCall::SELECTOR => views::deadline(params, host),
        configurationCall::SELECTOR => views::configuration(params, host),
        versionCall::SELECTOR => views::version(params),
        _ => Err(UnknownSelector { selector: selector.into() }.into()),
    }
}
