//! The tree of calls a transaction makes, with the host calls of Stylus frames.

use alloy_primitives::{Address, Bytes, U256};
use revm::context::LocalContext;
use revm::handler::FrameResult;
use revm::interpreter::interpreter_action::FrameInit;
use revm::interpreter::{CallScheme, FrameInput, InstructionResult};
use thiserror::Error;

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
    pub name: &'static str,
    /// What was passed.
    pub input: Bytes,
    /// What came back.
    pub output: Bytes,
    /// Ink before.
    pub start_ink: u64,
    /// Ink after.
    pub end_ink: u64,
}

/// A transaction does more than a trace may tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("trace exceeds {calls} calls or {bytes} bytes of what they pass and return")]
pub struct TraceTooLarge {
    /// Most calls, those of the host included.
    pub calls: usize,
    /// Most bytes passed to them and returned by them.
    pub bytes: usize,
}

/// Gas that one transaction can have pays for tens of millions of host calls, or for as many
/// copies of a large input; this is more than a response may hold.
const MOST: TraceTooLarge = TraceTooLarge { calls: 1_000_000, bytes: 64 << 20 };

/// Collects one transaction's calls.
#[derive(Debug, Default)]
pub struct Tracer {
    open: Vec<CallTrace>,
    root: Option<CallTrace>,
    calls: usize,
    bytes: usize,
    exceeded: bool,
}

impl Tracer {
    /// Whether it still wants to be told.
    pub fn is_recording(&self) -> bool {
        !self.exceeded
    }

    /// Counts calls and the bytes that go with them. Beyond the limits it forgets everything, and
    /// records no more.
    fn count(&mut self, calls: usize, bytes: usize) -> bool {
        self.calls = self.calls.saturating_add(calls);
        self.bytes = self.bytes.saturating_add(bytes);
        if self.calls > MOST.calls || self.bytes > MOST.bytes {
            self.open.clear();
            self.exceeded = true;
        }
        !self.exceeded
    }

    /// A frame is about to start.
    pub fn enter(&mut self, init: &FrameInit, local: &LocalContext) {
        let input = match &init.frame_input {
            FrameInput::Call(call) => call.input.len(),
            FrameInput::Create(create) => create.init_code().len(),
            FrameInput::Empty => 0,
        };
        if !self.count(1, input) {
            return;
        }
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
        if !self.count(0, result.interpreter_result().output.len()) {
            return;
        }
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
        if !self.count(1, hook.input.len() + hook.output.len()) {
            return;
        }
        if let Some(call) = self.open.last_mut() {
            call.hooks.push(HookCall {
                name: hook.name,
                input: Bytes::copy_from_slice(hook.input),
                output: Bytes::copy_from_slice(hook.output),
                start_ink: hook.start_ink,
                end_ink: hook.end_ink,
            });
        }
    }

    /// The tree.
    ///
    /// # Errors
    /// [`TraceTooLarge`].
    pub fn finish(self) -> Result<Option<CallTrace>, TraceTooLarge> {
        if self.exceeded { Err(MOST) } else { Ok(self.root) }
    }
}
