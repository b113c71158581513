//! Choices and bytes.

use opml_operator::Kernel;

use super::{Parts, size};
use crate::case::Case;
use crate::numbers::Flavor;
use crate::rng::Rng;

pub fn argmax(rng: &mut Rng) -> Case {
    let n = size(rng, 10);
    let logits = logits(n, rng);
    Parts { kernel: Kernel::ArgMax, params: &[n], grid: (1, 1), output: 8, inputs: vec![logits] }
        .case(rng)
}

pub fn sample(rng: &mut Rng) -> Case {
    let n = size(rng, 11);
    let logits = logits(n, rng);
    let inputs = vec![logits, header(rng)];
    let parts = Parts { kernel: Kernel::Sample, params: &[n], grid: (1, 1), output: 8, inputs };
    let mut case = parts.case(rng);
    case.iteration = rng.word();
    case
}

/// Often with equal elements, and in ascending order.
fn logits(n: u32, rng: &mut Rng) -> Vec<u32> {
    let mut logits = Flavor::any(rng).numbers(rng, n);
    if rng.one_in(4) {
        let few = Flavor::Special.numbers(rng, 5);
        logits.fill_with(|| few[rng.below(5) as usize]);
    }
    if rng.one_in(4) {
        logits.sort_by(|a, b| f32::from_bits(*a).total_cmp(&f32::from_bits(*b)));
    }
    logits
}

/// A request's header.
pub fn header(rng: &mut Rng) -> Vec<u32> {
    let mut header = vec![0; 32];
    [header[2], header[3]] = [rng.word(), rng.word()];
    header[4] = match rng.below(6) {
        0 => Flavor::Raw.number(rng),
        1 => 0,
        2 => Flavor::Special.number(rng),
        3 => 1e6_f32.to_bits(),
        _ => (rng.within(1, 40) as f32 * 0.05).to_bits(),
    };
    header[5] = match rng.below(6) {
        0 => rng.word(),
        1 => rng.within(0, 2),
        2 => rng.within(255, 257),
        _ => rng.within(1, 300),
    };
    header[6] = rng.word();
    header[7] = match rng.below(4) {
        0 => Flavor::Raw.number(rng),
        1 => (rng.within(1, 20) as f32 * 0.05).to_bits(),
        _ => 0,
    };
    header
}

pub fn emit(rng: &mut Rng) -> Case {
    let n = size(rng, 9);
    let words = n.div_ceil(4) + rng.below(4);
    let x = Flavor::Raw.numbers(rng, words);
    let output = 8 + n.div_ceil(4);
    Parts { kernel: Kernel::Emit, params: &[n], grid: (1, 1), output, inputs: vec![x] }.case(rng)
}
