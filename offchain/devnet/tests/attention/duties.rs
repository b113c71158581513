//! What a verifier loses its stake for, and what it does not; what nobody can do in its place.

use alloy_primitives::{B256, keccak256};

use crate::abi::IAttention::{self, AnswerStatus, Offence, RegistrationStatus};
use crate::verifier::{Secrets, Told};
use crate::world::{
    ALICE, BOB, DAVE, EPOCH, MALLORY, STAKE, STAKE_BURN, TOY, TRUTH, Verifier, WINDOW, World,
    accuse_from, refused, reveal_from, settle_from,
};

/// A verifier in its first epoch, and a claim of that to which attention is summoned.
fn drawn() -> (World, Verifier, B256, u64) {
    let mut world = World::new();
    let alice = world.register(ALICE);
    world.pass(EPOCH);
    let claim = world.summoned();
    let epoch = world.epoch();
    (world, alice, claim, epoch)
}

fn assert_slashed(world: &World, verifier: &Verifier, offence: Offence) {
    use alloy_sol_types::SolEvent;
    assert_eq!(world.registration(verifier.id).status, RegistrationStatus::Slashed);
    assert_eq!(world.credit(DAVE), STAKE - STAKE_BURN);
    assert_eq!((world.burned(), world.credit(verifier.account)), (STAKE_BURN, 0));
    let logs = world.last.as_ref().unwrap().logs();
    let event = IAttention::Slashed::decode_log_data_validate(logs[0].data()).unwrap();
    assert_eq!((event.registrationId, event.by, event.offence), (verifier.id, DAVE, offence));
}

#[test]
fn a_missed_commitment_costs_the_stake() {
    let (mut world, alice, claim, epoch) = drawn();
    let (registrationId, id) = (alice.id, alice.id);
    world.at(reveal_from(epoch));
    // Whether it was drawn is not known before the secret is.
    let hidden = IAttention::TooEarly { from: accuse_from(epoch) };
    refused(world.slash_missing(&alice, claim), hidden.clone());
    world.reveal(&alice, epoch);
    refused(world.slash_missing(&alice, claim), hidden);
    world.at(accuse_from(epoch));
    world.slash_missing(&alice, claim).unwrap();
    assert_slashed(&world, &alice, Offence::Missing);
    let status = RegistrationStatus::Slashed;
    let closed = IAttention::RegistrationClosed { registrationId, status };
    refused(world.slash_missing(&alice, claim), closed.clone());
    refused(world.slash_silent(&alice), closed.clone());
    refused(world.ask(ALICE, IAttention::leaveCall { registrationId: id }), closed.clone());
    refused(world.ask(ALICE, IAttention::exitCall { registrationId: id }), closed);
}

#[test]
fn a_commitment_that_is_not_shown_costs_the_stake() {
    let (mut world, alice, claim, epoch) = drawn();
    let told = world.truth(&alice, claim);
    world.commit(&alice, &told);
    world.at(reveal_from(epoch));
    world.reveal(&alice, epoch);
    let until = accuse_from(epoch);
    world.at(until);
    refused(world.try_answer(&alice, &told), IAttention::TooLate { until });
    world.slash_missing(&alice, claim).unwrap();
    assert_slashed(&world, &alice, Offence::Missing);
}

#[test]
fn a_miss_lapses_with_its_time() {
    let (mut world, alice, claim, epoch) = drawn();
    world.at(reveal_from(epoch));
    world.reveal(&alice, epoch);
    let until = settle_from(epoch);
    world.at(until - 1);
    let call = IAttention::slashMissingCall { registrationId: alice.id, claimId: claim };
    assert!(world.would(call).is_ok(), "in the last second");
    world.at(until);
    refused(world.slash_missing(&alice, claim), IAttention::TooLate { until });
}

#[test]
fn a_secret_that_is_not_revealed_costs_the_stake() {
    // With a claim or without one.
    let mut world = World::new();
    let alice = world.register(ALICE);
    world.pass(EPOCH);
    let epoch = world.epoch();
    let from = accuse_from(epoch);
    world.at(from - 1);
    refused(world.slash_silent(&alice), IAttention::TooEarly { from });
    world.at(from);
    let until = from;
    refused(world.try_reveal(&alice, epoch), IAttention::TooLate { until });
    world.slash_silent(&alice).unwrap();
    assert_slashed(&world, &alice, Offence::Silent);
}

#[test]
fn an_unrevealed_secret_is_silence_and_no_miss() {
    let (mut world, alice, claim, epoch) = drawn();
    world.at(accuse_from(epoch));
    let registrationId = alice.id;
    refused(world.slash_missing(&alice, claim), IAttention::NotInEpoch { registrationId, epoch });
    world.slash_silent(&alice).unwrap();
    assert_slashed(&world, &alice, Offence::Silent);
}

#[test]
fn secrets_come_one_an_epoch_behind_the_last_commitment() {
    let (mut world, alice, claim, epoch) = drawn();
    let from = reveal_from(epoch);
    world.at(from - 1);
    refused(world.try_reveal(&alice, epoch), IAttention::TooEarly { from });
    world.at(from);
    let wrong = keccak256("wrong");
    let anchor = alice.secrets.anchor();
    let call = IAttention::revealCall { registrationId: alice.id, secret: wrong };
    let computed = keccak256(wrong);
    refused(world.ask(ALICE, call), IAttention::WrongSecret { anchor, computed });
    // The next one would give this one away, and is none for this epoch.
    let computed = alice.secrets.of(epoch);
    refused(
        world.try_reveal(&alice, epoch + 1),
        IAttention::WrongSecret { anchor, computed: keccak256(alice.secrets.of(epoch + 1)) },
    );
    assert_eq!(keccak256(alice.secrets.of(epoch + 1)), computed);
    world.reveal(&alice, epoch);
    let from = reveal_from(epoch + 1);
    refused(world.try_reveal(&alice, epoch + 1), IAttention::TooEarly { from });
    let told = world.truth(&alice, claim);
    let until = world.summons(claim).windowEnd;
    refused(world.try_commit(&alice, &told), IAttention::TooLate { until });
    let call = IAttention::secretOfCall { registrationId: alice.id, epoch: epoch + 1 };
    let hidden = IAttention::NotInEpoch { registrationId: alice.id, epoch: epoch + 1 };
    refused(world.try_view(call), hidden);
}

#[test]
fn a_commitment_is_taken_until_the_last_second_of_the_window() {
    let (mut world, alice, claim, _) = drawn();
    let told = world.truth(&alice, claim);
    let until = world.summons(claim).windowEnd;
    assert_eq!(until, world.now() + WINDOW);
    world.at(until - 1);
    world.commit(&alice, &told);
    world.at(until);
    refused(world.try_commit(&alice, &told), IAttention::TooLate { until });
}

#[test]
fn who_registers_is_drawn_from_the_next_epoch_on() {
    let mut world = World::new();
    let claim = world.summoned();
    let bob = world.register(BOB);
    let epoch = world.epoch();
    let (registrationId, told) = (bob.id, TRUTH.told(claim, B256::ZERO));
    let refusal = IAttention::NotInEpoch { registrationId, epoch };
    refused(world.try_commit(&bob, &told), refusal.clone());
    world.at(accuse_from(epoch));
    refused(world.slash_missing(&bob, claim), refusal);
    world.at(reveal_from(epoch + 1));
    world.reveal(&bob, epoch + 1);
}

#[test]
fn a_copycat_cannot_show_anothers_commitment() {
    let mut world = World::new();
    let alice = world.register(ALICE);
    let first = world.epoch() + 1;
    // Even with the same anchor, so that it is drawn with Alice and for the same steps.
    let enrolmentId = world.enrolment;
    let call = IAttention::registerCall { enrolmentId, anchor: alice.secrets.anchor() };
    let id = world.pay(MALLORY, STAKE, call).unwrap();
    let copycat = Verifier { id, account: MALLORY, secrets: alice.secrets };
    world.pass(EPOCH);
    let claim = world.summoned();
    let told = world.truth(&alice, claim);
    world.commit(&alice, &told);
    let commitment = world.answer_of(alice.id, claim).commitment;
    let call = IAttention::commitCall { registrationId: id, claimId: claim, commitment };
    world.ask(MALLORY, call.clone()).unwrap();
    let theft = IAttention::commitCall { registrationId: alice.id, ..call };
    let stranger = IAttention::NotVerifier { sender: MALLORY, verifier: ALICE };
    refused(world.ask(MALLORY, theft), stranger);
    world.at(reveal_from(first));
    world.reveal(&alice, first);
    world.answer(&alice, &told);
    // It sees Alice's secret and her answer, and can show neither as its own.
    world.reveal(&copycat, first);
    let computed = told.commitment(id);
    let refusal = IAttention::WrongCommitment { expected: commitment, computed };
    refused(world.try_answer(&copycat, &told), refusal);
    world.at(accuse_from(first));
    world.slash_missing(&copycat, claim).unwrap();
    assert_slashed(&world, &copycat, Offence::Missing);
}

#[test]
fn an_answer_is_for_one_claim_and_one_contract() {
    let mut world = World::new();
    let alice = world.register(ALICE);
    world.pass(EPOCH);
    let epoch = world.epoch();
    let claims = [world.summoned(), world.summoned()];
    let told = claims.map(|claim| world.truth(&alice, claim));
    world.commit(&alice, &told[0]);
    // The same commitment for the other claim.
    let commitment = told[0].commitment(alice.id);
    let call = IAttention::commitCall { registrationId: alice.id, claimId: claims[1], commitment };
    world.ask(ALICE, call).unwrap();
    world.at(reveal_from(epoch));
    world.reveal(&alice, epoch);
    let replayed = Told { claim: claims[1], ..told[0].clone() };
    let computed = replayed.commitment(alice.id);
    let expected = commitment;
    let refusal = IAttention::WrongCommitment { expected, computed };
    refused(world.try_answer(&alice, &replayed), refusal);
    world.answer(&alice, &told[0]);
    let status = AnswerStatus::Given;
    refused(world.try_answer(&alice, &told[0]), IAttention::WrongAnswerStatus { status });
    // Another contract or another chain has other ids of registrations: its enrolments have.
    let place = |chain: u64, contract| {
        use alloy_sol_types::SolValue;
        let most = alloy_primitives::U256::from(crate::world::SUMMONS);
        let terms = (world.model, crate::world::POT, crate::world::ALWAYS, most);
        let place = (alloy_primitives::U256::from(chain), contract);
        keccak256((crate::verifier::tag("opml.attention.enrolment.v1"), place, terms).abi_encode())
    };
    let chain = world.chain.chain_id();
    assert_eq!(place(chain, world.attention), world.enrolment);
    assert_ne!(place(chain + 1, world.attention), world.enrolment);
    assert_ne!(place(chain, world.hub), world.enrolment);
}

/// Alice has committed to `told`, whatever that is; her secret is public.
fn committed(change: impl Fn(Told) -> Told) -> (World, Verifier, Told) {
    let (mut world, alice, claim, epoch) = drawn();
    let told = change(world.truth(&alice, claim));
    world.commit(&alice, &told);
    world.at(reveal_from(epoch));
    world.reveal(&alice, epoch);
    (world, alice, told)
}

#[test]
fn an_answer_has_its_form() {
    let none = committed(|told| Told { steps: 0, ..told });
    let most = committed(|told| Told { steps: (1 << TOY.steps_log2) + 1, ..told });
    for (mut world, alice, told) in [none, most] {
        let refusal = IAttention::BadSteps { steps: told.steps };
        refused(world.try_answer(&alice, &told), refusal);
    }
    let (mut world, alice, told) = committed(|mut told| {
        told.hashes.insert(0, B256::ZERO);
        told
    });
    let actual = u64::try_from(told.hashes.len()).unwrap();
    let refusal = IAttention::WrongHashes { expected: actual - 1, actual };
    refused(world.try_answer(&alice, &told), refusal);
    let (mut world, alice, told) = committed(|mut told| {
        *told.hashes.last_mut().unwrap() = B256::ZERO;
        told
    });
    refused(world.try_answer(&alice, &told), IAttention::BadState {});
    // What was not committed.
    let (mut world, alice, mut told) = committed(|told| told);
    let expected = told.commitment(alice.id);
    told.hashes[0] = B256::ZERO;
    let computed = told.commitment(alice.id);
    let refusal = IAttention::WrongCommitment { expected, computed };
    refused(world.try_answer(&alice, &told), refusal);
}

/// Without work one knows the claim's last state only: that it is there already one step before, or that the
/// trace is running still, is refused on its face.
#[test]
fn a_trace_stands_still_for_the_first_time_where_an_answer_says() {
    let steps = TRUTH.steps();
    assert!(steps > 3 && steps + 1 < 1 << TOY.steps_log2);
    let early = committed(|told| TRUTH.told_of(told.claim, told.secret, steps - 1));
    let (mut world, alice, told) = early;
    refused(world.try_answer(&alice, &told), IAttention::StateRunning {});
    for late in [steps + 1, 1 << TOY.steps_log2] {
        let (mut world, alice, told) =
            committed(|told| TRUTH.told_of(told.claim, told.secret, late));
        refused(world.try_answer(&alice, &told), IAttention::StoodStillBefore {});
    }
}

#[test]
fn anyone_may_show_what_was_committed() {
    let (mut world, alice, told) = committed(|told| told);
    let dave = Verifier { account: DAVE, ..alice };
    world.answer(&dave, &told);
    assert_eq!(world.answer_of(alice.id, told.claim).status, AnswerStatus::Given);
}

#[test]
fn a_registration_is_paid_and_known() {
    let mut world = World::new();
    let (enrolmentId, anchor) = (world.enrolment, Secrets::new(9, 0).anchor());
    let call = IAttention::registerCall { enrolmentId, anchor };
    let (have, want) = (alloy_primitives::U256::from(1), alloy_primitives::U256::from(STAKE));
    let poor = IAttention::InsufficientFunds { account: BOB, have, want };
    refused(world.pay(BOB, 1, call), poor);
    let call = IAttention::registerCall { enrolmentId: B256::ZERO, anchor };
    let refusal = IAttention::UnknownEnrolment { enrolmentId: B256::ZERO };
    refused(world.pay(BOB, STAKE, call), refusal);
    let registrationId = B256::ZERO;
    let unknown = IAttention::UnknownRegistration { registrationId };
    refused(world.try_view(IAttention::getRegistrationCall { registrationId }), unknown.clone());
    refused(world.ask(BOB, IAttention::slashSilentCall { registrationId }), unknown);
}

/// The trace of a model registered with too few steps does not end: every claim is wrong, and the answer is that
/// the last state is a running one.
#[test]
fn a_trace_without_an_end_has_an_answer() {
    let mut world = World::new();
    let log2 = 2;
    assert!(TRUTH.steps() > 1 << log2);
    let short = crate::model::Model { steps_log2: log2, ..crate::model::Model::toy(log2) };
    world.model = world.register_model(&short);
    world.enrolment = world.enrol(crate::world::POT, crate::world::ALWAYS);
    world.fund(crate::world::POT);
    let alice = world.register(ALICE);
    world.pass(EPOCH);
    let (claim, epoch) = (world.summoned(), world.epoch());
    let told = TRUTH.told_of(claim, alice.secrets.of(epoch), 1 << log2);
    world.commit(&alice, &told);
    world.at(reveal_from(epoch));
    world.reveal(&alice, epoch);
    world.answer(&alice, &told);
    world.at(settle_from(epoch));
    world.try_settle(&alice, claim).unwrap();
    assert_eq!(world.credit(ALICE), crate::world::POT);
}
