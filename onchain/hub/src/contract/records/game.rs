//! Stakes of games.

use alloy_primitives::{Address, B256};
use opml_host::{Packer, Record, Unpacker};

use super::Kind;
use crate::abi::IHub::GameStatus;

/// First word of a game.
#[derive(Clone, Copy)]
pub struct Game {
    pub record: Record,
    pub challenger: Address,
    pub status: GameStatus,
    pub stake_locked: bool,
}

impl Game {
    pub const CLAIM: u8 = 1;

    #[inline(never)]
    pub fn load(id: B256) -> Self {
        let record = Kind::Game.record(id);
        let mut word = Unpacker::new(record.get(0));
        Self {
            record,
            challenger: word.address(),
            status: GameStatus::try_from(word.number::<u8>(1)).unwrap_or(GameStatus::None),
            stake_locked: word.flag(),
        }
    }

    #[inline(never)]
    pub fn save(&self) {
        let word = Packer::default()
            .address(self.challenger)
            .number(self.status as u8, 1)
            .number(self.stake_locked, 1);
        self.record.set(0, word.word());
    }
}
