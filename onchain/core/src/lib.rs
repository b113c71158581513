//! What the contracts and the off-chain programs share: Merkle memory, the graph machine, the MIPS
//! machine, and the verifiers of their steps.
//!
//! Nothing here knows a chain, a file or a clock. The byte-exact description of everything in this
//! crate is `docs/spec.md`; a change of behaviour here changes that page in the same commit.
//!
//! * [`keccak`]: the hash behind a trait, so that a contract uses its host function.
//! * [`merkle`]: regions of a byte-addressed memory, their roots and paths.
//! * [`game`]: the dispute game: positions, legal moves, clocks, verdicts.
//! * [`graph`]: the machine whose instructions are tiles of tensor operators, and the handover of a tile
//!   to the MIPS machine and back.
//! * [`mips`]: the machine. [`mips::step`] is the one definition of a step, generic over memory;
//!   [`mips::step_witness`] runs it over the leaves that a witness proves.
#![no_std]
#![forbid(unsafe_code)]
#![deny(clippy::arithmetic_side_effects, clippy::indexing_slicing)]

pub mod game;
pub mod graph;
pub mod keccak;
pub mod merkle;
pub mod mips;

pub use alloy_primitives::B256;
