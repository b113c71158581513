//! Typed geometry of every kernel, parsed from a descriptor.
//!
//! An [`Operator`] holds only values whose tensors fit their regions, so kernels need not check.

mod attend;
mod attention;
mod canvas;
mod checks;
mod conv;
mod elementwise;
mod image;
mod matrix;
mod reads;
mod rows;
mod text;
mod token;

pub use attend::{Attend, Packed};
pub use attention::{Cache, Mix, Scores};
pub use canvas::{Activation, Canvas, Rows};
pub use conv::Conv;
pub use elementwise::{FromBytes, Map};
pub use image::{Blocks, Concat, GroupAffine, Moments, Resample, Resampling, ToBytes, Vector};
pub use matrix::{Embed, Matmul, Matrix, Quantize};
pub use rows::{LayerNorm, Pairing, RmsNorm, Rope, Softmax};
pub use text::{ArgMax, Emit, Sample};
pub use token::{Decode, Encode, Next};

use crate::descriptor::{Descriptor, PARAMS};
use crate::illegal::Illegal;
use crate::kernel::Kernel;

use checks::Checks;

/// A kernel with its geometry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// [`Kernel::Quantize`].
    Quantize(Quantize),
    /// [`Kernel::Matmul`].
    Matmul(Matmul),
    /// [`Kernel::Add`].
    Add(Map),
    /// [`Kernel::Mul`].
    Mul(Map),
    /// [`Kernel::Relu`].
    Relu(Map),
    /// [`Kernel::Silu`].
    Silu(Map),
    /// [`Kernel::Gelu`].
    Gelu(Map),
    /// [`Kernel::GeluTanh`].
    GeluTanh(Map),
    /// [`Kernel::RmsNorm`].
    RmsNorm(RmsNorm),
    /// [`Kernel::LayerNorm`].
    LayerNorm(LayerNorm),
    /// [`Kernel::Softmax`].
    Softmax(Softmax),
    /// [`Kernel::Rope`].
    Rope(Rope),
    /// [`Kernel::Scores`].
    Scores(Scores),
    /// [`Kernel::Mix`].
    Mix(Mix),
    /// [`Kernel::Embed`].
    Embed(Embed),
    /// [`Kernel::ArgMax`].
    ArgMax(ArgMax),
    /// [`Kernel::Sample`].
    Sample(Sample),
    /// [`Kernel::FromBytes`].
    FromBytes(FromBytes),
    /// [`Kernel::Emit`].
    Emit(Emit),
    /// [`Kernel::Encode`].
    Encode(Encode),
    /// [`Kernel::Next`].
    Next(Next),
    /// [`Kernel::Decode`].
    Decode(Decode),
    /// [`Kernel::Conv`].
    Conv(Conv),
    /// [`Kernel::ConvAdd`].
    ConvAdd(Conv),
    /// [`Kernel::Attend`].
    Attend(Attend),
    /// [`Kernel::Moments`].
    Moments(Moments),
    /// [`Kernel::GroupAffine`].
    GroupAffine(GroupAffine),
    /// [`Kernel::Affine`].
    Affine(Rows),
    /// [`Kernel::Pack`].
    Pack(Rows),
    /// [`Kernel::AffinePack`].
    AffinePack(Rows),
    /// [`Kernel::NormRows`].
    NormRows(Rows),
    /// [`Kernel::Resample`].
    Resample(Resample),
    /// [`Kernel::Concat`].
    Concat(Concat),
    /// [`Kernel::Blend`].
    Blend(Vector),
    /// [`Kernel::Noise`].
    Noise(Vector),
    /// [`Kernel::ToBytes`].
    ToBytes(ToBytes),
}

impl Operator {
    /// The kernel of `descriptor` with its geometry in iteration `iteration`.
    pub fn parse(descriptor: &Descriptor, iteration: u32) -> Result<Self, Illegal> {
        let id = descriptor.kernel;
        let kernel = Kernel::from_id(id).ok_or(Illegal::Kernel { id })?;
        check_counts(descriptor, kernel)?;
        let checks = &Checks::new(descriptor);
        let operator = match kernel {
            Kernel::Quantize => Self::Quantize(Quantize::parse(checks)),
            Kernel::Matmul => Self::Matmul(Matmul::parse(checks)),
            Kernel::Add => Self::Add(Map::parse(checks)),
            Kernel::Mul => Self::Mul(Map::parse(checks)),
            Kernel::Relu => Self::Relu(Map::parse(checks)),
            Kernel::Silu => Self::Silu(Map::parse(checks)),
            Kernel::Gelu => Self::Gelu(Map::parse(checks)),
            Kernel::GeluTanh => Self::GeluTanh(Map::parse(checks)),
            Kernel::RmsNorm => Self::RmsNorm(RmsNorm::parse(checks)),
            Kernel::LayerNorm => Self::LayerNorm(LayerNorm::parse(checks)),
            Kernel::Softmax => Self::Softmax(Softmax::parse(checks, iteration)),
            Kernel::Rope => Self::Rope(Rope::parse(checks)),
            Kernel::Scores => Self::Scores(Scores::parse(checks, iteration)),
            Kernel::Mix => Self::Mix(Mix::parse(checks, iteration)),
            Kernel::Embed => Self::Embed(Embed::parse(checks)),
            Kernel::ArgMax => Self::ArgMax(ArgMax::parse(checks)),
            Kernel::Sample => Self::Sample(Sample::parse(checks)),
            Kernel::FromBytes => Self::FromBytes(FromBytes::parse(checks)),
            Kernel::Emit => Self::Emit(Emit::parse(checks)),
            Kernel::Encode => Self::Encode(Encode::parse(checks)),
            Kernel::Next => Self::Next(Next::parse(checks)),
            Kernel::Decode => Self::Decode(Decode::parse(checks)),
            Kernel::Conv => Self::Conv(Conv::parse(checks)),
            Kernel::ConvAdd => Self::ConvAdd(Conv::parse(checks)),
            Kernel::Attend => Self::Attend(Attend::parse(checks)),
            Kernel::Moments => Self::Moments(Moments::parse(checks)),
            Kernel::GroupAffine => Self::GroupAffine(GroupAffine::parse(checks)),
            Kernel::Affine => Self::Affine(Rows::affine(checks, Canvas::numbers(checks))),
            Kernel::Pack => Self::Pack(Rows::plain(checks, Canvas::quantized(checks))),
            Kernel::AffinePack => Self::AffinePack(Rows::affine(checks, Canvas::quantized(checks))),
            Kernel::NormRows => Self::NormRows(Rows::norm(checks)),
            Kernel::Resample => Self::Resample(Resample::parse(checks)),
            Kernel::Concat => Self::Concat(Concat::parse(checks)),
            Kernel::Blend => Self::Blend(Vector::blend(checks)),
            Kernel::Noise => Self::Noise(Vector::drawn(checks)),
            Kernel::ToBytes => Self::ToBytes(ToBytes::parse(checks)),
        };
        checks.passed(operator)
    }

    /// The kernel.
    pub const fn kernel(&self) -> Kernel {
        match self {
            Self::Quantize(_) => Kernel::Quantize,
            Self::Matmul(_) => Kernel::Matmul,
            Self::Add(_) => Kernel::Add,
            Self::Mul(_) => Kernel::Mul,
            Self::Relu(_) => Kernel::Relu,
            Self::Silu(_) => Kernel::Silu,
            Self::Gelu(_) => Kernel::Gelu,
            Self::GeluTanh(_) => Kernel::GeluTanh,
            Self::RmsNorm(_) => Kernel::RmsNorm,
            Self::LayerNorm(_) => Kernel::LayerNorm,
            Self::Softmax(_) => Kernel::Softmax,
            Self::Rope(_) => Kernel::Rope,
            Self::Scores(_) => Kernel::Scores,
            Self::Mix(_) => Kernel::Mix,
            Self::Embed(_) => Kernel::Embed,
            Self::ArgMax(_) => Kernel::ArgMax,
            Self::Sample(_) => Kernel::Sample,
            Self::FromBytes(_) => Kernel::FromBytes,
            Self::Emit(_) => Kernel::Emit,
            Self::Encode(_) => Kernel::Encode,
            Self::Next(_) => Kernel::Next,
            Self::Decode(_) => Kernel::Decode,
            Self::Conv(_) => Kernel::Conv,
            Self::ConvAdd(_) => Kernel::ConvAdd,
            Self::Attend(_) => Kernel::Attend,
            Self::Moments(_) => Kernel::Moments,
            Self::GroupAffine(_) => Kernel::GroupAffine,
            Self::Affine(_) => Kernel::Affine,
            Self::Pack(_) => Kernel::Pack,
            Self::AffinePack(_) => Kernel::AffinePack,
            Self::NormRows(_) => Kernel::NormRows,
            Self::Resample(_) => Kernel::Resample,
            Self::Concat(_) => Kernel::Concat,
            Self::Blend(_) => Kernel::Blend,
            Self::Noise(_) => Kernel::Noise,
            Self::ToBytes(_) => Kernel::ToBytes,
        }
    }
}

/// As many inputs and parameters as the kernel takes, the rest zero.
fn check_counts(descriptor: &Descriptor, kernel: Kernel) -> Result<(), Illegal> {
    let (expected, actual) = (kernel.inputs(), descriptor.input_count);
    if expected != actual {
        return Err(Illegal::InputCount { expected, actual });
    }
    let used = descriptor.inputs().len();
    if descriptor.input_specs.iter().skip(used).any(|spec| !spec.is_zero()) {
        return Err(Illegal::UnusedInput);
    }
    const { assert!(PARAMS >= 14) };
    if descriptor.params.iter().skip(kernel.params()).any(|param| *param != 0) {
        return Err(Illegal::UnusedParam);
    }
    Ok(())
}
