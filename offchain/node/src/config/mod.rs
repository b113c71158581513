//! Configuration: a TOML file, of which every value can be given by the environment or a flag instead.

mod amount;
mod load;

use std::net::SocketAddr;
use std::path::PathBuf;

use alloy_primitives::B256;
use opml_client::KeySource;
use serde::{Deserialize, Serialize};

pub use amount::{Amount, AmountError};
pub use load::{ConfigError, ENV_PREFIX, TEMPLATE};

/// Everything that an operator chooses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The endpoint: `http`, `https`, `ws` or `wss`.
    pub rpc: String,
    /// The deployment file.
    pub deployment: PathBuf,
    /// Where the account's key is.
    pub key: KeySource,
    /// How the chain is read.
    #[serde(default)]
    pub chain: Chain,
    /// Duties.
    #[serde(default)]
    pub roles: Roles,
    /// Bundles on this machine.
    #[serde(default)]
    pub models: Vec<Model>,
    /// Limits of what is put at stake.
    #[serde(default)]
    pub policy: Policy,
    /// What transactions may cost.
    #[serde(default)]
    pub gas: Gas,
    /// Work on this machine.
    #[serde(default)]
    pub jobs: Jobs,
    /// What must survive a crash.
    pub store: Store,
    /// The HTTP server; none without it.
    #[serde(default)]
    pub api: Option<Api>,
}

/// How the chain is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Chain {
    /// Milliseconds between looks at the chain.
    pub poll_ms: u64,
    /// Most blocks of one query for events.
    pub span: u64,
    /// Where the present second comes from.
    pub clock: ClockSource,
}

impl Default for Chain {
    fn default() -> Self {
        Self { poll_ms: 1000, span: 10_000, clock: ClockSource::System }
    }
}

/// Where the present second comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClockSource {
    /// The later one of the chain's and this machine's: a live chain.
    #[default]
    System,
    /// The chain's alone: a development chain whose time stands still.
    Chain,
}

/// Duties of this process, in any combination.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Roles {
    /// Answers requests.
    pub server: bool,
    /// Recomputes claims and disputes wrong ones.
    pub verifier: bool,
    /// Plays the games of this account; a server or verifier does so anyway.
    pub player: bool,
    /// Finalizes, releases, refunds, calls time and settles.
    pub settler: bool,
}

impl Roles {
    /// All of them.
    pub const ALL: Self = Self { server: true, verifier: true, player: true, settler: true };

    /// Whether games are played: who puts a bond in has to defend it.
    pub const fn plays(&self) -> bool {
        self.server || self.verifier || self.player
    }
}

/// A bundle on this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Folder of the bundle.
    pub path: PathBuf,
    /// The model that it must be; without it, every registered model with the bundle's roots.
    #[serde(default)]
    pub id: Option<B256>,
}

/// Limits of what is put at stake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// Most wei in bonds and stakes at a time.
    pub max_exposure: Amount,
    /// Most wei of gas a day. Moves in open games are made beyond it: they save more than they cost.
    pub max_gas_per_day: Amount,
    /// Most claims of this account that are live at a time.
    pub max_live_claims: usize,
    /// Requests that pay less are left to others.
    pub min_fee: Amount,
    /// Gas of a claim and its end. A request whose fee, or the part of it that a failed result gets, does not
    /// cover the price of that is left to others; 0 serves everybody.
    pub claim_gas: u64,
    /// Gas of a whole game in the worst case, kept in reserve for each claim and each game.
    pub game_gas: u64,
    /// Accept a request before computing it, where its model takes longer than a moment.
    pub accept: bool,
    /// Most requests that are accepted and not computed at a time.
    pub max_accepted: usize,
    /// Credit above this is withdrawn; none is if it is absent.
    pub withdraw_above: Option<Amount>,
    /// Claims and games of others are settled, too.
    pub settle_all: bool,
    /// Activations with less than so many seconds left are renewed.
    pub activation_margin: u64,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            max_exposure: Amount::ether(10),
            max_gas_per_day: Amount::ether(1),
            max_live_claims: 1000,
            min_fee: Amount::ZERO,
            claim_gas: 450_000,
            game_gas: 40_000_000,
            accept: false,
            max_accepted: 2,
            withdraw_above: None,
            settle_all: true,
            activation_margin: 45 * 24 * 3600,
        }
    }
}

/// What transactions may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Gas {
    /// Most wei a gas. What can wait is not signed while the chain asks for more.
    pub max_price: Amount,
    /// Most wei a gas where a bond is lost otherwise: moves, their deposits and challenges.
    pub max_urgent_price: Amount,
    /// Percent that a replacement pays more than what it replaces.
    pub bump_percent: u32,
    /// Milliseconds that a transaction waits for a block before it is replaced.
    pub bump_after_ms: u64,
}

impl Default for Gas {
    fn default() -> Self {
        Self {
            max_price: Amount::gwei(10),
            max_urgent_price: Amount::gwei(500),
            bump_percent: 15,
            bump_after_ms: 15_000,
        }
    }
}

/// Work on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Jobs {
    /// Results computed at a time; one more place is kept for moves.
    pub concurrent: usize,
    /// Most bytes of pages of a MIPS machine.
    pub vm_bytes: usize,
    /// Requests whose traces are kept.
    pub traces: usize,
}

impl Default for Jobs {
    fn default() -> Self {
        Self { concurrent: 2, vm_bytes: 256 << 20, traces: 8 }
    }
}

/// What must survive a crash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Store {
    /// File of the database.
    pub path: PathBuf,
}

/// The HTTP server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Api {
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
}
