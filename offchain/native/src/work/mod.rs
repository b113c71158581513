//! Kernels over an instruction set. Every one mirrors the function of the same name in
//! `opml_kernels`, operation by operation; what differs is which elements are worked on together.
//!
//! `out` holds a tensor's elements from some first one on, not just a tile's.

mod attention;
mod choice;
mod columns;
mod columns_attention;
mod elementwise;
mod few;
mod math;
mod matmul;
mod norm;
mod quantize;
mod rope;
mod softmax;
mod sums;

pub use attention::{MixWork, ScoresWork};
pub use choice::{ArgMaxWork, SampleWork};
pub use columns::{ColumnProducts, Vectors, activations};
pub use columns_attention::{ColumnMix, ColumnScores, Mixed, PackedKeys};
pub use elementwise::{Add, Binary, Gelu, GeluTanh, Map, Mul, Relu, Silu, Unary, Zip, gelu, silu};
pub use few::{FEW, FewMixed, FewScores, Rows};
pub use math::exp;
pub use matmul::{
    Activations, Blocked, Column, F16, F32, Keys, Plain, Products, Q4_0, Q4_1, Q4_K, Q8_0, put,
    zero,
};
pub use norm::{LayerNormWork, RmsNormWork};
pub use quantize::{QuantizeWork, quantized_block};
pub use rope::RopeWork;
pub use softmax::{SoftmaxWork, greatest};
pub use sums::strided;
