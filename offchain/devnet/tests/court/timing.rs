//! Seconds: the last one that counts, the first that does not, and how long all of it can take.

use alloy_primitives::B256;
use opml_core::game::Side;

use crate::abi::IHub;
use crate::court::{CHALLENGER, CLOCK, Court, GAS_STAKE, MALLORY, SERVER, WINDOW, refused};
use crate::encoding::IGame;
use crate::liar::{GELU, Liar};
use crate::model::Model;
use crate::player::{Dispute, Rest, challenge_by, noise, open};

/// An honest claim under a game that a liar has opened.
fn disputed(steps_log2: u8) -> (Court, Model, B256, Dispute, Liar) {
    let model = Model::toy(steps_log2);
    let mut court = Court::new();
    let request = court.asked(&model);
    let claim = court.claim(SERVER, request, &model.truth());
    court.deposit(SERVER, GAS_STAKE);
    let mut liar = model.liar(GELU(|_| 0));
    let dispute = open(&mut court, (MALLORY, claim), &mut liar).unwrap();
    (court, model, claim, dispute, liar)
}

#[test]
fn a_challenge_counts_in_the_windows_last_second_and_not_on_its_end() {
    let model = Model::toy(5);
    let mut court = Court::new();
    let request = court.asked(&model);
    let claim = court.claim(SERVER, request, &model.truth());
    let windowEnd = court.now() + WINDOW;
    assert_eq!(court.claim_of(claim).windowEnd, windowEnd);
    for (second, counts) in [(windowEnd - 1, true), (windowEnd, false), (windowEnd + 1, false)] {
        court.what_if(|court| {
            court.at(second);
            let outcome = challenge_by(court, (MALLORY, claim), noise(1));
            if counts {
                outcome.unwrap();
                court.pass(1);
                refused(court.finalize(claim), IHub::GamesOpen { openGames: 1 });
            } else {
                refused(outcome, IHub::WindowOver { windowEnd });
                court.finalize(claim).unwrap();
            }
        });
    }
}

/// With what hangs on it: the stake is in, or the claim is void.
#[test]
fn a_move_counts_in_the_clocks_last_second_and_not_on_its_end() {
    let (mut court, model, claim, dispute, _) = disputed(6);
    let deadline = court.deadline(dispute.id);
    let mut honest = model.machines();
    for (second, counts) in [(deadline - 1, true), (deadline, false), (deadline + 1, false)] {
        court.what_if(|court| {
            court.at(second);
            let outcome = dispute.clone().turn(court, &mut honest).unwrap();
            if counts {
                outcome.unwrap();
                assert!(court.stakes_of(dispute.id).stakeLocked);
                court.timeout(dispute.id).unwrap_err();
            } else {
                refused(outcome, IGame::Late { deadline, now_: second });
                court.timeout(dispute.id).unwrap();
                assert_eq!(court.claim_of(claim).status, IHub::ClaimStatus::Void);
                assert_eq!(court.credit(SERVER), GAS_STAKE);
            }
        });
    }
}

/// Both spend all of their time but one second, and play the rest of the game in it.
#[test]
fn a_game_is_played_to_its_proof_with_a_second_left_on_each_clock() {
    let (mut court, model, claim, mut dispute, mut liar) = disputed(5);
    let mut honest = model.machines();
    court.at(court.deadline(dispute.id) - 1);
    dispute.turn(&mut court, &mut honest).unwrap().unwrap();
    court.at(court.deadline(dispute.id) - 1);
    dispute.turn(&mut court, &mut liar).unwrap().unwrap();
    let kept = court.game_of(dispute.id);
    assert_eq!((kept.serverSeconds, kept.challengerSeconds), (1, 1));
    let rest = dispute.play_on(&mut court, (&mut honest, &mut liar));
    assert!(matches!(rest, Rest::Won(Side::Server)), "{rest:?}");
    assert_eq!(court.stakes_of(dispute.id).status, IHub::GameStatus::ServerWon);
    court.finalize(claim).unwrap();
}

/// Whatever challengers do, and whenever: nothing holds a claim up for longer than its window and two clocks.
#[test]
fn no_claim_is_held_up_for_longer_than_its_window_and_two_clocks() {
    let model = Model::toy(6);
    let mut court = Court::new();
    let request = court.asked(&model);
    let claim = court.claim(SERVER, request, &model.truth());
    let claimed = court.now();
    court.deposit(SERVER, GAS_STAKE);
    court.at(claimed + WINDOW - 1);
    let mut dispute = open(&mut court, (MALLORY, claim), &mut model.liar(GELU(|_| 0))).unwrap();
    court.at(court.deadline(dispute.id) - 1);
    dispute.turn(&mut court, &mut model.machines()).unwrap().unwrap();
    court.at(court.deadline(dispute.id));
    court.timeout(dispute.id).unwrap();
    assert!(court.now() < claimed + WINDOW + 2 * CLOCK);
    court.finalize(claim).unwrap();
}

/// Clocks and windows read timestamps: a thousand blocks in one second change nothing.
#[test]
fn blocks_are_no_time() {
    let (mut court, _, claim, dispute, _) = disputed(6);
    let (deadline, end) = (court.deadline(dispute.id), court.claim_of(claim).windowEnd);
    let now = court.now();
    court.chain.mine_many(1_000, 0).unwrap();
    assert_eq!(court.now(), now);
    refused(court.timeout(dispute.id), IGame::Early { deadline, now_: now });
    refused(court.finalize(claim), IHub::WindowOpen { windowEnd: end });
    court.at(end - 1);
    challenge_by(&mut court, (CHALLENGER, claim), noise(1)).unwrap();
}
