//! A development chain in process, in the manner of an Arbitrum Nitro development node.
//!
//! [`Chain`] takes signed transactions, mines them into blocks, and answers what clients ask, in
//! the types of `alloy-rpc-types-eth`, so that a JSON-RPC server adds nothing but the wire. EVM
//! contracts run in revm; contracts with the Stylus prefix run in [`crate::stylus`], as frames of
//! the same transaction. Everything is in memory, and in a file if [`Chain::open`] is told so.
//!
//! - changing: [`Chain::send_raw`], [`Chain::send_request`], [`Chain::mine`], and the controls of a
//!   development chain (time, snapshots, balances, code, impersonation);
//! - trying: [`Chain::call`], [`Chain::estimate_gas`], [`Chain::trace_call`];
//! - asking: blocks, transactions, receipts, logs, fees, accounts, now and at any past block.
//!
//! Methods that change take `&mut self`; the others take `&self` and may run in parallel.

mod access_list;
mod arbos;
mod block;
mod cache_managers;
mod call;
mod config;
mod control;
mod error;
mod exec;
mod lookup;
mod mine;
mod overrides;
mod pool;
pub mod precompiles;
mod query;
mod run;
mod send;
mod state;
mod store;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use alloy_primitives::{Address, B256};

pub use call::Overrides;
pub use config::{
    ARBOS_VERSION, BASE_FEE, BLOCK_GAS_LIMIT, CHAIN_ID, ChainConfig, Clock, DEV_ACCOUNT, DEV_KEYS,
    Durability, POOL_LIMIT, SEQUENCER, TX_GAS_LIMIT,
};
pub use control::{Mining, SnapshotId};
pub use error::{CallError, Invalid, NotFound, SendError, StartError};
pub use exec::{CallTrace, HookCall, TraceTooLarge};
pub use store::{Damage, StoreError};

use block::MinedBlock;
use exec::Programs;
use pool::Pool;
use state::State;
use store::Store;

/// A development chain.
pub struct Chain {
    config: ChainConfig,
    programs: Arc<Programs>,
    state: State,
    blocks: Vec<MinedBlock>,
    block_numbers: HashMap<B256, usize>,
    /// Block and index of every mined transaction.
    mined: HashMap<B256, (usize, usize)>,
    pool: Pool,
    mining: Mining,
    time: control::Time,
    snapshots: Vec<control::Snapshot>,
    last_snapshot: SnapshotId,
    impersonated: HashSet<Address>,
    impersonate_all: bool,
    store: Option<Store>,
}
