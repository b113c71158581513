//! Choosing an element of a row.

use opml_operator::geometry::{ArgMax, Sample};

use crate::math::{INFINITY, canonical, exp, float, is_nan, magnitude};
use crate::random::splitmix64;
use crate::request::header;

/// Most candidates of a draw.
const MOST: usize = 256;
/// 2^-24.
const TO_UNIT: f32 = 1.0 / 16_777_216.0;

/// `out[0]` = index of the greatest element, the first of equals; NaN is below all numbers, -0
/// equals +0. `out[1]` = the element.
pub fn argmax(shape: &ArgMax, x: &[u32], out: &mut [u32]) {
    let index = greatest(&x[..shape.n as usize]);
    out[0] = index;
    out[1] = canonical(x[index as usize]);
}

/// `out[0]` = an index drawn by its logit.
///
/// The request's header gives temperature, top-k, top-p and seed; `iteration` is the draw's number.
/// The greatest element is taken unless temperature > 0, top-k > 0 and that element is finite.
/// Otherwise the candidates are the `min(top-k, 256, n)` greatest, in descending order, lower index
/// first among equals; candidate i has weight `exp((x[i] - x[0]) / temperature)`, or +0 where that is
/// not > 0, and `c[i]` is the sum of the weights up to it, ascending from +0. If 0 < top-p < 1, the
/// candidates behind the first with `c[i] >= top-p * c[last]` are dropped. The first candidate with
/// `u * c[last] < c[i]` is drawn, u being the upper 24 bits of the draw's random number times 2^-24.
/// Inputs: x, request.
pub fn sample(shape: &Sample, iteration: u32, inputs: [&[u32]; 2], out: &mut [u32]) {
    let [x, request] = inputs;
    let x = &x[..shape.n as usize];
    let temperature = float(request[header::TEMPERATURE]);
    let top_k = (request[header::TOP_K] as usize).min(MOST).min(x.len());
    let best = greatest(x);
    let drawn = temperature > 0.0 && top_k > 0 && magnitude(x[best as usize]) < INFINITY;
    if !drawn {
        out[0] = best;
        return;
    }
    let mut memory = [0; MOST];
    let candidates = &mut memory[..top_k];
    select(x, candidates);
    let mut memory = [0.0; MOST];
    let sums = &mut memory[..top_k];
    let max = float(x[best as usize]);
    let mut sum = 0.0;
    for (candidate, cumulative) in candidates.iter().zip(sums.iter_mut()) {
        let weight = exp((float(x[index_of(*candidate) as usize]) - max) / temperature);
        sum += if weight > 0.0 { weight } else { 0.0 };
        *cumulative = sum;
    }
    let sums = nucleus(sums, float(request[header::TOP_P]));
    let seed = u64::from(request[header::SEED]) | u64::from(request[header::SEED + 1]) << 32;
    let threshold = uniform(seed, iteration) * sums[sums.len() - 1];
    let place = sums.iter().position(|sum| threshold < *sum).unwrap_or(0);
    out[0] = index_of(candidates[place]);
}

/// The sums up to the first that reaches the share `top_p` of all.
fn nucleus(sums: &[f32], top_p: f32) -> &[f32] {
    if !(top_p > 0.0 && top_p < 1.0) {
        return sums;
    }
    let limit = top_p * sums[sums.len() - 1];
    let last = sums.iter().position(|sum| *sum >= limit).unwrap_or(sums.len() - 1);
    &sums[..=last]
}

/// The draw's uniform number in [0, 1): 24 bits of the splitmix64 generator's output `iteration + 1`.
fn uniform(seed: u64, iteration: u32) -> f32 {
    let z = splitmix64(seed, u64::from(iteration) + 1);
    (z >> 40) as u32 as f32 * TO_UNIT
}

/// Index of the greatest element.
fn greatest(x: &[u32]) -> u32 {
    let mut best = (0, 0);
    for (index, word) in (0..).zip(x) {
        let rank = rank(*word);
        if rank > best.0 {
            best = (rank, index);
        }
    }
    best.1
}

/// Order of numbers: NaN 0, then from minus infinity up; both zeros alike.
#[inline]
const fn rank(word: u32) -> u32 {
    if is_nan(word) {
        0
    } else if word >> 31 != 0 {
        // The greater the magnitude, the lower; -0 comes out as +0 does.
        0x8000_0000 - magnitude(word)
    } else {
        word + 0x8000_0000
    }
}

/// Rank above, complement of the index below: the greater comes first.
#[inline]
fn candidate(index: u32, word: u32) -> u64 {
    u64::from(rank(word)) << 32 | u64::from(!index)
}

#[inline]
const fn index_of(candidate: u64) -> u32 {
    !(candidate as u32)
}

/// Fills `best` with the first candidates of `x`, in descending order; `best` is not longer than `x`.
///
/// A heap with the least on top: an element costs one comparison, and few enter.
fn select(x: &[u32], best: &mut [u64]) {
    let mut elements = (0..).zip(x).map(|(index, word)| candidate(index, *word));
    for (place, element) in best.iter_mut().zip(&mut elements) {
        *place = element;
    }
    for root in (0..best.len() / 2).rev() {
        sift_down(best, root);
    }
    for element in elements {
        if element > best[0] {
            best[0] = element;
            sift_down(best, 0);
        }
    }
    for end in (1..best.len()).rev() {
        best.swap(0, end);
        sift_down(&mut best[..end], 0);
    }
}

/// Lets the element at `root` sink until both its children are greater.
fn sift_down(heap: &mut [u64], mut root: usize) {
    loop {
        let mut least = 2 * root + 1;
        if least >= heap.len() {
            return;
        }
        if least + 1 < heap.len() && heap[least + 1] < heap[least] {
            least += 1;
        }
        if heap[root] <= heap[least] {
            return;
        }
        heap.swap(root, least);
        root = least;
    }
}
