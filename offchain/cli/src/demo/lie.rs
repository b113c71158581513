//! Where a server can depart from the truth, and how it would.

use anyhow::{Result, bail};
use opml_core::game::LOG2_K;
use opml_operator::{Operator, Place};
use opml_solver::machines::liar::{Fault, From};
use serde::Serialize;

use super::machine::{Deceit, Machine};
use super::subject::{Kind, Subject};
use super::{drawing, lapse};

/// Where the lying server departs from the truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Lie {
    /// It alters one number of one tile: of digits' last product, of the convolutions behind a picture one that is drawn, of a
    /// language model's run any.
    Tile,
    /// Digits: it answers another digit than it has computed.
    Output,
    /// Digits: it computes with other weights.
    Weights,
    /// Digits: it leaves out an operator, the `ReLU`.
    Operator,
    /// Language models: it reads another word than the prompt has.
    Tokenizer,
    /// Language models: it writes another word than the seed says.
    Sampling,
    /// Pictures: it shows another pixel than it has computed.
    Pixel,
    /// Pictures: it takes the sampler's step with another coefficient.
    Coefficient,
}

/// What a lie needs.
pub struct Told {
    pub deceit: Deceit,
    /// Steps of a trace to register the model with, as a power of two.
    pub steps_log2: u8,
}

impl Lie {
    /// What it does.
    pub const fn story(self) -> &'static str {
        match self {
            Self::Output => "it answers another digit than it has computed",
            Self::Weights => "it computes with other weights",
            Self::Operator => "it leaves the ReLU out",
            Self::Tile => "it alters one number in one tile",
            Self::Tokenizer => "it reads another word than the prompt has",
            Self::Sampling => "it writes another word than the seed says",
            Self::Pixel => "it shows another pixel than it has computed",
            Self::Coefficient => "it takes the sampler's step with another coefficient",
        }
    }

    /// How the lie about the second question is told; `seed` draws what there is to draw.
    pub fn tell(self, subject: &Subject, seed: u64) -> Result<Told> {
        let (bundle, [_, question]) = (&subject.bundle, &subject.questions);
        let (request, least) = (question.request()?, bundle.manifest().steps_log2);
        let deceit = match (subject.kind, self) {
            (Kind::Digit, Self::Output | Self::Weights | Self::Operator | Self::Tile) => {
                Deceit::Always(self.fault())
            }
            (Kind::Text, Self::Tile) => Deceit::Once(lapse::tile((bundle, least), &request, seed)?),
            (Kind::Text, Self::Tokenizer) => Deceit::Once(lapse::tokenizer(bundle, &request)?),
            (Kind::Text, Self::Sampling) => Deceit::Once(lapse::sampling(bundle, &request)?),
            (Kind::Picture, Self::Tile) => {
                Deceit::Once(drawing::convolution((bundle, least), &request, seed)?)
            }
            (Kind::Picture, Self::Pixel) => Deceit::Once(drawing::pixel(bundle)?),
            (Kind::Picture, Self::Coefficient) => Deceit::Once(drawing::coefficient(bundle)?),
            (Kind::Digit | Kind::Text | Kind::Picture, _) => {
                bail!("{} knows no lie {self:?}", subject.name)
            }
        };
        let (_, bound) = Machine::new((bundle, least), &request, Some(&deceit))?.fault()?;
        Ok(Told { deceit, steps_log2: odd(least, bound) })
    }

    /// The kernels that lie so about digits.
    const fn fault(self) -> Fault {
        let (kernels, hits): (opml_runtime::executor::Kernels, fn(&Operator) -> bool) = match self {
            Self::Output => (another_digit, is_choice),
            Self::Weights => (other_weights, is_hidden),
            Self::Operator => (no_relu, is_relu),
            _ => (one_number, is_last),
        };
        Fault { kernels, hits, from: From::Store }
    }
}

/// So many steps that the challenger is the one who has to prove the instruction: it makes the odd moves, and each
/// dissection cuts by 32.
fn odd(least: u8, bound: u8) -> u8 {
    let dissections = |log2: u8| log2.div_ceil(LOG2_K);
    let odd = (dissections(least) + dissections(bound)) % 2 == 1;
    if odd { least } else { least.next_multiple_of(LOG2_K) + 1 }
}

const fn is_choice(operator: &Operator) -> bool {
    matches!(operator, Operator::ArgMax(_))
}

const fn is_relu(operator: &Operator) -> bool {
    matches!(operator, Operator::Relu(_))
}

/// The first layer: of as many numbers as a picture has.
const fn is_hidden(operator: &Operator) -> bool {
    matches!(operator, Operator::Matmul(product) if product.matrix.k == 784 || product.matrix.k == 800)
}

/// The layer that gives a number for each digit.
const fn is_last(operator: &Operator) -> bool {
    matches!(operator, Operator::Matmul(product) if product.matrix.rows <= 16)
}

fn another_digit(operator: &Operator, place: Place, inputs: &[&[u32]], output: &mut [u32]) {
    opml_native::run(operator, place, inputs, output);
    if let (true, [digit, ..]) = (is_choice(operator), output) {
        *digit = (*digit + 1) % 10;
    }
}

fn other_weights(operator: &Operator, place: Place, inputs: &[&[u32]], output: &mut [u32]) {
    let (true, [weights, rest @ ..]) = (is_hidden(operator), inputs) else {
        return opml_native::run(operator, place, inputs, output);
    };
    // The lowest bit of every fourth weight.
    let others: Vec<u32> = weights.iter().map(|word| word ^ 1).collect();
    let inputs: Vec<&[u32]> = [&others[..]].into_iter().chain(rest.iter().copied()).collect();
    opml_native::run(operator, place, &inputs, output);
}

fn no_relu(operator: &Operator, place: Place, inputs: &[&[u32]], output: &mut [u32]) {
    match (is_relu(operator), inputs) {
        (true, [values, ..]) => {
            for (told, value) in output.iter_mut().zip(*values) {
                *told = *value;
            }
        }
        _ => opml_native::run(operator, place, inputs, output),
    }
}

fn one_number(operator: &Operator, place: Place, inputs: &[&[u32]], output: &mut [u32]) {
    opml_native::run(operator, place, inputs, output);
    if let (true, [zero, ..]) = (is_last(operator), output) {
        *zero = 1e9_f32.to_bits();
    }
}
