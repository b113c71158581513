//! A server takes a request for itself for a short time.

use alloy_primitives::{Address, B256};
use opml_host::emit;
use opml_host::host::{now, sender};

use super::activation::{self, Begun};
use super::records::{self, Request};
use super::{Answer, money, requests, require};
use crate::abi::IHub::{
    AcceptanceEnded, AcceptanceStatus, Accepted, AlreadyAccepted, ExclusiveTo, HasClaims,
    TooLateToAccept,
};

pub fn accept(id: B256) -> Answer<()> {
    activation::require_time_for(Begun::Acceptance)?;
    let request = requests::open(id)?;
    require!(request.attempts == 0, HasClaims, request.attempts);
    let mut acceptance = request.acceptance();
    let free = acceptance.status == AcceptanceStatus::None;
    require!(free, AlreadyAccepted, acceptance.server);
    let (parameters, server) = (records::parameters(), sender());
    let until = now().saturating_add(parameters.exclusivity.into());
    // So that the requester waits for nobody once the deadline is reached.
    require!(until <= request.deadline, TooLateToAccept, request.deadline);
    money::collect(parameters.acceptBond)?;
    (acceptance.server, acceptance.until) = (server, until);
    acceptance.status = AcceptanceStatus::Held;
    request.set_acceptance(&acceptance);
    emit!(Accepted [id, server], until);
    Ok(())
}

/// Ends what is held of a request when `server` claims, or when, as zero, nobody does: in time it is the
/// acceptor's alone and its bond goes back; later the bond is burned.
pub fn end(id: B256, request: &Request, server: Address) -> Answer<()> {
    let mut acceptance = request.acceptance();
    if acceptance.status != AcceptanceStatus::Held {
        return Ok(());
    }
    let (holder, until) = (acceptance.server, acceptance.until);
    let exclusive = now() < until;
    require!(!exclusive || server == holder, ExclusiveTo, holder, until);
    let bond = records::parameters().acceptBond;
    if exclusive {
        money::credit(holder, bond);
        acceptance.status = AcceptanceStatus::Returned;
    } else {
        money::burn(bond);
        acceptance.status = AcceptanceStatus::Burned;
    }
    request.set_acceptance(&acceptance);
    emit!(AcceptanceEnded [id, holder], acceptance.status as u8);
    Ok(())
}
