//! Secrets: a chain of hashes, revealed epoch by epoch.

use alloy_primitives::B256;
use opml_core::keccak::Keccak;

use super::records::{self, Registration};
use super::{Answer, require, verifiers};
use crate::abi::IAttention::{
    NotInEpoch, NothingToReveal, Revealed, TooEarly, TooLate, WrongSecret,
};
use opml_host::Arguments;
use opml_host::emit;
use opml_host::host::{HostKeccak, now};

pub fn reveal(arguments: Arguments<'_>) -> Answer<()> {
    let (id, secret) = (arguments.word(0)?, arguments.word(1)?);
    let mut registration = verifiers::open(id)?;
    let epoch = registration.next;
    require!(epoch <= registration.last, NothingToReveal, id);
    require_reveal_time(epoch)?;
    let anchor = registration.record.get(Registration::ANCHOR);
    let computed = HostKeccak::keccak256(secret.as_slice());
    require!(computed == anchor, WrongSecret, anchor, computed);
    registration.next = epoch.saturating_add(1);
    registration.save();
    registration.record.set(Registration::ANCHOR, secret);
    records::secret(id, epoch).set(0, secret);
    emit!(Revealed [id, epoch], secret);
    Ok(())
}

/// Refuses what comes before the last commitment of an epoch, or too late to be answered for.
pub fn require_reveal_time(epoch: u64) -> Answer<()> {
    let times = records::times(epoch);
    require!(now() >= times.reveal_from, TooEarly, times.reveal_from);
    require!(now() < times.accuse_from, TooLate, times.accuse_from);
    Ok(())
}

/// The secret of an epoch in which the registration could be drawn.
pub fn public(id: B256, registration: &Registration, epoch: u64) -> Answer<B256> {
    let is_public = registration.first <= epoch && epoch < registration.next;
    require!(is_public, NotInEpoch, id, epoch);
    Ok(records::secret(id, epoch).get(0))
}
