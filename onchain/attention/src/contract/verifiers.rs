//! Verifiers: coming and going.

use alloy_primitives::B256;

use super::records::{self, NEVER, Registration};
use super::{Answer, enrolments, money, require};
use crate::abi::IAttention::{
    GamesOpen, Leaving, Left, NotVerifier, Registered, RegistrationClosed, RegistrationStatus,
    SecretsDue, TooEarly, UnknownRegistration,
};
use crate::ids;
use crate::schedule::epoch_of;
use opml_host::Arguments;
use opml_host::emit;
use opml_host::host::{HostKeccak, now, sender};

pub fn register(arguments: Arguments<'_>) -> Answer<B256> {
    let (enrolment, anchor) = (arguments.word(0)?, arguments.word(1)?);
    enrolments::known(enrolment)?;
    let parameters = records::parameters();
    money::collect(parameters.stake)?;
    let verifier = sender();
    let id = ids::registration::<HostKeccak>(enrolment, verifier, next_number());
    // No secret may be chosen for a claim that is made already.
    let first = epoch_of(&parameters, now()).saturating_add(1);
    let registration = Registration {
        record: records::record(records::Kind::Registration, id),
        verifier,
        status: RegistrationStatus::Active,
        first,
        next: first,
        last: NEVER,
        open_games: 0,
        games: 0,
    };
    registration.save();
    registration.record.set(Registration::ENROLMENT, enrolment);
    registration.record.set(Registration::ANCHOR, anchor);
    emit!(Registered [id, enrolment, verifier], first, anchor);
    Ok(id)
}

/// Registrations that the sender made before.
fn next_number() -> u64 {
    let number = records::registrations_of(sender());
    let made = number.get();
    number.set(made.saturating_add(1));
    u64::try_from(made).unwrap_or(u64::MAX)
}

pub fn leave(id: B256) -> Answer<()> {
    let mut registration = owned(id)?;
    let status = registration.status;
    require!(status == RegistrationStatus::Active, RegistrationClosed, id, status as u8);
    let last = epoch_of(&records::parameters(), now());
    registration.status = RegistrationStatus::Leaving;
    registration.last = last;
    registration.save();
    emit!(Leaving[id], last);
    Ok(())
}

pub fn exit(id: B256) -> Answer<()> {
    let mut registration = known(id)?;
    let status = registration.status;
    require!(status == RegistrationStatus::Leaving, RegistrationClosed, id, status as u8);
    require!(registration.next > registration.last, SecretsDue, registration.next);
    let from = records::times(registration.last).settle_from;
    require!(now() >= from, TooEarly, from);
    require!(registration.open_games == 0, GamesOpen, registration.open_games);
    registration.status = RegistrationStatus::Left;
    registration.save();
    money::credit(registration.verifier, records::parameters().stake);
    emit!(Left[id]);
    Ok(())
}

pub fn known(id: B256) -> Answer<Registration> {
    let registration = Registration::load(id);
    require!(registration.status != RegistrationStatus::None, UnknownRegistration, id);
    Ok(registration)
}

/// A registration whose stake is in.
pub fn open(id: B256) -> Answer<Registration> {
    let registration = known(id)?;
    require!(registration.is_open(), RegistrationClosed, id, registration.status as u8);
    Ok(registration)
}

/// A registration of the sender's whose stake is in.
pub fn owned(id: B256) -> Answer<Registration> {
    let registration = open(id)?;
    let (sender, verifier) = (sender(), registration.verifier);
    require!(sender == verifier, NotVerifier, sender, verifier);
    Ok(registration)
}
