//! Calldata of all six compiled contracts, on the states of a chain where much has happened: right calls with edits, and
//! selectors with words behind them. Each call returns, or is refused with an error of the ABIs, far from the end of its gas;
//! and no ether leaves the hub but by the two functions that are for that.
#![no_main]

use std::cell::RefCell;

use alloy_eips::BlockId;
use alloy_primitives::{Address, B256, TxKind, U256, hex};
use alloy_rpc_types_eth::TransactionRequest;
use alloy_sol_types::SolCall as _;
use libfuzzer_sys::fuzz_target;
use opml_adversary::abi::{hub, is_error};
use opml_adversary::people::person;
use opml_devnet::chain::{CallError, CallTrace, Overrides};

#[path = "support/draw.rs"]
#[allow(dead_code)]
mod draw;
#[path = "support/feedback.rs"]
mod feedback;
#[path = "support/pool.rs"]
mod pool;

use draw::Draw;
use pool::{Known, Pool};

/// Gas of a call, and how much of it none may need.
const GAS: u64 = 30_000_000;
const MOST: u64 = 25_000_000;

thread_local! {
    static POOL: RefCell<Option<Pool>> = const { RefCell::new(None) };
}

fuzz_target!(
    // Before the first input, whose time it would be counted as.
    init: POOL.set(Some(Pool::new())),
    |data: &[u8]| {
        POOL.with_borrow(|pool| {
            let Some(pool) = pool else { return };
            let mut draw = Draw::new(data);
            let call = if draw.below(3) == 0 {
                invented(pool, &mut draw)
            } else {
                altered(pool, &mut draw)
            };
            tried(pool, &call);
        });
    }
);

/// A known call with edits, rarely by another, with another value or at another block.
fn altered(pool: &Pool, draw: &mut Draw<'_>) -> Known {
    let known = &pool.calls[draw.below(pool.calls.len())];
    let Known { mut block, mut from, target, mut value, ref data } = *known;
    let mut data = data.clone();
    match draw.below(8) {
        0 => {
            // Before `first`, contracts are not activated: whoever calls one loses all gas.
            let later = pool.world.chain.block_number() - pool.first;
            block = pool.first + draw.below(later as usize + 1) as u64;
        }
        1 => from = person(draw.byte().into()),
        2 => value = amount(value, draw),
        _ => {}
    }
    while !draw.is_empty() {
        match draw.below(3) {
            0 => draw.edit(&mut data),
            _ => word(pool, &mut data, draw),
        }
    }
    Known { block, from, target, value, data }
}

fn amount(value: U256, draw: &mut Draw<'_>) -> U256 {
    match draw.below(4) {
        0 => U256::ZERO,
        1 => value.saturating_sub(U256::from(1)),
        2 => value + U256::from(1),
        _ => U256::from(draw.number()),
    }
}

/// A word of the calldata is another.
fn word(pool: &Pool, data: &mut [u8], draw: &mut Draw<'_>) {
    let words = data.len().saturating_sub(4) / 32;
    if words == 0 {
        return;
    }
    let at = 4 + 32 * draw.below(words);
    data[at..at + 32].copy_from_slice(drawn(pool, draw).as_slice());
}

fn drawn(pool: &Pool, draw: &mut Draw<'_>) -> B256 {
    match draw.below(6) {
        0 => *draw.pick(&pool.words),
        1 => B256::from(U256::from(32 * draw.below(20))),
        2 => B256::from(U256::from(draw.number()) << (8 * draw.below(25))),
        3 => draw.pick(&pool.contracts).0.into_word(),
        4 => person(draw.byte().into()).into_word(),
        _ => B256::from(U256::from(draw.number())),
    }
}

/// A selector and words.
fn invented(pool: &Pool, draw: &mut Draw<'_>) -> Known {
    let (target, selectors) = draw.pick(&pool.contracts);
    let mut data = draw.pick(selectors).to_vec();
    let from = person(draw.byte().into());
    let value = if draw.below(4) == 0 { U256::from(draw.number()) } else { U256::ZERO };
    while !draw.is_empty() && data.len() < 1_000 {
        data.extend(drawn(pool, draw));
    }
    Known { block: pool.world.chain.block_number(), from, target: *target, value, data }
}

fn tried(pool: &Pool, call: &Known) {
    let request = TransactionRequest {
        from: Some(call.from),
        to: Some(TxKind::Call(call.target)),
        gas: Some(GAS),
        value: Some(call.value),
        input: alloy_primitives::Bytes::from(call.data.clone()).into(),
        ..TransactionRequest::default()
    };
    let trace = match pool.world.chain.trace_call(
        &request,
        BlockId::number(call.block),
        &Overrides::default(),
    ) {
        Ok(trace) => trace,
        // The sender has not so much, or the bytes cost more than there is gas.
        Err(CallError::Invalid(_)) => return,
        Err(error) => panic!("{} fails: {error}", shown(call)),
    };
    let taken = trace.gas_used.saturating_sub(elsewhere(pool, &trace));
    assert!(taken < MOST, "{} takes {taken} gas", shown(call));
    let selector = call.data.first_chunk::<4>().copied().unwrap_or_default();
    let answer = trace.output.first_chunk::<4>().copied().unwrap_or_default();
    match trace.error {
        None => feedback::seen((1, &selector), trace.gas_used),
        Some(_) => {
            assert!(
                is_error(answer),
                "{} is answered by {:?} {}",
                shown(call),
                trace.error,
                trace.output
            );
            feedback::seen((2, &[selector, answer].concat()), trace.gas_used);
        }
    }
    if trace.error.is_none() {
        hub_keeps(pool.world.first.terms.hub, &trace);
    }
}

/// Gas that others have taken whom the contracts have called: who names a payee pays for what it does.
fn elsewhere(pool: &Pool, frame: &CallTrace) -> u64 {
    let ours = |address| pool.contracts.iter().any(|(contract, _)| *contract == address);
    let taken = |inner: &CallTrace| match inner.to {
        Some(address) if ours(address) => elsewhere(pool, inner),
        _ => inner.gas_used,
    };
    frame.calls.iter().map(taken).fold(0, u64::saturating_add)
}

/// Ether leaves the hub by `withdraw` and `flushBurned` alone.
fn hub_keeps(hub: Address, frame: &CallTrace) {
    let pays = [hub::IHub::withdrawCall::SELECTOR, hub::IHub::flushBurnedCall::SELECTOR];
    for inner in &frame.calls {
        let leaves = inner.from == hub && inner.value > U256::ZERO && inner.error.is_none();
        let may = frame.input.first_chunk::<4>().is_some_and(|selector| pays.contains(selector));
        assert!(!leaves || may, "{} wei leave the hub by {}", inner.value, frame.input);
        hub_keeps(hub, inner);
    }
}

fn shown(call: &Known) -> String {
    format!(
        "block {}, {} to {}, {} wei, {}",
        call.block,
        call.from,
        call.target,
        call.value,
        hex::encode(&call.data)
    )
}
