//! The end of a request by a claim that has survived.

use alloy_primitives::B256;
use opml_host::emit;
use opml_host::host::now;

use super::models::Price;
use super::records::{self, Claim, Request};
use super::{Answer, claims, money, requests, require};
use crate::abi::IHub::{
    ClaimStatus, Finalized, GamesOpen, NotFirst, Released, RequestNotFinal, RequestStatus,
    WindowOpen,
};
use crate::limits::share_of;

pub fn finalize(id: B256) -> Answer<()> {
    let mut claim = claims::require_live(id)?;
    let request_id = claim.record.get(Claim::REQUEST);
    let mut request = requests::open(request_id)?;
    require_survived(id, &claim, &request)?;
    claim.status = ClaimStatus::Final;
    claim.save();
    request.status = RequestStatus::Final;
    request.save();
    pay_for(&claim, &request);
    emit!(Finalized [request_id, id, claim.server]);
    Ok(())
}

/// Refuses a claim that may still be challenged, is being challenged, or comes behind another.
fn require_survived(id: B256, claim: &Claim, request: &Request) -> Answer<()> {
    let head = request.record.get(Request::HEAD);
    require!(head == id, NotFirst, head);
    require!(now() >= claim.window_end, WindowOpen, claim.window_end);
    require_no_games(claim)
}

/// Who is being found out takes nothing out, whatever has become of the request.
fn require_no_games(claim: &Claim) -> Answer<()> {
    let (open, _) = claim.games();
    require!(open == 0, GamesOpen, open);
    Ok(())
}

/// Pays for the final claim of a request: the server its fee and its bond, the burn its work.
fn pay_for(claim: &Claim, request: &Request) {
    let Price { fee, work_burn } = requests::price_of(request);
    let parameters = records::parameters();
    let earned = if claim.failed { share_of(fee, parameters.failedShare) } else { fee };
    money::burn(work_burn);
    money::credit(claim.server, earned.saturating_add(parameters.serverBond));
    money::credit(request.requester, fee.saturating_sub(earned));
}

pub fn release(id: B256) -> Answer<()> {
    let mut claim = claims::require_live(id)?;
    let request_id = claim.record.get(Claim::REQUEST);
    let is_final = Request::load(request_id).status == RequestStatus::Final;
    require!(is_final, RequestNotFinal, request_id);
    require_no_games(&claim)?;
    claim.status = ClaimStatus::Released;
    claim.save();
    money::credit(claim.server, records::parameters().serverBond);
    emit!(Released[id]);
    Ok(())
}
