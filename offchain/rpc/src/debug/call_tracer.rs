//! Calls as geth's `callTracer` writes them. A Stylus frame has one field more: `hostCalls`.

use alloy_primitives::{Bytes, U64, hex};
use alloy_sol_types::{Revert, SolError};
use opml_devnet::chain::{CallTrace, HookCall};
use serde_json::{Map, Value, json};

/// A frame with those it called, or only it.
pub fn frame(trace: &CallTrace, only_top: bool) -> Value {
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    put("from", json!(trace.from));
    put("gas", json!(U64::from(trace.gas)));
    put("gasUsed", json!(U64::from(trace.gas_used)));
    if let Some(to) = trace.to {
        put("to", json!(to));
    }
    put("input", json!(trace.input));
    if !trace.output.is_empty() {
        put("output", json!(trace.output));
    }
    if let Some(error) = trace.error_text() {
        put("error", json!(error));
        if let Ok(revert) = Revert::abi_decode(&trace.output) {
            put("revertReason", json!(revert.reason));
        }
    }
    if !only_top && !trace.calls.is_empty() {
        let calls = trace.calls.iter().map(|call| frame(call, false));
        put("calls", calls.collect());
    }
    if trace.kind != "STATICCALL" {
        put("value", json!(trace.value));
    }
    put("type", json!(trace.kind));
    if !trace.hooks.is_empty() {
        put("hostCalls", trace.hooks.iter().map(host_call).collect());
    }
    Value::Object(fields)
}

fn host_call(hook: &HookCall) -> Value {
    let bytes = |bytes: &Bytes| hex::encode_prefixed(bytes);
    json!({
        "name": hook.name,
        "args": bytes(&hook.input),
        "outs": bytes(&hook.output),
        "startInk": hook.start_ink,
        "endInk": hook.end_ink,
    })
}
