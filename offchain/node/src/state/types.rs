//! What is known of each thing.

use alloy_primitives::{Address, B256, Bytes};
use opml_client::contracts::hub::IHub;
use opml_core::game::{Clock, Phase, Position, Side};

/// A registered model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// What it commits to.
    pub record: IHub::Model,
    /// Where its bundle is said to be.
    pub uri: String,
    /// Takes no more requests.
    pub retired: bool,
}

/// Status of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestStatus {
    /// Takes claims.
    Open,
    /// Answered for good.
    Final,
    /// The fee went back.
    Refunded,
}

/// Who has a request for itself, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acceptance {
    /// The server.
    pub server: Address,
    /// Before this second nobody else may claim.
    pub until: u64,
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The model asked.
    pub model: B256,
    /// Who asked.
    pub requester: Address,
    /// Hash of the first state of the trace, as the hub derived it.
    pub start: B256,
    /// From this second on the fee can be reclaimed while no claim is live.
    pub deadline: u64,
    /// What the server of a halted trace gets, in wei.
    pub fee: u128,
    /// Header and input.
    pub bytes: Bytes,
    /// How far it is.
    pub status: RequestStatus,
    /// Set while an acceptance is held.
    pub accepted: Option<Acceptance>,
    /// Claims in order of arrival.
    pub claims: Vec<B256>,
}

/// Status of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimStatus {
    /// Not decided.
    Live,
    /// A challenger has won.
    Void,
    /// The request's result.
    Final,
    /// Another claim has become final.
    Released,
}

/// A claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The request answered.
    pub request: B256,
    /// Who answers for it.
    pub server: Address,
    /// Hash of the last state of the trace, as claimed.
    pub final_hash: B256,
    /// From this second on it cannot be challenged.
    pub window_end: u64,
    /// The trace is claimed to end in a failed state.
    pub failed: bool,
    /// How far it is.
    pub status: ClaimStatus,
    /// Games in order of opening.
    pub games: Vec<B256>,
}

/// Where a game is, as the game contract tells.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::large_enum_variant, reason = "nearly all are of the large kind")]
pub enum Stage {
    /// Opened, and nothing said of its position yet.
    Opened,
    /// The side on turn has to answer this position.
    Turn {
        /// The last dissection.
        position: Position,
        /// Both clocks when the turn began.
        clock: Clock,
    },
    /// Decided.
    Over {
        /// Who won.
        winner: Side,
    },
}

/// Stakes of a game, as the hub tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stakes {
    /// Not settled.
    Open,
    /// The claim is void by this game.
    ChallengerWon,
    /// The challenger's bond is lost.
    ServerWon,
    /// Everybody has back what it put in.
    Cancelled,
}

/// A game.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Game {
    /// The claim in dispute; zero until the hub has named it.
    pub claim: B256,
    /// Who made the claim.
    pub server: Address,
    /// Who disputes it.
    pub challenger: Address,
    /// Where it is.
    pub stage: Stage,
    /// What has become of the money.
    pub stakes: Stakes,
    /// The server's gas stake is in.
    pub stake_locked: bool,
    /// The positions there were, in order; the last one is that to answer.
    pub moves: Vec<Seen>,
}

/// A position that there was, without its hashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Moves before it.
    pub moves: u32,
    /// The graph step whose run it is about; none while it is about the graph machine.
    pub graph_step: Option<u64>,
    /// First step of the range in dispute.
    pub base: u64,
    /// Steps of the range, as a power of two.
    pub log2_length: u8,
    /// Second in which the turn began.
    pub started: u64,
}

impl Seen {
    /// That of a position.
    pub const fn of(position: &Position, clock: &Clock) -> Self {
        let graph_step = match position.phase() {
            Phase::Graph => None,
            Phase::Run { graph_step } => Some(graph_step),
        };
        let (moves, base, log2_length) =
            (position.moves(), position.base(), position.log2_length());
        Self { moves, graph_step, base, log2_length, started: clock.started }
    }
}

impl Game {
    /// The account on a side.
    pub const fn account(&self, side: Side) -> Address {
        match side {
            Side::Server => self.server,
            Side::Challenger => self.challenger,
        }
    }

    /// The side on turn and its deadline.
    pub fn turn(&self) -> Option<(Side, u64)> {
        let Stage::Turn { position, clock } = &self.stage else { return None };
        let side = position.on_turn();
        Some((side, clock.deadline(side)))
    }
}

/// A callback that waits for its delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// Gas that the consumer gets.
    pub gas_limit: u64,
    /// Wei that the deliverer gets.
    pub pay: u128,
}
