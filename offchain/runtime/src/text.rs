//! The text of a language model while it comes into being.
//!
//! A program shows by its operators where its tokens are: [`Kernel::Next`] writes them, and
//! [`Kernel::Decode`] reads the vocabulary that turns them into text.

use opml_core::graph::GraphStatus;
use opml_operator::{Area, Control, Descriptor, Kernel, RegionSpec, WORKING_BASE};

use crate::bundle::Bundle;
use crate::executor::{Executor, ExecutorError};
use crate::memory::GraphMemory;

/// Words of a slot of the history; the token stands in word 8.
const SLOT_WORDS: usize = 16;
const TOKEN: usize = 8;

/// Where a language model's program keeps its text.
#[derive(Clone, Debug)]
pub struct TextProgram {
    /// Steps in front of the loop over positions, and of one iteration.
    prelude: u64,
    steps: u64,
    /// Positions.
    capacity: u32,
    history: RegionSpec,
    prompt: RegionSpec,
    vocabulary: Vec<u32>,
}

/// An answer as far as it has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Tokens of the prompt.
    pub prompt: u32,
    /// Tokens that were generated, one that ended the text included.
    pub tokens: Vec<u32>,
    /// Their text; may end within a character.
    pub text: Vec<u8>,
    /// Whether the text is complete.
    pub ended: bool,
}

impl TextProgram {
    /// The places in a bundle's program, if it is a language model's.
    pub fn of(bundle: &Bundle) -> Option<Self> {
        let operators: Vec<(u32, Descriptor)> = bundle.program().operators().collect();
        let with =
            |kernel: Kernel| operators.iter().find(|(_, operator)| operator.kernel == kernel.id());
        let (start, next) = with(Kernel::Next)?;
        let (_, decode) = with(Kernel::Decode)?;
        let jump = operators.iter().find_map(|(pc, operator)| match operator.control() {
            Ok(Control::Loop { target, .. }) if target == *start => Some(*pc),
            _ => None,
        })?;
        let steps_of = |range: std::ops::Range<u32>| {
            let inside = operators.iter().filter(|(pc, _)| range.contains(pc));
            inside.map(|(_, operator)| u64::from(operator.tiles)).sum()
        };
        let (prelude, steps) = (steps_of(0..*start), steps_of(*start..jump + 1));
        let table = decode.inputs().get(2)?;
        let memory = GraphMemory::new(bundle.weights().to_vec(), 0).ok()?;
        let [capacity, words, ..] = decode.params;
        let vocabulary = memory.read(fixed(table)?, usize::try_from(words).ok()?).into_owned();
        let [history, prompt] = [next.output, *next.inputs().first()?];
        Some(Self { prelude, steps, capacity, history, prompt, vocabulary })
    }

    /// Positions of prompt and answer together.
    pub const fn capacity(&self) -> u32 {
        self.capacity
    }

    /// Steps of one position.
    pub const fn steps(&self) -> u64 {
        self.steps
    }

    /// Runs `machine` to the end of a position, or to its end.
    pub fn advance(&self, machine: &mut Executor) -> Result<GraphStatus, ExecutorError> {
        machine.run(self.prelude.saturating_sub(machine.step_count()))?;
        machine.run(self.steps)
    }

    /// Runs `machine` over all positions of the prompt but the last, which can be computed together;
    /// returns how many they were.
    pub fn read_prompt(&self, machine: &mut Executor) -> Result<u32, ExecutorError> {
        machine.run(self.prelude.saturating_sub(machine.step_count()))?;
        let positions = self.answer(machine, 0).prompt.min(self.capacity).saturating_sub(1);
        machine.run(self.steps.saturating_mul(positions.into()))?;
        Ok(positions)
    }

    /// The answer after `positions` calls of [`Self::advance`].
    pub fn answer(&self, machine: &Executor, positions: u32) -> Answer {
        let prompt = match fixed(&self.prompt) {
            Some(area) => machine.read(area).first().copied().unwrap_or(0),
            None => 0,
        };
        let mut answer = Answer { prompt, ..Answer::default() };
        for position in prompt..positions.min(self.capacity) {
            let slot = self.slot(machine, position).unwrap_or_default();
            let (Some(stop), Some(token)) = (slot.first(), slot.get(TOKEN)) else { break };
            answer.tokens.push(*token);
            if *stop != 1 {
                answer.text.extend(self.bytes(*token));
            }
            if *stop != 0 {
                answer.ended = true;
                break;
            }
        }
        answer
    }

    fn slot(&self, machine: &Executor, position: u32) -> Option<Vec<u32>> {
        let offset = u64::from(position) * self.history.iteration_stride;
        let spec =
            RegionSpec { base: self.history.base + offset, iteration_stride: 0, ..self.history };
        let words = machine.read(fixed(&spec)?);
        Some(words.get(..SLOT_WORDS)?.to_vec())
    }

    /// What a token adds to the text.
    fn bytes(&self, token: u32) -> Vec<u8> {
        let word = |index: u32| self.vocabulary.get(index as usize).copied().unwrap_or(0);
        if token >= word(0) {
            return Vec::new();
        }
        let byte = |index: u32| word(index / 4).to_le_bytes()[index as usize % 4];
        (word(token + 1)..word(token + 2)).map(byte).collect()
    }
}

/// A region that is the same in every tile and iteration.
fn fixed(spec: &RegionSpec) -> Option<Area> {
    let first = opml_operator::Place { iteration: 0, row: 0, column: 0 };
    let role = if spec.base < WORKING_BASE {
        opml_operator::Role::Input(0)
    } else {
        opml_operator::Role::Output
    };
    spec.at(role, first).ok()
}
