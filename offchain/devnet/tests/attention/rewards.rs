//! Right answers, and where the pots go.

use alloy_primitives::{B256, U256, keccak256};
use alloy_sol_types::{SolEvent, SolValue};

use crate::abi::IAttention::{self, AnswerStatus};
use crate::verifier::{drawn_step, is_drawn, tag};
use crate::world::{
    ALICE, ALWAYS, BOB, DAVE, EPOCH, MALLORY, POT, STAKE, TRUTH, Verifier, World, accuse_from,
    refused, reveal_from, settle_from,
};

#[test]
fn an_honest_verifier_earns() {
    let mut world = World::new();
    let alice = world.register(ALICE);
    let number = U256::ZERO;
    let id = (tag("opml.attention.registration.v1"), world.enrolment, ALICE, number).abi_encode();
    assert_eq!(alice.id, keccak256(id));
    println!("register: {} gas", world.gas());
    let first = world.epoch() + 1;
    let wanted = IAttention::Registration {
        enrolmentId: world.enrolment,
        verifier: ALICE,
        status: IAttention::RegistrationStatus::Active,
        firstEpoch: first,
        nextEpoch: first,
        lastEpoch: (1 << 48) - 1,
        openGames: 0,
        games: 0,
        anchor: alice.secrets.anchor(),
    };
    assert_eq!(world.registration(alice.id), wanted);
    world.pass(EPOCH);
    let claim = world.claim();
    world.try_summon(claim).unwrap();
    println!("summon: {} gas", world.gas());
    let told = world.truth(&alice, claim);
    world.commit(&alice, &told);
    println!("commit: {} gas", world.gas());
    let kept = world.answer_of(alice.id, claim);
    let commitment = told.commitment(alice.id);
    let status = AnswerStatus::Committed;
    assert_eq!(kept, IAttention::Answer { status, steps: 0, commitment });

    let epoch = world.epoch();
    world.at(reveal_from(epoch));
    world.reveal(&alice, epoch);
    println!("reveal: {} gas", world.gas());
    let call = IAttention::secretOfCall { registrationId: alice.id, epoch };
    assert_eq!(world.view(call), told.secret);
    world.answer(&alice, &told);
    println!("answer: {} gas, {} hashes", world.gas(), told.hashes.len());
    let logs = world.last.as_ref().unwrap().logs();
    let event = IAttention::Answered::decode_log_data_validate(logs[0].data()).unwrap();
    let drawn = drawn_step(claim, told.secret, TRUTH.steps());
    assert_eq!((event.drawnStep, event.steps), (drawn, TRUTH.steps()));
    assert_eq!(event.hashes, told.hashes);
    let steps = TRUTH.steps();
    let status = AnswerStatus::Given;
    assert_eq!(world.answer_of(alice.id, claim), IAttention::Answer { status, steps, commitment });

    let from = settle_from(epoch);
    world.at(from - 1);
    refused(world.try_settle(&alice, claim), IAttention::TooEarly { from });
    world.at(from);
    world.try_settle(&alice, claim).unwrap();
    println!("settle: {} gas", world.gas());
    assert_eq!(world.credit(ALICE), POT);
    let status = AnswerStatus::Settled;
    refused(world.try_settle(&alice, claim), IAttention::WrongAnswerStatus { status });
    let (to, amount) = (BOB, U256::from(POT));
    let before = world.chain.balance(BOB, alloy_eips::BlockId::latest()).unwrap();
    world.ask(ALICE, IAttention::withdrawCall { to, amount }).unwrap();
    let after = world.chain.balance(BOB, alloy_eips::BlockId::latest()).unwrap();
    assert_eq!(after - before, amount);
}

/// Commits, reveals and answers as an honest verifier.
fn answered(world: &mut World, verifiers: &[Verifier], claim: B256) {
    let epoch = world.summons(claim).epoch;
    let told: Vec<_> = verifiers.iter().map(|verifier| world.truth(verifier, claim)).collect();
    for (verifier, told) in verifiers.iter().zip(&told) {
        world.commit(verifier, told);
    }
    world.at(reveal_from(epoch));
    for (verifier, told) in verifiers.iter().zip(&told) {
        world.reveal(verifier, epoch);
        world.answer(verifier, told);
    }
}

#[test]
fn right_answers_share_the_pot_to_the_last_wei() {
    let mut world = World::new();
    let verifiers = [ALICE, BOB, ALICE].map(|account| world.register(account));
    world.pass(EPOCH);
    let claim = world.summoned();
    answered(&mut world, &verifiers, claim);
    let summons = world.summons(claim);
    assert_eq!((summons.answers, summons.pot), (3, POT));
    world.at(settle_from(summons.epoch));
    for verifier in &verifiers {
        world.try_settle(verifier, claim).unwrap();
    }
    // Divided by three the pot has a rest of two, which the second and the third get.
    let share = POT / 3 + 1;
    assert_eq!(world.credit(BOB), share);
    assert_eq!(world.credit(ALICE), POT - share);
    assert_eq!((world.summons(claim).answers, world.summons(claim).pot), (0, 0));
    let enrolmentId = world.enrolment;
    let call = IAttention::returnPotCall { enrolmentId, claimId: claim };
    let gone = IAttention::PotNotReturnable { answers: 0, pot: U256::ZERO };
    refused(world.ask(DAVE, call), gone);
}

#[test]
fn a_pot_that_nobody_answered_for_goes_back() {
    let mut world = World::new();
    let enrolmentId = world.enrolment;
    let claim = world.summoned();
    let epoch = world.epoch();
    let call = IAttention::returnPotCall { enrolmentId, claimId: claim };
    let from = accuse_from(epoch);
    world.at(from - 1);
    refused(world.ask(DAVE, call.clone()), IAttention::TooEarly { from });
    world.at(from);
    world.ask(DAVE, call.clone()).unwrap();
    assert_eq!((world.fund_of(enrolmentId), world.summons(claim).pot), (100 * POT, 0));
    let gone = IAttention::PotNotReturnable { answers: 0, pot: U256::ZERO };
    refused(world.ask(DAVE, call.clone()), gone);
    let none = IAttention::returnPotCall { enrolmentId, claimId: B256::ZERO };
    refused(world.ask(DAVE, none), IAttention::NotSummoned { claimId: B256::ZERO });
}

#[test]
fn a_slashed_verifiers_share_goes_back_to_the_fund() {
    let mut world = World::new();
    let verifiers = [ALICE, MALLORY].map(|account| world.register(account));
    world.pass(EPOCH);
    let (claim, missed) = (world.summoned(), world.summoned());
    let alice_too = world.truth(&verifiers[0], missed);
    world.commit(&verifiers[0], &alice_too);
    answered(&mut world, &verifiers, claim);
    world.answer(&verifiers[0], &alice_too);
    let epoch = world.summons(claim).epoch;
    world.at(accuse_from(epoch));
    world.slash_missing(&verifiers[1], missed).unwrap();
    world.at(settle_from(epoch));
    for verifier in &verifiers {
        world.try_settle(verifier, claim).unwrap();
    }
    world.try_settle(&verifiers[0], missed).unwrap();
    let share = POT / 2;
    let fund = world.fund_of(world.enrolment);
    // The first to settle got the half, rounded down; the fund has the rest.
    assert_eq!((world.credit(ALICE), fund), (share + POT, 98 * POT + POT - share));
    assert_eq!(world.credit(MALLORY), 0);
    assert!(world.balance() >= STAKE);
}

/// The draw is that of the definition, for every one of many claims and two verifiers.
#[test]
fn who_is_drawn_is_the_secrets_to_say() {
    let threshold = 1 << 63;
    let mut world = World::with_threshold(threshold);
    let verifiers = [ALICE, BOB].map(|account| world.register(account));
    world.pass(EPOCH);
    let epoch = world.epoch();
    let claims: Vec<B256> = (0..12).map(|_| world.summoned()).collect();
    assert_eq!(world.epoch(), epoch);
    let mut expected = Vec::new();
    for verifier in &verifiers {
        for claim in &claims {
            let told = world.truth(verifier, *claim);
            world.commit(verifier, &told);
            expected.push((*verifier, is_drawn(*claim, told.secret, threshold), told));
        }
    }
    let drawn = expected.iter().filter(|(_, drawn, _)| *drawn).count();
    assert!((1..24).contains(&drawn), "{drawn} of 24: the test shows nothing");
    world.at(reveal_from(epoch));
    for verifier in &verifiers {
        world.reveal(verifier, epoch);
    }
    for (verifier, drawn, told) in &expected {
        let outcome = world.try_answer(verifier, told);
        if *drawn {
            outcome.unwrap();
        } else {
            let (registrationId, claimId) = (verifier.id, told.claim);
            refused(outcome, IAttention::NotDrawn { registrationId, claimId });
        }
    }
    // Who was not drawn has missed nothing.
    world.at(accuse_from(epoch));
    for (verifier, drawn, told) in &expected {
        let (registrationId, claimId) = (verifier.id, told.claim);
        let outcome = world.slash_missing(verifier, claimId);
        if *drawn {
            let status = AnswerStatus::Given;
            refused(outcome, IAttention::WrongAnswerStatus { status });
        } else {
            refused(outcome, IAttention::NotDrawn { registrationId, claimId });
        }
    }
    assert_eq!(threshold, ALWAYS / 2 + 1);
}
