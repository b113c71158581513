//! Rotary position embedding.

use opml_operator::geometry::{Pairing, Rope};

use crate::math::{float, store};

/// Turns every pair of every head: `y0 = x0 * c - x1 * s`, `y1 = x0 * s + x1 * c`. `table` holds the
/// position's `head / 2` cosines, then as many sines.
pub fn rope(shape: &Rope, x: &[u32], table: &[u32], out: &mut [u32]) {
    let head = shape.head as usize;
    let pairs = head / 2;
    let (cosines, sines) = table[..head].split_at(pairs);
    let n = head * shape.heads as usize;
    let heads = x[..n].chunks_exact(head).zip(out[..n].chunks_exact_mut(head));
    for (x, out) in heads {
        for (pair, (cosine, sine)) in cosines.iter().zip(sines).enumerate() {
            let [first, second] = match shape.pairing {
                Pairing::Adjacent => [2 * pair, 2 * pair + 1],
                Pairing::Halves => [pair, pair + pairs],
            };
            let [x0, x1, c, s] = [x[first], x[second], *cosine, *sine].map(float);
            out[first] = store(x0 * c - x1 * s);
            out[second] = store(x0 * s + x1 * c);
        }
    }
}
