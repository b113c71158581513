//! Calls that are only tried.

use alloy_primitives::{Bytes, U64};
use alloy_rpc_types_eth::state::StateOverride;
use alloy_rpc_types_eth::{AccessListResult, BlockOverrides};
use jsonrpsee::core::RegisterMethodError;
use opml_devnet::chain::Overrides;

use crate::error::Error;
use crate::methods::{Methods, Reply};
use crate::node::Node;
use crate::params::{At, Call};

type AccessTrial = (Call, At, Option<StateOverride>);
type Trial = (Call, At, Option<StateOverride>, Option<BlockOverrides>);

pub fn register(methods: &mut Methods) -> Result<(), RegisterMethodError> {
    methods.add("eth_call", call)?;
    methods.add("eth_estimateGas", estimate_gas)?;
    methods.add("eth_createAccessList", access_list)
}

fn call(node: &Node, (Call(request), At(at), state, block): Trial) -> Reply<Bytes> {
    request.input.unique_input().map_err(|_| Error::TwoInputs)?;
    let overrides = Overrides { state, block };
    Ok(node.read(|ledger| ledger.chain.call(&request, at, &overrides))?)
}

fn estimate_gas(node: &Node, (Call(request), At(at), state, block): Trial) -> Reply<U64> {
    request.input.unique_input().map_err(|_| Error::TwoInputs)?;
    let overrides = Overrides { state, block };
    Ok(U64::from(node.read(|ledger| ledger.chain.estimate_gas(&request, at, &overrides))?))
}

fn access_list(
    node: &Node,
    (Call(request), At(at), state): AccessTrial,
) -> Reply<AccessListResult> {
    request.input.unique_input().map_err(|_| Error::TwoInputs)?;
    let overrides = Overrides { state, block: None };
    Ok(node.read(|ledger| ledger.chain.access_list(&request, at, &overrides))?)
}
