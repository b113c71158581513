//! Dissections: the state hashes at the cuts of a range of steps.

use core::fmt;

use alloy_primitives::B256;
use thiserror::Error;

use super::{K, LOG2_K};

/// A number of hashes that is no degree of a dissection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a dissection has 2^0 to 2^{LOG2_K} segments, not {count}")]
pub struct DegreeError {
    /// Segments given.
    pub count: usize,
}

/// State hashes at the ends of a dissection's segments, in order; the start goes without saying.
#[derive(Clone, PartialEq, Eq)]
pub struct Ends {
    /// Zero from the degree on.
    hashes: [B256; K],
    log2_degree: u8,
}

impl Ends {
    /// As many segments as there are hashes: 1, 2, 4, 8, 16 or 32.
    pub fn new(hashes: &[B256]) -> Result<Self, DegreeError> {
        let error = DegreeError { count: hashes.len() };
        let mut kept = [B256::ZERO; K];
        kept.get_mut(..hashes.len()).ok_or(error)?.copy_from_slice(hashes);
        let log2 = (0..=LOG2_K).find(|log2| 1_usize << log2 == hashes.len());
        Ok(Self { hashes: kept, log2_degree: log2.ok_or(error)? })
    }

    /// A single segment.
    pub fn single(end: B256) -> Self {
        let mut hashes = [B256::ZERO; K];
        if let Some(first) = hashes.first_mut() {
            *first = end;
        }
        Self { hashes, log2_degree: 0 }
    }

    /// Number of segments as a power of two.
    pub const fn log2_degree(&self) -> u8 {
        self.log2_degree
    }

    /// Number of segments.
    pub const fn degree(&self) -> usize {
        1 << self.log2_degree
    }

    /// The hashes, one a segment.
    pub fn hashes(&self) -> &[B256] {
        self.hashes.get(..self.degree()).unwrap_or_default()
    }

    /// The end of the last segment.
    pub fn last(&self) -> B256 {
        self.hashes().last().copied().unwrap_or_default()
    }
}

impl fmt::Debug for Ends {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.hashes()).finish()
    }
}

/// A dissection with its start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segments {
    /// Hash of the state at the start of the first segment.
    pub start: B256,
    /// Hashes of the states at the ends.
    pub ends: Ends,
}

impl Segments {
    /// The hash at a cut: number 0 is the start, number `degree` the end of the last segment.
    pub fn cut(&self, number: usize) -> Option<B256> {
        match number.checked_sub(1) {
            None => Some(self.start),
            Some(segment) => self.ends.hashes().get(segment).copied(),
        }
    }
}

/// Number of a segment, below [`K`]. Whether a dissection has that many is for the rules to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SegmentIndex(u8);

impl SegmentIndex {
    /// The first segment; every dissection has it.
    pub const FIRST: Self = Self(0);

    /// Segment `number`, counted from 0.
    pub fn new(number: usize) -> Option<Self> {
        u8::try_from(number).ok().filter(|_| number < K).map(Self)
    }

    /// The number.
    pub const fn get(self) -> u8 {
        self.0
    }

    /// Number of the cut that the segment starts at.
    pub fn start_cut(self) -> usize {
        self.0.into()
    }

    /// Number of the cut that the segment ends at.
    pub fn end_cut(self) -> usize {
        self.start_cut().saturating_add(1)
    }
}
