//! The `debug_*` methods: what happened inside a transaction.

mod call_tracer;
mod stylus_tracer;

use alloy_primitives::B256;
use alloy_rpc_types_eth::BlockOverrides;
use alloy_rpc_types_eth::state::StateOverride;
use jsonrpsee::core::RegisterMethodError;
use opml_devnet::chain::{CallTrace, Overrides};
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

use call_tracer::Frame;

use crate::error::Error;
use crate::methods::{Methods, Reply};
use crate::node::Node;
use crate::params::{At, Call};

/// Adds them.
///
/// # Errors
/// [`RegisterMethodError`] if one is there already.
pub fn register(methods: &mut Methods) -> Result<(), RegisterMethodError> {
    methods.add("debug_traceTransaction", trace_transaction)?;
    methods.add("debug_traceCall", trace_call)?;
    methods.add("debug_getRawTransaction", |node, (hash,)| {
        Ok(node.read(|ledger| ledger.chain.raw_transaction(hash)))
    })
}

/// How a trace is written.
enum Tracer {
    Calls { only_top: bool },
    HostCalls,
}

impl Tracer {
    fn of(options: Option<&Value>) -> Reply<Self> {
        let option = |name| options.and_then(|options| options.get(name));
        let config = |name| option("tracerConfig").and_then(|config| config.get(name));
        let is_set = |name| config(name).and_then(Value::as_bool).unwrap_or_default();
        match option("tracer").and_then(Value::as_str) {
            Some("callTracer") if is_set("withLog") => Err(Error::TracerOption("withLog")),
            Some("callTracer") => Ok(Self::Calls { only_top: is_set("onlyTopCall") }),
            Some("stylusTracer") => Ok(Self::HostCalls),
            other => Err(Error::Tracer(other.unwrap_or("structLogger").to_owned())),
        }
    }

    fn write(&self, trace: &CallTrace) -> Reply<Box<RawValue>> {
        Ok(match self {
            Self::Calls { only_top } => to_raw_value(&Frame::new(trace, *only_top))?,
            Self::HostCalls => to_raw_value(&stylus_tracer::steps(trace))?,
        })
    }
}

fn trace_transaction(node: &Node, (hash, options): (B256, Option<Value>)) -> Reply<Box<RawValue>> {
    let tracer = Tracer::of(options.as_ref())?;
    let trace = node.read(|ledger| {
        let mut trace = ledger.chain.trace_transaction(hash)?;
        let transaction = ledger.chain.transaction(hash).zip(ledger.chain.receipt(hash));
        if let Some((transaction, receipt)) = transaction {
            // Of the outermost frame clients expect what the transaction had and paid for.
            trace.gas = alloy_consensus::Transaction::gas_limit(transaction.inner.inner());
            trace.gas_used = receipt.gas_used;
        }
        Ok::<_, Error>(trace)
    })?;
    tracer.write(&trace)
}

fn trace_call(
    node: &Node,
    (Call(request), At(at), options): (Call, At, Option<Value>),
) -> Reply<Box<RawValue>> {
    let tracer = Tracer::of(options.as_ref())?;
    request.input.unique_input().map_err(|_| Error::TwoInputs)?;
    let overrides = Overrides {
        state: overriding::<StateOverride>(options.as_ref(), "stateOverrides")?,
        block: overriding::<BlockOverrides>(options.as_ref(), "blockOverrides")?,
    };
    let trace = node.read(|ledger| ledger.chain.trace_call(&request, at, &overrides))?;
    tracer.write(&trace)
}

fn overriding<T: serde::de::DeserializeOwned>(
    options: Option<&Value>,
    name: &str,
) -> Reply<Option<T>> {
    let value = options.and_then(|options| options.get(name)).filter(|value| !value.is_null());
    let read = value.map(T::deserialize).transpose();
    read.map_err(|error| Error::Argument { index: 2, reason: error.into() })
}
