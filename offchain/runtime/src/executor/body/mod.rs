//! Bodies of loops: how values flow between their operators, found out from the descriptors alone.
//!
//! What an operator writes at the same place in every iteration, and others read behind it in the same
//! one, is a *value*: it need not be in memory before the machine is looked at. If nothing else
//! crosses iterations but rows of a cache, each written by its own iteration, then many iterations can be
//! computed operator by operator, and what only feeds a choice that is not taken can be left out
//! (a store that is certainly overwritten before the committed state).

mod flow;
mod run;

use opml_operator::{Control, Operator};

use super::whole::Whole;
use crate::program::Program;

pub use run::Runner;

/// Most operators of a body that is analysed.
const MOST: usize = 16 << 10;

/// A loop whose operators are all regular.
#[derive(Clone, Debug)]
pub struct Body {
    /// First operator.
    pub start: u32,
    /// The operator behind it.
    pub end: u32,
    /// Times that the loop runs.
    pub count: u32,
    /// Steps of an iteration.
    pub steps: u64,
    ops: Vec<Op>,
    /// Whether iterations that have no choice to make can be computed together.
    pub batches: bool,
    /// Whether it is left behind its first operator or its last one only.
    whole: bool,
}

/// An operator of a body.
#[derive(Clone, Debug)]
struct Op {
    whole: Whole,
    /// Where its inputs come from.
    sources: Vec<Source>,
    /// Where its output goes.
    output: Output,
    /// Whether only the beginning of a row is kept: what the kernel writes, zeros being behind it.
    prefix: bool,
    /// Whether iterations computed together need it, the last one aside.
    needed: bool,
    /// The last operator that reads its value.
    last_reader: usize,
    /// Whether all of its output is written again behind it by another operator.
    overwritten: bool,
}

/// Where a row of an input comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    /// Memory.
    Memory,
    /// The value of an operator of the same iteration, so many bytes behind its beginning.
    Value { writer: usize, offset: u64 },
}

/// When an output has to be in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Output {
    /// When the machine is looked at.
    Late,
    /// At once, since something reads it there; in iterations computed together the last one's.
    Prompt,
    /// At once: every iteration has its own.
    Moving,
}

impl Body {
    /// The bodies of a program's loops, as far as they are regular.
    pub fn all(program: &Program) -> Vec<Self> {
        let operators = program.operators();
        let loops = operators.filter_map(|(pc, operator)| match operator.control() {
            Ok(Control::Loop { target, count }) if target <= pc => Some((target, pc, count)),
            _ => None,
        });
        loops.filter_map(|(start, end, count)| Self::new(program, start..=end, count)).collect()
    }

    fn new(program: &Program, pcs: std::ops::RangeInclusive<u32>, count: u32) -> Option<Self> {
        let (start, end) = (*pcs.start(), *pcs.end());
        let last = count.checked_sub(1)?;
        if (end - start) as usize >= MOST {
            return None;
        }
        let wholes = pcs.map(|pc| {
            let whole = Whole::new(&program.parsed(pc)?, 0, last)?;
            let regular = match whole.control {
                Control::Next => true,
                Control::Loop { .. } => pc == end,
                // The word that decides is the first of the last tile.
                Control::ExitIf { .. } => whole.tiles() == 1,
                Control::Halt => false,
            };
            regular.then_some(whole)
        });
        let wholes: Vec<Whole> = wholes.collect::<Option<_>>()?;
        let steps = wholes.iter().map(|whole| u64::from(whole.tiles())).sum();
        let (ops, batches) = flow::analyse(wholes, last);
        let exits = |op: &Op| matches!(op.whole.control, Control::ExitIf { .. });
        let whole = !ops.iter().skip(1).any(exits);
        Some(Self { start, end: end.saturating_add(1), count, steps, ops, batches, whole })
    }

    /// The operator that says which iterations have no choice to make, if there is one.
    fn chooser(&self) -> Option<&Op> {
        self.ops.iter().find(|op| matches!(op.whole.operator(), Operator::Next(_)))
    }
}

/// Whether a kernel does not look at an input in iterations that lie in the prompt.
fn unread_in_prompt(operator: &Operator, input: usize) -> bool {
    matches!(operator, Operator::Next(_)) && input > 0
}
