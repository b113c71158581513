//! What a verifier knows: its secrets, the trace, and what both say about a claim. All from the definitions.

use alloy_primitives::{B256, U256, keccak256};
use alloy_sol_types::SolValue;
use opml_core::graph::GraphState;
use opml_core::keccak::AlloyKeccak;
use opml_runtime::executor::Settings;

use crate::model::Model;

/// Epochs that a chain of secrets lasts.
const EPOCHS: u64 = 64;

/// A chain of secrets whose first is that of an epoch.
#[derive(Clone, Copy, Debug)]
pub struct Secrets {
    seed: u64,
    first: u64,
}

impl Secrets {
    pub const fn new(seed: u64, first: u64) -> Self {
        Self { seed, first }
    }

    pub fn of(self, epoch: u64) -> B256 {
        let last = keccak256(self.seed.to_be_bytes());
        // Earlier ones are never asked for.
        (epoch.max(self.first - 1)..self.first + EPOCHS).fold(last, |behind, _| keccak256(behind))
    }

    pub fn anchor(self) -> B256 {
        keccak256(self.of(self.first))
    }
}

pub fn tag(text: &str) -> B256 {
    B256::right_padding_from(text.as_bytes())
}

/// Whether the claim draws who has the secret.
pub fn is_drawn(claim: B256, secret: B256, threshold: u64) -> bool {
    let word = keccak256((tag("opml.attention.draw.v1"), claim, secret).abi_encode());
    u64::from_be_bytes(*word.first_chunk().unwrap()) < threshold
}

pub fn drawn_step(claim: B256, secret: B256, steps: u64) -> u64 {
    let word = keccak256((tag("opml.attention.step.v1"), claim, secret).abi_encode());
    let step = u128::from_be_bytes(*word.first_chunk().unwrap()) % u128::from(steps);
    step.try_into().unwrap()
}

/// The ends of an answer's segments with their lengths as powers of two.
pub fn cuts(drawn: u64, steps: u64) -> Vec<(u64, u8)> {
    let (mut at, mut cuts) = (0, Vec::new());
    for end in [drawn, steps - 1] {
        for log2 in (0..64_u8).rev() {
            if (end - at) >> log2 == 1 {
                at += 1 << log2;
                cuts.push((at, log2));
            }
        }
    }
    cuts.push((steps, 0));
    cuts
}

/// All states of a trace up to where it stands still.
#[derive(Clone, Debug)]
pub struct States(Vec<GraphState>);

impl States {
    /// Of a machine with these kernels.
    pub fn of(model: &Model, settings: Settings) -> Self {
        let mut machine = model.start(settings);
        let mut states = vec![machine.state()];
        loop {
            machine.run(1).unwrap();
            if machine.state() == *states.last().unwrap() {
                return Self(states);
            }
            states.push(machine.state());
        }
    }

    pub fn true_of(model: &Model) -> Self {
        Self::of(model, Settings::default())
    }

    /// Steps until the trace stands still.
    pub fn steps(&self) -> u64 {
        u64::try_from(self.0.len()).unwrap() - 1
    }

    /// Behind so many steps.
    pub fn at(&self, step: u64) -> GraphState {
        let step = usize::try_from(step).unwrap();
        self.0.get(step).or(self.0.last()).copied().unwrap()
    }

    pub fn hash(&self, step: u64) -> B256 {
        self.at(step).hash::<AlloyKeccak>()
    }

    /// What these states say about a claim, with a secret.
    pub fn told(&self, claim: B256, secret: B256) -> Told {
        self.told_of(claim, secret, self.steps())
    }

    /// The same, if the trace is said to stand still behind `steps` steps.
    pub fn told_of(&self, claim: B256, secret: B256, steps: u64) -> Told {
        let drawn = drawn_step(claim, secret, steps);
        let hashes = cuts(drawn, steps).into_iter().map(|(end, _)| self.hash(end)).collect();
        Told { claim, secret, drawn, steps, state: self.at(steps), hashes }
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Told {
    pub claim: B256,
    pub secret: B256,
    pub drawn: u64,
    pub steps: u64,
    pub state: GraphState,
    pub hashes: Vec<B256>,
}

impl Told {
    /// The commitment of a registration to it.
    pub fn commitment(&self, registration: B256) -> B256 {
        let (claim, secret, steps) = (self.claim, self.secret, U256::from(self.steps));
        let tag = tag("opml.attention.commitment.v1");
        let mut bytes = (tag, registration, claim, secret, steps).abi_encode();
        bytes.extend(self.hashes.iter().flat_map(|hash| hash.0));
        keccak256(bytes)
    }

    /// The first segment whose end is not the true one, with its first step and its length.
    pub fn first_lie(&self, truth: &States) -> Option<(u8, u64, u8)> {
        let mut start = 0;
        for (number, ((end, log2), hash)) in
            (0..).zip(cuts(self.drawn, self.steps).into_iter().zip(&self.hashes))
        {
            if truth.hash(end) != *hash {
                return Some((number, start, log2));
            }
            start = end;
        }
        None
    }
}
