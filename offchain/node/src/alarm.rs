//! What an operator must be woken for.

use std::fmt;
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
    /// A claim, or a position of a game, is not what is computed here, and there is no move against it: one
    /// of the machines is wrong.
    Silent {
        /// The claim or the game.
        about: B256,
    },
    /// A claim in this account's own name is not what is computed now.
    Own {
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
            Self::Silent { .. } => "silent",
            Self::Own { .. } => "own",
            Self::Uncomputed { .. } => "uncomputed",
        }
    }
}

impl fmt::Display for Alarm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Clock { game, left } => write!(f, "game {game} waits, {left} s are left"),
            Self::Weights { path } => {
                write!(f, "the files in {} are gone, changed or damaged", path.display())
            }
            Self::Activation { contract, left } => {
                write!(f, "the activation of the {contract} ends in {left} s")
            }
            Self::Undisputed { claim } => {
                write!(f, "claim {claim} is wrong and not disputed, for what it would cost")
            }
            Self::Silent { about } => {
                write!(f, "{about} is not what is computed here, and there is no move against it")
            }
            Self::Own { claim } => {
                write!(f, "claim {claim} of this account is not what is computed now")
            }
            Self::Uncomputed { count } => write!(f, "{count} computations have failed"),
        }
    }
}

/// All kinds, for metrics that are zero.
pub const KINDS: [&str; 7] =
    ["clock", "weights", "activation", "undisputed", "silent", "own", "uncomputed"];

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
