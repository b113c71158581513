//! Where a server can depart from the truth, and how it would.

use anyhow::Result;
use opml_core::game::LOG2_K;
use opml_core::graph::Request;
use opml_operator::{Operator, Place};
use opml_runtime::Bundle;
use opml_solver::machines::liar::{Fault, From};
use serde::Serialize;

use super::machine::Machine;
use super::picture::THREE;

/// Where the lying server departs from the truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Lie {
    /// It answers another digit than it has computed.
    Output,
    /// It computes with other weights.
    Weights,
    /// It leaves out an operator: the `ReLU`.
    Operator,
    /// It alters one number of one tile.
    Tile,
}

impl Lie {
    /// What it does.
    pub const fn story(self) -> &'static str {
        match self {
            Self::Output => "it answers another digit than it has computed",
            Self::Weights => "it computes with other weights",
            Self::Operator => "it leaves the ReLU out",
            Self::Tile => "it alters one number in one tile",
        }
    }

    /// Steps to register the model with, as a power of two, so that the challenger is the one who has to prove the
    /// instruction: it makes the odd moves, and each dissection cuts by 32.
    pub fn steps_log2(self, bundle: &Bundle) -> Result<u8> {
        let input = THREE.input()?;
        let request = Request::new(&input, 0, [0; 28])?;
        let request = [&request.header()[..], request.input()].concat();
        let least = bundle.manifest().steps_log2;
        let (_, bound) = Machine::new((bundle, least), &request, Some(self))?.fault()?;
        let dissections = |log2: u8| log2.div_ceil(LOG2_K);
        let odd = |log2: u8| (dissections(log2) + dissections(bound)) % 2 == 1;
        Ok(if odd(least) { least } else { least.next_multiple_of(LOG2_K) + 1 })
    }

    /// The kernels that lie so.
    pub const fn fault(self) -> Fault {
        let (kernels, hits): (opml_runtime::executor::Kernels, fn(&Operator) -> bool) = match self {
            Self::Output => (another_digit, is_choice),
            Self::Weights => (other_weights, is_hidden),
            Self::Operator => (no_relu, is_relu),
            Self::Tile => (one_number, is_last),
        };
        Fault { kernels, hits, from: From::Store }
    }
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
