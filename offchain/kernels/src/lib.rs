//! Scalar reference semantics of the graph machine's operators: what a kernel computes is what these
//! functions compute, on every machine and to the last bit. `docs/spec.md`, section "Kernels", says
//! the same in words; vectorised twins and the MIPS image are held to it by tests.
//!
//! Tensors are slices of memory words: a region of `2^s` bytes is `2^(s-2)` little-endian words, a
//! number is the word's bits. Kernels take the geometry that [`opml_operator::legal`] has accepted,
//! slices as long as the operator's regions, and an output that is zero; they write elements below
//! the tensor's length and leave the rest at +0. With other slices they may panic.
#![no_std]
#![forbid(unsafe_code)]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "kernels are made of words and of the conversions that the specification names"
)]
#![allow(clippy::trivially_copy_pass_by_ref, reason = "geometries are passed alike, whatever size")]
#![allow(clippy::float_cmp, reason = "comparisons of numbers are part of the semantics")]

mod attention;
mod choice;
mod elementwise;
mod embed;
mod image;
pub mod math;
pub mod matmul;
mod norm;
mod quantize;
mod random;
mod request;
mod rope;
pub mod row;
mod run;
mod softmax;
mod sums;
mod text;

pub use attention::{mix, scores};
pub use choice::{argmax, sample};
pub use elementwise::{add, gelu, gelu_tanh, mul, relu, silu};
pub use embed::embed;
pub use image::{
    affine, affine_pack, attend, blend, concat, conv, conv_add, group_affine, moments, noise,
    norm_rows, pack, resample, to_bytes,
};
pub use matmul::matmul;
pub use norm::{layer_norm, rms_norm};
pub use quantize::quantize;
pub use request::{emit, from_bytes};
pub use rope::rope;
pub use run::{run, run_on_zeros};
pub use softmax::softmax;
pub use text::{decode, encode, next};

/// First element of a column of tiles, or a number past every tensor's end.
#[inline]
const fn first_of(column: u32, width: u32) -> u32 {
    column.saturating_mul(width)
}

/// Elements below `n` among the `width` from the tile's first one on.
#[inline]
fn present(column: u32, width: u32, n: u32) -> usize {
    n.saturating_sub(first_of(column, width)).min(width) as usize
}
