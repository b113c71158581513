//! `ArbOwner`, as far as it is offered: who may say which programs are kept cached.

use alloy_primitives::Bytes;
use alloy_sol_types::{SolEvent, SolInterface};

use super::abi::ArbOwner::{self as abi, ArbOwnerCalls as Calls};
use super::call::{Answer, PrecompileCall, Purity, Refusal};
use crate::chain::cache_managers;

/// Answers a call. Nobody but the owner gets an answer, and the owner pays nothing for it.
pub fn answer(call: &mut PrecompileCall<'_, '_>) -> Answer {
    let method = call.decode(|_: &Calls| Purity::Write)?;
    if call.caller != call.context.chain.owner {
        return Err(Refusal::OutOfGas);
    }
    match &method {
        Calls::addWasmCacheManager(args) => cache_managers::add(call.context, args.manager),
        Calls::removeWasmCacheManager(args) => {
            if !cache_managers::remove(call.context, args.manager) {
                return Err(Refusal::OutOfGas);
            }
        }
    }
    call.unburn();
    let event = abi::OwnerActs {
        method: method.selector().into(),
        owner: call.caller,
        data: Bytes::from(method.abi_encode()),
    };
    call.emit_free(event.encode_log_data());
    Ok(Vec::new())
}
