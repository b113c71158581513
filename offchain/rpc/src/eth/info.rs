//! The chain as a whole.

use alloy_primitives::{U64, U256};
use alloy_rpc_types_eth::{BlockNumberOrTag, FeeHistory};
use jsonrpsee::core::RegisterMethodError;

use crate::error::Error;
use crate::methods::{Methods, Reply};
use crate::node::Node;
use crate::params::Number;

/// Most percentiles of a fee history: each has an entry for every block.
const PERCENTILES: usize = 100;

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
    methods.add("eth_accounts", |node, ()| Ok(node.read(|at| at.chain.accounts())))?;
    methods.add("eth_coinbase", |_, ()| Ok(opml_devnet::chain::SEQUENCER))?;
    methods.add("eth_mining", |_, ()| Ok(true))?;
    methods.add("eth_hashrate", |_, ()| Ok(U256::ZERO))?;
    methods.add("eth_protocolVersion", |_, ()| Ok(U64::from(68)))
}

fn fee_history(
    node: &Node,
    (count, newest, percentiles): (Number, BlockNumberOrTag, Option<Vec<f64>>),
) -> Reply<FeeHistory> {
    let percentiles = percentiles.unwrap_or_default();
    check(&percentiles)?;
    Ok(node.read(|at| at.chain.fee_history(count.small(), newest, &percentiles))?)
}

/// Percentiles ascend from 0 to 100.
fn check(percentiles: &[f64]) -> Reply<()> {
    if percentiles.len() > PERCENTILES {
        return Err(Error::TooManyPercentiles(PERCENTILES));
    }
    if let Some(bad) = percentiles.iter().find(|value| !(0.0..=100.0).contains(*value)) {
        return Err(Error::Percentile(*bad));
    }
    match percentiles.windows(2).position(|pair| pair[0] >= pair[1]) {
        Some(at) => Err(Error::PercentileOrder {
            index: at + 1,
            before: percentiles[at],
            after: percentiles[at + 1],
        }),
        None => Ok(()),
    }
}
