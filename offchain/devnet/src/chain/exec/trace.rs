//! The tree of calls a transaction makes, with the host calls of Stylus frames.

use alloy_primitives::{Address, Bytes, U256};
use revm::context::LocalContext;
use revm::handler::FrameResult;
use revm::interpreter::interpreter_action::FrameInit;
use revm::interpreter::{CallScheme, FrameInput, InstructionResult};

use crate::stylus::host::HookTrace;

/// One call or creation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallTrace {
    /// Name of the instruction: `CALL`, `STATICCALL`, `CREATE2`, ...
    pub kind: &'static str,
    /// Who called.
    pub from: Address,
    /// Whose code ran; for a creation the new contract, if it came to be.
    pub to: Option<Address>,
    /// Wei sent along.
    pub value: U256,
    /// Gas given.
    pub gas: u64,
    /// Gas taken.
    pub gas_used: u64,
    /// Calldata or init code.
    pub input: Bytes,
    /// What it returned or reverted with.
    pub output: Bytes,
    /// Why it failed, if it did.
    pub error: Option<InstructionResult>,
    /// Calls it made, in order.
    pub calls: Vec<CallTrace>,
    /// Host calls, when it is a Stylus program.
    pub hooks: Vec<HookCall>,
}

impl CallTrace {
    /// Why it failed, in the words of other nodes.
    pub fn error_text(&self) -> Option<String> {
        self.error.map(crate::chain::error::frame_error)
    }
}

/// One host call of a Stylus program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookCall {
    /// Name of the host function.
    pub name: String,
    /// What was passed.
    pub input: Bytes,
    /// What came back.
    pub output: Bytes,
    /// Ink before.
    pub start_ink: u64,
    /// Ink after.
    pub end_ink: u64,
}

/// Collects one transaction's calls.
#[derive(Debug, Default)]
pub struct Tracer {
    open: Vec<CallTrace>,
    root: Option<CallTrace>,
}

impl Tracer {
    /// A frame is about to start.
    pub fn enter(&mut self, init: &FrameInit, local: &LocalContext) {
        self.open.push(match &init.frame_input {
            FrameInput::Call(call) => CallTrace {
                kind: match call.scheme {
                    CallScheme::Call => "CALL",
                    CallScheme::CallCode => "CALLCODE",
                    CallScheme::DelegateCall => "DELEGATECALL",
                    CallScheme::StaticCall => "STATICCALL",
                },
                from: match call.scheme {
                    CallScheme::DelegateCall => call.target_address,
                    _ => call.caller,
                },
                to: Some(call.bytecode_address),
                value: call.value.get(),
                gas: call.gas_limit,
                input: call.input.bytes_local(local),
                ..CallTrace::default()
            },
            FrameInput::Create(create) => CallTrace {
                kind: match create.scheme() {
                    revm::context_interface::CreateScheme::Create2 { .. } => "CREATE2",
                    _ => "CREATE",
                },
                from: create.caller(),
                value: create.value(),
                gas: create.gas_limit(),
                input: create.init_code().clone(),
                ..CallTrace::default()
            },
            FrameInput::Empty => CallTrace::default(),
        });
    }

    /// The frame entered last is over.
    pub fn leave(&mut self, result: &FrameResult) {
        let Some(mut call) = self.open.pop() else { return };
        let outcome = result.instruction_result();
        let left = if outcome.is_ok_or_revert() { result.gas().remaining() } else { 0 };
        call.gas_used = call.gas.saturating_sub(left);
        call.output = result.interpreter_result().output.clone();
        call.error = (!outcome.is_ok()).then_some(outcome);
        if let FrameResult::Create(create) = result {
            call.to = create.address.filter(|_| outcome.is_ok());
        }
        match self.open.last_mut() {
            Some(parent) => parent.calls.push(call),
            None => self.root = Some(call),
        }
    }

    /// A host call of the frame running.
    pub fn hook(&mut self, hook: &HookTrace<'_>) {
        if let Some(call) = self.open.last_mut() {
            call.hooks.push(HookCall {
                name: hook.name.to_owned(),
                input: Bytes::copy_from_slice(hook.input),
                output: Bytes::copy_from_slice(hook.output),
                start_ink: hook.start_ink,
                end_ink: hook.end_ink,
            });
        }
    }

    /// The tree.
    pub fn finish(self) -> Option<CallTrace> {
        self.root
    }
}
