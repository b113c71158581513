//! A game about nothing: dissections of arbitrary hashes.

use alloy_primitives::{B256, keccak256};
use opml_core::game::{Ends, Move, Position, SegmentIndex, Side};
use opml_core::graph::handover::Program;
use opml_solver::machines::Evidence;

use crate::table::{Case, Sent, Table, account, published};

/// Any hash.
pub fn hash(seed: u8) -> B256 {
    keccak256([seed])
}

/// Segment `number`, cut into `count` by hashes that `seed` tells apart.
pub fn cut(number: usize, count: u8, seed: u8) -> Move {
    let ends: Vec<B256> = (0..count).map(|end| keccak256([seed, end])).collect();
    Move::Dissect { segment: SegmentIndex::new(number).unwrap(), ends: Ends::new(&ends).unwrap() }
}

/// A claim of `2^steps_log2` steps, in the game with id `seed`.
pub fn claim(steps_log2: u8, seed: u8) -> Case {
    let program = Program { program_root: hash(0xf0), image_root: hash(0xf1) };
    let claim = Position::claim(steps_log2, hash(0xf2), hash(0xf3)).unwrap();
    Case { id: hash(seed), program, claim }
}

/// A game and its last position.
pub struct Stage {
    pub table: Table,
    pub case: Case,
    pub position: Position,
}

impl Stage {
    /// The challenger has opened, the server is on turn. At least 2^5 steps.
    pub fn opened(steps_log2: u8) -> Self {
        Self::opened_by(claim(steps_log2, 1), &cut(0, 32, 0xee))
    }

    pub fn opened_by(case: Case, mv: &Move) -> Self {
        let mut table = Table::new();
        let receipt = table.open(&case, (mv, &Evidence::Dissect)).unwrap();
        let (position, _) = published(&receipt).unwrap();
        Self { table, case, position }
    }

    /// A dissection, or a move that is refused before anything is asked of a machine.
    pub fn play(&mut self, side: Side, mv: &Move) -> Sent {
        self.show(side, (mv, &Evidence::Dissect))
    }

    /// A move with what it shows; goes on to the position that it leads to.
    pub fn show(&mut self, side: Side, play: (&Move, &Evidence)) -> Sent {
        let sent = self.table.play(account(side), (&self.case, &self.position), play);
        if let Some((position, _)) = sent.as_ref().ok().and_then(published) {
            self.position = position;
        }
        sent
    }
}
