//! Kernels of whole rows.

use opml_operator::Kernel;

use super::{Parts, size};
use crate::case::Case;
use crate::numbers::Flavor;
use crate::rng::Rng;

pub fn quantize(rng: &mut Rng) -> Case {
    let n = size(rng, 9);
    let mut x = Flavor::any(rng).numbers(rng, n);
    // Blocks of other kinds, so that the limits are met within a row.
    for block in x.chunks_mut(32) {
        if rng.one_in(3) {
            let other = Flavor::any(rng).numbers(rng, 32);
            block.iter_mut().zip(other).for_each(|(word, other)| *word = other);
        }
        if rng.one_in(6) {
            halfway(block, rng);
        }
    }
    let output = n.div_ceil(32) * 9;
    Parts { kernel: Kernel::Quantize, params: &[n], grid: (1, 1), output, inputs: vec![x] }
        .case(rng)
}

/// Numbers halfway between integers, or close to it: 127 is the greatest, so the scale is 1.
fn halfway(block: &mut [u32], rng: &mut Rng) {
    for word in &mut *block {
        let half = rng.below(254) as f32 - 127.0 + 0.5;
        *word = half.to_bits().wrapping_add(rng.below(3)).wrapping_sub(1);
    }
    block[0] = 127.0_f32.to_bits();
}

pub fn norm(kernel: Kernel, rng: &mut Rng) -> Case {
    let n = size(rng, 9);
    let epsilon = match rng.below(4) {
        0 => Flavor::any(rng).number(rng),
        1 => 0,
        _ => 1e-5_f32.to_bits(),
    };
    let tensor = |rng: &mut Rng| Flavor::any(rng).numbers(rng, n);
    let inputs = (0..kernel.inputs()).map(|_| tensor(rng)).collect();
    let grid = (1, rng.within(1, 3));
    Parts { kernel, params: &[n, epsilon], grid, output: n, inputs }.case(rng)
}

pub fn softmax(rng: &mut Rng) -> Case {
    let (capacity, mode) = (size(rng, 9), rng.below(2));
    let mut x = Flavor::any(rng).numbers(rng, capacity);
    if rng.one_in(3) {
        // Differences that the exponential is made for.
        x = x.iter().map(|word| (word >> 8) as f32 * -6e-6).map(f32::to_bits).collect();
    }
    let parts = Parts {
        kernel: Kernel::Softmax,
        params: &[capacity, mode],
        grid: (1, rng.within(1, 3)),
        output: capacity,
        inputs: vec![x],
    };
    let mut case = parts.case(rng);
    case.iteration = rng.below(capacity);
    case
}

pub fn rope(rng: &mut Rng) -> Case {
    let (head, heads, mode) = (2 * size(rng, 5), size(rng, 3), rng.below(2));
    let x = Flavor::any(rng).numbers(rng, head * heads);
    let table = Flavor::any(rng).numbers(rng, head);
    Parts {
        kernel: Kernel::Rope,
        params: &[head, heads, mode],
        grid: (1, 1),
        output: head * heads,
        inputs: vec![x, table],
    }
    .case(rng)
}
