//! Choosing an element of a row.

use opml_kernels::math::{canonical, is_nan, magnitude};
use opml_operator::geometry::ArgMax;

use crate::isa::{Isa, Work};

/// Elements whose greatest is found before its place is looked for.
const CHUNK: usize = 1024;

/// Index and bits of the greatest element.
pub struct ArgMaxWork<'a> {
    /// Geometry.
    pub shape: &'a ArgMax,
    /// The row.
    pub x: &'a [u32],
    /// The result.
    pub out: &'a mut [u32],
}

impl Work for ArgMaxWork<'_> {
    #[inline(always)]
    fn run<I: Isa>(self, _: I) {
        let x = &self.x[..self.shape.n as usize];
        let mut best = (0, 0);
        for (index, chunk) in x.chunks(CHUNK).enumerate() {
            let mut greatest = 0;
            for word in chunk {
                greatest = rank(*word).max(greatest);
            }
            if greatest > best.0 {
                best = (greatest, index * CHUNK);
            }
        }
        let (greatest, start) = best;
        let place = x[start..].iter().position(|word| rank(*word) == greatest).unwrap_or(0);
        self.out[0] = (start + place) as u32;
        self.out[1] = canonical(x[start + place]);
    }
}

/// Order of numbers: NaN 0, then from minus infinity up; both zeros alike.
#[inline(always)]
fn rank(word: u32) -> u32 {
    // Above 0 only for what is not NaN; wrapping is harmless where the other is selected.
    let negative = 0x8000_0000_u32.wrapping_sub(magnitude(word));
    let positive = word.wrapping_add(0x8000_0000);
    let rank = if word >> 31 != 0 { negative } else { positive };
    if is_nan(word) { 0 } else { rank }
}
