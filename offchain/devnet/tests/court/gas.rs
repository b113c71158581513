//! What everything costs: each call, a whole dispute of 2^20 times 2^25 steps, and the same dispute by halves.
//!
//! All gas of the transactions, their 21,000 and their calldata included; fees for data on the parent chain are not.

use alloy_sol_types::SolCall;
use opml_core::game::Side;
use opml_devnet::chain::precompiles::ARB_WASM_CACHE;
use opml_devnet::chain::precompiles::abi::ArbWasmCache;

use crate::abi::IHub;
use crate::chain_support::{sent, to};
use crate::court::{
    ACCEPT_BOND, CHALLENGER, CLOCK, Court, Done, GAS_STAKE, MALLORY, OWNER, PATIENCE, REQUESTER,
    SECOND, SERVER, SERVER_BOND, STRANGER,
};
use crate::liar::{GELU, MATMUL};
use crate::model::{Answer, Model, OUTPUT_BASE};
use crate::player::{Dispute, challenge_by, noise, open};
use crate::snapshot::check;

type Rows = Vec<(String, u64)>;

fn spent(sent: Result<Done, alloy_primitives::Bytes>) -> u64 {
    sent.unwrap().receipt.gas_used
}

fn claim_call(request: alloy_primitives::B256, answer: &Answer) -> IHub::claimCall {
    IHub::claimCall {
        requestId: request,
        finalState: answer.state.encode().into(),
        output: answer.output.clone().into(),
        path: answer.path.clone().into(),
    }
}

/// Every call of the hub that changes something.
fn calls() -> Rows {
    let mut court = Court::new();
    let model = Model::digits(20);
    let mut rows = Rows::new();
    let mut row = |name: &str, gas: u64| rows.push((format!("hub: {name}"), gas));
    let text = court.register_as(&Model::toy(4), |entry| {
        (entry.outputBase, entry.outputLog2) = (OUTPUT_BASE, 12);
    });
    let id = court.register(&model);
    let last = |court: &Court| {
        let receipts = court.chain.receipts(alloy_eips::BlockId::latest()).unwrap();
        receipts.last().unwrap().gas_used
    };
    row("registerModel", last(&court));
    let request = court.infer(id, model.request());
    row("infer, 784 bytes of input", last(&court));
    let accept = IHub::acceptCall { requestId: request };
    row("accept", spent(court.ask(SERVER, ACCEPT_BOND, accept)));
    let claim = court.claim(SERVER, request, &model.truth());
    row("claim, accepted before, 4 bytes of output", last(&court));
    row("deposit", spent(court.ask(SERVER, GAS_STAKE, IHub::depositCall {})));
    let failed = |pc| {
        let state = opml_core::graph::GraphState { pc, ..model.truth().state.failed() };
        Answer { state, output: vec![], path: vec![] }
    };
    let second = court.claim(SECOND, request, &failed(1));
    row("claim, the second one, failed", last(&court));
    let third = court.claim(SECOND, request, &failed(2));
    row("challenge, a dissection", spent(challenge_by(&mut court, (MALLORY, second), noise(1))));
    let refund = open(&mut court, (CHALLENGER, second), &mut model.machines()).unwrap().id;
    let games = court.ledger.games.clone();
    let first = games.into_iter().find(|game| *game != refund).unwrap();
    court.pass(CLOCK);
    row("timeout, with the verdict", spent(court.timeout(first)));
    row("refundGame", spent(court.refund_game(refund)));
    row("finalize", spent(court.finalize(claim)));
    row("release", spent(court.ask(STRANGER, 0, IHub::releaseCall { claimId: third })));
    row("flushBurned", spent(court.ask(STRANGER, 0, IHub::flushBurnedCall {})));
    let credit = court.credit(SERVER);
    row("withdraw", spent(court.withdraw(SERVER, credit)));

    for length in [36_usize, 1_024, 4_000] {
        let request = court.infer(text, model.request());
        let call = claim_call(request, &Answer::holding(&vec![7; length], 12));
        row(
            &format!("claim, {length} bytes of output"),
            spent(court.ask(SERVER, SERVER_BOND, call)),
        );
    }
    let request = court.infer(text, model.request());
    row("cancel", spent(court.ask(REQUESTER, 0, IHub::cancelCall { requestId: request })));
    let request = court.infer(text, model.request());
    court.pass(PATIENCE);
    row("reclaim", spent(court.ask(STRANGER, 0, IHub::reclaimCall { requestId: request })));
    row("retireModel", spent(court.ask(OWNER, 0, IHub::retireModelCall { modelId: text })));
    rows
}

/// A game about the digits, from the challenge to the verdict.
fn dispute(is_cached: bool) -> (Dispute, Rows) {
    let model = Model::digits(20);
    let mut court = Court::new();
    if is_cached {
        for addr in [court.hub, court.game, court.step] {
            let data = ArbWasmCache::cacheProgramCall { addr }.abi_encode();
            sent(&mut court.chain, to(ARB_WASM_CACHE, data));
        }
    }
    let request = court.asked(&model);
    let fault = MATMUL(|_| 300_000);
    let lie = court.claim(SERVER, request, &model.answer(fault.settings()));
    court.deposit(SERVER, GAS_STAKE);
    let (mut liar, mut honest) = (model.liar(fault), model.machines());
    let mut dispute = open(&mut court, (CHALLENGER, lie), &mut honest).unwrap();
    let ending = dispute.play_out(&mut court, (&mut liar, &mut honest));
    assert_eq!(ending.winner, Side::Challenger);
    let name = if is_cached { "dispute, cached" } else { "dispute" };
    let moves = dispute.costs.iter().enumerate();
    let rows = moves.map(|(number, (mv, gas, _))| (format!("{name}, {number:>2} {mv}"), *gas));
    let rows = rows.collect();
    (dispute, rows)
}

/// Gas and calldata of the server's first reply, which answers 32 hashes with `2^(log2 - 5)`, less than what the zeros in
/// its calldata save.
fn reply(steps_log2: u8) -> (u64, usize) {
    let model = Model::toy(steps_log2);
    let mut court = Court::new();
    let request = court.asked(&model);
    let claim = court.claim(SERVER, request, &model.truth());
    court.deposit(SERVER, GAS_STAKE);
    let mut dispute = open(&mut court, (MALLORY, claim), &mut model.liar(GELU(|_| 0))).unwrap();
    dispute.turn(&mut court, &mut model.machines()).unwrap().unwrap();
    let (_, gas, bytes) = dispute.costs.last().unwrap();
    (*gas, *bytes)
}

/// What a game by halves would cost on the same contracts. They play none; but what a dissection costs is, within a
/// hundredth, a sum over the hashes that it shows and those that it posts, and both prices can be measured.
fn by_halves(dispute: &Dispute) -> (u64, u64) {
    let costs = &dispute.costs;
    // The first dissection of the run answers one hash, the third answers 32; both post 32.
    let (first, third) = (costs[5].1, costs[7].1);
    let shown = third - first;
    // First replies answer 32 hashes, and post 2 to 32.
    let replies: Vec<u64> = (6..=10).map(|log2| reply(log2).0).collect();
    let posted = replies[4] - replies[0];
    for (number, gas) in replies.iter().enumerate() {
        let fitted = replies[0] + posted * ((2 << number) - 2) / 30;
        assert!(fitted.abs_diff(*gas) * 100 < fitted, "{fitted} for {gas}");
    }
    println!("a hash shown: {} gas; a hash posted: {} gas", shown / 31, posted / 30);
    let half = first + shown / 31 - posted;
    // The challenge and the first reply have parts of their own; the handover answers a dissection, as the proof does.
    let opening = costs[0].1 - posted;
    let stake = costs[1].1 - third;
    let handover = costs[4].1 - shown * 30 / 31;
    let proof = costs[10].1 - shown * 30 / 31;
    (half, opening + stake + (20 - 1 + 25) * half + handover + proof)
}

#[test]
fn gas_of_every_call_and_of_a_whole_dispute() {
    let mut rows = calls();
    let (plain, moves) = dispute(false);
    let (cached, cached_moves) = dispute(true);
    for ((name, gas, bytes), (_, cached, _)) in plain.costs.iter().zip(&cached.costs) {
        println!("| {name} | {bytes} | {gas} | {cached} |");
    }
    let sum = |dispute: &Dispute| dispute.costs.iter().map(|cost| cost.1).sum::<u64>();
    let bytes: usize = plain.costs.iter().map(|cost| cost.2).sum();
    println!(
        "{} moves, {bytes} bytes, {} gas, {} cached",
        plain.costs.len(),
        sum(&plain),
        sum(&cached)
    );
    assert_eq!(plain.costs.len(), 11);
    for (name, played) in [("", &plain), (", cached", &cached)] {
        let (half, halves) = by_halves(played);
        rows.push((format!("dispute by halves{name}, 47 moves, computed"), halves));
        rows.push((format!("dispute by halves{name}, one dissection, computed"), half));
        rows.push((format!("dispute{name}, all of it"), sum(played)));
        assert!(halves > sum(played));
    }
    rows.extend(moves);
    rows.extend(cached_moves);
    check("court/gas.txt", &rows);
}
