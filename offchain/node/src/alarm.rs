//! What an operator must be woken for.

use std::path::PathBuf;

use alloy_primitives::B256;

use crate::chain::Activation;
use crate::state::World;

/// Something that costs money if nobody looks after it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Alarm {
    /// A game waits for this account, and its clock is nearly over.
    Clock {
        /// The game.
        game: B256,
        /// Seconds left.
        left: u64,
    },
    /// The weights of a model cannot be read: its results cannot be defended.
    Weights {
        /// Folder of the bundle.
        path: PathBuf,
    },
    /// A contract's activation ends soon: new requests, claims and games are refused then.
    Activation {
        /// Name of the contract.
        contract: &'static str,
        /// Seconds left.
        left: u64,
    },
    /// A wrong claim is not disputed, for what it would cost.
    Undisputed {
        /// The claim.
        claim: B256,
    },
    /// Nothing can be computed about something that needs it.
    Uncomputed {
        /// How many computations have failed.
        count: usize,
    },
}

impl Alarm {
    /// Its kind in a word; also the label of metrics.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Clock { .. } => "clock",
            Self::Weights { .. } => "weights",
            Self::Activation { .. } => "activation",
            Self::Undisputed { .. } => "undisputed",
            Self::Uncomputed { .. } => "uncomputed",
        }
    }
}

/// All kinds, for metrics that are zero.
pub const KINDS: [&str; 5] = ["clock", "weights", "activation", "undisputed", "uncomputed"];

/// A clock with less seconds than this is nearly over.
const CLOCK_MARGIN: u64 = 900;

/// Alarms about the clocks of `account` at second `now`.
pub fn clocks(
    world: &World,
    account: alloy_primitives::Address,
    now: u64,
) -> impl Iterator<Item = Alarm> {
    world.games.iter().filter_map(move |(id, game)| {
        let (side, deadline) = game.turn()?;
        let left = deadline.saturating_sub(now);
        let mine = game.account(side) == account && game.stakes == crate::state::Stakes::Open;
        (mine && left > 0 && left < CLOCK_MARGIN).then_some(Alarm::Clock { game: *id, left })
    })
}

/// Alarms about activations with less than `margin` seconds.
pub fn activations(activations: &[Activation], margin: u64) -> impl Iterator<Item = Alarm> {
    let soon = activations.iter().filter(move |activation| activation.seconds_left < margin);
    soon.map(|activation| Alarm::Activation {
        contract: activation.name,
        left: activation.seconds_left,
    })
}
