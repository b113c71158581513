//! What the contract keeps, record by record.

use alloy_primitives::{Address, B256};
use opml_core::keccak::Keccak;
use opml_host::host::HostKeccak;
use opml_host::{Number, Packer, Record, Unpacker};

use crate::abi::IHub::{AcceptanceStatus, ClaimStatus, GameStatus, Parameters, RequestStatus};

/// What a record is about.
#[derive(Clone, Copy)]
pub enum Kind {
    Hub,
    Account,
    Model,
    Request,
    Claim,
    Game,
    Live,
    Payer,
}

impl Kind {
    /// The record of this kind with this id.
    pub fn record(self, id: B256) -> Record {
        Record::new(self as u8, id)
    }
}

// Words of the hub's own record behind the parameters.
const BURNED: u8 = 3;
const VERIFIER: u8 = 4;

/// The contracts that decide games, and what their activation has to last for.
#[derive(Clone, Copy)]
pub struct Configuration {
    pub game: Address,
    pub step: Address,
    /// Seconds.
    pub runway: u64,
}

/// Parameters and the burn.
pub fn hub() -> Record {
    Kind::Hub.record(B256::ZERO)
}

/// The game contract; zero before the parameters are fixed.
pub fn game_contract() -> Address {
    Unpacker::new(hub().get(0)).address()
}

pub fn configuration() -> Configuration {
    let mut word = Unpacker::new(hub().get(VERIFIER));
    Configuration { game: game_contract(), step: word.address(), runway: word.number(8) }
}

#[inline(never)]
pub fn parameters() -> Parameters {
    let record = hub();
    let mut first = Unpacker::new(record.get(0));
    let mut bonds = Unpacker::new(record.get(1));
    let mut rest = Unpacker::new(record.get(2));
    first.address();
    Parameters {
        window: first.number(4),
        patience: first.number(4),
        burnShare: first.number(2),
        failedShare: first.number(2),
        serverBond: bonds.number(12),
        challengerBond: bonds.number(12),
        burnPerStep: bonds.number(8),
        gasStake: rest.number(12),
        acceptBond: rest.number(12),
        exclusivity: rest.number(4),
    }
}

pub fn set_parameters(configuration: Configuration, given: &Parameters) {
    let record = hub();
    let first = Packer::default()
        .address(configuration.game)
        .number(given.window, 4)
        .number(given.patience, 4)
        .number(given.burnShare, 2)
        .number(given.failedShare, 2);
    // The limits keep bonds below 2^96.
    let bonds = Packer::default()
        .number(given.serverBond, 12)
        .number(given.challengerBond, 12)
        .number(given.burnPerStep, 8);
    let rest = Packer::default()
        .number(given.gasStake, 12)
        .number(given.acceptBond, 12)
        .number(given.exclusivity, 4);
    let verifier = Packer::default().address(configuration.step).number(configuration.runway, 8);
    record.set(0, first.word());
    record.set(1, bonds.word());
    record.set(2, rest.word());
    record.set(VERIFIER, verifier.word());
}

pub fn burned() -> Number {
    Number(hub(), BURNED)
}

pub fn credit_of(account: Address) -> Number {
    Number(Kind::Account.record(account.into_word()), 0)
}

pub fn nonce_of(account: Address) -> Number {
    Number(Kind::Account.record(account.into_word()), 1)
}

/// First word of a model: who owns it and what it is asked for.
#[derive(Clone, Copy)]
pub struct Model {
    pub record: Record,
    pub owner: Address,
    pub retired: bool,
    pub output_log2: u8,
    pub steps_log2: u8,
    pub max_input: u32,
    pub max_iterations: u32,
}

impl Model {
    pub const TERMS: u8 = 1;
    pub const PROGRAM_ROOT: u8 = 2;
    pub const WEIGHTS_ROOT: u8 = 3;
    pub const IMAGE_ROOT: u8 = 4;

    #[inline(never)]
    pub fn load(id: B256) -> Self {
        let record = Kind::Model.record(id);
        let mut word = Unpacker::new(record.get(0));
        Self {
            record,
            owner: word.address(),
            retired: word.flag(),
            output_log2: word.number(1),
            steps_log2: word.number(1),
            max_input: word.number(4),
            max_iterations: word.number(4),
        }
    }

    pub fn save(&self) {
        let word = Packer::default()
            .address(self.owner)
            .number(self.retired, 1)
            .number(self.output_log2, 1)
            .number(self.steps_log2, 1)
            .number(self.max_input, 4)
            .number(self.max_iterations, 4);
        self.record.set(0, word.word());
    }

    #[inline(never)]
    pub fn terms(&self) -> Terms {
        let mut word = Unpacker::new(self.record.get(Self::TERMS));
        Terms { output_base: word.number(8), fee: word.number(12), iteration_fee: word.number(12) }
    }
}

/// Second word of a model.
pub struct Terms {
    /// First byte of the output region.
    pub output_base: u64,
    pub fee: u128,
    pub iteration_fee: u128,
}

/// First word of a request.
#[derive(Clone, Copy)]
pub struct Request {
    pub record: Record,
    pub requester: Address,
    pub status: RequestStatus,
    /// Claims so far; a bond each keeps them below 2^24.
    pub attempts: u32,
    pub deadline: u64,
    /// Iterations that are paid for; below 2^24.
    pub iterations: u32,
}

impl Request {
    pub const MODEL: u8 = 1;
    pub const START: u8 = 2;
    pub const HEAD: u8 = 3;
    pub const TAIL: u8 = 4;
    const ACCEPTANCE: u8 = 5;

    #[inline(never)]
    pub fn load(id: B256) -> Self {
        let record = Kind::Request.record(id);
        let mut word = Unpacker::new(record.get(0));
        Self {
            record,
            requester: word.address(),
            status: RequestStatus::try_from(word.number::<u8>(1)).unwrap_or(RequestStatus::None),
            attempts: word.number(3),
            deadline: word.number(5),
            iterations: word.number(3),
        }
    }

    #[inline(never)]
    pub fn save(&self) {
        let word = Packer::default()
            .address(self.requester)
            .number(self.status as u8, 1)
            .number(self.attempts, 3)
            .number(self.deadline, 5)
            .number(self.iterations, 3);
        self.record.set(0, word.word());
    }

    #[inline(never)]
    pub fn acceptance(&self) -> Acceptance {
        let mut word = Unpacker::new(self.record.get(Self::ACCEPTANCE));
        let server = word.address();
        let status = AcceptanceStatus::try_from(word.number::<u8>(1));
        Acceptance {
            server,
            status: status.unwrap_or(AcceptanceStatus::None),
            until: word.number(7),
        }
    }

    #[inline(never)]
    pub fn set_acceptance(&self, acceptance: &Acceptance) {
        let word = Packer::default()
            .address(acceptance.server)
            .number(acceptance.status as u8, 1)
            .number(acceptance.until, 7);
        self.record.set(Self::ACCEPTANCE, word.word());
    }
}

/// A later word of a request: who has taken it for itself.
pub struct Acceptance {
    pub server: Address,
    pub status: AcceptanceStatus,
    pub until: u64,
}

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
