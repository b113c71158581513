//! Positions: what a game has come down to.

use alloy_primitives::B256;
use thiserror::Error;

use super::{Ends, Illegal, K, LOG2_K, MAX_LOG2_LENGTH, SegmentIndex, Segments, Side};
use crate::keccak::Keccak;

/// Length of the encoding of a position without its hashes: one word.
pub const POSITION_HEADER_BYTES: usize = 32;

/// Domain tag of a position hash: the ASCII text, zero-padded to a word.
const TAG: &[u8; 32] = b"opml.game.position.v1\0\0\0\0\0\0\0\0\0\0\0";

/// Tag, game and header before the hashes.
const HASHED_HEAD: usize = 3 * 32;
const HASHED_BYTES: usize = HASHED_HEAD + (K + 1) * 32;

/// The machine whose steps are in dispute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// The graph machine.
    Graph,
    /// The MIPS machine in the run of one graph step.
    Run {
        /// Steps that the graph machine has taken before it.
        graph_step: u64,
    },
}

/// A dissection to answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    phase: Phase,
    moves: u32,
    base: u64,
    log2_length: u8,
    segments: Segments,
}

/// A segment of a dissection: the side on turn agrees with its start and disputes its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Steps that the machine has taken at its start.
    pub first_step: u64,
    /// Length in steps as a power of two.
    pub log2_length: u8,
    /// Hash of the state at its start.
    pub agreed: B256,
    /// Claimed hash of the state at its end.
    pub disputed: B256,
}

/// Why an encoding is no position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PositionError {
    /// No such phase, or a graph step outside a run.
    #[error("phase {phase} with graph step {graph_step}")]
    Phase {
        /// The phase found.
        phase: u32,
        /// The graph step found.
        graph_step: u64,
    },
    /// Not as many hashes as the degree asks for, or no degree.
    #[error("{hashes} hashes in a dissection of {degree} segments")]
    Hashes {
        /// Hashes given.
        hashes: usize,
        /// The degree found.
        degree: u32,
    },
    /// The range is too long, or shorter than its dissection.
    #[error("a range of 2^{log2_length} steps in a dissection of 2^{log2_degree} segments")]
    Length {
        /// Length as a power of two.
        log2_length: u32,
        /// Segments as a power of two.
        log2_degree: u8,
    },
    /// The range does not begin at a multiple of its length, or ends too far out.
    #[error("a range of 2^{log2_length} steps from step {base} on")]
    Base {
        /// First step.
        base: u64,
        /// Length as a power of two.
        log2_length: u8,
    },
}

/// A position is not the one that the game is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the game is in position {expected}, not in {computed}")]
pub struct WrongPosition {
    /// Hash that the game has.
    pub expected: B256,
    /// Hash of the position shown.
    pub computed: B256,
}

impl Position {
    /// The claim that `2^log2_length` graph steps lead from `start` to `end`: what the challenger's
    /// first move answers.
    pub fn claim(log2_length: u8, start: B256, end: B256) -> Result<Self, PositionError> {
        let segments = Segments { start, ends: Ends::single(end) };
        Self { phase: Phase::Graph, moves: 0, base: 0, log2_length, segments }.checked()
    }

    /// The machine in dispute.
    pub const fn phase(&self) -> Phase {
        self.phase
    }

    /// Moves of the game so far.
    pub const fn moves(&self) -> u32 {
        self.moves
    }

    /// First step of the range.
    pub const fn base(&self) -> u64 {
        self.base
    }

    /// Length of the range in steps, as a power of two.
    pub const fn log2_length(&self) -> u8 {
        self.log2_length
    }

    /// The dissection.
    pub const fn segments(&self) -> &Segments {
        &self.segments
    }

    /// Who answers.
    pub const fn on_turn(&self) -> Side {
        Side::on_turn_after(self.moves)
    }

    /// Steps that the machine has taken at a cut; those of the dissection are 0 to its degree.
    pub const fn step_at(&self, cut: usize) -> u64 {
        // No overflow at a cut of the dissection: a position ends at or before 2^62.
        self.base.saturating_add((cut as u64) << self.segment_log2_length())
    }

    /// The segment with this number.
    pub fn segment(&self, index: SegmentIndex) -> Result<Segment, Illegal> {
        let cut = |number| {
            let degree = 1 << self.segments.ends.log2_degree();
            let none = Illegal::NoSuchSegment { segment: index.get(), degree };
            self.segments.cut(number).ok_or(none)
        };
        Ok(Segment {
            first_step: self.step_at(index.start_cut()),
            log2_length: self.segment_log2_length(),
            agreed: cut(index.start_cut())?,
            disputed: cut(index.end_cut())?,
        })
    }

    const fn segment_log2_length(&self) -> u8 {
        self.log2_length.saturating_sub(self.segments.ends.log2_degree())
    }

    /// The position behind a dissection of `segment` by the side on turn.
    pub(super) fn dissected(&self, segment: &Segment, ends: Ends) -> Result<Self, Illegal> {
        Ok(Self {
            phase: self.phase,
            moves: self.next_move()?,
            base: segment.first_step,
            log2_length: segment.log2_length,
            segments: Segments { start: segment.agreed, ends },
        })
    }

    /// The position behind a handover: the whole run of the graph step that `segment` is, between its
    /// first state and the last one that the side on turn claims.
    pub(super) fn descended(
        &self,
        segment: &Segment,
        bound: u8,
        [initial, last]: [B256; 2],
    ) -> Result<Self, Illegal> {
        let run = Self {
            phase: Phase::Run { graph_step: segment.first_step },
            moves: self.next_move()?,
            base: 0,
            log2_length: bound,
            segments: Segments { start: initial, ends: Ends::single(last) },
        };
        run.checked().map_err(|_| Illegal::Bound { bound })
    }

    fn next_move(&self) -> Result<u32, Illegal> {
        self.moves.checked_add(1).ok_or(Illegal::Moves)
    }

    /// Refuses ranges that no game comes to, so that steps can be computed without a second look.
    fn checked(self) -> Result<Self, PositionError> {
        let (log2_length, log2_degree) = (self.log2_length, self.segments.ends.log2_degree());
        if log2_length > MAX_LOG2_LENGTH || log2_length < log2_degree {
            return Err(PositionError::Length { log2_length: log2_length.into(), log2_degree });
        }
        let length = 1_u64 << log2_length;
        let end = self.base.checked_add(length).filter(|end| *end <= 1 << MAX_LOG2_LENGTH);
        if end.is_none() || self.base & length.wrapping_sub(1) != 0 {
            return Err(PositionError::Base { base: self.base, log2_length });
        }
        Ok(self)
    }
}

/// Encoding and hash.
impl Position {
    /// Everything but the hashes.
    ///
    /// ```text
    /// 0   phase        u32   1 graph, 2 run; all numbers big-endian, as Solidity packs them
    /// 4   moves        u32
    /// 8   graph step   u64   0 in phase 1
    /// 16  base         u64
    /// 24  log2 length  u32
    /// 28  degree       u32
    /// ```
    pub fn header(&self) -> [u8; POSITION_HEADER_BYTES] {
        let (phase, graph_step) = match self.phase {
            Phase::Graph => (1_u64, 0),
            Phase::Run { graph_step } => (2, graph_step),
        };
        let degree = 1_u32 << self.segments.ends.log2_degree();
        let words = [
            (phase << 32) | u64::from(self.moves),
            graph_step,
            self.base,
            (u64::from(self.log2_length) << 32) | u64::from(degree),
        ];
        let mut bytes = [0; POSITION_HEADER_BYTES];
        for (place, word) in bytes.as_chunks_mut::<8>().0.iter_mut().zip(words) {
            *place = word.to_be_bytes();
        }
        bytes
    }

    /// Parses a position: its header and the hashes at its cuts. Every position has exactly one
    /// encoding.
    pub fn decode(
        header: &[u8; POSITION_HEADER_BYTES],
        hashes: &[B256],
    ) -> Result<Self, PositionError> {
        let mut words = header.as_chunks::<4>().0.iter().map(|word| u32::from_be_bytes(*word));
        let mut next = || words.next().unwrap_or_default();
        let (phase, moves) = (next(), next());
        let graph_step = (u64::from(next()) << 32) | u64::from(next());
        let base = (u64::from(next()) << 32) | u64::from(next());
        let (log2_length, degree) = (next(), next());

        let phase = match (phase, graph_step) {
            (1, 0) => Phase::Graph,
            (2, _) => Phase::Run { graph_step },
            _ => return Err(PositionError::Phase { phase, graph_step }),
        };
        let wrong = PositionError::Hashes { hashes: hashes.len(), degree };
        let (start, ends) = hashes.split_first().ok_or(wrong)?;
        let ends = Ends::new(ends).map_err(|_| wrong)?;
        if 1 << ends.log2_degree() != degree {
            return Err(wrong);
        }
        let log2_degree = ends.log2_degree();
        let too_long = PositionError::Length { log2_length, log2_degree };
        let log2_length = u8::try_from(log2_length).map_err(|_| too_long)?;
        let segments = Segments { start: *start, ends };
        Self { phase, moves, base, log2_length, segments }.checked()
    }

    /// `keccak256(tag || game || header || hashes)`: all that the chain keeps of a position.
    pub fn hash<H: Keccak>(&self, game: &B256) -> B256 {
        let mut bytes = [0; HASHED_BYTES];
        let ends = self.segments.ends.hashes();
        let header = B256::from(self.header());
        let head = [&B256::from(TAG), game, &header, &self.segments.start];
        for (place, word) in
            bytes.as_chunks_mut::<32>().0.iter_mut().zip(head.into_iter().chain(ends))
        {
            *place = word.0;
        }
        let length = HASHED_HEAD.saturating_add(32).saturating_add(ends.len().saturating_mul(32));
        H::keccak256(bytes.get(..length).unwrap_or_default())
    }

    /// Whether this is the position that a game is in, given the hash that the chain keeps.
    pub fn check<H: Keccak>(&self, game: &B256, expected: B256) -> Result<(), WrongPosition> {
        let computed = self.hash::<H>(game);
        if computed == expected { Ok(()) } else { Err(WrongPosition { expected, computed }) }
    }
}

/// Most moves of a game about `2^log2_length` graph steps whose runs have at most `2^bound` steps,
/// the opening one counted: dissections, handover, dissections, proof.
pub const fn max_moves(log2_length: u8, bound: u8) -> u32 {
    let dissections = log2_length.div_ceil(LOG2_K) as u32;
    dissections.saturating_add(2).saturating_add(bound.div_ceil(LOG2_K) as u32)
}
