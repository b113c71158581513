//! Claims: answers with a bond behind them, in order of arrival.

use alloy_primitives::{Address, B256};
use opml_core::graph::{
    GraphState, GraphStatus, OUTPUT_ROOT_PROOF_BYTES, Output, OutputProof, OutputRootProof,
};
use opml_host::host::{HostKeccak, now, sender};
use opml_host::{Arguments, emit};

use super::activation::{self, Begun};
use super::records::{self, Claim, Kind, Request, live, payer_of};
use super::{Answer, Refusal, acceptance, money, requests, require};
use crate::abi::IHub::{
    BadCalldata, BadState, ClaimClosed, ClaimStatus, Claimed, DuplicateClaim, HasClaims,
    OutputNotProven, PayerAllowed, PayerNotAllowed, StateRunning, UnknownClaim, Voided,
};
use crate::ids::{self, ClaimKey};

/// Longest output in bytes that is kept as it is.
const INLINE: u32 = 1024;

/// Most claims on a request: their number is kept in three bytes.
const MAX_CLAIMS: u32 = (1 << 24) - 1;

/// A proven answer.
struct Proven<'a> {
    failed: bool,
    /// Hash of the final state.
    last: B256,
    /// Length and root of the output.
    output: Output,
    /// The output, if it is kept as it is.
    inline: &'a [u8],
}

pub fn claim(arguments: Arguments<'_>) -> Answer<B256> {
    claim_of(sender(), arguments, 0)
}

pub fn claim_for(arguments: Arguments<'_>) -> Answer<B256> {
    let (server, payer) = (arguments.address(0)?, sender());
    let allowed = server == payer || payer_of(server, payer).get() != 0;
    require!(allowed, PayerNotAllowed, server, payer);
    claim_of(server, arguments, 1)
}

pub fn allow_payer(arguments: Arguments<'_>) -> Answer<()> {
    let (payer, allowed) = (arguments.address(0)?, arguments.number::<u8>(1)?);
    require!(allowed <= 1, BadCalldata);
    let server = sender();
    payer_of(server, payer).set(allowed.into());
    emit!(PayerAllowed [server, payer], allowed);
    Ok(())
}

pub fn is_allowed(arguments: Arguments<'_>) -> Answer<u128> {
    Ok(payer_of(arguments.address(0)?, arguments.address(1)?).get())
}

/// A claim of `server`'s at the sender's cost; the arguments begin at word `first`.
fn claim_of(server: Address, arguments: Arguments<'_>, first: usize) -> Answer<B256> {
    activation::require_time_for(Begun::Claim)?;
    let request_id = arguments.word(first)?;
    let mut request = requests::open(request_id)?;
    acceptance::end(request_id, &request, server)?;
    let proven = prove(&request, arguments, first)?;
    let twin = live(request_id, proven.last, server);
    let same = twin.get(0);
    require!(same.is_zero(), DuplicateClaim, same);
    let parameters = records::parameters();
    money::collect(parameters.serverBond)?;
    let id = next_id(request_id, &mut request, server, proven.last)?;
    twin.set(0, id);
    append(&request, id);
    let window_end = now().saturating_add(parameters.window.into());
    keep(id, request_id, &proven, server, window_end);
    Ok(id)
}

/// The state claimed to be the trace's last one, with its output.
fn prove<'a>(request: &Request, arguments: Arguments<'a>, first: usize) -> Answer<Proven<'a>> {
    let bytes = |behind: usize| arguments.bytes(first.saturating_add(behind));
    let state = GraphState::decode(bytes(1)?);
    require!(state.is_ok(), BadState);
    let Ok(state) = state else { return Err(Refusal(alloc::vec::Vec::new())) };
    require!(state.status != GraphStatus::Running, StateRunning);
    let model = requests::model_of(request);
    let (base, log2_size) = (model.terms().output_base, model.output_log2);
    let (output, path) = (bytes(2)?, bytes(3)?);
    // No region's path is as long: this is one way or the other, never both.
    let by_root = output.is_empty() && path.len() == OUTPUT_ROOT_PROOF_BYTES;
    let shown = if by_root {
        let shown = OutputRootProof { base, log2_size, path }.check::<HostKeccak>(&state).ok();
        // What is delivered as it is has to be shown as it is.
        shown.filter(|shown| shown.length > INLINE)
    } else {
        OutputProof { base, log2_size, output, path }.check::<HostKeccak>(&state).ok()
    };
    require!(shown.is_some(), OutputNotProven);
    let shown = shown.unwrap_or_default();
    let inline = if shown.length <= INLINE { output } else { &[] };
    let failed = state.status == GraphStatus::Failed;
    Ok(Proven { failed, last: state.hash::<HostKeccak>(), output: shown, inline })
}

/// Lossless where the contract runs: addresses have 32 bits.
fn bytes_of(length: u32) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}

fn next_id(request_id: B256, request: &mut Request, server: Address, last: B256) -> Answer<B256> {
    let (attempt, start) = (request.attempts, request.record.get(Request::START));
    require!(attempt < MAX_CLAIMS, HasClaims, attempt);
    request.attempts = attempt.saturating_add(1);
    request.save();
    let key = ClaimKey { request: request_id, server, attempt, start, last };
    Ok(ids::claim::<HostKeccak>(&key))
}

fn keep(id: B256, request: B256, proven: &Proven<'_>, server: Address, window_end: u64) {
    let record = Kind::Claim.record(id);
    let Proven { failed, last, output: Output { length: output_length, root }, inline } = *proven;
    let status = ClaimStatus::Live;
    Claim { record, server, status, failed, output_length, window_end }.save();
    record.set(Claim::REQUEST, request);
    record.set(Claim::FINAL_HASH, last);
    record.set(Claim::OUTPUT_ROOT, root);
    for (index, word) in (Claim::OUTPUT..).zip(inline.chunks(32)) {
        record.set(index, B256::right_padding_from(word));
    }
    emit!(Claimed [id, request, server], last, window_end, failed, output_length);
}

/// The output of a claim if it is kept as it is, else nothing.
pub fn inline_output(claim: &Claim) -> alloc::vec::Vec<u8> {
    let mut output = alloc::vec::Vec::new();
    if claim.output_length <= INLINE {
        let length = bytes_of(claim.output_length);
        let words = (Claim::OUTPUT..).take(length.div_ceil(32));
        output.extend(words.flat_map(|index| claim.record.get(index).0));
        output.truncate(length);
    }
    output
}

/// A challenger has won `game`: the claim no longer stands before others, and its server may claim its
/// state again.
pub fn void(id: B256, mut claim: Claim, game: B256) {
    claim.status = ClaimStatus::Void;
    claim.save();
    let request = claim.record.get(Claim::REQUEST);
    live(request, claim.record.get(Claim::FINAL_HASH), claim.server).set(0, B256::ZERO);
    unlink(request, &claim);
    emit!(Voided [id, request], game);
}

/// A claim that has not ended.
pub fn require_live(id: B256) -> Answer<Claim> {
    let claim = known(id)?;
    let status = claim.status;
    require!(status == ClaimStatus::Live, ClaimClosed, id, status as u8);
    Ok(claim)
}

pub fn known(id: B256) -> Answer<Claim> {
    let claim = Claim::load(id);
    require!(claim.status != ClaimStatus::None, UnknownClaim, id);
    Ok(claim)
}

/// Puts a claim behind the live ones of its request.
fn append(request: &Request, id: B256) {
    let tail = request.record.get(Request::TAIL);
    request.record.set(Request::TAIL, id);
    if tail.is_zero() {
        request.record.set(Request::HEAD, id);
    } else {
        Kind::Claim.record(tail).set(Claim::NEXT, id);
        Kind::Claim.record(id).set(Claim::PREV, tail);
    }
}

/// Takes a claim out of the live ones of its request.
fn unlink(request: B256, claim: &Claim) {
    let request = Kind::Request.record(request);
    let (prev, next) = (claim.record.get(Claim::PREV), claim.record.get(Claim::NEXT));
    claim.record.set(Claim::PREV, B256::ZERO);
    claim.record.set(Claim::NEXT, B256::ZERO);
    if prev.is_zero() {
        request.set(Request::HEAD, next);
    } else {
        Kind::Claim.record(prev).set(Claim::NEXT, next);
    }
    if next.is_zero() {
        request.set(Request::TAIL, prev);
    } else {
        Kind::Claim.record(next).set(Claim::PREV, prev);
    }
}
