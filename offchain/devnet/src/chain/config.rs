//! What a chain starts with.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use alloy_primitives::{Address, B256, U256, address, b256};
use alloy_signer_local::PrivateKeySigner;

use crate::stylus::entry::StylusParams;

/// Chain id of a Nitro development node.
pub const CHAIN_ID: u64 = 412_346;

/// Base fee in wei; it does not move here.
pub const BASE_FEE: u64 = 100_000_000;

/// Gas limit written into block headers.
pub const BLOCK_GAS_LIMIT: u64 = 1 << 50;

/// Most gas one transaction can use; a larger limit is accepted, the excess is returned.
pub const TX_GAS_LIMIT: u64 = 32_000_000;

/// Most transactions that wait for a block.
pub const POOL_LIMIT: usize = 1 << 14;

/// The `ArbOS` version whose behaviour is followed.
pub const ARBOS_VERSION: u64 = 50;

/// Seconds a block of the parent chain is taken to last.
pub const PARENT_BLOCK_SECONDS: u64 = 12;

/// Who appears as the producer of blocks.
pub const SEQUENCER: Address = address!("a4b000000000000000000073657175656e636572");

/// Owner of a Nitro development chain, its network fee account, and its dev account.
pub const DEV_ACCOUNT: Address = address!("3f1Eae7D46d88F08fc2F8ed27FCb2AB183EB2d0E");

/// Keys of the funded accounts, public knowledge: the Nitro dev account, then the ten of the
/// mnemonic "test test test test test test test test test test test junk".
pub const DEV_KEYS: [B256; 11] = [
    b256!("b6b15c8cb491557369f3c7d2c287b053eb229daa9c22138887752191c9520659"),
    b256!("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"),
    b256!("59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d"),
    b256!("5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a"),
    b256!("7c852118294e51e653712a81e05800f419141751be58f605c371e15141b007a6"),
    b256!("47e179ec197488593b187f80a00eb0da91f1b9d0b13f8733639f19c30a34926a"),
    b256!("8b3a350cf5c34c9194ca85829a2df0ec3153be0318b5e2d3348e872092edffba"),
    b256!("92db14e403b83dfe3df233f83dfa3a0d7096f21ca9b0d6d6b8d88b2b4ec1564e"),
    b256!("4bbbf85ce3377467afe5d46f804f221813b2bb87f24d81f60f1fcdbf7cbf4356"),
    b256!("dbda1821b80551c9d65939329250298aa3472ba22feea921c0cf5d620ea67b97"),
    b256!("2a871d0798f97d79848a013d4936a73bf4cc922c825d33c1cf7073dff6d409c6"),
];

/// Tells the time in seconds since 1970.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// Which crashes lose nothing of a chain that is kept in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// Those of the process, by whatever signal. After a crash of the machine the file may be
    /// damaged, which is noticed when it is opened.
    #[default]
    Process,
    /// Those of the machine, too: the file is flushed to the disk with every change.
    PowerLoss,
}

/// What a chain starts with.
#[derive(Clone)]
pub struct ChainConfig {
    /// Chain id of transactions and of the `CHAINID` instruction.
    pub chain_id: u64,
    /// Base fee of every block in wei.
    pub base_fee: u64,
    /// Most gas one transaction can use.
    pub tx_gas_limit: u64,
    /// Most transactions that wait for a block; further ones are refused.
    pub pool_limit: usize,
    /// Accounts whose keys the chain holds: they are funded, and can send without signing.
    pub signers: Vec<PrivateKeySigner>,
    /// Wei each of them starts with.
    pub balance: U256,
    /// Prices and limits of Stylus.
    pub stylus: StylusParams,
    /// May change the cache of programs.
    pub owner: Address,
    /// Number of the parent chain's block at genesis; it then grows by one every
    /// [`PARENT_BLOCK_SECONDS`].
    pub parent_block: u64,
    /// Where the time comes from.
    pub clock: Clock,
    /// How well a chain in a file is kept, if it is in one.
    pub durability: Durability,
}

impl Default for ChainConfig {
    /// A Nitro development chain on the system's clock.
    fn default() -> Self {
        let signers = DEV_KEYS.iter().filter_map(|key| PrivateKeySigner::from_bytes(key).ok());
        Self {
            chain_id: CHAIN_ID,
            base_fee: BASE_FEE,
            tx_gas_limit: TX_GAS_LIMIT,
            pool_limit: POOL_LIMIT,
            signers: signers.collect(),
            balance: U256::from(10_000u64) * U256::from(10u64).pow(U256::from(18u64)),
            stylus: StylusParams::default(),
            owner: DEV_ACCOUNT,
            parent_block: 0,
            clock: Arc::new(system_time),
            durability: Durability::default(),
        }
    }
}

impl ChainConfig {
    /// The default chain with the time standing still at `seconds`, but for what is asked of it.
    pub fn fixed_time(seconds: u64) -> Self {
        Self { clock: Arc::new(move || seconds), ..Self::default() }
    }
}

fn system_time() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs())
}
