//! Following the chain through re-organizations.
//!
//! Kept are the state at an old block, the *base*, and the events since, in pieces that end with a block
//! whose hash is known. A block that is no longer on the chain takes its piece away, and the state is
//! folded again from the base. Where even the base is gone, everything is read again.

use std::collections::VecDeque;

use super::{ChainError, Head, Reader};
use crate::state::{Event, World};

/// Pieces kept above the base: a re-organization within them needs nothing read again.
const PIECES: usize = 256;

/// Events up to a block, from behind the last piece's.
#[derive(Clone, Debug)]
struct Piece {
    end: Head,
    events: Vec<Event>,
}

/// What a look at the chain has brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Advance {
    /// New events were folded in.
    pub events: usize,
    /// Blocks were taken back.
    pub reorganized: bool,
    /// The head is another one than before.
    pub moved: bool,
}

/// The state of the contracts at the last block seen.
#[derive(Debug)]
pub struct Follower {
    start_block: u64,
    /// Most blocks of one query for logs.
    span: u64,
    base: World,
    base_end: Option<Head>,
    pieces: VecDeque<Piece>,
    world: World,
}

impl Follower {
    /// Begins at `start_block`, before which there is no event, with at most `span` blocks a query.
    pub fn new(start_block: u64, span: u64) -> Self {
        Self {
            start_block,
            span: span.max(1),
            base: World::default(),
            base_end: None,
            pieces: VecDeque::new(),
            world: World::default(),
        }
    }

    /// The state.
    pub const fn world(&self) -> &World {
        &self.world
    }

    /// The last block whose events are in the state.
    pub fn head(&self) -> Option<Head> {
        self.pieces.back().map(|piece| piece.end).or(self.base_end)
    }

    /// Reads on to the endpoint's head, at most `span` blocks of events; `true` in `more` if there are more.
    pub async fn advance(&mut self, reader: &Reader) -> Result<(Advance, bool), ChainError> {
        let latest = reader.head().await?;
        let mut advance = Advance::default();
        if self.head() == Some(latest) {
            return Ok((advance, false));
        }
        advance.reorganized = self.retreat(reader, latest).await?;
        advance.moved = true;
        let from = self.head().map_or(self.start_block, |head| head.number + 1);
        if from > latest.number {
            return Ok((advance, false));
        }
        let to = latest.number.min(from.saturating_add(self.span - 1));
        let end = if to == latest.number { latest } else { self.expect(reader, to).await? };
        let events = reader.events(from, to).await?;
        // The events are those of this block's chain if the block has not gone meanwhile.
        let after = self.expect(reader, to).await?;
        if after.hash != end.hash {
            let (first, second) = (end.hash, after.hash);
            return Err(ChainError::Inconsistent { number: to, first, second });
        }
        advance.events = events.len();
        self.push(Piece { end, events });
        Ok((advance, to < latest.number))
    }

    async fn expect(&self, reader: &Reader, number: u64) -> Result<Head, ChainError> {
        reader.block(number).await?.ok_or(ChainError::NoBlock { number })
    }

    /// Takes back what is no longer on the endpoint's chain, whose last block is `latest`.
    async fn retreat(&mut self, reader: &Reader, latest: Head) -> Result<bool, ChainError> {
        let mut gone = 0;
        for piece in self.pieces.iter().rev() {
            if holds(reader, latest, piece.end).await? {
                break;
            }
            gone += 1;
        }
        let all = gone == self.pieces.len();
        let lost_base = match self.base_end {
            Some(end) if all => !holds(reader, latest, end).await?,
            _ => false,
        };
        if lost_base {
            *self = Self::new(self.start_block, self.span);
            return Ok(true);
        }
        if gone > 0 {
            self.pieces.truncate(self.pieces.len() - gone);
            self.refold();
        }
        Ok(gone > 0)
    }

    fn refold(&mut self) {
        self.world = self.base.clone();
        for event in self.pieces.iter().flat_map(|piece| &piece.events) {
            self.world.apply(event);
        }
    }

    fn push(&mut self, piece: Piece) {
        piece.events.iter().for_each(|event| self.world.apply(event));
        self.pieces.push_back(piece);
        if self.pieces.len() <= PIECES {
            return;
        }
        let Some(oldest) = self.pieces.pop_front() else { return };
        oldest.events.iter().for_each(|event| self.base.apply(event));
        self.base_end = Some(oldest.end);
        if self.base.prune() > 0 {
            self.refold();
        }
    }
}

/// Whether a block is still on the chain whose last one is `latest`.
async fn holds(reader: &Reader, latest: Head, block: Head) -> Result<bool, ChainError> {
    if block.number >= latest.number {
        return Ok(block == latest);
    }
    Ok(reader.block(block.number).await?.is_some_and(|found| found.hash == block.hash))
}
