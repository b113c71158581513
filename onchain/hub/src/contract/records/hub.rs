//! The hub's own record, and accounts.

use alloy_primitives::{Address, B256};
use opml_host::{Number, Packer, Record, Unpacker};

use super::Kind;
use crate::abi::IHub::Parameters;

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
