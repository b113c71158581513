//! What the contract keeps, record by record.

use alloy_primitives::{Address, B256};
use opml_core::keccak::Keccak;

use crate::abi::IAttention::{AnswerStatus, GameStatus, Parameters, RegistrationStatus};
use crate::schedule::{Schedule, schedule};
use opml_host::Word;
use opml_host::host::HostKeccak;
use opml_host::{Number, Packer, Record, Unpacker};

/// Last epoch of a registration that is not leaving.
pub const NEVER: u64 = (1 << 48) - 1;

/// What a record is about.
#[derive(Clone, Copy)]
#[repr(u8)]
pub enum Kind {
    Attention,
    Account,
    Enrolment,
    Registration,
    Summons,
    Answer,
    Game,
    Secret,
    Request,
    Epoch,
}

/// Where the record of this kind with this id lies.
pub fn record(kind: Kind, id: B256) -> Record {
    Record::new(kind as u8, id)
}

// Word of the contract's own record behind the parameters.
const BURNED: u8 = 3;

fn own() -> Record {
    record(Kind::Attention, B256::ZERO)
}

/// The hub, zero before the parameters are fixed, and its window.
pub fn hub() -> (Address, u32) {
    let mut word = Unpacker::new(own().get(0));
    (word.address(), word.number(4))
}

pub fn game_contract() -> Address {
    Unpacker::new(own().get(1)).address()
}

#[inline(never)]
pub fn parameters() -> Parameters {
    let record = own();
    let mut first = Unpacker::new(record.get(0));
    let mut times = Unpacker::new(record.get(1));
    let mut amounts = Unpacker::new(record.get(2));
    first.address();
    first.number::<u32>(4);
    times.address();
    Parameters {
        epoch: first.number(4),
        burnShare: first.number(2),
        commitTime: times.number(4),
        revealTime: times.number(4),
        disputeTime: times.number(4),
        stake: amounts.number(16),
        bond: amounts.number(16),
    }
}

pub fn set_parameters(hub: (Address, u32), game: Address, given: &Parameters) {
    let record = own();
    let first = Packer::default()
        .address(hub.0)
        .number(hub.1, 4)
        .number(given.epoch, 4)
        .number(given.burnShare, 2);
    let times = Packer::default()
        .address(game)
        .number(given.commitTime, 4)
        .number(given.revealTime, 4)
        .number(given.disputeTime, 4);
    let amounts = Packer::default().number(given.stake, 16).number(given.bond, 16);
    record.set(0, first.word());
    record.set(1, times.word());
    record.set(2, amounts.word());
}

/// The times of an epoch.
#[inline(never)]
pub fn times(epoch: u64) -> Schedule {
    schedule(&parameters(), hub().1, epoch)
}

pub fn burned() -> Number {
    Number(own(), BURNED)
}

pub fn credit_of(account: Address) -> Number {
    Number(record(Kind::Account, account.into_word()), 0)
}

/// Registrations an account has made.
pub fn registrations_of(account: Address) -> Number {
    Number(record(Kind::Account, account.into_word()), 1)
}

/// First two words of an enrolment.
#[derive(Clone, Copy)]
pub struct Enrolment {
    pub record: Record,
    pub owner: Address,
    pub steps_log2: u8,
    pub threshold: u64,
    pub summons_per_epoch: u32,
    pub pot: u128,
    pub fund: u128,
}

impl Enrolment {
    pub const MODEL: u8 = 2;
    pub const PROGRAM_ROOT: u8 = 3;
    pub const IMAGE_ROOT: u8 = 4;

    #[inline(never)]
    pub fn load(id: B256) -> Self {
        let record = record(Kind::Enrolment, id);
        let mut word = Unpacker::new(record.get(0));
        let mut money = Unpacker::new(record.get(1));
        Self {
            record,
            owner: word.address(),
            steps_log2: word.number(1),
            threshold: word.number(8),
            summons_per_epoch: word.number(3),
            pot: money.number(16),
            fund: money.number(16),
        }
    }

    #[inline(never)]
    pub fn save(&self) {
        let word = Packer::default()
            .address(self.owner)
            .number(self.steps_log2, 1)
            .number(self.threshold, 8)
            .number(self.summons_per_epoch, 3);
        self.record.set(0, word.word());
        self.save_fund();
    }

    #[inline(never)]
    pub fn save_fund(&self) {
        let money = Packer::default().number(self.pot, 16).number(self.fund, 16);
        self.record.set(1, money.word());
    }

    /// Gives a part of a pot back.
    #[inline(never)]
    pub fn put_back(mut self, amount: u128) {
        self.fund = self.fund.saturating_add(amount);
        self.save_fund();
    }
}

/// First two words of a registration.
#[derive(Clone, Copy)]
pub struct Registration {
    pub record: Record,
    pub verifier: Address,
    pub status: RegistrationStatus,
    pub first: u64,
    pub next: u64,
    pub last: u64,
    pub open_games: u64,
    pub games: u64,
}

impl Registration {
    pub const ENROLMENT: u8 = 2;
    pub const ANCHOR: u8 = 3;

    #[inline(never)]
    pub fn load(id: B256) -> Self {
        let record = record(Kind::Registration, id);
        let mut word = Unpacker::new(record.get(0));
        let mut numbers = Unpacker::new(record.get(1));
        Self {
            record,
            verifier: word.address(),
            status: RegistrationStatus::try_from(word.number::<u8>(1))
                .unwrap_or(RegistrationStatus::None),
            first: numbers.number(6),
            next: numbers.number(6),
            last: numbers.number(6),
            open_games: numbers.number(6),
            games: numbers.number(6),
        }
    }

    #[inline(never)]
    pub fn save(&self) {
        let word = Packer::default().address(self.verifier).number(self.status as u8, 1);
        let numbers = Packer::default()
            .number(self.first, 6)
            .number(self.next, 6)
            .number(self.last, 6)
            .number(self.open_games, 6)
            .number(self.games, 6);
        self.record.set(0, word.word());
        self.record.set(1, numbers.word());
    }

    /// Whether the stake is in.
    pub fn is_open(&self) -> bool {
        matches!(self.status, RegistrationStatus::Active | RegistrationStatus::Leaving)
    }
}

/// A secret that is public.
pub fn secret(registration: B256, epoch: u64) -> Record {
    record(Kind::Secret, HostKeccak::node(&registration, &epoch.word()))
}

/// One word: the claim on a request to which attention was summoned.
pub fn summoned(enrolment: B256, request: B256) -> Record {
    record(Kind::Request, HostKeccak::node(&enrolment, &request))
}

/// Claims of an epoch to which attention was summoned.
pub fn summonses(enrolment: B256, epoch: u64) -> Number {
    Number(record(Kind::Epoch, HostKeccak::node(&enrolment, &epoch.word())), 0)
}

/// First word of a summons.
#[derive(Clone, Copy)]
pub struct Summons {
    pub record: Record,
    pub epoch: u64,
    /// Zero if attention was not summoned.
    pub window_end: u64,
    pub answers: u64,
    pub pot: u128,
}

impl Summons {
    pub const START: u8 = 1;

    #[inline(never)]
    pub fn load(enrolment: B256, claim: B256) -> Self {
        let record = record(Kind::Summons, HostKeccak::node(&enrolment, &claim));
        let mut word = Unpacker::new(record.get(0));
        Self {
            record,
            epoch: word.number(6),
            window_end: word.number(6),
            answers: word.number(4),
            pot: word.number(16),
        }
    }

    #[inline(never)]
    pub fn save(&self) {
        let word = Packer::default()
            .number(self.epoch, 6)
            .number(self.window_end, 6)
            .number(self.answers, 4)
            .number(self.pot, 16);
        self.record.set(0, word.word());
    }
}

/// First word of an answer.
#[derive(Clone, Copy)]
pub struct Given {
    pub record: Record,
    pub status: AnswerStatus,
    pub steps: u64,
}

impl Given {
    pub const COMMITMENT: u8 = 1;

    #[inline(never)]
    pub fn load(registration: B256, claim: B256) -> Self {
        let record = record(Kind::Answer, HostKeccak::node(&registration, &claim));
        let mut word = Unpacker::new(record.get(0));
        Self {
            record,
            status: AnswerStatus::try_from(word.number::<u8>(1)).unwrap_or(AnswerStatus::None),
            steps: word.number(8),
        }
    }

    #[inline(never)]
    pub fn save(&self) {
        let word = Packer::default().number(self.status as u8, 1).number(self.steps, 8);
        self.record.set(0, word.word());
    }
}

/// First word of a game.
#[derive(Clone, Copy)]
pub struct Game {
    pub record: Record,
    pub disputer: Address,
    pub status: GameStatus,
}

impl Game {
    pub const REGISTRATION: u8 = 1;
    pub const CLAIM: u8 = 2;

    #[inline(never)]
    pub fn load(id: B256) -> Self {
        let record = record(Kind::Game, id);
        let mut word = Unpacker::new(record.get(0));
        Self {
            record,
            disputer: word.address(),
            status: GameStatus::try_from(word.number::<u8>(1)).unwrap_or(GameStatus::None),
        }
    }

    #[inline(never)]
    pub fn save(&self) {
        let word = Packer::default().address(self.disputer).number(self.status as u8, 1);
        self.record.set(0, word.word());
    }
}
