//! Bytes, halves and the misaligned pieces of `lwl`, `lwr`, `swl`, `swr` inside a little-endian word.

/// Bits below the byte that `address` names in its word.
#[inline]
const fn bit_offset(address: u32) -> u32 {
    (address & 3) << 3
}

/// The byte at `address`, in the low bits.
#[inline]
pub(super) const fn byte(word: u32, address: u32) -> u32 {
    word.wrapping_shr(bit_offset(address)) & 0xff
}

/// The half at the even `address`, in the low bits.
#[inline]
pub(super) const fn half(word: u32, address: u32) -> u32 {
    word.wrapping_shr(bit_offset(address)) & 0xffff
}

/// `word` with the byte at `address` replaced.
#[inline]
pub(super) const fn with_byte(word: u32, address: u32, value: u32) -> u32 {
    let shift = bit_offset(address);
    (word & !0xff_u32.wrapping_shl(shift)) | (value & 0xff).wrapping_shl(shift)
}

/// `word` with the half at the even `address` replaced.
#[inline]
pub(super) const fn with_half(word: u32, address: u32, value: u32) -> u32 {
    let shift = bit_offset(address);
    (word & !0xffff_u32.wrapping_shl(shift)) | (value & 0xffff).wrapping_shl(shift)
}

/// `lwl`: the bytes of `word` up to `address` become the upper bytes of `reg`.
#[inline]
pub(super) const fn load_left(reg: u32, word: u32, address: u32) -> u32 {
    let shift = 24_u32.wrapping_sub(bit_offset(address));
    let keep = 1_u32.wrapping_shl(shift).wrapping_sub(1);
    word.wrapping_shl(shift) | (reg & keep)
}

/// `lwr`: the bytes of `word` from `address` on become the lower bytes of `reg`.
#[inline]
pub(super) const fn load_right(reg: u32, word: u32, address: u32) -> u32 {
    let shift = bit_offset(address);
    let keep = !u32::MAX.wrapping_shr(shift);
    word.wrapping_shr(shift) | (reg & keep)
}

/// `swl`: the upper bytes of `reg` become the bytes of `word` up to `address`.
#[inline]
pub(super) const fn swl(word: u32, address: u32, reg: u32) -> u32 {
    let shift = 24_u32.wrapping_sub(bit_offset(address));
    let keep = !u32::MAX.wrapping_shr(shift);
    reg.wrapping_shr(shift) | (word & keep)
}

/// `swr`: the lower bytes of `reg` become the bytes of `word` from `address` on.
#[inline]
pub(super) const fn swr(word: u32, address: u32, reg: u32) -> u32 {
    let shift = bit_offset(address);
    let keep = 1_u32.wrapping_shl(shift).wrapping_sub(1);
    reg.wrapping_shl(shift) | (word & keep)
}
