//! Arithmetic that is more than one operation of Rust.

use super::{Cpu, Field, Trap};

/// Sign-extends an immediate.
#[inline]
pub(super) fn sext(imm: u16) -> u32 {
    i32::from(imm.cast_signed()).cast_unsigned()
}

/// Signed sum, or the overflow trap.
#[inline]
pub(super) fn add(a: u32, b: u32) -> Result<u32, Trap> {
    let sum = a.cast_signed().checked_add(b.cast_signed());
    sum.map(i32::cast_unsigned).ok_or(Trap::IntegerOverflow)
}

/// Signed difference, or the overflow trap.
#[inline]
pub(super) fn sub(a: u32, b: u32) -> Result<u32, Trap> {
    let difference = a.cast_signed().checked_sub(b.cast_signed());
    difference.map(i32::cast_unsigned).ok_or(Trap::IntegerOverflow)
}

/// Signed `a < b` as a register value.
#[inline]
pub(super) fn less(a: u32, b: u32) -> u32 {
    u32::from(a.cast_signed() < b.cast_signed())
}

/// `value` shifted right by the low five bits of `amount`, the sign entering.
#[inline]
pub(super) const fn shift_arithmetic(value: u32, amount: u32) -> u32 {
    value.cast_signed().wrapping_shr(amount).cast_unsigned()
}

/// Signed 64-bit product; exact.
#[inline]
pub(super) fn product(a: u32, b: u32) -> u64 {
    i64::from(a.cast_signed()).wrapping_mul(i64::from(b.cast_signed())).cast_unsigned()
}

/// Unsigned 64-bit product; exact.
#[inline]
pub(super) fn product_unsigned(a: u32, b: u32) -> u64 {
    u64::from(a).wrapping_mul(u64::from(b))
}

/// Signed division toward zero. The architecture leaves `x / 0` and `MIN / -1` open: both divide
/// by one here.
#[inline]
pub(super) fn div(cpu: &mut Cpu, a: u32, b: u32) {
    let (a, b) = (a.cast_signed(), b.cast_signed());
    let quotient = a.checked_div(b).unwrap_or(a);
    let remainder = a.checked_rem(b).unwrap_or(0);
    cpu.lo = quotient.cast_unsigned();
    cpu.hi = remainder.cast_unsigned();
}

/// Unsigned division. The architecture leaves `x / 0` open: it divides by one here.
#[inline]
pub(super) fn divu(cpu: &mut Cpu, a: u32, b: u32) {
    cpu.lo = a.checked_div(b).unwrap_or(a);
    cpu.hi = a.checked_rem(b).unwrap_or(0);
}

/// Sign-extended low byte.
#[inline]
pub(super) const fn sign_extend_byte(value: u32) -> u32 {
    shift_arithmetic(value << 24, 24)
}

/// Sign-extended low half.
#[inline]
pub(super) const fn sign_extend_half(value: u32) -> u32 {
    shift_arithmetic(value << 16, 16)
}

/// The bytes of each half swapped.
#[inline]
pub(super) const fn swap_half_bytes(value: u32) -> u32 {
    ((value & 0x00ff_00ff) << 8) | ((value >> 8) & 0x00ff_00ff)
}

/// The low `size` bits set; `size` is 1 to 32.
#[inline]
const fn low_bits(size: u8) -> u32 {
    u32::MAX.wrapping_shr(32_u32.wrapping_sub(size as u32))
}

/// `ext`: the field of `value`.
#[inline]
pub(super) const fn extract(value: u32, field: Field) -> u32 {
    value.wrapping_shr(field.pos as u32) & low_bits(field.size)
}

/// `ins`: `into` with the field replaced by the low bits of `value`.
#[inline]
pub(super) const fn insert(into: u32, value: u32, field: Field) -> u32 {
    let mask = low_bits(field.size).wrapping_shl(field.pos as u32);
    (into & !mask) | (value.wrapping_shl(field.pos as u32) & mask)
}
