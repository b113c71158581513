//! A thousand challengers with nothing to say.

use alloy_primitives::{Address, B256, U256};
use opml_core::game::Side;

use crate::abi::IHub;
use crate::court::{
    CHALLENGER, CHALLENGER_BOND, CHALLENGER_BOND_BURN, CLOCK, Court, Done, FEE, GAS_STAKE, SERVER,
    SERVER_BOND, id,
};
use crate::encoding::answer;
use crate::liar::GELU;
use crate::model::Model;
use crate::player::{Dispute, Player as _, challenge_by, claimed, noise, open, published};

const CROWD: u64 = 1_000;

/// Gas but for what the bytes of the calldata cost, of which more or fewer are zero by chance.
fn gas(court: &Court, done: &Done) -> u64 {
    let input = court.chain.trace_transaction(done.receipt.transaction_hash).unwrap().input;
    let zeros: u64 = input.iter().map(|byte| u64::from(*byte == 0)).sum();
    done.receipt.gas_used - 4 * zeros - 16 * (input.len() as u64 - zeros)
}

/// Least and most of the gas of some calls.
fn range(costs: &[u64]) -> (u64, u64) {
    (*costs.iter().min().unwrap(), *costs.iter().max().unwrap())
}

fn member(number: u64) -> Address {
    Address::left_padding_from(&(0xcd00_0000 + number).to_be_bytes())
}

/// A claim, wrong or right, under a game of each member of the crowd; with the gas of each challenge.
fn crowded(court: &mut Court, claim: B256) -> (Vec<Dispute>, Vec<u64>) {
    let (position, program) = claimed(court, claim);
    (0..CROWD)
        .map(|number| {
            court.chain.set_balance(member(number), U256::from(10_u128.pow(18))).unwrap();
            let done = challenge_by(court, (member(number), claim), noise(1)).unwrap();
            let cost = gas(court, &done);
            let next = published(&done).unwrap_or_else(|| position.clone());
            (Dispute { id: id(done), program, position: next, costs: Vec::new() }, cost)
        })
        .unzip()
}

/// The first of the games makes some words of storage that the others find; after it every challenge costs the same, and
/// so does every answer and every end.
#[test]
fn a_thousand_challengers_cannot_exhaust_an_honest_server_or_hold_its_claim_up() {
    let model = Model::toy(6);
    let mut court = Court::new();
    let request = court.asked(&model);
    let claim = court.claim(SERVER, request, &model.truth());
    court.deposit(SERVER, u128::from(CROWD) * GAS_STAKE);
    court.audits = false;
    let (games, challenges) = crowded(&mut court, claim);
    assert_eq!(court.claim_of(claim).openGames, CROWD);

    // One answer does for all of them: their first moves are the same.
    let (mv, evidence) = model.machines().reply(&games[0].position, Side::Server).unwrap();
    let game = court.game;
    let mut replies = Vec::new();
    for dispute in &games {
        let data = answer(dispute.id, &dispute.position, &dispute.program, (&mv, &evidence));
        let done = court.send_to(SERVER, game, data).unwrap();
        replies.push(gas(&court, &done));
    }
    court.pass(CLOCK);
    let mut ends = Vec::new();
    for dispute in &games {
        let done = court.timeout(dispute.id).unwrap();
        ends.push(gas(&court, &done));
    }
    assert_eq!(court.claim_of(claim).openGames, 0);
    let finalize = court.finalize(claim).unwrap();
    for (name, costs) in [("challenge", &challenges), ("reply", &replies), ("timeout", &ends)] {
        let (least, most) = range(&costs[1..costs.len() - 1]);
        println!("{name}: first {}, then {least} to {most}, last {}", costs[0], costs[999]);
        assert_eq!(least, most, "{name}");
        // At most two words of storage: made by the first of its kind, or freed by the last.
        assert!(costs[0].abs_diff(least) < 35_000 && costs[999].abs_diff(least) < 35_000);
    }
    assert!(gas(&court, &finalize) < 100_000);
    let won = CHALLENGER_BOND - CHALLENGER_BOND_BURN + GAS_STAKE;
    assert_eq!(court.credit(SERVER), FEE + SERVER_BOND + u128::from(CROWD) * won);
    // A challenger's lost bond is worth more than an answer's gas, at any price up to this one.
    let price =
        (CHALLENGER_BOND - CHALLENGER_BOND_BURN) / u128::from(replies[1] + ends[1] + 40_000);
    println!("gas price at which the bonds still pay for answers: {price} wei");
    assert!(price > 50 * u128::from(opml_devnet::chain::BASE_FEE));
    court.ledger.accounts.extend((0..CROWD).map(member));
    court.ledger.assert_balanced(&court);
}

/// Nor do they get in the way of the one challenger that is right.
#[test]
fn a_thousand_challengers_do_not_hide_a_lie() {
    let model = Model::toy(5);
    let mut court = Court::new();
    let request = court.asked(&model);
    let claim = court.claim(SERVER, request, &model.answer(GELU(|_| 0).settings()));
    court.deposit(SERVER, 2 * GAS_STAKE);
    court.audits = false;
    // The moves of the only game there is, and of one behind a thousand others.
    let play = |court: &mut Court| {
        let (mut liar, mut honest) = (model.liar(GELU(|_| 0)), model.machines());
        let mut dispute = open(court, (CHALLENGER, claim), &mut honest).unwrap();
        let ending = dispute.play_out(court, (&mut liar, &mut honest));
        assert_eq!(ending.winner, Side::Challenger, "{:?}", ending.rest);
        assert_eq!(court.claim_of(claim).status, IHub::ClaimStatus::Void);
        dispute.costs.iter().map(|(name, gas, _)| (name.clone(), *gas)).collect::<Vec<_>>()
    };
    let alone = court.what_if(play);
    let games = crowded(&mut court, claim).0;
    let behind = play(&mut court);
    for ((name, first), (_, last)) in alone.iter().zip(&behind) {
        println!("{name}: {first} alone, {last} behind the crowd");
        // A word of storage that is made or freed, and zeros in the calldata.
        assert!(first.abs_diff(*last) < 22_000, "{name}: {first}, {last}");
    }
    let refunds = [&games[1], &games[500], &games[999]].map(|dispute| {
        let done = court.refund_game(dispute.id).unwrap();
        gas(&court, &done)
    });
    assert_eq!(refunds, [refunds[0]; 3]);
}
