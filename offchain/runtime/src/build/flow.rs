//! The program's one kind of loop, and working memory that is used again.

use opml_operator::Control;

use super::place::Shelf;
use super::{BuildError, Builder};

/// The loop that is being built, if one is.
#[derive(Debug, Default)]
pub struct Flow {
    current: Option<Loop>,
}

#[derive(Debug)]
struct Loop {
    /// First operator.
    target: u32,
    /// Times that it runs at most.
    count: u32,
    /// Operators that leave it.
    exits: Vec<usize>,
}

impl Flow {
    /// Iterations whose rules an operator must keep: what depends on them grows with them.
    pub fn iterations(&self) -> impl Iterator<Item = u32> + use<> {
        let last = self.last();
        std::iter::once(0).chain((last > 0).then_some(last))
    }

    /// The last iteration.
    pub fn last(&self) -> u32 {
        self.current.as_ref().map_or(0, |current| current.count - 1)
    }
}

/// Working memory in use at some point; see [`Builder::release`].
#[derive(Clone, Copy, Debug)]
pub struct Mark(Shelf);

impl Builder {
    /// What follows, up to [`Self::end_loop`], runs `count` times at most; 0 is as 1.
    pub fn begin_loop(&mut self, count: u32) {
        let target = u32::try_from(self.next_operator()).unwrap_or(u32::MAX);
        self.flow.current = Some(Loop { target, count: count.max(1), exits: Vec::new() });
    }

    /// The last operator leaves the loop if the first word of its output is not zero.
    pub fn exit_loop(&mut self) {
        let operator = self.next_operator().saturating_sub(1);
        if let Some(current) = &mut self.flow.current {
            current.exits.push(operator);
        }
    }

    /// The last operator ends the loop.
    pub fn end_loop(&mut self) -> Result<(), BuildError> {
        let behind = self.next_operator();
        let Some(Loop { target, count, exits }) = self.flow.current.take() else { return Ok(()) };
        let exit = Control::ExitIf { target: u32::try_from(behind).unwrap_or(u32::MAX) };
        let jump = Control::Loop { target, count };
        let controls = exits.into_iter().map(|operator| (operator, exit));
        for (operator, control) in controls.chain([(behind.saturating_sub(1), jump)]) {
            if let Some(descriptor) = self.operators.get_mut(operator) {
                (descriptor.control, descriptor.target, descriptor.count) = control.encode();
            }
        }
        Ok(())
    }

    /// Working memory in use.
    pub const fn mark(&self) -> Mark {
        Mark(self.working)
    }

    /// Gives back the working memory taken since `mark`: what follows may overwrite it.
    pub const fn release(&mut self, mark: Mark) {
        self.working = mark.0;
    }
}
