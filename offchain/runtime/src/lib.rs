//! Models on this machine: bundles, the native executor of the graph machine, and its traces.
//!
//! * [`bundle`]: a model as files, mapped and verified.
//! * [`build`]: making a bundle, operator by operator.
//! * [`executor`]: runs a program natively, to the bit as the MIPS machine would.
//! * [`lost`]: outliving that a mapped file is cut short.
//! * [`part`]: parts of an output, and what proves them.
//! * [`tile`]: one tile in the MIPS machine, its memory loaded page by page.
//! * [`trace`]: state hashes at any step of either machine, and the witnesses of the handover.

pub mod build;
pub mod bundle;
pub mod executor;
pub mod lost;
pub mod memory;
pub mod part;
pub mod program;
pub mod text;
pub mod tile;
pub mod trace;
pub mod tree;
pub mod words;

pub use bundle::{Bundle, BundleError};
pub use executor::{Executor, ExecutorError};
pub use program::Program;
