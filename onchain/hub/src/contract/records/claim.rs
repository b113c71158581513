//! Claims, and what else is kept about who claims.

use alloy_primitives::{Address, B256};
use opml_core::keccak::Keccak;
use opml_host::host::HostKeccak;
use opml_host::{Number, Packer, Record, Unpacker};

use super::Kind;
use crate::abi::IHub::ClaimStatus;

/// First word of a claim.
#[derive(Clone, Copy)]
pub struct Claim {
    pub record: Record,
    pub server: Address,
    pub status: ClaimStatus,
    pub failed: bool,
    pub output_length: u32,
    pub window_end: u64,
}

impl Claim {
    pub const GAMES: u8 = 1;
    pub const REQUEST: u8 = 2;
    pub const FINAL_HASH: u8 = 3;
    pub const NEXT: u8 = 4;
    pub const PREV: u8 = 5;
    pub const OUTPUT_ROOT: u8 = 6;
    /// First word of the output.
    pub const OUTPUT: u8 = 32;

    #[inline(never)]
    pub fn load(id: B256) -> Self {
        let record = Kind::Claim.record(id);
        let mut word = Unpacker::new(record.get(0));
        Self {
            record,
            server: word.address(),
            status: ClaimStatus::try_from(word.number::<u8>(1)).unwrap_or(ClaimStatus::None),
            failed: word.flag(),
            output_length: word.number(4),
            window_end: word.number(6),
        }
    }

    #[inline(never)]
    pub fn save(&self) {
        let word = Packer::default()
            .address(self.server)
            .number(self.status as u8, 1)
            .number(self.failed, 1)
            .number(self.output_length, 4)
            .number(self.window_end, 6);
        self.record.set(0, word.word());
    }

    /// Games that are open, and games there were.
    pub fn games(&self) -> (u64, u64) {
        let mut word = Unpacker::new(self.record.get(Self::GAMES));
        (word.number(8), word.number(8))
    }

    pub fn set_games(&self, open: u64, all: u64) {
        let word = Packer::default().number(open, 8).number(all, 8);
        self.record.set(Self::GAMES, word.word());
    }
}

/// Whether `payer` may claim in `server`'s name: one if so.
pub fn payer_of(server: Address, payer: Address) -> Number {
    let pair = HostKeccak::node(&server.into_word(), &payer.into_word());
    Number(Kind::Payer.record(pair), 0)
}

/// One word: the live claim of this server with this last state on the request.
pub fn live(request: B256, last: B256, server: Address) -> Record {
    let answer = HostKeccak::node(&request, &last);
    Kind::Live.record(HostKeccak::node(&answer, &server.into_word()))
}
