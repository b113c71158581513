//! Calls as geth's `callTracer` writes them. A Stylus frame has one field more: `hostCalls`.

use alloy_primitives::{Address, Bytes, U64, U256};
use alloy_sol_types::{Revert, SolError};
use opml_devnet::chain::{CallTrace, HookCall};
use serde::Serialize;

/// A frame with those it called, or only it. It borrows what it tells: a trace may be large.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Frame<'t> {
    from: Address,
    gas: U64,
    gas_used: U64,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<Address>,
    input: &'t Bytes,
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<&'t Bytes>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revert_reason: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    calls: Vec<Self>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<U256>,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    host_calls: Vec<HostCall<'t>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct HostCall<'t> {
    name: &'static str,
    args: &'t Bytes,
    outs: &'t Bytes,
    start_ink: u64,
    end_ink: u64,
}

impl<'t> Frame<'t> {
    /// The frame of `trace`; those it called are left out if it is wanted only.
    pub fn new(trace: &'t CallTrace, only_top: bool) -> Self {
        let error = trace.error_text();
        let reason = error.as_ref().and_then(|_| Revert::abi_decode(&trace.output).ok());
        let calls = if only_top { &[][..] } else { &trace.calls };
        Self {
            from: trace.from,
            gas: U64::from(trace.gas),
            gas_used: U64::from(trace.gas_used),
            to: trace.to,
            input: &trace.input,
            output: (!trace.output.is_empty()).then_some(&trace.output),
            error,
            revert_reason: reason.map(|revert| revert.reason),
            calls: calls.iter().map(|call| Self::new(call, false)).collect(),
            value: (trace.kind != "STATICCALL").then_some(trace.value),
            kind: trace.kind,
            host_calls: trace.hooks.iter().map(HostCall::new).collect(),
        }
    }
}

impl<'t> HostCall<'t> {
    fn new(hook: &'t HookCall) -> Self {
        Self {
            name: hook.name,
            args: &hook.input,
            outs: &hook.output,
            start_ink: hook.start_ink,
            end_ink: hook.end_ink,
        }
    }
}
