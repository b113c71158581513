//! The chain as a whole.

use alloy_primitives::{Address, U64, U256};
use alloy_rpc_types_eth::{BlockNumberOrTag, FeeHistory};
use jsonrpsee::core::RegisterMethodError;

use crate::methods::{Methods, Reply};
use crate::node::Node;
use crate::params::Number;

pub fn register(methods: &mut Methods) -> Result<(), RegisterMethodError> {
    methods.add("eth_chainId", |node, ()| Ok(U64::from(node.read(|at| at.chain.chain_id()))))?;
    methods.add("eth_blockNumber", |node, ()| {
        Ok(U64::from(node.read(|at| at.chain.block_number())))
    })?;
    methods.add("eth_gasPrice", |node, ()| Ok(U64::from(node.read(|at| at.chain.gas_price()))))?;
    // Tips are not taken.
    methods.add("eth_maxPriorityFeePerGas", |_, ()| Ok(U64::ZERO))?;
    methods.add("eth_feeHistory", fee_history)?;
    methods.add("eth_syncing", |_, ()| Ok(false))?;
    methods.add("eth_accounts", accounts)?;
    methods.add("eth_coinbase", |_, ()| Ok(opml_devnet::chain::SEQUENCER))?;
    methods.add("eth_mining", |_, ()| Ok(true))?;
    methods.add("eth_hashrate", |_, ()| Ok(U256::ZERO))?;
    methods.add("eth_protocolVersion", |_, ()| Ok(U64::from(68)))
}

fn accounts(node: &Node, (): ()) -> Reply<Vec<Address>> {
    Ok(node.read(|at| at.chain.accounts()))
}

fn fee_history(
    node: &Node,
    (count, newest, percentiles): (Number, BlockNumberOrTag, Option<Vec<f64>>),
) -> Reply<FeeHistory> {
    let percentiles = percentiles.unwrap_or_default();
    Ok(node.read(|at| at.chain.fee_history(count.small(), newest, &percentiles))?)
}
