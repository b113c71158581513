//! Between bytes and numbers.

use opml_operator::geometry::{Emit, FromBytes};

use crate::math::{float, store};
use crate::{first_of, present};

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
