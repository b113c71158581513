//! Logs.

use std::ops::RangeInclusive;

use alloy_rpc_types_eth::{BlockId, BlockNumberOrTag, Filter, FilterBlockOption, Log};
use jsonrpsee::core::RegisterMethodError;
use opml_devnet::chain::{Chain, NotFound};

use crate::config::Limits;
use crate::error::Error;
use crate::methods::{Methods, Reply};
use crate::params::Logs;

/// Blocks looked through before the results are counted.
const STRIDE: u64 = 1024;

pub fn register(methods: &mut Methods) -> Result<(), RegisterMethodError> {
    methods.add("eth_getLogs", |node, (Logs(filter),)| {
        node.read(|ledger| find(&ledger.chain, &filter, &node.limits))
    })
}

/// Logs that match, oldest first.
///
/// # Errors
/// [`Error::LogRange`], [`Error::TooManyLogs`], or there is no such block.
pub fn find(chain: &Chain, filter: &Filter, limits: &Limits) -> Reply<Vec<Log>> {
    let FilterBlockOption::Range { from_block, to_block } = filter.block_option else {
        return within(chain.logs(filter)?, limits);
    };
    let last = chain.block_number();
    let (from, to) = (number(chain, from_block)?, number(chain, to_block)?);
    if from > to {
        // Those who ask for what comes after the last block up to the latest are early, not wrong.
        let both = from_block.is_some_and(is_number) && to_block.is_some_and(is_number);
        return if both { Err(NotFound::Range.into()) } else { Ok(Vec::new()) };
    }
    let to = to.min(last);
    let blocks = (to + 1).saturating_sub(from);
    if blocks > limits.log_blocks {
        return Err(Error::LogRange { blocks, limit: limits.log_blocks });
    }
    let mut found = Vec::new();
    let mut start = from;
    while start <= to {
        let end = to.min(start.saturating_add(STRIDE - 1));
        found.extend(chain.logs(&filter.clone().from_block(start).to_block(end))?);
        found = within(found, limits)?;
        start = end + 1;
    }
    Ok(found)
}

/// The first logs in `blocks` that match, of whole blocks, at most `most` unless one block has more;
/// and the block with which those not given start.
///
/// # Errors
/// There is no such block.
pub fn first(
    chain: &Chain,
    filter: &Filter,
    blocks: RangeInclusive<u64>,
    most: usize,
) -> Reply<(Vec<Log>, Option<u64>)> {
    let (mut start, end) = blocks.into_inner();
    let mut found: Vec<Log> = Vec::new();
    while start <= end {
        let last = end.min(start.saturating_add(STRIDE - 1));
        found.extend(chain.logs(&filter.clone().from_block(start).to_block(last))?);
        start = last + 1;
        if let Some(block) = found.get(most).and_then(|log| log.block_number) {
            let oldest = found.first().and_then(|log| log.block_number);
            let rest = if oldest == Some(block) { block + 1 } else { block };
            found.retain(|log| log.block_number < Some(rest));
            return Ok((found, Some(rest)));
        }
    }
    Ok((found, None))
}

/// Logs of one block that match.
pub fn in_block(chain: &Chain, filter: &Filter, block: u64) -> Vec<Log> {
    let filter = filter.clone().from_block(block).to_block(block);
    chain.logs(&filter).unwrap_or_default()
}

fn within(logs: Vec<Log>, limits: &Limits) -> Reply<Vec<Log>> {
    if logs.len() > limits.logs {
        return Err(Error::TooManyLogs(limits.logs));
    }
    Ok(logs)
}

fn is_number(tag: BlockNumberOrTag) -> bool {
    matches!(tag, BlockNumberOrTag::Number(_))
}

/// An end of a range; a number may lie in the future.
fn number(chain: &Chain, tag: Option<BlockNumberOrTag>) -> Reply<u64> {
    match tag.unwrap_or_default() {
        BlockNumberOrTag::Number(number) => Ok(number),
        tag => {
            let header = chain.header(BlockId::Number(tag));
            Ok(header.ok_or(NotFound::Block(tag.into()))?.number)
        }
    }
}
