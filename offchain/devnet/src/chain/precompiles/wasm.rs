//! `ArbWasm`: activation, renewal and facts of Stylus programs.

use alloy_primitives::{B256, Bytes, U256};
use alloy_sol_types::{SolCall, SolEvent};
use revm::context_interface::JournalTr;

use super::abi::ArbWasm::{self as abi, ArbWasmCalls as Calls};
use super::call::{Answer, PrecompileCall, Purity, READ, READ_PARAMS, Refusal, WRITE};
use crate::chain::arbos::{self, Inactive, NETWORK_FEES, ProgramRecord};
use crate::stylus::activate::{Activation, BASE_ACTIVATION_GAS, STYLUS_VERSION, activate};
use crate::stylus::code::{decompress, is_stylus};
use crate::stylus::entry::StylusParams;

/// Published form of the curve behind [`crate::stylus::memory_model`].
const PAGE_RAMP: u64 = 620_674_314;

/// Charging the data fee reads five words and writes two.
const CHARGE_DATA: u64 = 5 * READ + 2 * WRITE;

fn purity(call: &Calls) -> Purity {
    match call {
        Calls::activateProgram(_) | Calls::codehashKeepalive(_) => Purity::Payable,
        _ => Purity::View,
    }
}

/// Answers a call.
pub fn answer(call: &mut PrecompileCall<'_, '_>) -> Answer {
    match call.decode(purity)? {
        Calls::activateProgram(args) => activate_program(call, &args),
        Calls::codehashKeepalive(args) => keep_alive(call, args.codehash),
        Calls::codehashVersion(args) => version(call, args.codehash),
        Calls::codehashAsmSize(args) => {
            let size = active(call, args.codehash)?.asm_size();
            Ok(abi::codehashAsmSizeCall::abi_encode_returns(&size))
        }
        Calls::programVersion(args) => {
            let code_hash = call.code_hash(args.program)?;
            version(call, code_hash)
        }
        Calls::programInitGas(args) => init_gas(call, &args),
        Calls::programMemoryFootprint(args) => {
            let code_hash = call.code_hash(args.program)?;
            let footprint = active(call, code_hash)?.footprint;
            Ok(abi::programMemoryFootprintCall::abi_encode_returns(&footprint))
        }
        Calls::programTimeLeft(args) => {
            let code_hash = call.code_hash(args.program)?;
            let record = active(call, code_hash)?;
            let left = record.time_left(call.time(), &call.context.chain.params);
            Ok(abi::programTimeLeftCall::abi_encode_returns(&left))
        }
        other => {
            call.burn(READ_PARAMS)?;
            Ok(parameter(&other, &call.context.chain.params))
        }
    }
}

/// The parameters of Stylus; empty for methods that are none.
fn parameter(call: &Calls, params: &StylusParams) -> Vec<u8> {
    match call {
        Calls::stylusVersion(_) => abi::stylusVersionCall::abi_encode_returns(&STYLUS_VERSION),
        Calls::inkPrice(_) => abi::inkPriceCall::abi_encode_returns(&params.ink_price),
        Calls::maxStackDepth(_) => {
            abi::maxStackDepthCall::abi_encode_returns(&params.max_stack_words)
        }
        Calls::freePages(_) => abi::freePagesCall::abi_encode_returns(&params.memory.free_pages),
        Calls::pageGas(_) => abi::pageGasCall::abi_encode_returns(&params.memory.page_gas),
        Calls::pageRamp(_) => abi::pageRampCall::abi_encode_returns(&PAGE_RAMP),
        Calls::pageLimit(_) => abi::pageLimitCall::abi_encode_returns(&params.page_limit),
        Calls::minInitGas(_) => abi::minInitGasCall::abi_encode_returns(&abi::minInitGasReturn {
            gas: u64::from(params.min_init_gas) * 128,
            cached: u64::from(params.min_cached_init_gas) * 32,
        }),
        Calls::initCostScalar(_) => {
            abi::initCostScalarCall::abi_encode_returns(&(u64::from(params.init_cost_scalar) * 2))
        }
        Calls::expiryDays(_) => abi::expiryDaysCall::abi_encode_returns(&params.expiry_days),
        Calls::keepaliveDays(_) => {
            abi::keepaliveDaysCall::abi_encode_returns(&params.keepalive_days)
        }
        Calls::blockCacheSize(_) => {
            abi::blockCacheSizeCall::abi_encode_returns(&params.block_cache_size)
        }
        _ => Vec::new(),
    }
}

/// The published error for a program that cannot be entered.
pub fn inactive(reason: Inactive) -> Refusal {
    match reason {
        Inactive::NotActivated => Refusal::error(&abi::ProgramNotActivated {}),
        Inactive::NeedsUpgrade(version) => {
            Refusal::error(&abi::ProgramNeedsUpgrade { version, stylusVersion: STYLUS_VERSION })
        }
        Inactive::Expired(age) => Refusal::error(&abi::ProgramExpired { ageInSeconds: age }),
    }
}

fn record(call: &mut PrecompileCall<'_, '_>, code_hash: B256) -> Result<ProgramRecord, Refusal> {
    call.burn(READ_PARAMS + READ)?;
    Ok(arbos::program(call.context, code_hash))
}

fn active(call: &mut PrecompileCall<'_, '_>, code_hash: B256) -> Result<ProgramRecord, Refusal> {
    let record = record(call, code_hash)?;
    record.check_active(call.time(), &call.context.chain.params).map_err(inactive)?;
    Ok(record)
}

fn version(call: &mut PrecompileCall<'_, '_>, code_hash: B256) -> Answer {
    let version = active(call, code_hash)?.version;
    Ok(abi::codehashVersionCall::abi_encode_returns(&version))
}

fn init_gas(call: &mut PrecompileCall<'_, '_>, args: &abi::programInitGasCall) -> Answer {
    let code_hash = call.code_hash(args.program)?;
    let facts = active(call, code_hash)?.facts();
    let params = &call.context.chain.params;
    let cached = params.cached_init_gas(&facts);
    let gas = params.init_gas(&facts) + cached;
    let result = abi::programInitGasReturn { gas, gasWhenCached: cached };
    Ok(abi::programInitGasCall::abi_encode_returns(&result))
}

fn activate_program(call: &mut PrecompileCall<'_, '_>, args: &abi::activateProgramCall) -> Answer {
    call.burn(BASE_ACTIVATION_GAS)?;
    let Ok(code) = call.context.journaled_state.code(args.program);
    let Ok(code_hash) = call.context.journaled_state.code_hash(args.program);
    let (code, code_hash) = (code.data, code_hash.data);
    let before = record(call, code_hash)?;
    let time = call.time();
    let expired = before.is_expired(time, &call.context.chain.params);
    if before.version == STYLUS_VERSION && !expired {
        return Err(Refusal::error(&abi::ProgramUpToDate {}));
    }
    let activation = check(call, &code)?;
    call.burn(activation.gas)?;

    let module_hash = activation.module_hash(code_hash);
    let facts = activation.facts;
    call.burn(WRITE + CHARGE_DATA + WRITE)?;
    arbos::set_module_hash(call.context, code_hash, module_hash);
    let data_fee = arbos::charge_data(call.context, facts.asm_estimate, time);
    let record = ProgramRecord::new(&facts, time, before.cached);
    arbos::set_program(call.context, code_hash, record);
    pay_data_fee(call, data_fee)?;
    let event = abi::ProgramActivated {
        codehash: code_hash,
        moduleHash: module_hash,
        program: args.program,
        dataFee: data_fee,
        version: STYLUS_VERSION,
    };
    call.emit(event.encode_log_data())?;
    let result = abi::activateProgramReturn { version: STYLUS_VERSION, dataFee: data_fee };
    Ok(abi::activateProgramCall::abi_encode_returns(&result))
}

/// Activates the module in `code`. A module that breaks a rule costs all gas, and the rule is told
/// only to those who simulate.
fn check(call: &mut PrecompileCall<'_, '_>, code: &Bytes) -> Result<Activation, Refusal> {
    if !is_stylus(code) {
        return Err(Refusal::error(&abi::ProgramNotWasm {}));
    }
    let env = &mut call.context.chain;
    let wasm = decompress(code).map_err(|error| {
        env.activation_error = Some(error.to_string());
        Refusal::Silent
    })?;
    let pages = env.params.page_limit.saturating_sub(env.pages.open);
    activate(&wasm, pages).map_err(|error| {
        env.activation_error = Some(error.to_string());
        Refusal::OutOfGas
    })
}

fn keep_alive(call: &mut PrecompileCall<'_, '_>, code_hash: B256) -> Answer {
    let record = active(call, code_hash)?;
    let time = call.time();
    if record.is_young(time, &call.context.chain.params) {
        let age = record.age(time);
        return Err(Refusal::error(&abi::ProgramKeepaliveTooSoon { ageInSeconds: age }));
    }
    call.burn(CHARGE_DATA + WRITE)?;
    let data_fee = arbos::charge_data(call.context, record.asm_size(), time);
    arbos::set_program(call.context, code_hash, record.renewed(time));
    pay_data_fee(call, data_fee)?;
    let event = abi::ProgramLifetimeExtended { codehash: code_hash, dataFee: data_fee };
    call.emit(event.encode_log_data())?;
    Ok(Vec::new())
}

/// Takes the fee out of what was sent and returns the rest.
fn pay_data_fee(call: &mut PrecompileCall<'_, '_>, fee: U256) -> Result<(), Refusal> {
    let Some(rest) = call.value.checked_sub(fee) else {
        let (have, want) = (call.value, fee);
        return Err(Refusal::error(&abi::ProgramInsufficientValue { have, want }));
    };
    call.pay(NETWORK_FEES, fee)?;
    call.pay(call.caller, rest)
}
