//! Enrolments: terms for the verifiers of a model, and the money for them.

use alloy_primitives::B256;

use super::foreign::query;
use super::records::{self, Enrolment};
use super::setup::require_initialized;
use super::{Answer, money, require};
use crate::abi::IAttention::{
    Enrolled, EnrolmentExists, FundChanged, InsufficientFunds, NotModelOwner, ParameterOutOfRange,
    UnknownEnrolment,
};
use crate::abi::hub::IHub;
use crate::ids::{self, Place, Terms};
use opml_host::Arguments;
use opml_host::emit;
use opml_host::host::{self, HostKeccak, sender};

/// Most summonses of an epoch: what three bytes hold.
const MOST: u32 = (1 << 24) - 1;

pub fn enrol(arguments: Arguments<'_>) -> Answer<B256> {
    require_initialized()?;
    let (model_id, pot) = (arguments.word(0)?, arguments.number::<u128>(1)?);
    let (threshold, summons_per_epoch) = (arguments.number::<u64>(2)?, arguments.number::<u32>(3)?);
    require!(pot != 0, ParameterOutOfRange, B256::right_padding_from(b"pot"), 0_u8, 1_u8);
    let name = B256::right_padding_from(b"threshold");
    require!(threshold != 0, ParameterOutOfRange, name, 0_u8, 1_u8);
    let name = B256::right_padding_from(b"summonsPerEpoch");
    require!(summons_per_epoch != 0, ParameterOutOfRange, name, 0_u8, 1_u8);
    require!(summons_per_epoch <= MOST, ParameterOutOfRange, name, summons_per_epoch, MOST);
    let place = Place { chain: host::chain_id(), contract: host::this() };
    let id =
        ids::enrolment::<HostKeccak>(place, model_id, Terms { pot, threshold, summons_per_epoch });
    require!(Enrolment::load(id).owner.is_zero(), EnrolmentExists, id);
    let found = query(records::hub().0, &IHub::getModelCall { modelId: model_id })?;
    let (sender, owner) = (sender(), found.owner);
    require!(sender == owner, NotModelOwner, sender, owner);
    let (record, steps_log2) =
        (records::record(records::Kind::Enrolment, id), found.model.stepsLog2);
    Enrolment { record, owner, steps_log2, threshold, summons_per_epoch, pot, fund: 0 }.save();
    record.set(Enrolment::MODEL, model_id);
    record.set(Enrolment::PROGRAM_ROOT, found.model.programRoot);
    record.set(Enrolment::IMAGE_ROOT, found.model.imageRoot);
    emit!(Enrolled [id, model_id, owner], pot, threshold, summons_per_epoch);
    Ok(id)
}

pub fn known(id: B256) -> Answer<Enrolment> {
    let enrolment = Enrolment::load(id);
    require!(!enrolment.owner.is_zero(), UnknownEnrolment, id);
    Ok(enrolment)
}

pub fn fund(id: B256) -> Answer<()> {
    let enrolment = known(id)?;
    change_fund(id, enrolment, enrolment.fund.saturating_add(host::value()));
    Ok(())
}

pub fn defund(arguments: Arguments<'_>) -> Answer<()> {
    let (id, amount) = (arguments.word(0)?, arguments.number::<u128>(1)?);
    let enrolment = known(id)?;
    let (sender, owner, have) = (sender(), enrolment.owner, enrolment.fund);
    require!(sender == owner, NotModelOwner, sender, owner);
    require!(amount <= have, InsufficientFunds, sender, have, amount);
    money::credit(owner, amount);
    change_fund(id, enrolment, have.saturating_sub(amount));
    Ok(())
}

fn change_fund(id: B256, mut enrolment: Enrolment, fund: u128) {
    enrolment.fund = fund;
    enrolment.save_fund();
    emit!(FundChanged [id, sender()], fund);
}
