//! Rotary position embedding.

use opml_kernels::math::{float, store};
use opml_operator::geometry::{Pairing, Rope};

use crate::isa::{Isa, Work};

/// Turns every pair of every head.
pub struct RopeWork<'a> {
    /// Geometry.
    pub shape: &'a Rope,
    /// The heads.
    pub x: &'a [u32],
    /// Cosines and sines of the position.
    pub table: &'a [u32],
    /// The result.
    pub out: &'a mut [u32],
}

impl Work for RopeWork<'_> {
    #[inline(always)]
    fn run<I: Isa>(self, _: I) {
        let head = self.shape.head as usize;
        let n = head * self.shape.heads as usize;
        let table = self.table[..head].split_at(head / 2);
        let heads = self.x[..n].chunks_exact(head).zip(self.out[..n].chunks_exact_mut(head));
        match self.shape.pairing {
            Pairing::Adjacent => heads.for_each(|(x, out)| adjacent(table, x, out)),
            Pairing::Halves => heads.for_each(|(x, out)| halves(table, x, out)),
        }
    }
}

/// Cosines, sines.
type Table<'a> = (&'a [u32], &'a [u32]);

#[inline(always)]
fn adjacent((cosines, sines): Table<'_>, x: &[u32], out: &mut [u32]) {
    let pairs = x.as_chunks().0.iter().zip(out.as_chunks_mut().0);
    for ((x, out), (cosine, sine)) in pairs.zip(cosines.iter().zip(sines)) {
        *out = turned(*x, [*cosine, *sine]);
    }
}

#[inline(always)]
fn halves((cosines, sines): Table<'_>, x: &[u32], out: &mut [u32]) {
    let (first, second) = x.split_at(cosines.len());
    let (out_first, out_second) = out.split_at_mut(cosines.len());
    let x = first.iter().zip(second);
    let out = out_first.iter_mut().zip(out_second);
    for ((x, out), (cosine, sine)) in x.zip(out).zip(cosines.iter().zip(sines)) {
        [*out.0, *out.1] = turned([*x.0, *x.1], [*cosine, *sine]);
    }
}

#[inline(always)]
fn turned(x: [u32; 2], turn: [u32; 2]) -> [u32; 2] {
    let ([x0, x1], [c, s]) = (x.map(float), turn.map(float));
    [store(x0 * c - x1 * s), store(x0 * s + x1 * c)]
}
