//! Following the chain through re-organizations.
//!
//! Kept are the state at an old block, the *base*, and the events since, in pieces that end with a block
//! whose hash is known. A block that is no longer on the chain takes its piece away, and the state is
//! folded again from the base. Where even the base is gone, everything is read again.
//!
//! Behind an endpoint there may be many nodes, not all as far as the others. The newest blocks are asked for
//! one by one, their logs by the block's hash, and each must follow the one before; ranges of numbers are
//! asked for only where every node must have been long ago. A head that lies lower than one seen before says
//! only that another node has answered, as long as no block of a known number has another hash.

use std::collections::VecDeque;

use futures_util::future::try_join_all;
use opml_client::Severity;
use opml_client::contracts::hub::IHub::IHubEvents;

use super::{ChainError, Head, Reader};
use crate::models::Holdings;
use crate::state::{Event, World};

/// Blocks below the head that are asked for one by one.
const NEAR: u64 = 64;

/// Most of them in a look, all asked for at once.
const BATCH: u64 = 16;

/// Looks for which a lower head is taken for a node that lags. A chain whose head stays lower, as a
/// development chain's can, is believed then.
const PATIENCE: u32 = 8;

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

/// What the state is wanted for.
#[derive(Clone, Debug, Default)]
pub struct Interest {
    /// Models whose requests are computed: of others' requests no bytes are kept.
    pub holdings: Holdings,
    /// What others have claimed is ended, too: their requests are kept until then.
    pub others: bool,
}

/// The state of the contracts at the last block seen.
#[derive(Debug)]
pub struct Follower {
    start_block: u64,
    interest: Interest,
    /// Blocks were taken back, and nobody was told yet.
    reorganized: bool,
    /// Most blocks of one query for logs.
    span: u64,
    /// The same, as the endpoint takes it now: halved whenever it refuses, doubled whenever not.
    limit: u64,
    base: World,
    base_end: Option<Head>,
    pieces: VecDeque<Piece>,
    world: World,
    /// Looks in a row at which the endpoint was behind.
    behind: u32,
}

impl Follower {
    /// Begins at `start_block`, before which there is no event, with at most `span` blocks a query.
    pub fn new(start_block: u64, span: u64, interest: Interest) -> Self {
        Self {
            start_block,
            interest,
            reorganized: false,
            span: span.max(1),
            limit: span.max(1),
            base: World::default(),
            base_end: None,
            pieces: VecDeque::new(),
            world: World::default(),
            behind: 0,
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

    /// The last block that no re-organization is expected to take back.
    pub const fn base(&self) -> Option<Head> {
        self.base_end
    }

    /// Reads on towards the endpoint's head, a piece at a time; `true` in `more` if there are more.
    pub async fn advance(&mut self, reader: &Reader) -> Result<(Advance, bool), ChainError> {
        let latest = reader.head().await?;
        let mut advance = Advance::default();
        if self.head().is_some_and(|head| head.hash == latest.hash) {
            self.behind = 0;
            return Ok((advance, false));
        }
        // Told once, also if the endpoint fails before everything is read again.
        self.reorganized |= self.retreat(reader, latest).await?;
        advance.moved = true;
        let from = self.head().map_or(self.start_block, |head| head.number + 1);
        if from > latest.number {
            advance.reorganized = std::mem::take(&mut self.reorganized);
            return Ok((advance, false));
        }
        let old = latest.number.saturating_sub(NEAR);
        let piece = if from <= old {
            self.range(reader, from, old).await?
        } else {
            self.newest(reader, from, latest).await?
        };
        advance.events = piece.events.len();
        let more = piece.end.number < latest.number;
        self.push(piece);
        advance.reorganized = std::mem::take(&mut self.reorganized);
        Ok((advance, more))
    }

    /// A piece of old blocks, asked for by their numbers.
    async fn range(&mut self, reader: &Reader, from: u64, old: u64) -> Result<Piece, ChainError> {
        loop {
            let to = old.min(from.saturating_add(self.limit - 1));
            let end = expect(reader, to).await?;
            match reader.events(from, to).await {
                Ok(events) => {
                    // The events are those of this block's chain if the block has not gone meanwhile.
                    let after = expect(reader, to).await?;
                    if after.hash != end.hash {
                        let (first, second) = (end.hash, after.hash);
                        return Err(ChainError::Inconsistent { number: to, first, second });
                    }
                    self.limit = self.span.min(self.limit.saturating_mul(2));
                    return Ok(Piece { end, events });
                }
                Err(error) => {
                    // Too many blocks, too many events, too long an answer: nodes have no common word for it.
                    self.limit = (to - from).div_ceil(2).max(1);
                    if to == from || error.severity() == Severity::Retry {
                        return Err(error);
                    }
                }
            }
        }
    }

    /// A piece of new blocks, each asked for by its hash.
    async fn newest(&self, reader: &Reader, from: u64, latest: Head) -> Result<Piece, ChainError> {
        let to = latest.number.min(from.saturating_add(BATCH - 1));
        let heads = (from..=to).map(|number| head_at(reader, number, latest));
        let heads = try_join_all(heads).await?;
        let mut before = self.head();
        for head in &heads {
            if let Some(before) = before.filter(|before| before.hash != head.parent) {
                let (first, second) = (before.hash, head.parent);
                return Err(ChainError::Inconsistent { number: before.number, first, second });
            }
            before = Some(*head);
        }
        let events = try_join_all(heads.iter().map(|head| reader.events_of(head))).await?;
        let end = heads.last().copied().unwrap_or(latest);
        Ok(Piece { end, events: events.into_iter().flatten().collect() })
    }

    /// Takes back what is no longer on the endpoint's chain, whose last block is `latest`.
    async fn retreat(&mut self, reader: &Reader, latest: Head) -> Result<bool, ChainError> {
        let (mut gone, mut above) = (0, 0);
        let mut found = false;
        for piece in self.pieces.iter().rev() {
            if piece.end.number > latest.number {
                above += 1;
            } else if holds(reader, latest, piece.end).await? {
                found = true;
                break;
            }
            gone += 1;
        }
        let base = self.base_end.filter(|_| !found);
        let below_base = base.is_some_and(|base| base.number > latest.number);
        let lost_base = match base {
            Some(end) if !below_base => !holds(reader, latest, end).await?,
            _ => false,
        };
        if lost_base {
            *self = Self::new(self.start_block, self.span, self.interest.clone());
            return Ok(true);
        }
        // Nothing known has another hash: the endpoint may be behind.
        if below_base || (above > 0 && above == gone && self.behind < PATIENCE) {
            self.behind = self.behind.saturating_add(1);
            let known = self.head().map_or(0, |head| head.number);
            return Err(ChainError::Behind { number: latest.number, known });
        }
        self.behind = 0;
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

    fn push(&mut self, mut piece: Piece) {
        for event in &mut piece.events {
            self.lighten(event);
            self.world.apply(event);
        }
        self.pieces.push_back(piece);
        if self.pieces.len() <= PIECES {
            return;
        }
        let Some(oldest) = self.pieces.pop_front() else { return };
        oldest.events.iter().for_each(|event| self.base.apply(event));
        self.base_end = Some(oldest.end);
        let Interest { holdings, others } = &self.interest;
        if self.base.prune(|id, model| *others || holdings.holds(id, model)) > 0 {
            self.refold();
        }
    }

    /// Leaves out what nobody here computes with.
    fn lighten(&self, event: &mut Event) {
        if let Event::Hub(IHubEvents::Requested(requested)) = event {
            let id = requested.modelId;
            let model = self.world.models.get(&id);
            if !model.is_some_and(|model| self.interest.holdings.holds(id, model)) {
                requested.request = alloy_primitives::Bytes::new();
            }
        }
    }
}

async fn expect(reader: &Reader, number: u64) -> Result<Head, ChainError> {
    reader.block(number).await?.ok_or(ChainError::NoBlock { number })
}

/// The block with this number on the chain whose last one is `latest`.
async fn head_at(reader: &Reader, number: u64, latest: Head) -> Result<Head, ChainError> {
    if number == latest.number { Ok(latest) } else { expect(reader, number).await }
}

/// Whether a block is still on the chain whose last one is `latest`, and not below it.
async fn holds(reader: &Reader, latest: Head, block: Head) -> Result<bool, ChainError> {
    if block.number == latest.number {
        return Ok(block.hash == latest.hash);
    }
    Ok(expect(reader, block.number).await?.hash == block.hash)
}
