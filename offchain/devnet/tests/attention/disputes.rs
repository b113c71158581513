//! Games about answers, over the real machines: the truth wins on either side.

use alloy_primitives::{B256, Bytes, U256, keccak256};
use alloy_sol_types::{SolInterface, SolValue};
use opml_operator::{Operator, Place};

use crate::abi::IAttention::{self, GameStatus, RegistrationStatus};
use crate::encoding::IGame;
use crate::leaving::{longest, noise};
use crate::liar::{Fault, GELU, MATMUL};
use crate::player::{Behind, Player, Shows};
use crate::verifier::{States, Told, cuts, tag};
use crate::world::{
    ALICE, BOB, BOND, BOND_BURN, CLOCK, DAVE, EPOCH, MALLORY, POT, STAKE, STAKE_BURN, TOY, TRUTH,
    Verifier, World, accuse_from, refused, reveal_from, settle_from,
};

/// The last step is wrong: a segment of one step, which the disputer hands over at once.
const EMIT: Fault = Fault { kernels: faulty_emit, hits: is_emit, from: |_| 3_000 };

const fn is_emit(operator: &Operator) -> bool {
    matches!(operator, Operator::Emit(_))
}

fn faulty_emit(operator: &Operator, place: Place, inputs: &[&[u32]], output: &mut [u32]) {
    opml_kernels::run(operator, place, inputs, output);
    output[0] ^= u32::from(is_emit(operator));
}

/// A verifier that has answered about a claim with what `told` makes of the truth.
fn answered(told: impl Fn(&Told) -> Told) -> (World, Verifier, Told) {
    let mut world = World::new();
    let alice = world.register(ALICE);
    world.pass(EPOCH);
    let (claim, epoch) = (world.summoned(), world.epoch());
    let told = told(&world.truth(&alice, claim));
    world.commit(&alice, &told);
    world.at(reveal_from(epoch));
    world.reveal(&alice, epoch);
    world.answer(&alice, &told);
    (world, alice, told)
}

fn faulty(fault: Fault) -> (World, Verifier, Told, States) {
    let lie = States::of(&TOY, fault.settings());
    let (world, alice, told) = answered(|truth| lie.told(truth.claim, truth.secret));
    (world, alice, told, lie)
}

fn behind<T: Shows>(machines: T, by: u64) -> Behind<T> {
    Behind { machines, by }
}

/// The verifier defends what its faulty machine has computed; the disputer has the true one.
fn assert_lie_is_punished(fault: Fault) -> bool {
    let (mut world, alice, told, _) = faulty(fault);
    let (segment, by, _) = told.first_lie(&TRUTH).expect("a lie");
    let mut liar = behind(TOY.liar(fault), by);
    let mut honest = behind(TOY.machines(), by);
    let mut dispute = world.dispute(BOB, (&alice, &told), (segment, &mut honest));
    let decisive = world.play(&mut dispute, (&mut liar, &mut honest));
    assert_eq!(world.game_of(dispute.id).status, GameStatus::DisputerWon);
    assert_eq!(world.registration(alice.id).status, RegistrationStatus::Slashed);
    assert_eq!(world.credit(BOB), BOND + STAKE - STAKE_BURN);
    assert_eq!((world.credit(ALICE), world.burned()), (0, STAKE_BURN));
    println!("a lie in segment {segment}: {} moves, {} gas", dispute.gas.len(), sum(&dispute.gas));
    // It earns nothing either.
    let epoch = world.summons(told.claim).epoch;
    if world.now() < settle_from(epoch) {
        world.at(settle_from(epoch));
    }
    world.try_settle(&alice, told.claim).unwrap();
    assert_eq!((world.credit(ALICE), world.fund_of(world.enrolment)), (0, 100 * POT));
    decisive
}

fn sum(gas: &[u64]) -> u64 {
    gas.iter().sum()
}

#[test]
fn a_wrong_answer_loses_its_stake_to_whoever_disputes_it() {
    let faults = [GELU(|_| 0), MATMUL(|bound| 1 << (bound - 1)), EMIT];
    let decisive = faults.into_iter().filter(|fault| assert_lie_is_punished(*fault)).count();
    assert!(decisive > 0, "no game was decided by a proof");
}

/// The disputer has the faulty machine, and disputes each segment that this sees otherwise.
#[test]
fn an_honest_answer_survives_whoever_disputes_it() {
    let fault = GELU(|_| 20_000);
    let (mut world, alice, told) = answered(Told::clone);
    let lie = States::of(&TOY, fault.settings());
    let mut games = 0;
    for (place, (end, log2)) in cuts(told.drawn, told.steps).into_iter().enumerate() {
        let by = end - (1 << log2);
        if TRUTH.hash(by) != lie.hash(by) || TRUTH.hash(end) == lie.hash(end) {
            continue;
        }
        let mut liar = behind(TOY.liar(fault), by);
        let mut honest = behind(TOY.machines(), by);
        let number = u8::try_from(place).unwrap();
        let mut dispute = world.dispute(MALLORY, (&alice, &told), (number, &mut liar));
        world.play(&mut dispute, (&mut honest, &mut liar));
        assert_eq!(world.game_of(dispute.id).status, GameStatus::VerifierWon);
        games += 1;
    }
    assert_eq!(games, 1, "one segment has a true start and another end");
    let won = BOND - BOND_BURN;
    assert_eq!((world.credit(ALICE), world.credit(MALLORY), world.burned()), (won, 0, BOND_BURN));
    let epoch = world.summons(told.claim).epoch;
    world.at(world.now().max(settle_from(epoch)));
    world.try_settle(&alice, told.claim).unwrap();
    assert_eq!(world.credit(ALICE), won + POT);
}

/// A dissection of nothing of every segment of more than one step; the verifier proves each wrong.
#[test]
fn an_honest_answer_survives_dissections_of_nothing() {
    let (mut world, alice, told) = answered(Told::clone);
    let mut games = Vec::new();
    for (place, (end, log2)) in cuts(told.drawn, told.steps).into_iter().enumerate() {
        if log2 == 0 {
            continue;
        }
        let number = u8::try_from(place).unwrap();
        let id = world.try_dispute(MALLORY, (&alice, &told), (number, noise(log2))).unwrap();
        let position = crate::player::published(world.last.as_ref().unwrap()).unwrap();
        games.push((id, position, end - (1 << log2)));
    }
    assert!(!games.is_empty());
    let all = games.len() as u128;
    assert_eq!(u128::from(world.registration(alice.id).openGames), all);
    for (id, position, by) in &games {
        let mut honest = behind(TOY.machines(), *by);
        let side = position.on_turn();
        let (mv, evidence) = honest.reply(position, side).expect("a move");
        let program = crate::player::program();
        let data = crate::encoding::answer(*id, position, &program, (&mv, &evidence));
        world.send((ALICE, world.game), 0, data).unwrap();
    }
    world.pass(CLOCK);
    for (id, ..) in &games {
        world.timeout(*id).unwrap();
        assert_eq!(world.game_of(*id).status, GameStatus::VerifierWon);
    }
    assert_eq!(world.credit(ALICE), all * (BOND - BOND_BURN));
    assert_eq!(world.registration(alice.id).openGames, 0);
}

/// The last step is a segment of its own: a wrong number of steps fails there.
#[test]
fn a_trace_said_to_stand_still_too_early_is_disputed_at_its_last_step() {
    let early = TRUTH.steps() - 2;
    let wrong = |truth: &Told| {
        let mut told = TRUTH.told_of(truth.claim, truth.secret, early);
        told.state = TRUTH.at(TRUTH.steps());
        *told.hashes.last_mut().unwrap() = TRUTH.hash(TRUTH.steps());
        told
    };
    let (mut world, alice, told) = answered(wrong);
    let (segment, by, log2) = told.first_lie(&TRUTH).unwrap();
    assert_eq!((usize::from(segment), by, log2), (told.hashes.len() - 1, early - 1, 0));
    let mut honest = behind(TOY.machines(), by);
    let dispute = world.dispute(BOB, (&alice, &told), (segment, &mut honest));
    // She has nothing to answer.
    world.pass(CLOCK);
    world.timeout(dispute.id).unwrap();
    assert_eq!(world.registration(alice.id).status, RegistrationStatus::Slashed);
    assert_eq!(world.credit(BOB), BOND + STAKE - STAKE_BURN);
}

/// The state behind the halt is the halted one: the dispute itself decides, and anyone settles.
#[test]
fn a_lie_behind_the_halt_is_concluded_by_its_dispute() {
    let wrong = |truth: &Told| {
        let mut told = TRUTH.told_of(truth.claim, truth.secret, TRUTH.steps() + 1);
        told.state.pc += 1;
        *told.hashes.last_mut().unwrap() = told.state.hash::<opml_core::keccak::AlloyKeccak>();
        told
    };
    let (mut world, alice, told) = answered(wrong);
    let (segment, by, log2) = told.first_lie(&TRUTH).unwrap();
    assert_eq!((by, log2), (TRUTH.steps(), 0));
    let mut honest = behind(TOY.machines(), by);
    let dispute = world.dispute(BOB, (&alice, &told), (segment, &mut honest));
    assert_eq!(world.kept(dispute.id).status, IGame::Status::Unsettled);
    assert_eq!(world.game_of(dispute.id).status, GameStatus::Open);
    // Until then her stake is held by the open game.
    world.at(settle_from(world.summons(told.claim).epoch));
    let open = IAttention::GamesOpen { openGames: 1 };
    refused(world.try_settle(&alice, told.claim), open);
    world.settle_game(dispute.id).unwrap();
    assert_eq!(world.registration(alice.id).status, RegistrationStatus::Slashed);
    assert_eq!(world.credit(BOB), BOND + STAKE - STAKE_BURN);
}

/// Who copies the claim's last state without work, and says that the trace runs as long as it may.
#[test]
fn a_guess_is_disputed() {
    let guess = |truth: &Told| {
        let mut told = TRUTH.told(truth.claim, truth.secret);
        let count = told.hashes.len();
        for (number, hash) in told.hashes.iter_mut().take(count - 1).enumerate() {
            *hash = keccak256(number.to_be_bytes());
        }
        told
    };
    let (mut world, alice, told) = answered(guess);
    let (segment, by, _) = told.first_lie(&TRUTH).unwrap();
    assert_eq!((segment, by), (0, 0));
    let mut honest = behind(TOY.machines(), by);
    let dispute = world.dispute(BOB, (&alice, &told), (segment, &mut honest));
    world.pass(CLOCK);
    world.timeout(dispute.id).unwrap();
    assert_eq!(world.registration(alice.id).status, RegistrationStatus::Slashed);
}

#[test]
fn disputers_do_not_stand_in_each_others_way() {
    let (mut world, alice, told, _) = faulty(GELU(|_| 0));
    let (segment, by, _) = told.first_lie(&TRUTH).unwrap();
    let mut honest = behind(TOY.machines(), by);
    // A colluding disputer opens first and lets its time pass; an honest one has a game of its own.
    let thrown = world.dispute(MALLORY, (&alice, &told), (segment, &mut honest));
    let mut game = world.dispute(BOB, (&alice, &told), (segment, &mut honest));
    assert_ne!(thrown.id, game.id);
    for (number, (id, disputer)) in [(0_u64, (thrown.id, MALLORY)), (1, (game.id, BOB))] {
        let id_tag = tag("opml.attention.game.v1");
        let words = (id_tag, alice.id, told.claim, disputer, U256::from(number));
        assert_eq!(id, keccak256(words.abi_encode()));
    }
    let mut liar = behind(TOY.liar(GELU(|_| 0)), by);
    world.play(&mut game, (&mut liar, &mut honest));
    assert_eq!(world.game_of(game.id).status, GameStatus::DisputerWon);
    let bob = BOND + STAKE - STAKE_BURN;
    assert_eq!(world.credit(BOB), bob);
    // The other game ends there, and its bond goes back whoever wins it.
    if world.kept(thrown.id).status == IGame::Status::Open {
        world.pass(2 * CLOCK);
        world.timeout(thrown.id).unwrap();
    }
    assert_eq!(world.game_of(thrown.id).status, GameStatus::Cancelled);
    assert_eq!((world.credit(MALLORY), world.credit(BOB)), (BOND, bob));
    assert_eq!(world.registration(alice.id).openGames, 0);
}

#[test]
fn a_dispute_is_about_what_was_answered_and_in_time() {
    let (mut world, alice, told) = answered(Told::clone);
    let (segment, log2) = longest(&told);
    let segments = u64::try_from(told.hashes.len()).unwrap();
    let none = u8::try_from(segments).unwrap();
    let refusal = IAttention::NoSuchSegment { segment: none, segments };
    refused(world.try_dispute(BOB, (&alice, &told), (none, noise(log2))), refusal);
    let mut other = told.clone();
    other.hashes[0] = B256::ZERO;
    let (expected, computed) = (told.commitment(alice.id), other.commitment(alice.id));
    let refusal = IAttention::WrongCommitment { expected, computed };
    refused(world.try_dispute(BOB, (&alice, &other), (segment, noise(log2))), refusal);
    let call = IAttention::disputeCall {
        registrationId: alice.id,
        claimId: told.claim,
        hashes: told.hashes.clone(),
        segment,
        firstMove: noise(log2).into(),
    };
    let (have, want) = (U256::from(BOND - 1), U256::from(BOND));
    let poor = IAttention::InsufficientFunds { account: BOB, have, want };
    refused(world.pay(BOB, BOND - 1, call), poor);
    // A first move that the game refuses costs nothing.
    let nothing = world.try_dispute(BOB, (&alice, &told), (segment, Vec::new())).unwrap_err();
    assert!(IGame::IGameErrors::abi_decode(&nothing).is_ok(), "{nothing}");
    assert_eq!(world.registration(alice.id).games, 0);
    let until = settle_from(world.summons(told.claim).epoch);
    world.at(until);
    let late = world.try_dispute(BOB, (&alice, &told), (segment, noise(log2)));
    refused(late, IAttention::TooLate { until });
}

#[test]
fn nothing_is_disputed_before_it_is_answered() {
    let mut world = World::new();
    let alice = world.register(ALICE);
    world.pass(EPOCH);
    let (claim, epoch) = (world.summoned(), world.epoch());
    let told = world.truth(&alice, claim);
    world.commit(&alice, &told);
    world.at(reveal_from(epoch));
    world.reveal(&alice, epoch);
    let (segment, log2) = longest(&told);
    let status = IAttention::AnswerStatus::Committed;
    let early = world.try_dispute(BOB, (&alice, &told), (segment, noise(log2)));
    refused(early, IAttention::WrongAnswerStatus { status });
    world.at(accuse_from(epoch));
    world.slash_missing(&alice, claim).unwrap();
}

#[test]
fn only_the_game_contract_says_who_has_won() {
    let (mut world, alice, told) = answered(Told::clone);
    let (segment, log2) = longest(&told);
    let gameId = world.try_dispute(MALLORY, (&alice, &told), (segment, noise(log2))).unwrap();
    for sender in [MALLORY, ALICE, DAVE] {
        let verdict = IAttention::verdictCall { gameId, disputerWon: true };
        refused(world.ask(sender, verdict), IAttention::NotGame { sender });
        let call = IAttention::lockStakeCall { gameId };
        refused(world.ask(sender, call), IAttention::NotGame { sender });
    }
    // Even the game contract settles each game once, and none that there is not.
    let game = world.game;
    world.chain.set_code(game, Bytes::new()).unwrap();
    world.chain.set_balance(game, U256::from(10_u128.pow(18))).unwrap();
    let forged = B256::repeat_byte(5);
    let unknown = IAttention::UnknownGame { gameId: forged };
    let verdict = IAttention::verdictCall { gameId: forged, disputerWon: true };
    refused(world.ask(game, verdict), unknown.clone());
    refused(world.ask(game, IAttention::lockStakeCall { gameId: forged }), unknown);
    world.ask(game, IAttention::lockStakeCall { gameId }).unwrap();
    let verdict = IAttention::verdictCall { gameId, disputerWon: false };
    world.ask(game, verdict.clone()).unwrap();
    let status = GameStatus::VerifierWon;
    refused(world.ask(game, verdict), IAttention::GameNotOpen { gameId, status });
}

/// Whoever slashes itself by an accomplice loses what is burned.
#[test]
fn playing_against_oneself_loses_money() {
    let (mut world, alice, told, _) = faulty(GELU(|_| 0));
    let (segment, by, _) = told.first_lie(&TRUTH).unwrap();
    let mut honest = behind(TOY.machines(), by);
    let dispute = world.dispute(ALICE, (&alice, &told), (segment, &mut honest));
    world.pass(CLOCK);
    world.timeout(dispute.id).unwrap();
    let paid = STAKE + BOND;
    assert_eq!(paid - world.credit(ALICE), STAKE_BURN);
    const { assert!(2 * STAKE_BURN >= STAKE && 2 * BOND_BURN >= BOND) };
}
