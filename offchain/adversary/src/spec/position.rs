//! Positions: docs/spec.md, 9.1.

use alloy_primitives::{B256, keccak256};

use crate::machine::graph::tag;

/// A dissection with its phase and the number of moves before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// 1 or 2.
    pub phase: u32,
    /// Moves before it.
    pub moves: u32,
    /// Steps of the graph machine before the run.
    pub graph_step: u64,
    /// First step.
    pub base: u64,
    /// log2 of the steps.
    pub length: u32,
    /// Hashes at the cuts, one more than segments.
    pub hashes: Vec<B256>,
}

impl Position {
    /// That of a claim.
    pub fn claim(steps_log2: u8, start: B256, end: B256) -> Self {
        let hashes = vec![start, end];
        Self { phase: 1, moves: 0, graph_step: 0, base: 0, length: steps_log2.into(), hashes }
    }

    /// Segments.
    pub fn degree(&self) -> u32 {
        u32::try_from(self.hashes.len() - 1).unwrap_or(u32::MAX)
    }

    /// log2 of the steps of a segment.
    pub fn segment_length(&self) -> u32 {
        self.length - self.degree().ilog2()
    }

    /// First step of a segment.
    pub fn segment_base(&self, segment: u8) -> u64 {
        self.base + (u64::from(segment) << self.segment_length())
    }

    /// Whether the challenger is on turn.
    pub const fn challenger_on_turn(&self) -> bool {
        self.moves.is_multiple_of(2)
    }

    /// The header.
    pub fn header(&self) -> B256 {
        let head = [self.phase, self.moves].map(u32::to_be_bytes);
        let middle = [self.graph_step, self.base].map(u64::to_be_bytes);
        let tail = [self.length, self.degree()].map(u32::to_be_bytes);
        let parts = [head.as_flattened(), middle.as_flattened(), tail.as_flattened()];
        B256::from_slice(&parts.concat())
    }

    /// Its hash in a game.
    pub fn hash(&self, game: B256) -> B256 {
        hash(game, self.header(), &self.hashes)
    }
}

/// The hash that header and hashes have, whether or not they encode a position.
pub fn hash(game: B256, header: B256, hashes: &[B256]) -> B256 {
    let words = [tag("opml.game.position.v1").into(), game, header];
    let words = words.iter().chain(hashes).flat_map(|word| word.0);
    keccak256(words.collect::<Vec<u8>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values that the specification gives for checking.
    #[test]
    fn positions_hash_as_the_specification_says() {
        let game = keccak256("game");
        let claim = Position::claim(20, keccak256("start"), keccak256("end"));
        let expected = "0x8b1a3593c3838b012efe455dc4e3e90c3d86a486e3492c5a5be6b07dbb12ef20";
        assert_eq!(claim.hash(game).to_string(), expected);
        let hashes = (0..=32).map(|cut| keccak256(format!("cut {cut}"))).collect();
        let later =
            Position { phase: 2, moves: 7, graph_step: 0x12345, base: 0x60, length: 5, hashes };
        let expected = "0x9b09f560e5abe077ec3d0b6f5b51ac23fb3a48f87fc2057bb1c7884db3198663";
        assert_eq!(later.hash(game).to_string(), expected);
    }
}
