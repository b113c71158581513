//! Element-wise kernels.

use opml_operator::Kernel;

use super::{Parts, columns, size, width};
use crate::case::Case;
use crate::numbers::Flavor;
use crate::rng::Rng;

pub fn map(kernel: Kernel, rng: &mut Rng) -> Case {
    let (n, width) = (size(rng, 8), width(rng, 7));
    let grid = (columns(rng, n, width), rng.within(1, 3));
    let tensor = |rng: &mut Rng| Flavor::any(rng).numbers(rng, width);
    let inputs = (0..kernel.inputs()).map(|_| tensor(rng)).collect();
    Parts { kernel, params: &[n], grid, output: width, inputs }.case(rng)
}

pub fn from_bytes(rng: &mut Rng) -> Case {
    let (n, width, offset) = (size(rng, 8), width(rng, 7), rng.within(0, 200));
    let scale = Flavor::any(rng).number(rng);
    let grid = (columns(rng, n, width), 1);
    let bytes = Flavor::Raw.numbers(rng, (offset + n).div_ceil(4));
    Parts {
        kernel: Kernel::FromBytes,
        params: &[n, offset, scale],
        grid,
        output: width,
        inputs: vec![bytes],
    }
    .case(rng)
}
