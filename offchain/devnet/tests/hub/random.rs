//! Random people doing random things: the money is right after each, and nothing is left in the end.

use alloy_primitives::{Address, B256, U256};
use proptest::prelude::*;

use crate::answer::Answer;
use crate::world::{
    CAROL, CLOCK, DAVE, GAS_STAKE, IGame, IHub, MAX_ITERATIONS, PATIENCE, PEOPLE, REQUESTER, RIVAL,
    SERVER, WINDOW, World,
};

#[derive(Clone, Copy, Debug)]
enum Act {
    Infer(u32),
    Accept { request: usize, rival: bool },
    Claim { request: usize, rival: bool, pc: u32, failed: bool },
    ClaimFor { request: usize, rival: bool, pc: u32 },
    Challenge { claim: usize, dave: bool },
    Reply(usize),
    Answer(usize),
    TimeOut(usize),
    Finalize(usize),
    Release(usize),
    RefundGame(usize),
    Cancel(usize),
    Reclaim(usize),
    Deposit(u64),
    Withdraw(usize, u64),
    Flush,
    Pass(u64),
}

fn act() -> impl Strategy<Value = Act> {
    let index = 0_usize..64;
    prop_oneof![
        2 => (0_u32..=MAX_ITERATIONS).prop_map(Act::Infer),
        4 => (index.clone(), any::<bool>())
            .prop_map(|(request, rival)| Act::Accept { request, rival }),
        6 => (index.clone(), any::<bool>(), 0_u32..4, any::<bool>())
            .prop_map(|(request, rival, pc, failed)| Act::Claim { request, rival, pc, failed }),
        2 => (index.clone(), any::<bool>(), 0_u32..4)
            .prop_map(|(request, rival, pc)| Act::ClaimFor { request, rival, pc }),
        5 => (index.clone(), any::<bool>())
            .prop_map(|(claim, dave)| Act::Challenge { claim, dave }),
        4 => index.clone().prop_map(Act::Reply),
        2 => index.clone().prop_map(Act::Answer),
        4 => index.clone().prop_map(Act::TimeOut),
        4 => index.clone().prop_map(Act::Finalize),
        2 => index.clone().prop_map(Act::Release),
        3 => index.clone().prop_map(Act::RefundGame),
        1 => index.clone().prop_map(Act::Cancel),
        1 => index.clone().prop_map(Act::Reclaim),
        3 => (0..3 * u64::try_from(GAS_STAKE).unwrap()).prop_map(Act::Deposit),
        2 => (index, any::<u64>()).prop_map(|(who, amount)| Act::Withdraw(who, amount)),
        1 => Just(Act::Flush),
        3 => (1..2 * WINDOW).prop_map(Act::Pass),
        1 => (1..2 * u64::from(CLOCK)).prop_map(Act::Pass),
    ]
}

fn pick(ids: &[B256], index: usize) -> Option<B256> {
    ids.get(index % ids.len().max(1)).copied()
}

/// One of the last two: others are mostly claimed.
fn newest(ids: &[B256], index: usize) -> Option<B256> {
    ids.iter().rev().take(2).nth(index % ids.len().clamp(1, 2)).copied()
}

/// Does it if it is allowed; the invariant is checked behind every call that succeeds.
fn perform(world: &mut World, act: Act) -> Option<bool> {
    let done = match act {
        Act::Infer(iterations) => {
            world.infer_for(iterations);
            true
        }
        Act::Accept { request, rival } => {
            let request = newest(&world.requests, request)?;
            world.accept(if rival { RIVAL } else { SERVER }, request).is_ok()
        }
        Act::ClaimFor { request, rival, pc } => {
            let request = pick(&world.requests, request)?;
            let server = if rival { RIVAL } else { SERVER };
            let answer = Answer::halted(b"because", pc);
            world.try_claim_for([CAROL, server], request, &answer).is_ok()
        }
        Act::Claim { request, rival, pc, failed } => {
            let request = pick(&world.requests, request)?;
            let server = if rival { RIVAL } else { SERVER };
            let answer = if failed { Answer::failed(pc) } else { Answer::halted(b"because", pc) };
            world.try_claim(server, request, &answer).is_ok()
        }
        Act::Challenge { claim, dave } => {
            let claim = pick(&world.claims, claim)?;
            world.try_challenge(if dave { DAVE } else { CAROL }, claim).is_ok()
        }
        Act::Reply(game) => {
            let game = pick(&world.games, game)?;
            world.reply(game).is_ok()
        }
        Act::Answer(game) => {
            let game = pick(&world.games, game)?;
            world.try_answer(game).is_ok()
        }
        Act::TimeOut(game) => {
            let gameId = pick(&world.games, game)?;
            world.play(DAVE, IGame::timeoutCall { gameId }).is_ok()
        }
        Act::Finalize(claim) => {
            let claim = pick(&world.claims, claim)?;
            world.finalize(claim).is_ok()
        }
        Act::Release(claim) => {
            let claimId = pick(&world.claims, claim)?;
            world.ask(DAVE, IHub::releaseCall { claimId }).is_ok()
        }
        Act::RefundGame(game) => {
            let gameId = pick(&world.games, game)?;
            world.ask(DAVE, IHub::refundGameCall { gameId }).is_ok()
        }
        Act::Cancel(request) => {
            let requestId = pick(&world.requests, request)?;
            world.ask(REQUESTER, IHub::cancelCall { requestId }).is_ok()
        }
        Act::Reclaim(request) => {
            let requestId = pick(&world.requests, request)?;
            world.ask(DAVE, IHub::reclaimCall { requestId }).is_ok()
        }
        Act::Deposit(amount) => {
            world.deposit(SERVER, amount.into());
            world.deposit(RIVAL, amount.into());
            true
        }
        Act::Withdraw(who, amount) => withdraw(world, PEOPLE[who % PEOPLE.len()], amount.into()),
        Act::Flush => world.ask(DAVE, IHub::flushBurnedCall {}).is_ok(),
        Act::Pass(seconds) => {
            world.pass(seconds);
            true
        }
    };
    Some(done)
}

fn withdraw(world: &mut World, who: Address, amount: u128) -> bool {
    world.ask(who, IHub::withdrawCall { to: who, amount: U256::from(amount) }).is_ok()
}

/// Everything that is open ends by what anybody may do.
fn settle(world: &mut World) {
    world.pass(2 * u64::from(CLOCK) + WINDOW + PATIENCE);
    for gameId in world.games.clone() {
        let _ = world.play(DAVE, IGame::timeoutCall { gameId });
    }
    for claim in world.claims.clone() {
        let _ = world.finalize(claim);
    }
    for claimId in world.claims.clone() {
        let _ = world.ask(DAVE, IHub::releaseCall { claimId });
    }
    for gameId in world.games.clone() {
        let _ = world.ask(DAVE, IHub::refundGameCall { gameId });
    }
    for requestId in world.requests.clone() {
        let _ = world.ask(DAVE, IHub::reclaimCall { requestId });
    }
    assert_eq!(world.stakes(), 0);
    for who in PEOPLE {
        assert!(withdraw(world, who, world.credit(who)));
    }
    world.ask(DAVE, IHub::flushBurnedCall {}).unwrap();
    assert_eq!(world.balance(), 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_wei_is_accounted_for(acts in prop::collection::vec(act(), 60..90)) {
        let mut world = World::new();
        for server in [SERVER, RIVAL] {
            let call = IHub::allowPayerCall { payer: CAROL, allowed: true };
            world.ask(server, call).unwrap();
        }
        let request = world.infer();
        world.claim(SERVER, request, &Answer::halted(b"because", 0));
        let mut done = 0;
        for act in acts {
            done += usize::from(perform(&mut world, act) == Some(true));
        }
        prop_assert!(done > 8, "only {done} acts succeeded");
        settle(&mut world);
    }
}
