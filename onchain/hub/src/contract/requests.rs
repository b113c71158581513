//! Requests: asking a model, and getting the fee back.

use alloy_primitives::{Address, B256};
use alloy_sol_types::{SolError, SolEvent};
use opml_core::graph::{self, GraphState, Request as Asked};
use opml_host::host::{self, HostKeccak, now, sender};
use opml_host::{Arguments, emit, refusal, with_bytes, words};

use super::activation::{self, Begun};
use super::models::Price;
use super::records::{self, Kind, Model, Request};
use super::{Answer, Refusal, acceptance, models, money, place, require};
use crate::abi::IHub::{
    BadRequest, ClaimLive, DeadlineNotReached, HasClaims, InputTooLong, NotRequester, Refunded,
    RequestClosed, RequestStatus, Requested, UnknownRequest,
};
use crate::ids::{self, RequestKey};

/// The parameter of a request that says how many iterations it asks for.
const ITERATIONS: usize = 2;

pub fn infer(arguments: Arguments<'_>) -> Answer<B256> {
    activation::require_time_for(Begun::Request)?;
    let (model_id, bytes) = (arguments.word(0)?, arguments.bytes(1)?);
    let model = models::accepting(model_id)?;
    let asked = asked(&model, bytes)?;
    let iterations = models::iterations(&model, asked.params[ITERATIONS])?;
    let price = models::price(&model, iterations);
    money::collect(price.total())?;
    let (requester, region_root) = (sender(), asked.region_root::<HostKeccak>());
    let nonce = next_nonce(requester);
    let key = RequestKey { requester, nonce, model: model_id, region_root };
    let id = ids::request::<HostKeccak>(place(), &key);
    let start = first_state(&model, region_root);
    let deadline = now().saturating_add(records::parameters().patience.into());
    let record = Kind::Request.record(id);
    let status = RequestStatus::Open;
    let request = Request { record, requester, status, attempts: 0, deadline, iterations };
    request.save();
    record.set(Request::MODEL, model_id);
    record.set(Request::START, start);
    let topics = words![Requested::SIGNATURE_HASH, id, model_id, requester];
    host::log(&topics, &with_bytes(&words![nonce, start, deadline, price.fee], bytes));
    Ok(id)
}

/// The request that `bytes` encode, if the model takes it.
fn asked<'a>(model: &Model, bytes: &'a [u8]) -> Answer<Asked<'a>> {
    let Ok(asked) = Asked::decode(bytes) else { return Err(bad_request(bytes.len())) };
    // Below 2^28.
    let length = u32::try_from(asked.input().len()).unwrap_or(u32::MAX);
    require!(length <= model.max_input, InputTooLong, length, model.max_input);
    Ok(asked)
}

fn bad_request(length: usize) -> Refusal {
    let length = u64::try_from(length).unwrap_or(u64::MAX);
    refusal(BadRequest::SELECTOR, &words![length])
}

fn next_nonce(requester: Address) -> u64 {
    let number = records::nonce_of(requester);
    let nonce = number.get();
    number.set(nonce.saturating_add(1));
    u64::try_from(nonce).unwrap_or(u64::MAX)
}

/// Hash of the first state of a model's trace on the request with this region.
fn first_state(model: &Model, region_root: B256) -> B256 {
    let weights_root = model.record.get(Model::WEIGHTS_ROOT);
    let memory_root = graph::initial_memory_root::<HostKeccak>(&weights_root, region_root);
    GraphState::start(memory_root).hash::<HostKeccak>()
}

pub fn cancel(id: B256) -> Answer<()> {
    let request = open(id)?;
    let (sender, requester) = (sender(), request.requester);
    require!(sender == requester, NotRequester, sender, requester);
    require!(request.attempts == 0, HasClaims, request.attempts);
    refund(id, request)
}

pub fn reclaim(id: B256) -> Answer<()> {
    let request = open(id)?;
    require!(now() >= request.deadline, DeadlineNotReached, request.deadline);
    let head = request.record.get(Request::HEAD);
    require!(head.is_zero(), ClaimLive, head);
    refund(id, request)
}

/// Gives fee and work burn of an open request without live claims back.
fn refund(id: B256, mut request: Request) -> Answer<()> {
    acceptance::end(id, &request, Address::ZERO)?;
    request.status = RequestStatus::Refunded;
    request.save();
    money::credit(request.requester, price_of(&request).total());
    emit!(Refunded[id]);
    Ok(())
}

/// What was paid for a request.
pub fn price_of(request: &Request) -> Price {
    models::price(&model_of(request), request.iterations)
}

pub fn model_of(request: &Request) -> Model {
    Model::load(request.record.get(Request::MODEL))
}

/// A request that takes claims.
pub fn open(id: B256) -> Answer<Request> {
    let request = known(id)?;
    let status = request.status;
    require!(status == RequestStatus::Open, RequestClosed, id, status as u8);
    Ok(request)
}

pub fn known(id: B256) -> Answer<Request> {
    let request = Request::load(id);
    require!(request.status != RequestStatus::None, UnknownRequest, id);
    Ok(request)
}
