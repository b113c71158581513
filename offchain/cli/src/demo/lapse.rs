//! Lies about an answer: one tile is wrong, and all that follows from it is computed truly.

use anyhow::{Context as _, Result, bail, ensure};
use opml_core::graph::{GraphStatus, GraphStep, Request};
use opml_operator::{Kernel, Operator, Place};
use opml_runtime::executor::{Kernels, Settings};
use opml_runtime::text::TextProgram;
use opml_runtime::{Bundle, Executor};
use opml_solver::machines::liar::{From, Lapse};

use super::machine::{Deceit, Machine};

/// Tiles that are drawn until one makes a difference.
const DRAWS: u64 = 64;

/// The lie is told in the tokenizer: another token stands in the middle of the prompt.
pub fn tokenizer(bundle: &Bundle, request: &[u8]) -> Result<Lapse> {
    let machine = start(bundle, request)?;
    expect(&machine, Kernel::Encode)?;
    Ok(lapse(machine.step_count(), another_word))
}

/// The lie is told in sampling: another token than the seed says, in the middle of the answer.
pub fn sampling(bundle: &Bundle, request: &[u8]) -> Result<Lapse> {
    let text = TextProgram::of(bundle).context("the model writes no text")?;
    let mut machine = start(bundle, request)?;
    text.read_prompt(&mut machine)?;
    let mut end = machine.clone();
    end.run(u64::MAX)?;
    let answered = (end.step_count() - machine.step_count()) / text.steps();
    ensure!(answered > 0, "the answer is empty");
    // Its last step draws.
    machine.run(text.steps() * answered.div_ceil(2) - 1)?;
    expect(&machine, Kernel::Sample)?;
    Ok(lapse(machine.step_count(), another_choice))
}

/// The lie is told in a tile that `seed` draws among all of the run, one that makes a difference to the end.
pub fn tile((bundle, steps_log2): (&Bundle, u8), request: &[u8], seed: u64) -> Result<Lapse> {
    let mut end = start(bundle, request)?;
    ensure!(end.run(1 << steps_log2)? == GraphStatus::Halted, "the model has not halted");
    for number in 0..DRAWS {
        let lapse = lapse(draw(seed, number) % end.step_count(), one_word);
        if makes_a_difference((bundle, steps_log2), request, lapse)? {
            return Ok(lapse);
        }
    }
    bail!("none of {DRAWS} tiles makes a difference")
}

/// Whether a run with this lie ends in another state than the true one.
pub fn makes_a_difference(model: (&Bundle, u8), request: &[u8], lapse: Lapse) -> Result<bool> {
    let truth = Machine::new(model, request, None)?.answer()?.hash;
    let deceit = Deceit::Once(lapse);
    let told = Machine::new(model, request, Some(&deceit)).and_then(|mut machine| machine.answer());
    // A wrong count of tokens may keep the model from halting.
    Ok(told.is_ok_and(|answer| answer.hash != truth))
}

fn start(bundle: &Bundle, request: &[u8]) -> Result<Executor> {
    Ok(Executor::new(bundle, &Request::decode(request)?, Settings::default())?)
}

fn expect(machine: &Executor, kernel: Kernel) -> Result<()> {
    match machine.next_step() {
        GraphStep::Tile(tile) if tile.operator.kernel() == kernel => Ok(()),
        other => bail!("step {} is not {kernel:?}: {other:?}", machine.step_count()),
    }
}

/// A lie in one step.
pub const fn lapse(step: u64, kernels: Kernels) -> Lapse {
    Lapse { step, kernels, from: From::Store }
}

/// Words in front of a row of tokens.
const HEADER: usize = 8;

fn another_word(operator: &Operator, place: Place, inputs: &[&[u32]], output: &mut [u32]) {
    opml_native::run(operator, place, inputs, output);
    let count = output.first().map_or(0, |count| *count as usize);
    if let Some(token) = output.get_mut(HEADER + count / 2) {
        *token ^= 1;
    }
}

fn another_choice(operator: &Operator, place: Place, inputs: &[&[u32]], output: &mut [u32]) {
    opml_native::run(operator, place, inputs, output);
    if let Some(token) = output.first_mut() {
        *token ^= 1;
    }
}

/// Changes a bit in the middle of a word that the tile's place chooses.
pub fn one_word(operator: &Operator, place: Place, inputs: &[&[u32]], output: &mut [u32]) {
    opml_native::run(operator, place, inputs, output);
    let Place { iteration, row, column } = place;
    let words = output.len().max(1) as u64;
    let number = draw(u64::from(iteration), u64::from(row) << 32 | u64::from(column)) % words;
    if let Some(word) = output.get_mut(usize::try_from(number).unwrap_or_default()) {
        *word ^= 1 << 22;
    }
}

/// The splitmix64 generator's number `index` behind `seed`.
pub const fn draw(seed: u64, index: u64) -> u64 {
    let z = seed.wrapping_add(index.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}
