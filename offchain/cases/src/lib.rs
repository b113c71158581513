//! Seeded random tiles of every kernel, to compare implementations by: scalar reference, vectorised
//! twins, the MIPS image, other processors, and programs in other languages.
//!
//! A [`Case`] is a whole legal descriptor with the words of its input regions. The same seed gives
//! the same case everywhere. Data is as unkind as it is likely: subnormals, both zeros, infinities,
//! NaN with payloads, extreme scales, -128 among quantized weights, partial last tiles, tiles past
//! the end.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::match_same_arms,
    reason = "random numbers are cut to the ranges that are wanted; flavours are listed one by one"
)]

mod case;
pub mod digest;
mod generate;
#[cfg(feature = "vm")]
pub mod machine;
mod numbers;
mod rng;

pub use case::Case;
pub use generate::{Matrix, generate, generate_of, matmul_of};
pub use numbers::Flavor;
pub use rng::Rng;
