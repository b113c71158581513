//! Questions to an endpoint.

use std::time::{SystemTime, UNIX_EPOCH};

use alloy_eips::{BlockId, BlockNumberOrTag};
use alloy_network::primitives::BlockResponse;
use alloy_primitives::{Address, B256, U64, U256};
use alloy_provider::Provider;
use alloy_rpc_types_eth::{Block, Filter, Log};
use opml_client::contracts::hub::IHub;
use opml_client::{ClientError, Connection, Deployed, Deployment, Role, Severity};
use serde::Deserialize;
use thiserror::Error;

use super::{Activation, Head};
use crate::config::ClockSource;
use crate::state::{Addresses, Event};

/// Why the chain cannot be read.
#[derive(Debug, Error)]
pub enum ChainError {
    /// The request failed.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The endpoint has no such block, though it should.
    #[error("the endpoint has no block {number}")]
    NoBlock {
        /// Number asked for.
        number: u64,
    },
    /// The endpoint's answers do not fit together.
    #[error("block {number} is {first}, then {second}: the endpoint changes its mind")]
    Inconsistent {
        /// Number of the block.
        number: u64,
        /// Hash that it had.
        first: B256,
        /// Hash that it has.
        second: B256,
    },
    /// The endpoint's last block lies before one that it has given; nothing says that this one has gone.
    #[error("the endpoint is at block {number}, and was at {known} before")]
    Behind {
        /// Its last block now.
        number: u64,
        /// The last block known.
        known: u64,
    },
    /// A log is from outside the range asked for, or from no contract of the system.
    #[error("the endpoint gave a log that was not asked for")]
    StrayLog,
}

impl ChainError {
    /// Whether to try again.
    pub fn severity(&self) -> Severity {
        match self {
            Self::Client(error) => error.severity(),
            Self::NoBlock { .. }
            | Self::Inconsistent { .. }
            | Self::Behind { .. }
            | Self::StrayLog => Severity::Retry,
        }
    }
}

impl From<alloy_transport::TransportError> for ChainError {
    fn from(error: alloy_transport::TransportError) -> Self {
        Self::Client(error.into())
    }
}

impl From<alloy_contract::Error> for ChainError {
    fn from(error: alloy_contract::Error) -> Self {
        Self::Client(error.into())
    }
}

/// An endpoint, and where the contracts are.
#[derive(Clone)]
pub struct Reader {
    connection: Connection,
    addresses: Addresses,
    clock: ClockSource,
    deployed: Vec<(Role, Deployed)>,
}

impl Reader {
    /// Reads the contracts of `deployment`.
    pub fn new(connection: Connection, deployment: &Deployment, clock: ClockSource) -> Self {
        let deployed = deployment.contracts().collect();
        Self { connection, addresses: deployment.into(), clock, deployed }
    }

    /// How long the contracts stay activated.
    pub async fn activations(&self, payer: Address) -> Result<Vec<Activation>, ChainError> {
        let mut activations = Vec::new();
        for (role, deployed) in &self.deployed {
            let contract = (role.name(), *deployed);
            activations.push(Activation::read(&self.connection, payer, contract).await?);
        }
        Ok(activations)
    }

    /// The connection.
    pub const fn connection(&self) -> &Connection {
        &self.connection
    }

    /// The last block.
    pub async fn head(&self) -> Result<Head, ChainError> {
        let block = self.connection.get_block_by_number(BlockNumberOrTag::Latest).await?;
        block.as_ref().map(head_of).ok_or(ChainError::NoBlock { number: 0 })
    }

    /// The block with this number on the endpoint's chain; none behind its head.
    pub async fn block(&self, number: u64) -> Result<Option<Head>, ChainError> {
        let block = self.connection.get_block_by_number(number.into()).await?;
        Ok(block.as_ref().map(head_of).filter(|head| head.number == number))
    }

    /// Second in which a transaction sent now would be executed, as far as can be told.
    pub async fn now(&self, head: &Head) -> Result<u64, ChainError> {
        // Asked for as it is: alloy-provider 2.5 writes into a pending block before it knows that it is one, and panics on others.
        let block = (BlockNumberOrTag::Pending, false);
        let pending: Option<Pending> =
            self.connection.client().request("eth_getBlockByNumber", block).await?;
        let pending = pending.map_or(0, |block| block.timestamp.to());
        let system = match self.clock {
            ClockSource::Chain => 0,
            // A chain that nobody uses stands still, and goes on with the time of the day.
            ClockSource::System => {
                SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
            }
        };
        Ok(head.timestamp.max(pending).max(system))
    }

    /// Events of one block, named by its hash: an endpoint that does not have it says so, where it would
    /// have no logs for its number.
    pub async fn events_of(&self, block: &Head) -> Result<Vec<Event>, ChainError> {
        let filter = Filter::new().at_block_hash(block.hash);
        let logs = self.logs(filter, (block.number, block.number)).await?;
        if logs.iter().any(|log| log.block_hash != Some(block.hash)) {
            return Err(ChainError::StrayLog);
        }
        Ok(self.decode(&logs))
    }

    /// Events of the blocks `from` to `to`, both included, in order. Only for blocks that every endpoint
    /// has had for a while.
    pub async fn events(&self, from: u64, to: u64) -> Result<Vec<Event>, ChainError> {
        let filter = Filter::new().from_block(from).to_block(to);
        Ok(self.decode(&self.logs(filter, (from, to)).await?))
    }

    fn decode(&self, logs: &[Log]) -> Vec<Event> {
        logs.iter().filter_map(|log| Event::decode(log, &self.addresses)).collect()
    }

    /// Logs in order, all of them from the contracts and from the blocks `from` to `to`.
    async fn logs(&self, filter: Filter, (from, to): (u64, u64)) -> Result<Vec<Log>, ChainError> {
        let known = self.addresses.all();
        let mut logs = self.connection.get_logs(&filter.address(known.clone())).await?;
        let place = |log: &Log| Some((log.block_number?, log.log_index?));
        for log in &logs {
            let inside = place(log).is_some_and(|(block, _)| (from..=to).contains(&block));
            if !inside || !known.contains(&log.address()) || log.removed {
                return Err(ChainError::StrayLog);
            }
        }
        logs.sort_by_key(place);
        Ok(logs)
    }

    /// Wei that an account has outside the hub.
    pub async fn balance(&self, account: Address) -> Result<U256, ChainError> {
        Ok(self.connection.get_balance(account).await?)
    }

    /// Wei of credit that an account has in the hub.
    pub async fn credit(&self, account: Address) -> Result<U256, ChainError> {
        let hub = IHub::new(self.addresses.hub, &self.connection);
        Ok(hub.creditOf(account).block(BlockId::latest()).call().await?)
    }
}

/// A block that is not there yet; it lacks much of what others have.
#[derive(Debug, Deserialize)]
struct Pending {
    timestamp: U64,
}

fn head_of(block: &Block) -> Head {
    let header = block.header();
    Head {
        number: header.number,
        hash: header.hash,
        parent: header.parent_hash,
        timestamp: header.timestamp,
    }
}
