//! What is stored of a game: four words.
//!
//! ```text
//! 0  stage and server, the only word besides the position that a move changes
//!      0   stage               1 byte    0 none, 1 server on turn, 2 challenger on turn, 3 unsettled,
//!                                        4 challenger has won, 5 server has won
//!      1   turn began          5 bytes   seconds, big-endian
//!      6   server has left     3 bytes
//!      9   challenger has left 3 bytes
//!      12  server              20 bytes
//! 1  hash of the position      zero once the game is over
//! 2  challenger
//! 3  hash of the program       zero once the game is over
//! ```
//!
//! The words of a game are where Solidity has the value of a mapping in slot 2.

use alloy_primitives::{Address, B256, U256};
use opml_core::game::{Clock, Side};

use crate::abi::IGame::Status;
use crate::encode::number;
use crate::host::Host;

const MAPPING: u64 = 2;

/// Where a game is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    None,
    /// This side answers.
    Turn(Side),
    /// The challenger's opening move has won, the hub does not know it.
    Unsettled,
    /// This side has won.
    Won(Side),
}

impl Stage {
    const fn code(self) -> u8 {
        match self {
            Self::None => 0,
            Self::Turn(Side::Server) => 1,
            Self::Turn(Side::Challenger) => 2,
            Self::Unsettled => 3,
            Self::Won(Side::Challenger) => 4,
            Self::Won(Side::Server) => 5,
        }
    }

    /// Codes are never above 5.
    const fn from_code(code: u8) -> Self {
        match code {
            0 => Self::None,
            1 => Self::Turn(Side::Server),
            2 => Self::Turn(Side::Challenger),
            3 => Self::Unsettled,
            4 => Self::Won(Side::Challenger),
            _ => Self::Won(Side::Server),
        }
    }

    /// As the ABI has it.
    pub const fn status(self) -> Status {
        match self {
            Self::None => Status::None,
            Self::Turn(_) => Status::Open,
            Self::Unsettled => Status::Unsettled,
            Self::Won(Side::Challenger) => Status::ChallengerWon,
            Self::Won(Side::Server) => Status::ServerWon,
        }
    }
}

/// The word of a game that its moves change.
#[derive(Clone, Copy)]
pub struct Record {
    pub stage: Stage,
    pub clock: Clock,
    pub server: Address,
}

/// The words of one game.
#[derive(Clone, Copy)]
pub struct Slots {
    first: U256,
}

impl Slots {
    pub fn of<H: Host>(game_id: &B256) -> Self {
        Self { first: H::node(game_id, &number(MAPPING)).into() }
    }

    /// Hashes do not lie at the end of the address space.
    fn at(self, index: u64) -> U256 {
        self.first.wrapping_add(U256::from(index))
    }

    pub fn record<H: Host>(self, host: &H) -> Record {
        let word = host.load(self.first);
        let (head, server) = word.split_last_chunk::<20>().unwrap_or((&[], &[0; 20]));
        let mut bytes = head.iter().copied();
        let mut field = |length: usize| {
            bytes.by_ref().take(length).fold(0_u64, |sum, byte| (sum << 8) | u64::from(byte))
        };
        let stage = Stage::from_code(field(1).to_be_bytes()[7]);
        let (started, server_left, challenger_left) = (field(5), field(3), field(3));
        let clock = Clock { server: server_left, challenger: challenger_left, started };
        Record { stage, clock, server: Address::new(*server) }
    }

    pub fn set_record<H: Host>(self, host: &mut H, record: &Record) {
        let Clock { server, challenger, started } = record.clock;
        // Lower bytes suffice: clocks begin below 2^24 and only fall, seconds reach 2^40 in the year 36812.
        let ([_, _, _, started @ ..], [.., s0, s1, s2], [.., c0, c1, c2]) =
            (started.to_be_bytes(), server.to_be_bytes(), challenger.to_be_bytes());
        let mut word = [0; 32];
        let fields = [record.stage.code()]
            .into_iter()
            .chain(started)
            .chain([s0, s1, s2, c0, c1, c2])
            .chain(record.server.0.0);
        for (to, from) in word.iter_mut().zip(fields) {
            *to = from;
        }
        host.store(self.first, word.into());
    }

    pub fn position<H: Host>(self, host: &H) -> B256 {
        host.load(self.at(1))
    }

    pub fn set_position<H: Host>(self, host: &mut H, hash: B256) {
        host.store(self.at(1), hash);
    }

    pub fn challenger<H: Host>(self, host: &H) -> Address {
        Address::from_word(host.load(self.at(2)))
    }

    pub fn set_challenger<H: Host>(self, host: &mut H, challenger: Address) {
        host.store(self.at(2), challenger.into_word());
    }

    pub fn program<H: Host>(self, host: &H) -> B256 {
        host.load(self.at(3))
    }

    pub fn set_program<H: Host>(self, host: &mut H, hash: B256) {
        host.store(self.at(3), hash);
    }
}
