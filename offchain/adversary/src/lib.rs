//! An adversary: an executable specification of hub and game ([`spec`], and of the machines as far as it needs them,
//! [`machine`]), written from docs/spec.md and the interfaces alone, and random schedules of people who try everything
//! ([`action`], [`director`], [`moves`], [`faults`]), performed on it and on the compiled contracts side by side ([`run`]).
//!
//! After every call, every word of storage that the specification gives a meaning, every balance, and the error if there was
//! one, must be the specification's; at the end of a schedule every view, and nothing must be left in the hub. One honest party
//! ([`people::HONEST`]) takes part in every schedule: it must never lose, and no lie may become final. A schedule that fails is
//! shortened ([`shrink`]) and written as a script, which `tests/scripts` can keep.
//!
//! `cargo run --release -p opml-adversary -- --minutes 10` performs new schedules until the time is over.

pub mod abi;
pub mod action;
pub mod compare;
pub mod director;
pub mod encode;
pub mod faults;
mod finish;
pub mod garble;
mod honest;
pub mod machine;
pub mod moves;
pub mod others;
pub mod people;
pub mod record;
pub mod run;
pub mod scene;
pub mod shrink;
pub mod spec;
pub mod tally;
pub mod world;

use rand::SeedableRng as _;
use rand::rngs::StdRng;

use action::Action;

/// The actions of a schedule with this seed.
pub fn actions(seed: u64, count: usize) -> Vec<Action> {
    let mut random = StdRng::seed_from_u64(seed);
    (0..count).map(|_| Action::draw(&mut random)).collect()
}
