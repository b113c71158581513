//! The host functions, by family. Each charges its own ink in the order the chain does, so that a
//! contract runs dry at the same point.

#![allow(clippy::too_many_arguments, reason = "host functions have the arity of their imports")]

mod accounts;
mod cache;
mod calls;
mod context;
mod data;
mod lend;
mod link;
mod math;
mod storage;
mod vm;

pub use lend::lend;
pub use link::link;
pub use vm::{Escape, Handles, State};
