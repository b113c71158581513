//! Vectorised and threaded twins of the kernels: the bits of [`opml_kernels`], faster.
//!
//! - **One row a lane.** A register holds the same element of 16 weight rows, as the weight layout has
//!   them, so every lane sums up its row in the reference's order and nothing is reassociated.
//! - **Integers are exact in any order**, so byte products use whatever the processor has (VNNI, 16-bit
//!   products), in forms that cannot saturate for any bytes.
//! - **No fused operations.** Rust does not contract, and no such intrinsic is used.
//! - Algorithms are written once over one trait of lanes and compiled for each instruction set; loops over
//!   elements are left to the compiler. `unsafe` is confined to `isa` and, for threads, `team`.
//!
//! [`run`] computes one tile; [`Engine`] whole rows of tiles, with a chosen backend and threads.
#![deny(unsafe_code)]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "kernels are made of words and of the conversions that the specification names"
)]
#![allow(clippy::inline_always, reason = "what is not inlined lacks the caller's instructions")]

mod backend;
mod batch;
mod block;
mod engine;
mod float_mode;
mod heads;
mod image;
#[allow(unsafe_code, reason = "instructions that a processor may lack")]
mod isa;
pub mod measure;
mod part;
mod team;
mod work;

pub use backend::{BACKEND_VARIABLE, Backend, BackendError};
pub use batch::Job;
pub use engine::{Columns, Engine, EngineError};
pub use float_mode::{FloatMode, check_float_mode};
pub use part::width;

use opml_operator::{Operator, Place};

/// Computes one tile with the fastest instructions of this processor, in this thread: what
/// [`opml_kernels::run`] computes, under the same conditions.
pub fn run(operator: &Operator, place: Place, inputs: &[&[u32]], output: &mut [u32]) {
    let start = part::Start::of(operator, place);
    match Backend::best().lanes() {
        Some(lanes) => part::Part { lanes, start }.compute(operator, inputs, output),
        None => opml_kernels::run(operator, place, inputs, output),
    }
}
