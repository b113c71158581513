//! The floating-point mode of a thread.

use core::hint::black_box;

use thiserror::Error;

/// Why a thread would compute other bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FloatMode {
    /// Results that should be subnormal become zero.
    #[error("subnormal results are flushed to zero")]
    FlushToZero,
    /// Subnormal operands count as zero.
    #[error("subnormal operands are taken as zero")]
    DenormalsAreZero,
    /// Results are not rounded to nearest, ties to even.
    #[error("results are not rounded to nearest even")]
    Rounding,
}

/// Checks that the calling thread rounds to nearest even and keeps subnormal numbers.
///
/// A thread of Rust code does so from its start; foreign code in the process can change it. By
/// behaviour and not by a control register, so it holds on every machine.
pub fn check_float_mode() -> Result<(), FloatMode> {
    let smallest_normal = black_box(f32::MIN_POSITIVE);
    if (smallest_normal * black_box(0.5)).to_bits() != 1 << 22 {
        return Err(FloatMode::FlushToZero);
    }
    // The result is normal: only reading the operand can go wrong.
    let subnormal = black_box(f32::from_bits(1 << 22));
    if (subnormal * black_box(4.0)).to_bits() != 2 << 23 {
        return Err(FloatMode::DenormalsAreZero);
    }
    // Ties go down to the even 1, up to the even 1 + 2^-22, for both signs: no directed mode does so.
    let unit = black_box(f32::EPSILON);
    for sign in [1.0, -1.0] {
        let one = black_box(sign);
        let tie = black_box(sign * 0.5) * unit;
        let odd = black_box(sign * 1.5) * unit;
        let above = one.to_bits() + 2;
        if (one + tie).to_bits() != one.to_bits() || (one + odd).to_bits() != above {
            return Err(FloatMode::Rounding);
        }
    }
    Ok(())
}
