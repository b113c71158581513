//! Host calls as Nitro's `stylusTracer` writes them: those of the outermost frame in order, each
//! call to another contract with the steps made there.

use alloy_primitives::{Address, Bytes};
use opml_devnet::chain::{CallTrace, HookCall};
use serde::Serialize;

/// A host call, or a call that EVM code made.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    name: &'static str,
    args: Bytes,
    outs: Bytes,
    start_ink: u64,
    end_ink: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<Address>,
    #[serde(skip_serializing_if = "Option::is_none")]
    steps: Option<Vec<Step>>,
}

/// The steps of a transaction.
pub fn steps(trace: &CallTrace) -> Vec<Step> {
    let mut calls = trace.calls.iter().peekable();
    let mut steps = Vec::new();
    for hook in &trace.hooks {
        let mut step = host_call(hook);
        if let Some(kind) = opens(hook.name) {
            // One that could not be made has no frame.
            if let Some(call) = calls.next_if(|call| call.kind == kind && calls_to(hook, call)) {
                if is_nested(kind) {
                    step.address = call.to;
                    step.steps = Some(self::steps(call));
                } else {
                    steps.push(from_evm(call));
                }
            }
        }
        steps.push(step);
    }
    steps.extend(calls.map(from_evm));
    steps
}

fn host_call(hook: &HookCall) -> Step {
    Step {
        name: hook.name,
        args: hook.input.clone(),
        outs: hook.output.clone(),
        start_ink: hook.start_ink,
        end_ink: hook.end_ink,
        address: None,
        steps: None,
    }
}

/// What a host function makes.
fn opens(hook: &str) -> Option<&'static str> {
    match hook {
        "call_contract" => Some("CALL"),
        "delegate_call_contract" => Some("DELEGATECALL"),
        "static_call_contract" => Some("STATICCALL"),
        "create1" => Some("CREATE"),
        "create2" => Some("CREATE2"),
        _ => None,
    }
}

/// Creations are listed before the host call that made them, calls within it.
fn is_nested(kind: &str) -> bool {
    !matches!(kind, "CREATE" | "CREATE2")
}

/// A host call's arguments start with the address called.
fn calls_to(hook: &HookCall, call: &CallTrace) -> bool {
    !is_nested(call.kind) || call.to.is_some_and(|to| hook.input.starts_with(to.as_slice()))
}

fn from_evm(call: &CallTrace) -> Step {
    let name = match call.kind {
        "DELEGATECALL" => "evm_delegate_call_contract",
        "STATICCALL" => "evm_static_call_contract",
        "CREATE" => "evm_create1",
        "CREATE2" => "evm_create2",
        _ => "evm_call_contract",
    };
    Step {
        name,
        args: Bytes::new(),
        outs: Bytes::new(),
        start_ink: 0,
        end_ink: 0,
        address: call.to,
        steps: Some(steps(call)),
    }
}
