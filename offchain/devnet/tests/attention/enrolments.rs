//! Terms, funds and summonses.

use alloy_primitives::{B256, U256};
use alloy_sol_types::{SolCall, SolEvent, SolValue};

use crate::abi::{IAttention, IHub};
use crate::model::Model;
use crate::verifier::tag;
use crate::world::{
    ALWAYS, COMMIT_TIME, DAVE, EPOCH, MALLORY, OWNER, POT, SUMMONS, TOY, TRUTH, WINDOW, World,
    accuse_from, refused, reveal_from,
};

#[test]
fn the_owner_of_a_model_enrols_it_on_terms_that_stay() {
    let mut world = World::new();
    let modelId = world.model;
    let place = (U256::from(world.chain.chain_id()), world.attention);
    let terms = (modelId, POT, ALWAYS, U256::from(SUMMONS));
    let id = (tag("opml.attention.enrolment.v1"), place, terms).abi_encode();
    assert_eq!(world.enrolment, alloy_primitives::keccak256(id));
    let kept = world.view(IAttention::getEnrolmentCall { enrolmentId: world.enrolment });
    let program = crate::player::program();
    let wanted = IAttention::Enrolment {
        modelId,
        owner: OWNER,
        stepsLog2: TOY.steps_log2,
        threshold: ALWAYS,
        pot: POT,
        summonsPerEpoch: SUMMONS,
        fund: 100 * POT,
        programRoot: program.program_root,
        imageRoot: program.image_root,
    };
    assert_eq!(kept, wanted);
    let call =
        IAttention::enrolCall { modelId, pot: POT, threshold: ALWAYS, summonsPerEpoch: SUMMONS };
    let again = IAttention::EnrolmentExists { enrolmentId: world.enrolment };
    refused(world.ask(OWNER, call.clone()), again);
    let other = IAttention::enrolCall { pot: POT + 1, ..call };
    let stranger = IAttention::NotModelOwner { sender: MALLORY, owner: OWNER };
    refused(world.ask(MALLORY, other.clone()), stranger);
    for (call, name) in [
        (IAttention::enrolCall { pot: 0, ..other.clone() }, "pot"),
        (IAttention::enrolCall { threshold: 0, ..other.clone() }, "threshold"),
        (IAttention::enrolCall { summonsPerEpoch: 0, ..other.clone() }, "summonsPerEpoch"),
    ] {
        let (value, limit) = (U256::ZERO, U256::from(1));
        let refusal = IAttention::ParameterOutOfRange { name: tag(name), value, limit };
        refused(world.ask(OWNER, call), refusal);
    }
    let unknown = IAttention::enrolCall { modelId: B256::ZERO, ..other.clone() };
    refused(world.ask(OWNER, unknown), IAttention::NoAnswer { account: world.hub });
    world.ask(OWNER, other).unwrap();
}

#[test]
fn a_fund_is_its_owners_and_pots_stay() {
    let mut world = World::new();
    let enrolmentId = world.enrolment;
    let claim = world.summoned();
    assert_eq!((world.fund_of(enrolmentId), world.summons(claim).pot), (99 * POT, POT));
    let call = |amount: u128| IAttention::defundCall { enrolmentId, amount: U256::from(amount) };
    let stranger = IAttention::NotModelOwner { sender: MALLORY, owner: OWNER };
    refused(world.ask(MALLORY, call(1)), stranger);
    let have = U256::from(99 * POT);
    let much = IAttention::InsufficientFunds { account: OWNER, have, want: have + U256::from(1) };
    refused(world.ask(OWNER, call(99 * POT + 1)), much);
    world.ask(OWNER, call(99 * POT)).unwrap();
    assert_eq!((world.fund_of(enrolmentId), world.credit(OWNER)), (0, 99 * POT));
    assert_eq!(world.summons(claim).pot, POT);
    let unknown = IAttention::fundCall { enrolmentId: claim };
    let refusal = IAttention::UnknownEnrolment { enrolmentId: claim };
    refused(world.pay(OWNER, 5, unknown), refusal);
}

/// Without money nobody is summoned, and who is not summoned owes nothing.
#[test]
fn an_exhausted_fund_ends_the_duty_with_the_reward() {
    let mut world = World::new();
    let enrolmentId = world.enrolment;
    let verifier = world.register(MALLORY);
    world.pass(EPOCH);
    let amount = U256::from(99 * POT + 1);
    world.ask(OWNER, IAttention::defundCall { enrolmentId, amount }).unwrap();
    let claim = world.claim();
    let epoch = world.epoch();
    let (have, want) = (U256::from(POT - 1), U256::from(POT));
    refused(world.try_summon(claim), IAttention::FundExhausted { enrolmentId, have, want });
    let told = TRUTH.told(claim, verifier.secrets.of(epoch));
    let refusal = IAttention::NotSummoned { claimId: claim };
    refused(world.try_commit(&verifier, &told), refusal.clone());
    world.at(reveal_from(epoch));
    world.reveal(&verifier, epoch);
    world.at(accuse_from(epoch));
    // Money that comes too late makes no duty.
    world.fund(POT);
    refused(world.slash_missing(&verifier, claim), refusal);
    let status = world.registration(verifier.id).status;
    assert_eq!(status, IAttention::RegistrationStatus::Active);
}

#[test]
fn attention_is_summoned_once_to_a_live_claim_of_the_model_and_in_time() {
    let mut world = World::new();
    let claim = world.claim();
    let made = world.now();
    let other = Model { steps_log2: 6, ..Model::toy(6) };
    let foreign = world.register_model(&other);
    let pot = POT;
    let call =
        IAttention::enrolCall { modelId: foreign, pot, threshold: ALWAYS, summonsPerEpoch: 1 };
    let enrolmentId = world.ask(OWNER, call).unwrap();
    let (expected, actual) = (foreign, world.model);
    let call = IAttention::summonCall { enrolmentId, claimId: claim };
    refused(world.ask(DAVE, call), IAttention::WrongModel { expected, actual });
    refused(world.try_summon(B256::ZERO), IAttention::NoAnswer { account: world.hub });

    let late = world.claim();
    let until = made + WINDOW - COMMIT_TIME;
    world.at(until);
    world.try_summon(claim).unwrap();
    let start = TRUTH.hash(0);
    let (epoch, windowEnd) = (made / EPOCH, made + WINDOW);
    let wanted = IAttention::Summons { epoch, windowEnd, answers: 0, pot, start };
    assert_eq!(world.summons(claim), wanted);
    refused(world.try_summon(claim), IAttention::AlreadySummoned { claimId: claim });
    world.pass(1);
    refused(world.try_summon(late), IAttention::TooLate { until });

    let request = world.infer();
    let void = world.claim_on(request, MALLORY);
    let firstMove = first_move();
    let data = IHub::challengeCall { claimId: void, firstMove }.abi_encode();
    world.send((DAVE, world.hub), crate::world::BOND, data).unwrap();
    // Nobody answers the game: the claim is void when the server's clock has run out.
    let game = world.last_game();
    let hub_game = world.call(DAVE, world.hub, IHub::parametersCall {}).unwrap().game;
    world.pass(crate::world::CLOCK);
    let data = crate::encoding::IGame::timeoutCall { gameId: game };
    world.call(DAVE, hub_game, data).unwrap();
    refused(world.try_summon(void), IAttention::ClaimNotLive { claimId: void });
}

/// So that nobody can be made to owe more than it registered for.
#[test]
fn an_epoch_has_so_many_summonses() {
    let mut world = World::new();
    let claims: Vec<B256> = (0..SUMMONS).map(|_| world.summoned()).collect();
    let (one_more, epoch) = (world.claim(), world.epoch());
    let refusal = IAttention::TooManySummonses { epoch, summonsPerEpoch: SUMMONS };
    refused(world.try_summon(one_more), refusal);
    assert_eq!(world.fund_of(world.enrolment), (100 - claims.len() as u128) * POT);
    world.pass(EPOCH);
    world.summoned();
}

/// Servers may claim the same state side by side and have their bonds back: all their claims together have one pot.
#[test]
fn a_request_has_one_pot() {
    let mut world = World::new();
    let request = world.infer();
    let claims = [DAVE, MALLORY].map(|server| world.claim_on(request, server));
    world.try_summon(claims[1]).unwrap();
    let refusal = IAttention::AlreadySummoned { claimId: claims[1] };
    refused(world.try_summon(claims[0]), refusal);
    assert_eq!(world.fund_of(world.enrolment), 99 * POT);
    assert_eq!(world.summons(claims[0]).windowEnd, 0);
    // On other terms there may be another.
    world.enrolment = world.enrol(POT + 1, ALWAYS);
    world.fund(POT + 1);
    world.try_summon(claims[0]).unwrap();
}

/// A dissection of nothing into 32.
fn first_move() -> alloy_primitives::Bytes {
    let ends: Vec<B256> = (0..32_u8).map(B256::repeat_byte).collect();
    let arguments = (U256::ZERO, ends).abi_encode_params();
    [crate::encoding::IGame::dissectCall::SELECTOR.as_slice(), &arguments].concat().into()
}

impl World {
    /// The game that the last transaction has opened at the hub.
    fn last_game(&self) -> B256 {
        let logs = self.last.as_ref().unwrap().logs();
        let opened = logs.iter().find_map(|log| IHub::Challenged::decode_log_data(log.data()).ok());
        opened.unwrap().gameId
    }
}
