//! What the hub keeps.

use alloy_primitives::{Address, B256};

use crate::machine::program::Program;

/// A model.
#[derive(Clone, Debug)]
pub struct Model {
    /// Who may retire it.
    pub owner: Address,
    /// What it runs.
    pub program: Program,
    /// Root of the weights.
    pub weights: B256,
    /// Root of the image's window.
    pub image: B256,
    /// First byte and log2 of the size of the output's region.
    pub output: (u64, u8),
    /// log2 of the steps.
    pub steps_log2: u8,
    /// Longest input in bytes.
    pub max_input: u32,
    /// Fee.
    pub fee: u128,
    /// Fee for an iteration.
    pub iteration_fee: u128,
    /// Most iterations.
    pub max_iterations: u32,
    /// Whether it takes no requests.
    pub retired: bool,
}

/// Status of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "as in sol/IHub.sol")]
pub enum RequestStatus {
    Open = 1,
    Final,
    Refunded,
}

/// Status of an acceptance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "as in sol/IHub.sol")]
pub enum Acceptance {
    None,
    Held,
    Returned,
    Burned,
}

/// Status of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "as in sol/IHub.sol")]
pub enum ClaimStatus {
    Live = 1,
    Void,
    Final,
    Released,
}

/// Status of a game's stakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "as in sol/IHub.sol")]
pub enum GameStatus {
    Open = 1,
    ChallengerWon,
    ServerWon,
    Cancelled,
}

/// A request.
#[derive(Clone, Debug)]
pub struct Request {
    /// Its model.
    pub model: B256,
    /// Header and input.
    pub bytes: Vec<u8>,
    /// Hash of the first state.
    pub start: B256,
    /// Who asks.
    pub requester: Address,
    /// Where it is.
    pub status: RequestStatus,
    /// Second of the deadline.
    pub deadline: u64,
    /// Claims so far.
    pub attempts: u32,
    /// Live claims in order of arrival.
    pub live: Vec<B256>,
    /// The final claim.
    pub final_claim: Option<B256>,
    /// Iterations that are paid for.
    pub iterations: u32,
    /// Acceptor, status, and when the exclusive time ends.
    pub acceptance: (Address, Acceptance, u64),
    /// Fee and work burn.
    pub price: (u128, u128),
}

/// A claim.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Its request.
    pub request: B256,
    /// Hash of the last state.
    pub last: B256,
    /// Who answers for it.
    pub server: Address,
    /// Where it is.
    pub status: ClaimStatus,
    /// Whether the state is failed.
    pub failed: bool,
    /// End of the window.
    pub window_end: u64,
    /// Games that are open.
    pub open_games: u64,
    /// Games there were.
    pub games: u64,
    /// Bytes of the output.
    pub length: usize,
    /// The output, if it is kept as it is.
    pub output: Vec<u8>,
    /// Root of the output's region.
    pub output_root: B256,
}

/// Stakes of a game.
#[derive(Clone, Debug)]
pub struct Stakes {
    /// The claim it is about.
    pub claim: B256,
    /// Who challenges.
    pub challenger: Address,
    /// Where they are.
    pub status: GameStatus,
    /// Whether the gas stake is in.
    pub locked: bool,
}
