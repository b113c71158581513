//! The machines, as far as games here need them: programs of at most one operator, kernel images of zeros, whose runs
//! are single instructions of nothing. All of it from docs/spec.md, sections 1, 2, 5, 6 and 7.

pub mod graph;
pub mod handover;
pub mod memory;
pub mod mips;
pub mod program;
