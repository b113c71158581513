//! Choosing an element of a row.

use opml_kernels::math::{canonical, is_nan, magnitude};
use opml_operator::geometry::{ArgMax, Sample};

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

/// Word of the request's header that says how many candidates a draw has.
const TOP_K: usize = 5;
/// Most candidates of a draw.
const MOST: usize = 256;
/// Elements of a part of the row.
const PART: usize = 64;

/// An index drawn by its logit.
pub struct SampleWork<'a> {
    /// Geometry.
    pub shape: &'a Sample,
    /// The draw's number.
    pub iteration: u32,
    /// The row.
    pub x: &'a [u32],
    /// The request, with top-k in its header.
    pub request: &'a [u32],
    /// The result.
    pub out: &'a mut [u32],
}

impl Work for SampleWork<'_> {
    /// The reference on the few elements that can be drawn. As many parts of the row as there are
    /// candidates have a greatest element of at least `limit`, so all candidates are at least that.
    #[inline(always)]
    fn run<I: Isa>(self, _: I) {
        let x = &self.x[..self.shape.n as usize];
        let mut greatest = vec![0; x.len().div_ceil(PART)];
        for (greatest, part) in greatest.iter_mut().zip(x.chunks(PART)) {
            for word in part {
                *greatest = rank(*word).max(*greatest);
            }
        }
        let candidates = (self.request[TOP_K] as usize).clamp(1, MOST);
        let limit = match greatest.len().checked_sub(candidates) {
            Some(place) => *greatest.clone().select_nth_unstable(place).1,
            None => 0,
        };
        let (mut kept, mut places) = (Vec::new(), Vec::new());
        for ((index, part), greatest) in x.chunks(PART).enumerate().zip(greatest) {
            if greatest >= limit {
                for (place, word) in (index * PART..).zip(part) {
                    if rank(*word) >= limit {
                        kept.push(*word);
                        places.push(place as u32);
                    }
                }
            }
        }
        let shape = Sample { n: kept.len() as u32 };
        opml_kernels::sample(&shape, self.iteration, [&kept, self.request], self.out);
        self.out[0] = places[self.out[0] as usize];
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
