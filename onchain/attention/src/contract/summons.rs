//! Summonses: setting a pot aside for a claim. Without one nobody has a duty.

use alloy_primitives::B256;

use super::foreign::query;
use super::records::{self, Enrolment, Summons};
use super::{Answer, enrolments, require};
use crate::abi::IAttention::{
    AlreadySummoned, ClaimNotLive, FundExhausted, NotSummoned, Summoned, TooLate, WrongModel,
};
use crate::abi::hub::IHub;
use crate::schedule::epoch_of;
use opml_host::Arguments;
use opml_host::emit;
use opml_host::host::now;

pub fn summon(arguments: Arguments<'_>) -> Answer<()> {
    let (enrolment_id, claim_id) = (arguments.word(0)?, arguments.word(1)?);
    let mut enrolment = enrolments::known(enrolment_id)?;
    let mut summons = Summons::load(enrolment_id, claim_id);
    require!(summons.window_end == 0, AlreadySummoned, claim_id);
    let start = look_up(&enrolment, claim_id, &mut summons)?;
    let (have, pot) = (enrolment.fund, enrolment.pot);
    require!(have >= pot, FundExhausted, enrolment_id, have, pot);
    enrolment.fund = have.saturating_sub(pot);
    enrolment.save_fund();
    summons.pot = pot;
    summons.save();
    summons.record.set(Summons::START, start);
    let Summons { epoch, window_end, .. } = summons;
    emit!(Summoned [enrolment_id, claim_id], epoch, window_end, pot, start);
    Ok(())
}

/// When the claim was made and until when it is open, into the summons; the first state of its trace.
fn look_up(enrolment: &Enrolment, id: B256, summons: &mut Summons) -> Answer<B256> {
    let (hub, window) = records::hub();
    let claim = query(hub, &IHub::getClaimCall { claimId: id })?;
    let is_live = matches!(claim.status, IHub::ClaimStatus::Live);
    require!(is_live, ClaimNotLive, id);
    let parameters = records::parameters();
    let until = claim.windowEnd.saturating_sub(parameters.commitTime.into());
    require!(now() <= until, TooLate, until);
    let request = query(hub, &IHub::getRequestCall { requestId: claim.requestId })?;
    let (model, asked) = (enrolment.record.get(Enrolment::MODEL), request.modelId);
    require!(asked == model, WrongModel, model, asked);
    summons.window_end = claim.windowEnd;
    summons.epoch = epoch_of(&parameters, claim.windowEnd.saturating_sub(window.into()));
    Ok(request.start)
}

/// The summons of an enrolment to a claim.
pub fn known(enrolment: B256, claim: B256) -> Answer<Summons> {
    let summons = Summons::load(enrolment, claim);
    require!(summons.window_end != 0, NotSummoned, claim);
    Ok(summons)
}
