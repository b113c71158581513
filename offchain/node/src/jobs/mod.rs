//! Computing: what takes long runs on threads of its own, and its results are kept.

mod honest;
#[cfg(test)]
mod honest_tests;
mod output;
mod pool;
#[cfg(test)]
mod pool_tests;
mod prover;
mod running;
mod watch;

use alloy_primitives::B256;
use opml_core::game::{Position, Side};
use opml_core::graph::{GraphState, GraphStatus};

pub use honest::Honest;
pub use output::Output;
pub use pool::{Computed, Finished, Job, JobError, Pool};
pub use prover::{Claimed, Prover, ProverError, Provers};
pub use running::{Progress, Running};
pub use watch::{Steps, Watch};

/// The result of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The last state of the trace.
    pub state: GraphState,
    /// Its hash.
    pub hash: B256,
    /// What a claim would show; none if the result cannot be claimed: the trace does not end, or in no
    /// output. Whoever claims something else about it is wrong all the same.
    pub output: Option<Output>,
}

impl Answer {
    /// Whether the trace ends in a failed state.
    pub fn failed(&self) -> bool {
        self.state.status == GraphStatus::Failed
    }
}

/// A position to answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat {
    /// The position.
    pub position: Position,
    /// Who answers it.
    pub side: Side,
    /// The game; none while it is to be opened.
    pub game: Option<B256>,
}

/// Something to compute about a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Work {
    /// Its result.
    Answer,
    /// A move in a dispute about it.
    Move(Box<Seat>),
}

/// Names a computation: what it is about, so that none is done twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Task {
    /// The result of a request.
    Answer {
        /// The request.
        request: B256,
    },
    /// The first move against a claim.
    Open {
        /// The claim.
        claim: B256,
    },
    /// A move in a game.
    Reply {
        /// The game.
        game: B256,
        /// Hash of the position to answer.
        position: B256,
    },
}

/// How soon a computation is needed; the least is the most urgent. Seconds are those of the deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rank {
    /// A bond is lost without it.
    Move(u64),
    /// A claim cannot be checked without it.
    Check(u64),
    /// A fee is not earned without it.
    Serve(u64),
}

impl Task {
    /// What is computed, in a word; also the label of metrics.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Answer { .. } => "answer",
            Self::Open { .. } => "open",
            Self::Reply { .. } => "reply",
        }
    }
}
