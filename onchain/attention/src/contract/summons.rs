//! Summonses: setting a pot aside for a claim. Without one nobody has a duty.

use alloy_primitives::B256;

use super::foreign::query;
use super::records::{self, Enrolment, Summons};
use super::{Answer, enrolments, require};
use crate::abi::IAttention::{
    AlreadySummoned, ClaimNotLive, FundExhausted, NotSummoned, Summoned, TooLate, TooManySummonses,
    WrongModel,
};
use crate::abi::hub::IHub;
use crate::schedule::epoch_of;
use opml_host::Arguments;
use opml_host::emit;
use opml_host::host::now;

/// What the hub knows of a claim.
struct Found {
    request: B256,
    epoch: u64,
    window_end: u64,
    /// First state of the trace.
    start: B256,
}

pub fn summon(arguments: Arguments<'_>) -> Answer<()> {
    let (enrolment_id, claim_id) = (arguments.word(0)?, arguments.word(1)?);
    let mut enrolment = enrolments::known(enrolment_id)?;
    let Found { request, epoch, window_end, start } = look_up(&enrolment, claim_id)?;
    let summoned = records::summoned(enrolment_id, request);
    let before = summoned.get(0);
    require!(before.is_zero(), AlreadySummoned, before);
    summoned.set(0, claim_id);
    let (number, most) = (records::summonses(enrolment_id, epoch), enrolment.summons_per_epoch);
    let made = number.get();
    require!(made < most.into(), TooManySummonses, epoch, most);
    number.set(made.saturating_add(1));
    let (have, pot) = (enrolment.fund, enrolment.pot);
    require!(have >= pot, FundExhausted, enrolment_id, have, pot);
    enrolment.fund = have.saturating_sub(pot);
    enrolment.save_fund();
    let record = Summons::load(enrolment_id, claim_id).record;
    Summons { record, epoch, window_end, answers: 0, pot }.save();
    record.set(Summons::START, start);
    emit!(Summoned [enrolment_id, claim_id], epoch, window_end, pot, start);
    Ok(())
}

/// A live claim on the enrolment's model, with time left to commit to an answer.
fn look_up(enrolment: &Enrolment, id: B256) -> Answer<Found> {
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
    let made = claim.windowEnd.saturating_sub(window.into());
    Ok(Found {
        request: claim.requestId,
        epoch: epoch_of(&parameters, made),
        window_end: claim.windowEnd,
        start: request.start,
    })
}

/// The summons of an enrolment to a claim.
pub fn known(enrolment: B256, claim: B256) -> Answer<Summons> {
    let summons = Summons::load(enrolment, claim);
    require!(summons.window_end != 0, NotSummoned, claim);
    Ok(summons)
}
