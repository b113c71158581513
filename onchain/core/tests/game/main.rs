//! The rules of the dispute game one by one. Whole games, with players: `offchain/solver`.
#![allow(clippy::unwrap_used)]

mod clock;
mod keep;
mod position;
mod rules;
mod sections;
