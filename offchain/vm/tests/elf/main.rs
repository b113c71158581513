//! Loading ELF files: which are taken, why others are refused, and that none of them panics.
#![allow(clippy::unwrap_used)]

mod compiled;
mod errors;
mod file;
mod load;
mod mutations;
