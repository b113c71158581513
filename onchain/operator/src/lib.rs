//! Operators of the graph machine: what a descriptor says, and whether it can be executed.
//!
//! One predicate, [`legal`], is used by the contract, the importer, the executor and the kernels, so
//! that native and proven execution succeed on exactly the same inputs. Everything here is a pure
//! function of a descriptor, an iteration and a tile; nothing depends on the width of `usize`.
//! The byte-exact description is `docs/spec.md`.
#![no_std]
#![forbid(unsafe_code)]
#![deny(clippy::arithmetic_side_effects, clippy::indexing_slicing)]

mod area;
mod cost;
mod descriptor;
pub mod geometry;
mod illegal;
mod kernel;
mod legal;

pub use area::{Area, REQUEST_BASE, REQUEST_LOG2, RegionSpec, SPACE_LOG2, WORKING_BASE};
pub use cost::cost;
pub use descriptor::{Control, DESCRIPTOR_BYTES, Descriptor, INPUTS, PARAMS};
pub use geometry::Operator;
pub use illegal::{Illegal, Role};
pub use kernel::{Kernel, WeightType};
pub use legal::{MAX_BOUND, MAX_PC, Place, Tile, legal};
