//! Training of the digits model, from published pictures to a bundle.
//!
//! `cargo xtask train-digits` runs it. With the same machine and one thread it gives the same bytes
//! each time; sums inside candle's matrix product depend on the processor, so another machine may
//! give other weights of the same quality.

// Picture sides, batch sizes and counts: far below what the casts could lose.
#![allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::cast_sign_loss)]

pub mod bundle;
pub mod digits;
mod distort;
pub mod measure;
pub mod network;
pub mod package;
pub mod random;
pub mod samples;
pub mod training;
