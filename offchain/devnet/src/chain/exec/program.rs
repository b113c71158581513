//! One frame that is a Stylus program.

use alloy_primitives::{Address, B256, Bytes, U256};
use revm::context_interface::Transaction;
use revm::interpreter::interpreter_types::RuntimeFlag;
use revm::interpreter::{Gas, InstructionResult, InterpreterResult};

use super::evm::{ArbEvm, Fault};
use super::host::FrameHost;
use crate::chain::arbos;
use crate::stylus::code::is_stylus;
use crate::stylus::engine::{self, Call, Finished, Outcome, Program};
use crate::stylus::entry::{Cached, return_data_floor};
use crate::stylus::host::Context;

/// What a frame runs with.
pub struct Entry {
    /// The account acted for.
    pub contract: Address,
    /// Who called.
    pub caller: Address,
    /// Wei sent along.
    pub value: U256,
    /// Whether nothing may be written.
    pub is_static: bool,
    input: Bytes,
    code: Bytes,
    code_hash: B256,
    gas: u64,
}

impl Entry {
    fn of(evm: &mut ArbEvm<'_>) -> Self {
        let frame = evm.frame();
        let interpreter = &mut frame.interpreter;
        let code_hash = interpreter.bytecode.get_or_calculate_hash();
        let input = interpreter.input.clone();
        let entry = Self {
            contract: input.target_address,
            caller: input.caller_address,
            value: input.call_value,
            is_static: interpreter.runtime_flag.is_static(),
            input: Bytes::new(),
            code: interpreter.bytecode.original_bytes(),
            code_hash,
            gas: interpreter.gas.remaining(),
        };
        Self { input: input.input.bytes(evm.context()), ..entry }
    }
}

/// Runs the program in the frame on top of the stack.
pub fn run(evm: &mut ArbEvm<'_>) -> Result<InterpreterResult, Fault> {
    let entry = Entry::of(evm);
    debug_assert!(is_stylus(&entry.code));
    let mut gas = Gas::new(entry.gas);
    let Some(entry_gas) = entry_gas(evm, entry.code_hash) else {
        return Ok(halt(InstructionResult::NotActivated, gas));
    };
    if !gas.record_regular_cost(entry_gas) {
        return Ok(halt(InstructionResult::OutOfGas, gas));
    }
    let program = evm.context().chain.programs.get(entry.code_hash, &entry.code);
    let program = program.map_err(|error| Fault::Custom(error.to_string()))?;
    enter(evm, &entry, &program, gas)
}

fn enter(
    evm: &mut ArbEvm<'_>,
    entry: &Entry,
    program: &Program,
    mut gas: Gas,
) -> Result<InterpreterResult, Fault> {
    let params = evm.context().chain.params;
    let open = evm.context().chain.pages.add(program.facts().footprint).open;
    let call = Call { input: &entry.input, gas: gas.remaining(), context: context(evm, entry) };

    let mut host = FrameHost::new(evm, entry);
    let finished = engine::run(program, &mut host, &call, &params);
    let (refund, fault) = host.finish();
    evm.context().chain.pages.open = open;
    if let Some(fault) = fault {
        return Err(fault);
    }
    gas.record_refund(refund);
    Ok(result(finished, gas, entry.gas))
}

/// Gas of entering, and the program is noted as used in this block; none when it is not active.
fn entry_gas(evm: &mut ArbEvm<'_>, code_hash: B256) -> Option<u64> {
    let context = evm.context();
    let time = context.block.timestamp.saturating_to();
    let params = context.chain.params;
    let record = arbos::program(context, code_hash);
    if record.check_active(time, &params).is_err() {
        return None;
    }
    let recent = context.chain.recent.touch(code_hash, params.block_cache_size);
    let cached = if record.cached { Cached::Yes } else { recent };
    Some(params.entry_gas(&record.facts(), context.chain.pages, cached))
}

fn context(evm: &mut ArbEvm<'_>, entry: &Entry) -> Context {
    let context = evm.context();
    let block = &context.block;
    Context {
        block_basefee: U256::from(block.basefee),
        block_coinbase: block.beneficiary,
        block_gas_limit: block.gas_limit,
        block_number: block.number.saturating_to(),
        block_timestamp: block.timestamp.saturating_to(),
        chain_id: context.cfg.chain_id,
        tx_origin: context.tx.caller,
        tx_gas_price: U256::from(context.tx.effective_gas_price(u128::from(block.basefee))),
        contract: entry.contract,
        caller: entry.caller,
        value: entry.value,
        reentrant: context.chain.is_reentered(entry.contract),
    }
}

fn halt(reason: InstructionResult, mut gas: Gas) -> InterpreterResult {
    gas.spend_all();
    InterpreterResult::new(reason, Bytes::new(), gas)
}

fn result(finished: Finished, mut gas: Gas, gas_at_start: u64) -> InterpreterResult {
    let (reason, output) = match finished.outcome {
        Outcome::Success(output) => (InstructionResult::Return, output),
        Outcome::Revert(output) => (InstructionResult::Revert, output),
        Outcome::Failure(_) => (InstructionResult::Revert, Vec::new()),
        Outcome::OutOfInk => return halt(InstructionResult::OutOfGas, gas),
        Outcome::OutOfStack => return halt(InstructionResult::StackOverflow, gas),
    };
    let floor = return_data_floor(output.len());
    let Some(most) = gas_at_start.checked_sub(floor) else {
        return halt(InstructionResult::OutOfGas, gas);
    };
    gas.set_remaining(finished.gas_left.min(most));
    InterpreterResult::new(reason, output.into(), gas)
}
