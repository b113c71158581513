//! The fraud-proof VM off the chain: [`Machine`] runs MIPS programs at speed over a paged Merkle
//! memory and gives the witness of any step.
//!
//! What an instruction does is defined once, in `opml-core`; this crate adds a fast memory with
//! predecoded pages ([`memory`]), multi-lane hashing ([`keccak`]), pages loaded on first touch from
//! a verified source ([`source`]), snapshots and an ELF loader ([`elf`]).

pub mod disasm;
pub mod elf;
pub mod keccak;
mod machine;
pub mod memory;
pub mod source;
mod witness;

pub use machine::{Machine, OUTPUT_LIMIT, Snapshot};
pub use memory::{MemoryError, PAGE_BYTES, PageIndex};
pub use witness::Witness;
