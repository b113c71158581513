//! What the HTTP server shows of things. Ids and addresses are hexadecimal, amounts decimal wei.

use alloy_primitives::B256;
use opml_core::game::Side;
use serde::Serialize;
use utoipa::ToSchema;

use crate::state::{Claim, ClaimStatus, Game, Request, RequestStatus, Seen, Stage, Stakes};

/// A request.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RequestView {
    /// Its id.
    id: String,
    /// The model asked.
    model: String,
    /// Who asked.
    requester: String,
    /// `open`, `final` or `refunded`.
    status: &'static str,
    /// From this second on the fee can be reclaimed while no claim is live.
    deadline: u64,
    /// What its server gets, in wei.
    fee: String,
    /// Claims in order of arrival.
    claims: Vec<String>,
}

impl From<(&B256, &Request)> for RequestView {
    fn from((id, request): (&B256, &Request)) -> Self {
        Self {
            id: id.to_string(),
            model: request.model.to_string(),
            requester: request.requester.to_string(),
            status: match request.status {
                RequestStatus::Open => "open",
                RequestStatus::Final => "final",
                RequestStatus::Refunded => "refunded",
            },
            deadline: request.deadline,
            fee: request.fee.to_string(),
            claims: request.claims.iter().map(ToString::to_string).collect(),
        }
    }
}

/// A claim.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClaimView {
    /// Its id.
    id: String,
    /// The request.
    request: String,
    /// Whose it is.
    server: String,
    /// Hash of the last state.
    final_hash: String,
    /// `live`, `void`, `final` or `released`.
    status: &'static str,
    /// Whether the trace ends in a failed state.
    failed: bool,
    /// From this second on it cannot be challenged.
    window_end: u64,
    /// Games in order of opening.
    games: Vec<String>,
}

impl From<(&B256, &Claim)> for ClaimView {
    fn from((id, claim): (&B256, &Claim)) -> Self {
        Self {
            id: id.to_string(),
            request: claim.request.to_string(),
            server: claim.server.to_string(),
            final_hash: claim.final_hash.to_string(),
            status: match claim.status {
                ClaimStatus::Live => "live",
                ClaimStatus::Void => "void",
                ClaimStatus::Final => "final",
                ClaimStatus::Released => "released",
            },
            failed: claim.failed,
            window_end: claim.window_end,
            games: claim.games.iter().map(ToString::to_string).collect(),
        }
    }
}

pub(super) const fn side(side: Side) -> &'static str {
    match side {
        Side::Server => "server",
        Side::Challenger => "challenger",
    }
}

/// A game.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct GameView {
    /// Its id.
    id: String,
    /// The claim.
    claim: String,
    /// Whose claim it is.
    server: String,
    /// Who disputes it.
    challenger: String,
    /// Who is on turn, while it is open.
    on_turn: Option<&'static str>,
    /// First second in which that side has lost.
    deadline: Option<u64>,
    /// Who has won, once it is over.
    winner: Option<&'static str>,
    /// `open`, `challenger-won`, `server-won` or `cancelled`.
    stakes: &'static str,
    /// Positions so far.
    moves: usize,
}

impl From<(&B256, &Game)> for GameView {
    fn from((id, game): (&B256, &Game)) -> Self {
        let turn = game.turn();
        Self {
            id: id.to_string(),
            claim: game.claim.to_string(),
            server: game.server.to_string(),
            challenger: game.challenger.to_string(),
            on_turn: turn.map(|(on_turn, _)| side(on_turn)),
            deadline: turn.map(|(_, deadline)| deadline),
            winner: match game.stage {
                Stage::Over { winner } => Some(side(winner)),
                Stage::Opened | Stage::Turn { .. } => None,
            },
            stakes: match game.stakes {
                Stakes::Open => "open",
                Stakes::ChallengerWon => "challenger-won",
                Stakes::ServerWon => "server-won",
                Stakes::Cancelled => "cancelled",
            },
            moves: game.moves.len(),
        }
    }
}

/// A position that a game has had.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MoveView {
    /// Moves before it.
    moves: u32,
    /// The graph step whose run it is about; none while it is about the graph machine.
    graph_step: Option<u64>,
    /// First step of the range in dispute.
    base: u64,
    /// Steps of the range, as a power of two.
    log2_length: u8,
    /// Second in which the turn began.
    started: u64,
}

impl From<&Seen> for MoveView {
    fn from(seen: &Seen) -> Self {
        let Seen { moves, graph_step, base, log2_length, started } = *seen;
        Self { moves, graph_step, base, log2_length, started }
    }
}
