//! What it costs a program to call, and what the callee gets.

use alloy_primitives::{Address, B256, Bytes, U256};
use revm::bytecode::Bytecode;
use revm::interpreter::{CallInput, CallInputs, CallScheme, CallValue};

use super::host::{FrameHost, touch_gas};
use super::program::Entry;
use crate::stylus::host::{CallKind, SubCall};

const SEND_VALUE: u64 = 9000;
const NEW_ACCOUNT: u64 = 25_000;

/// Whom a call reaches.
pub struct Callee {
    /// Gas before it gets any.
    pub cost: u64,
    /// Its code.
    pub code: Bytecode,
    /// Hash of that.
    pub code_hash: B256,
}

/// An account as the journal has it.
pub struct Loaded {
    /// Whether it was not touched before.
    pub is_cold: bool,
    /// Whether it does not exist.
    pub is_empty: bool,
    /// Its code.
    pub code: Bytecode,
    /// Hash of that.
    pub code_hash: B256,
    /// Wei.
    pub balance: U256,
}

impl FrameHost<'_, '_> {
    /// The callee with the gas of calling it, or none when that exceeds `budget`.
    pub(super) fn callee(&mut self, target: Address, value: U256, budget: u64) -> Option<Callee> {
        if budget < touch_gas(false) {
            return None;
        }
        let account = self.account(target);
        let mut cost = touch_gas(account.is_cold);
        if !value.is_zero() {
            cost += SEND_VALUE + if account.is_empty { NEW_ACCOUNT } else { 0 };
        }
        let Loaded { code, code_hash, .. } = match account.code.eip7702_address() {
            Some(delegate) => self.account(delegate),
            None => account,
        };
        (cost <= budget).then_some(Callee { cost, code, code_hash })
    }

    /// What the callee runs with.
    pub(super) fn call_inputs(
        &self,
        call: &SubCall<'_>,
        code: Callee,
        gas_limit: u64,
    ) -> CallInputs {
        let Entry { contract, is_static, .. } = *self.entry();
        let (target_address, caller, value, scheme) = match call.kind {
            CallKind::Call(value) => {
                (call.target, contract, CallValue::Transfer(value), CallScheme::Call)
            }
            CallKind::Delegate => {
                let value = CallValue::Apparent(self.entry().value);
                (contract, self.entry().caller, value, CallScheme::DelegateCall)
            }
            CallKind::Static => {
                (call.target, contract, CallValue::Transfer(U256::ZERO), CallScheme::StaticCall)
            }
        };
        CallInputs {
            input: CallInput::Bytes(Bytes::copy_from_slice(call.input)),
            return_memory_offset: 0..0,
            gas_limit,
            reservoir: 0,
            bytecode_address: call.target,
            known_bytecode: (code.code_hash, code.code),
            target_address,
            caller,
            value,
            scheme,
            is_static: is_static || matches!(call.kind, CallKind::Static),
            charged_new_account_state_gas: false,
        }
    }
}
