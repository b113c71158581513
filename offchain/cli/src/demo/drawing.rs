//! Lies about a picture: one pixel, one tile of a convolution, one coefficient of the sampler; all that
//! follows from it is computed truly.

use std::ops::Range;

use anyhow::{Context as _, Result, bail};
use opml_operator::{Control, Descriptor, Kernel, Operator, Place};
use opml_runtime::Bundle;
use opml_solver::machines::liar::Lapse;

use super::lapse::{draw, lapse, makes_a_difference, one_word};

/// Tiles that are drawn until one makes a difference.
const DRAWS: u64 = 64;

/// A pixel in the middle of the picture is another one.
pub fn pixel(bundle: &Bundle) -> Result<Lapse> {
    let tiles = tiles(bundle, &[Kernel::ToBytes]).pop().context("the model makes no bytes")?;
    Ok(lapse(tiles.start, one_pixel))
}

/// A tile of the sampler's step is computed with another coefficient.
pub fn coefficient(bundle: &Bundle) -> Result<Lapse> {
    let tiles = tiles(bundle, &[Kernel::Blend]).pop().context("the model has no sampler")?;
    Ok(lapse(tiles.start + (tiles.end - tiles.start) / 2, another_coefficient))
}

/// One number of a tile that `seed` draws among those of all convolutions, one that makes a difference.
pub fn convolution(model: (&Bundle, u8), request: &[u8], seed: u64) -> Result<Lapse> {
    let tiles = tiles(model.0, &[Kernel::Conv, Kernel::ConvAdd]);
    let count: u64 = tiles.iter().map(|tiles| tiles.end - tiles.start).sum();
    for number in 0..DRAWS {
        let drawn =
            draw(seed, number).checked_rem(count).context("the model has no convolution")?;
        let step = tiles.iter().cloned().flatten().nth(usize::try_from(drawn)?);
        let lapse = lapse(step.unwrap_or_default(), one_word);
        if makes_a_difference(model, request, lapse)? {
            return Ok(lapse);
        }
    }
    bail!("none of {DRAWS} tiles makes a difference")
}

/// Steps of the operators of some kernels, in the order in which they are computed.
fn tiles(bundle: &Bundle, kernels: &[Kernel]) -> Vec<Range<u64>> {
    let mut start = 0;
    let mut found = Vec::new();
    for operator in computed(bundle) {
        let end = start + u64::from(operator.tiles);
        if kernels.iter().any(|kernel| kernel.id() == operator.kernel) {
            found.push(start..end);
        }
        start = end;
    }
    found
}

/// The operators of a run that leaves no loop early.
fn computed(bundle: &Bundle) -> Vec<Descriptor> {
    let operators: Vec<_> = bundle.program().operators().map(|(_, operator)| operator).collect();
    let mut computed = Vec::new();
    for (pc, operator) in operators.iter().enumerate() {
        computed.push(operator.clone());
        if let Ok(Control::Loop { target, count }) = operator.control() {
            let body = operators.get(target as usize..=pc).unwrap_or_default();
            (1..count).for_each(|_| computed.extend_from_slice(body));
        }
    }
    computed
}

fn one_pixel(operator: &Operator, place: Place, inputs: &[&[u32]], output: &mut [u32]) {
    opml_native::run(operator, place, inputs, output);
    let middle = output.len() / 2;
    if let Some(four) = output.get_mut(middle) {
        *four ^= 0x40;
    }
}

fn another_coefficient(operator: &Operator, place: Place, inputs: &[&[u32]], output: &mut [u32]) {
    let mut inputs = inputs.to_vec();
    let mut others = inputs.last().map(|factors| factors.to_vec()).unwrap_or_default();
    if let Some(first) = others.first_mut() {
        // A sixteenth more or less.
        *first ^= 1 << 19;
    }
    if let Some(last) = inputs.last_mut() {
        *last = &others;
    }
    opml_native::run(operator, place, &inputs, output);
}
