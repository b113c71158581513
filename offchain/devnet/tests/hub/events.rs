//! What a daemon learns from the logs alone.

use alloy_primitives::{B256, U256};
use alloy_sol_types::SolEvent;
use opml_devnet::chain::DEV_ACCOUNT;

use crate::answer::Answer;
use crate::world::{
    CAROL, DAVE, EXCLUSIVITY, FEE, GAS_STAKE, IHub, OWNER, PATIENCE, REQUESTER, RIVAL, SERVER,
    WINDOW, World, model, parameters, request, runway,
};

/// The only log of the hub's of this kind in the last transaction, with as many topics as its indexed
/// arguments take.
fn event<E: SolEvent>(world: &World) -> E {
    let logs = world.last.as_ref().unwrap().logs().iter();
    let mut found =
        logs.filter(|log| log.address() == world.hub && log.topics()[0] == E::SIGNATURE_HASH);
    let event = found.next().expect("the event was not emitted");
    assert!(found.next().is_none());
    E::decode_log_data(event.data()).unwrap()
}

macro_rules! assert_event {
    ($world:expr, $event:expr) => {{
        let wanted = $event;
        let found = event(&$world);
        let _ = [&wanted, &found];
        assert_eq!(found.encode_log_data(), wanted.encode_log_data());
    }};
}

#[test]
fn set_up_and_registry() {
    let (mut world, nonce) = World::deployed();
    let (game, params) = (world.game, parameters());
    let call = IHub::initializeCall { creationNonce: nonce, game, params: params.clone() };
    world.ask(DEV_ACCOUNT, call).unwrap();
    let runway = runway();
    let wanted = IHub::Initialized { game, step: game, runway, parameters: params };
    assert_event!(world, wanted);
    let uri = "https://models.example/a-name-that-is-longer-than-a-word";
    let call = IHub::registerModelCall { model: model(), uri: uri.into() };
    let modelId = world.ask(OWNER, call).unwrap();
    let wanted = IHub::ModelRegistered { modelId, owner: OWNER, model: model(), uri: uri.into() };
    assert_event!(world, wanted);
    world.ask(OWNER, IHub::retireModelCall { modelId }).unwrap();
    assert_event!(world, IHub::ModelRetired { modelId });
}

#[test]
fn requests_and_answers() {
    let mut world = World::new();
    let requestId = world.infer();
    let kept = world.view(IHub::getRequestCall { requestId });
    let wanted = IHub::Requested {
        requestId,
        modelId: world.model,
        requester: REQUESTER,
        nonce: 0,
        start: kept.start,
        deadline: world.now() + PATIENCE,
        fee: U256::from(FEE),
        request: request(b"why?"),
    };
    assert_event!(world, wanted);
    let answers = [Answer::halted(b"because", 1), Answer::failed(2)];
    let claims = [SERVER, RIVAL].into_iter().zip(&answers).map(|(server, answer)| {
        let claimId = world.claim(server, requestId, answer);
        let wanted = IHub::Claimed {
            claimId,
            requestId,
            server,
            finalHash: answer.hash(),
            windowEnd: world.now() + WINDOW,
            failed: server == RIVAL,
            outputLength: if server == RIVAL { 0 } else { 7 },
        };
        assert_event!(world, wanted);
        claimId
    });
    let claims: Vec<B256> = claims.collect();
    world.pass(WINDOW);
    world.finalize(claims[0]).unwrap();
    assert_event!(world, IHub::Finalized { requestId, claimId: claims[0], server: SERVER });
    world.ask(DAVE, IHub::releaseCall { claimId: claims[1] }).unwrap();
    assert_event!(world, IHub::Released { claimId: claims[1] });
    let requestId = world.infer();
    world.accept(SERVER, requestId).unwrap();
    let until = world.now() + EXCLUSIVITY;
    assert_event!(world, IHub::Accepted { requestId, server: SERVER, until });
    world.pass(EXCLUSIVITY);
    world.ask(REQUESTER, IHub::cancelCall { requestId }).unwrap();
    let status = IHub::AcceptanceStatus::Burned;
    assert_event!(world, IHub::AcceptanceEnded { requestId, server: SERVER, status });
    assert_event!(world, IHub::Refunded { requestId });
}

#[test]
fn payers() {
    let mut world = World::new();
    for allowed in [true, false] {
        world.ask(SERVER, IHub::allowPayerCall { payer: CAROL, allowed }).unwrap();
        assert_event!(world, IHub::PayerAllowed { server: SERVER, payer: CAROL, allowed });
    }
}

#[test]
fn games() {
    let mut world = World::new();
    let requestId = world.infer();
    let claimId = world.claim(SERVER, requestId, &Answer::halted(b"because", 1));
    world.deposit(SERVER, 2 * GAS_STAKE);
    let amount = U256::from(2 * GAS_STAKE);
    assert_event!(world, IHub::Deposited { account: SERVER, amount });
    let gameId = world.challenge(CAROL, claimId);
    assert_event!(world, IHub::Challenged { gameId, claimId, challenger: CAROL });
    world.reply(gameId).unwrap();
    assert_event!(world, IHub::StakeLocked { gameId });
    let second = world.challenge(DAVE, claimId);
    world.answer(gameId);
    world.time_out(gameId);
    let status = IHub::GameStatus::ChallengerWon;
    assert_event!(world, IHub::GameClosed { gameId, claimId, status });
    assert_event!(world, IHub::Voided { claimId, requestId, gameId });
    world.ask(DAVE, IHub::refundGameCall { gameId: second }).unwrap();
    let status = IHub::GameStatus::Cancelled;
    assert_event!(world, IHub::GameClosed { gameId: second, claimId, status });
    let amount = U256::from(3);
    world.ask(CAROL, IHub::withdrawCall { to: DAVE, amount }).unwrap();
    assert_event!(world, IHub::Withdrawn { account: CAROL, to: DAVE, amount });
    let amount = U256::from(world.burned());
    world.ask(DAVE, IHub::flushBurnedCall {}).unwrap();
    assert_event!(world, IHub::BurnFlushed { amount });
}
