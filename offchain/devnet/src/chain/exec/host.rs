//! The chain as a running program sees it: revm's journal.

use alloy_primitives::{Address, B256, Bytes, Log, U256};
use revm::Journal;
use revm::context_interface::{CreateScheme, JournalTr};
use revm::handler::FrameResult;
use revm::interpreter::{CreateInputs, FrameInput, InstructionResult};

use super::calls::Loaded;
use super::evm::{ArbEvm, Fault};
use super::program::Entry;
use crate::chain::state::View;
use crate::stylus::host::{
    CallKind, CallReturn, CreateRefused, CreateReturn, HookTrace, Host, Priced, ReadOnly,
    StoreStatus, SubCall, SubCreate,
};

const WARM: u64 = 100;
const COLD_ACCOUNT: u64 = 2600;
const COLD_SLOT: u64 = 2100;
const LOAD_CODE: u64 = 700;
const STIPEND: u64 = 2300;
const CREATE: u64 = 32_000;
const KECCAK_WORD: u64 = 6;

/// The chain for one frame.
pub struct FrameHost<'h, 'a> {
    evm: &'h mut ArbEvm<'a>,
    entry: &'h Entry,
    refund: i64,
    fault: Option<Fault>,
}

impl<'h, 'a> FrameHost<'h, 'a> {
    /// The chain for the frame on top of the stack.
    pub fn new(evm: &'h mut ArbEvm<'a>, entry: &'h Entry) -> Self {
        Self { evm, entry, refund: 0, fault: None }
    }

    /// What the frame runs with.
    pub(super) fn entry(&self) -> &Entry {
        self.entry
    }

    /// Gas to refund, and what broke down.
    pub fn finish(self) -> (i64, Option<Fault>) {
        (self.refund, self.fault)
    }

    fn journal(&mut self) -> &mut Journal<View<'a>> {
        &mut self.evm.context().journaled_state
    }

    pub(super) fn account(&mut self, address: Address) -> Loaded {
        let Ok(account) = self.journal().load_account_with_code(address);
        Loaded {
            is_cold: account.is_cold,
            is_empty: account.is_empty(),
            code: account.info.code.clone().unwrap_or_default(),
            code_hash: account.info.code_hash,
            balance: account.info.balance,
        }
    }

    /// Runs a call or creation. What breaks down is kept; the frame is then given up.
    fn run(&mut self, input: FrameInput) -> Option<FrameResult> {
        match self.evm.run_nested(input) {
            Ok(result) => {
                if result.instruction_result().is_ok() {
                    self.refund += result.gas().refunded();
                }
                Some(result)
            }
            Err(fault) => {
                self.fault = Some(fault);
                None
            }
        }
    }
}

/// Unspent gas that goes back to the caller.
fn gas_back(result: &FrameResult) -> u64 {
    if result.instruction_result().is_ok_or_revert() { result.gas().remaining() } else { 0 }
}

/// Gas of touching an account.
pub fn touch_gas(is_cold: bool) -> u64 {
    if is_cold { COLD_ACCOUNT } else { WARM }
}

fn word(value: B256) -> U256 {
    value.into()
}

impl Host for FrameHost<'_, '_> {
    fn storage_load(&mut self, key: B256) -> Priced<B256> {
        let contract = self.entry.contract;
        let Ok(slot) = self.journal().sload(contract, word(key));
        Priced { value: slot.data.into(), gas: if slot.is_cold { COLD_SLOT } else { WARM } }
    }

    fn storage_store(&mut self, slots: &[(B256, B256)], gas_left: u64) -> Priced<StoreStatus> {
        if self.entry.is_static {
            return Priced { value: StoreStatus::ReadOnly, gas: 0 };
        }
        let contract = self.entry.contract;
        let mut gas = 0;
        for (key, value) in slots {
            let context = self.evm.context();
            let Ok(stored) = context.journaled_state.sstore(contract, word(*key), word(*value));
            let prices = &context.cfg.gas_params;
            gas += prices.sstore_static_gas()
                + prices.sstore_dynamic_gas(true, &stored.data, stored.is_cold);
            if gas >= gas_left {
                return Priced { value: StoreStatus::OutOfGas, gas: gas_left };
            }
            self.refund += prices.sstore_refund(true, &stored.data);
        }
        Priced { value: StoreStatus::Done, gas }
    }

    fn transient_load(&mut self, key: B256) -> B256 {
        let contract = self.entry.contract;
        self.journal().tload(contract, word(key)).into()
    }

    fn transient_store(&mut self, key: B256, value: B256) -> Result<(), ReadOnly> {
        if self.entry.is_static {
            return Err(ReadOnly);
        }
        let contract = self.entry.contract;
        self.journal().tstore(contract, word(key), word(value));
        Ok(())
    }

    fn call(&mut self, call: SubCall<'_>) -> CallReturn {
        let failed = |gas| CallReturn { success: false, output: Bytes::new(), gas };
        let value = match call.kind {
            CallKind::Call(value) => value,
            CallKind::Delegate | CallKind::Static => U256::ZERO,
        };
        if self.entry.is_static && !value.is_zero() {
            return failed(0);
        }
        let Some(callee) = self.callee(call.target, value, call.gas_left) else {
            return failed(call.gas_left);
        };
        let cost = callee.cost;
        let mut gas = share(call.gas_left - cost).min(call.gas_offered);
        if !value.is_zero() {
            gas = gas.saturating_add(STIPEND);
        }
        let inputs = self.call_inputs(&call, callee, gas);
        let Some(result) = self.run(FrameInput::Call(Box::new(inputs))) else {
            return failed(call.gas_left);
        };
        let outcome = result.instruction_result();
        let gas = cost.saturating_add(gas.saturating_sub(gas_back(&result)));
        let result = result.into_interpreter_result();
        CallReturn {
            success: outcome.is_ok(),
            output: if outcome.is_ok_or_revert() { result.output } else { Bytes::new() },
            gas,
        }
    }

    fn create(&mut self, create: SubCreate<'_>) -> Result<CreateReturn, CreateRefused> {
        if self.entry.is_static {
            return Err(CreateRefused::ReadOnly);
        }
        let (scheme, hashing) = match create.salt {
            Some(salt) => {
                let words = create.init_code.len().div_ceil(32) as u64;
                (CreateScheme::Create2 { salt: salt.into() }, words * KECCAK_WORD)
            }
            None => (CreateScheme::Create, 0),
        };
        let rest = create.gas_left.checked_sub(CREATE + hashing);
        let rest = rest.ok_or(CreateRefused::OutOfGas)?;
        let kept = rest / 64;
        let inputs = CreateInputs::new(
            self.entry.contract,
            scheme,
            create.value,
            Bytes::copy_from_slice(create.init_code),
            rest - kept,
            0,
        );
        let result = self.run(FrameInput::Create(Box::new(inputs)));
        let result = result.ok_or(CreateRefused::OutOfGas)?;
        let address = match &result {
            FrameResult::Create(created) if created.result.result.is_ok() => created.address,
            _ => None,
        };
        let gas = create.gas_left.saturating_sub(gas_back(&result) + kept);
        let reverted = result.instruction_result() == InstructionResult::Revert;
        let output = result.into_interpreter_result().output;
        Ok(CreateReturn {
            address: address.unwrap_or_default(),
            output: if reverted { output } else { Bytes::new() },
            gas,
        })
    }

    fn log(&mut self, topics: &[B256], data: &[u8]) -> Result<(), ReadOnly> {
        if self.entry.is_static {
            return Err(ReadOnly);
        }
        let contract = self.entry.contract;
        let data = Bytes::copy_from_slice(data);
        self.journal().log(Log::new_unchecked(contract, topics.to_vec(), data));
        Ok(())
    }

    fn balance(&mut self, account: Address) -> Priced<U256> {
        let account = self.account(account);
        Priced { value: account.balance, gas: touch_gas(account.is_cold) }
    }

    fn code(&mut self, account: Address, gas_left: u64) -> Priced<Bytes> {
        let account = self.account(account);
        let gas = LOAD_CODE + touch_gas(account.is_cold);
        let affordable = gas <= gas_left;
        let value = if affordable { account.code.original_bytes() } else { Bytes::new() };
        Priced { value, gas }
    }

    fn code_hash(&mut self, account: Address) -> Priced<B256> {
        let account = self.account(account);
        let value = if account.is_empty { B256::ZERO } else { account.code_hash };
        Priced { value, gas: touch_gas(account.is_cold) }
    }

    fn open_pages(&mut self, pages: u16) -> u64 {
        let env = &mut self.evm.context().chain;
        let before = env.pages.add(pages);
        env.params.memory.gas(pages, before.open, before.ever)
    }

    fn is_tracing(&self) -> bool {
        self.evm.is_tracing()
    }

    fn trace(&mut self, hook: HookTrace<'_>) {
        if let Some(tracer) = &mut self.evm.context().chain.tracer {
            tracer.hook(&hook);
        }
    }
}

/// What of `gas` a callee may get at most. Written as the chain has it, which rounds otherwise
/// than the EVM.
fn share(gas: u64) -> u64 {
    u64::try_from(u128::from(gas) * 63 / 64).unwrap_or(u64::MAX)
}
