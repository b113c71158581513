//! Events of the contracts, all of them since the deployment, in ranges that nodes accept.

use alloy_primitives::{Address, B256};
use alloy_provider::Provider as _;
use alloy_rpc_types_eth::Filter;
use alloy_sol_types::SolEvent;
use anyhow::Result;

use super::access::Reader;

/// Most blocks of a question.
const SPAN: u64 = 10_000;

/// An event.
pub struct Found<E> {
    pub event: E,
}

/// All events `E` of a contract, in order; with `first` only those with this first indexed argument.
pub async fn all<E: SolEvent>(
    reader: &Reader,
    contract: Address,
    first: Option<B256>,
) -> Result<Vec<Found<E>>> {
    let head = reader.connection.get_block_number().await?;
    let mut found = Vec::new();
    let mut from = reader.deployment.start_block;
    while from <= head {
        let to = (from + SPAN - 1).min(head);
        let mut filter = Filter::new()
            .address(contract)
            .event_signature(E::SIGNATURE_HASH)
            .from_block(from)
            .to_block(to);
        if let Some(first) = first {
            filter = filter.topic1(first);
        }
        for log in reader.connection.get_logs(&filter).await? {
            found.push(Found { event: E::decode_log(&log.inner)?.data });
        }
        from = to + 1;
    }
    Ok(found)
}
