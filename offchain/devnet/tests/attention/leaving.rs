//! Stakes go back when nothing is owed any more, and not before.

use crate::abi::IAttention::{self, RegistrationStatus};
use crate::encoding::IGame;
use crate::player::program;
use crate::world::{
    ALICE, BOB, BOND, BOND_BURN, CLOCK, DAVE, EPOCH, MALLORY, STAKE, TRUTH, Verifier, World,
    accuse_from, refused, reveal_from, settle_from,
};
use alloy_primitives::{B256, Bytes, U256};
use alloy_sol_types::{SolCall, SolValue};

fn leave(world: &mut World, verifier: &Verifier) -> Result<(), Bytes> {
    let call = IAttention::leaveCall { registrationId: verifier.id };
    world.ask(verifier.account, call).map(|_| ())
}

fn exit(world: &mut World, verifier: &Verifier) -> Result<(), Bytes> {
    world.ask(DAVE, IAttention::exitCall { registrationId: verifier.id }).map(|_| ())
}

#[test]
fn a_stake_goes_back_when_the_last_epoch_is_settled() {
    let mut world = World::new();
    let alice = world.register(ALICE);
    let registrationId = alice.id;
    let status = RegistrationStatus::Active;
    let active = IAttention::RegistrationClosed { registrationId, status };
    refused(exit(&mut world, &alice), active);
    world.pass(EPOCH);
    let (claim, epoch) = (world.summoned(), world.epoch());
    let stranger = IAttention::NotVerifier { sender: MALLORY, verifier: ALICE };
    let call = IAttention::leaveCall { registrationId };
    refused(world.ask(MALLORY, call), stranger);
    leave(&mut world, &alice).unwrap();
    assert_eq!(world.registration(alice.id).lastEpoch, epoch);
    let status = RegistrationStatus::Leaving;
    let twice = IAttention::RegistrationClosed { registrationId, status };
    refused(leave(&mut world, &alice), twice);
    // What was claimed in the epoch in which it left is still its duty, what comes behind is not.
    let told = world.truth(&alice, claim);
    world.commit(&alice, &told);
    world.pass(EPOCH);
    let later = world.summoned();
    let told_later = TRUTH.told(later, B256::ZERO);
    let outside = IAttention::NotInEpoch { registrationId, epoch: epoch + 1 };
    refused(world.try_commit(&alice, &told_later), outside.clone());
    world.at(reveal_from(epoch));
    let due = IAttention::SecretsDue { nextEpoch: epoch };
    refused(exit(&mut world, &alice), due);
    world.reveal(&alice, epoch);
    let nothing = IAttention::NothingToReveal { registrationId };
    refused(world.try_reveal(&alice, epoch + 1), nothing.clone());
    world.answer(&alice, &told);
    world.at(settle_from(epoch) - 1);
    let from = settle_from(epoch);
    refused(exit(&mut world, &alice), IAttention::TooEarly { from });
    world.at(from);
    exit(&mut world, &alice).unwrap();
    assert_eq!(world.credit(ALICE), STAKE);
    let status = RegistrationStatus::Left;
    let left = IAttention::RegistrationClosed { registrationId, status };
    refused(exit(&mut world, &alice), left.clone());
    world.at(accuse_from(epoch + 1));
    refused(world.slash_silent(&alice), left.clone());
    refused(world.slash_missing(&alice, later), left);
    // What it has earned is still its own.
    world.try_settle(&alice, claim).unwrap();
    assert_eq!(world.credit(ALICE), STAKE + crate::world::POT);
}

#[test]
fn who_leaves_without_a_word_stays_slashable() {
    let mut world = World::new();
    let alice = world.register(ALICE);
    world.pass(EPOCH);
    let epoch = world.epoch();
    leave(&mut world, &alice).unwrap();
    world.at(settle_from(epoch) + 10 * EPOCH);
    refused(exit(&mut world, &alice), IAttention::SecretsDue { nextEpoch: epoch });
    world.slash_silent(&alice).unwrap();
    assert_eq!(world.registration(alice.id).status, RegistrationStatus::Slashed);
}

/// In its first second it owes nothing: there is no epoch in which it can be drawn.
#[test]
fn who_leaves_before_its_first_epoch_owes_nothing() {
    let mut world = World::new();
    let (alice, epoch) = (world.register(ALICE), world.epoch());
    leave(&mut world, &alice).unwrap();
    let registrationId = alice.id;
    world.at(accuse_from(epoch + 1));
    refused(world.slash_silent(&alice), IAttention::NothingToReveal { registrationId });
    exit(&mut world, &alice).unwrap();
    assert_eq!(world.credit(ALICE), STAKE);
}

#[test]
fn a_stake_stays_while_a_game_is_open() {
    let mut world = World::new();
    let alice = world.register(ALICE);
    world.pass(EPOCH);
    let (claim, epoch) = (world.summoned(), world.epoch());
    let told = world.truth(&alice, claim);
    world.commit(&alice, &told);
    leave(&mut world, &alice).unwrap();
    world.at(reveal_from(epoch));
    world.reveal(&alice, epoch);
    world.answer(&alice, &told);
    // In the last second of the time for disputes.
    world.at(settle_from(epoch) - 1);
    let (segment, log2) = longest(&told);
    let game = world.try_dispute(MALLORY, (&alice, &told), (segment, noise(log2))).unwrap();
    world.pass(1);
    let open = IAttention::GamesOpen { openGames: 1 };
    refused(exit(&mut world, &alice), open.clone());
    refused(world.try_settle(&alice, claim), open);
    // She answers, and the disputer does not come back.
    reply(&mut world, &alice, game);
    world.pass(CLOCK);
    world.timeout(game).unwrap();
    let won = BOND - BOND_BURN;
    assert_eq!((world.credit(ALICE), world.credit(MALLORY)), (won, 0));
    exit(&mut world, &alice).unwrap();
    world.try_settle(&alice, claim).unwrap();
    assert_eq!(world.credit(ALICE), won + STAKE + crate::world::POT);
}

#[test]
fn an_account_registers_again_as_another_registration() {
    let mut world = World::new();
    let first = world.register(BOB);
    world.pass(EPOCH);
    let (claim, epoch) = (world.summoned(), world.epoch());
    world.at(accuse_from(epoch));
    world.slash_silent(&first).unwrap();
    let second = world.register(BOB);
    assert_ne!(first.id, second.id);
    assert_eq!(world.registration(second.id).status, RegistrationStatus::Active);
    assert_eq!(world.registration(first.id).status, RegistrationStatus::Slashed);
    // It owes nothing for the claims before.
    let registrationId = second.id;
    refused(world.slash_missing(&second, claim), IAttention::NotInEpoch { registrationId, epoch });
}

/// The longest segment of an answer.
pub fn longest(told: &crate::verifier::Told) -> (u8, u8) {
    let cuts = crate::verifier::cuts(told.drawn, told.steps);
    let numbered = (0..).zip(cuts.into_iter().map(|(_, log2)| log2));
    numbered.max_by_key(|(_, log2)| *log2).unwrap()
}

/// A dissection of nothing, of a segment of more than one step.
pub fn noise(log2: u8) -> Vec<u8> {
    assert!((1..=5).contains(&log2));
    let arguments = (U256::ZERO, cut(log2, 7)).abi_encode_params();
    [IGame::dissectCall::SELECTOR.as_slice(), &arguments].concat()
}

fn cut(log2: u8, seed: u8) -> Vec<B256> {
    (0..1_u8 << log2).map(|end| alloy_primitives::keccak256([seed, end])).collect()
}

/// Answers a dissection of nothing into single steps by the true machines.
fn reply(world: &mut World, verifier: &Verifier, gameId: B256) {
    use crate::player::{Behind, Player};
    use opml_core::game::Side;
    let position = crate::player::published(world.last.as_ref().unwrap()).unwrap();
    let told = world.truth(verifier, world.game_of(gameId).claimId);
    let (segment, _) = longest(&told);
    let by = segment
        .checked_sub(1)
        .map_or(0, |before| crate::verifier::cuts(told.drawn, told.steps)[usize::from(before)].0);
    let mut honest = Behind { machines: crate::world::TOY.machines(), by };
    let (mv, evidence) = honest.reply(&position, Side::Server).unwrap();
    let data = crate::encoding::answer(gameId, &position, &program(), (&mv, &evidence));
    world.send((verifier.account, world.game), 0, data).unwrap();
}
