//! Between bytes and numbers.

use opml_operator::geometry::{Emit, FromBytes};

use crate::math::{float, store};
use crate::{first_of, present};

/// Words of the request's header.
pub mod header {
    pub const LENGTH: usize = 0;
    pub const SEED: usize = 2;
    pub const TEMPERATURE: usize = 4;
    pub const TOP_K: usize = 5;
    pub const MOST_NEW: usize = 6;
    pub const TOP_P: usize = 7;
    pub const FORMAT: usize = 8;
}

/// Bytes in front of the input.
const HEADER_BYTES: u32 = 128;

/// Byte `index` of the request's input.
pub fn input_byte(request: &[u32], index: u32) -> u32 {
    byte(request, index.saturating_add(HEADER_BYTES))
}

fn byte(words: &[u32], index: u32) -> u32 {
    words[index as usize / 4] >> (index % 4 * 8) & 0xff
}

/// Words in front of an output's bytes: the length, and seven zeros.
const OUTPUT_HEADER: usize = 8;

/// `out[i] = f32(byte[offset + column * width + i]) * scale`; past `n` bytes +0.
pub fn from_bytes(shape: &FromBytes, column: u32, request: &[u32], out: &mut [u32]) {
    let first = first_of(column, shape.width) as usize;
    let count = present(column, shape.width, shape.n);
    for (index, out) in out[..count].iter_mut().enumerate() {
        let at = shape.offset as usize + first + index;
        let byte = request[at / 4] >> (at % 4 * 8) & 0xff;
        *out = store(byte as f32 * float(shape.scale));
    }
}

/// Word 0 of `out` = `n`; bytes 32 .. 32 + `n` are the first ones of `x`.
pub fn emit(shape: &Emit, x: &[u32], out: &mut [u32]) {
    out[0] = shape.n;
    let (whole, rest) = (shape.n as usize / 4, shape.n % 4);
    let out = &mut out[OUTPUT_HEADER..];
    out[..whole].copy_from_slice(&x[..whole]);
    if rest > 0 {
        out[whole] = x[whole] & ((1 << (rest * 8)) - 1);
    }
}
