//! Merkle memory: a byte-addressed space of `2^n` bytes whose 32-byte leaves are its bytes in
//! address order, and whose inner nodes are `keccak256(left || right)`.
//!
//! An aligned region of `2^s` bytes is a subtree, so its root can be proven, read and replaced with
//! one [`Proof`]. Depth is fixed by the [`Space`], which is why leaves and nodes need no tags.

mod builder;
mod path;
mod region;
mod zero;

pub use builder::{RootBuilder, lift};
pub use path::{PathError, Proof};
pub use region::{LEAF_LOG2, Region, RegionError, Space};
pub use zero::{MAX_HEIGHT, zero_root};
