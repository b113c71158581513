//! `ArbWasmCache`: which programs the chain keeps initialized.

use alloy_primitives::B256;
use alloy_sol_types::{SolCall, SolEvent};

use super::abi::ArbWasmCache::{self as abi, ArbWasmCacheCalls as Calls};
use super::call::{Answer, PrecompileCall, Purity, READ, READ_PARAMS, Refusal, WRITE};
use super::wasm::inactive;
use crate::chain::arbos::{self, Inactive};
use crate::chain::cache_managers;
use crate::stylus::activate::STYLUS_VERSION;
use crate::stylus::entry::Cached;

fn purity(call: &Calls) -> Purity {
    match call {
        Calls::cacheCodehash(_) | Calls::cacheProgram(_) | Calls::evictCodehash(_) => Purity::Write,
        _ => Purity::View,
    }
}

/// Answers a call.
pub fn answer(call: &mut PrecompileCall<'_, '_>) -> Answer {
    match call.decode(purity)? {
        Calls::isCacheManager(args) => {
            call.burn(READ)?;
            let is_manager = cache_managers::contains(call.context, args.manager);
            Ok(abi::isCacheManagerCall::abi_encode_returns(&is_manager))
        }
        Calls::allCacheManagers(_) => {
            let managers = cache_managers::all(call.context);
            call.burn(READ * (1 + managers.len() as u64))?;
            Ok(abi::allCacheManagersCall::abi_encode_returns(&managers))
        }
        Calls::cacheCodehash(args) => set(call, args.codehash, Cached::Yes),
        Calls::cacheProgram(args) => {
            let code_hash = call.code_hash(args.addr)?;
            set(call, code_hash, Cached::Yes)
        }
        Calls::evictCodehash(args) => set(call, args.codehash, Cached::No),
        Calls::codehashIsCached(args) => {
            call.burn(READ)?;
            let cached = arbos::program(call.context, args.codehash).cached;
            Ok(abi::codehashIsCachedCall::abi_encode_returns(&cached))
        }
    }
}

/// Managers and the owner may change the cache.
fn check_access(call: &mut PrecompileCall<'_, '_>) -> Result<(), Refusal> {
    call.burn(READ)?;
    if cache_managers::contains(call.context, call.caller) {
        return Ok(());
    }
    call.burn(READ)?;
    if call.caller == call.context.chain.owner { Ok(()) } else { Err(Refusal::OutOfGas) }
}

fn set(call: &mut PrecompileCall<'_, '_>, code_hash: B256, wanted: Cached) -> Answer {
    check_access(call)?;
    call.burn(READ_PARAMS + READ)?;
    let cached = wanted == Cached::Yes;
    let record = arbos::program(call.context, code_hash);
    if cached {
        let time = call.time();
        if record.version != STYLUS_VERSION {
            return Err(inactive(Inactive::NeedsUpgrade(record.version)));
        }
        if record.is_expired(time, &call.context.chain.params) {
            return Err(inactive(Inactive::Expired(record.age(time))));
        }
    }
    if record.cached == cached {
        return Ok(Vec::new());
    }
    let event = abi::UpdateProgramCache { manager: call.caller, codehash: code_hash, cached };
    call.emit(event.encode_log_data())?;
    call.burn(record.init_cost() + READ + WRITE)?;
    let mut changed = record;
    changed.cached = cached;
    arbos::set_program(call.context, code_hash, changed);
    Ok(Vec::new())
}
