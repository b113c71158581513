//! Numbers: IEEE-754 binary32 by addition, subtraction, multiplication and division alone.
//!
//! Round to nearest even, subnormals kept, no fused operations, no library functions: every machine
//! with IEEE arithmetic, in hardware or in software, gives the same bits. Functions are straight
//! lines with selections at the end, so that each can be written one lane an element.

mod erf;
mod exp;
mod half;
mod nan;
mod sigmoid;
mod sqrt;

pub use erf::erf;
pub use exp::exp;
pub use half::half;
pub(crate) use nan::INFINITY;
pub use nan::{CANONICAL_NAN, canonical, float, is_nan, magnitude, store};
pub use sigmoid::sigmoid;
pub use sqrt::sqrt;

/// `1.5 * 2^23`: adding it rounds a number of magnitude at most 2^22 to an integer, to nearest
/// even, and leaves that integer in the low bits of the sum.
pub const ROUND_TO_INTEGER: f32 = 12_582_912.0;

/// The integer nearest to `value`, ties to even; |value| <= 2^22.
#[inline]
pub fn nearest(value: f32) -> i32 {
    (value + ROUND_TO_INTEGER).to_bits().wrapping_sub(ROUND_TO_INTEGER.to_bits()).cast_signed()
}
