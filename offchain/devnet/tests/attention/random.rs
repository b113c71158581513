//! Random people doing random things: the money is right after each, and nothing is left in the end.

use alloy_primitives::{Address, B256, U256};
use proptest::prelude::*;

use crate::abi::IAttention::{self, AnswerStatus};
use crate::leaving::{longest, noise};
use crate::verifier::Told;
use crate::world::{
    ALICE, BOB, CLOCK, DAVE, EPOCH, MALLORY, OWNER, PEOPLE, POT, STAKE, TRUTH, Verifier, World,
};

#[derive(Clone, Copy, Debug)]
enum Act {
    Register(usize),
    Leave(usize),
    Exit(usize),
    Summon,
    Commit { verifier: usize, claim: usize },
    CommitAll(usize),
    Reveal(usize),
    RevealAll,
    Answer { verifier: usize, claim: usize },
    AnswerAll(usize),
    SlashSilent(usize),
    SlashMissing { verifier: usize, claim: usize },
    Dispute { verifier: usize, claim: usize },
    TimeOut(usize),
    Settle { verifier: usize, claim: usize },
    ReturnPot(usize),
    Fund(u64),
    Defund(u64),
    Deposit(usize, u64),
    Withdraw(usize, u64),
    Flush,
    Pass(u64),
}

fn act() -> impl Strategy<Value = Act> {
    let index = 0_usize..64;
    let pair = (index.clone(), index.clone());
    prop_oneof![
        2 => index.clone().prop_map(Act::Register),
        1 => index.clone().prop_map(Act::Leave),
        2 => index.clone().prop_map(Act::Exit),
        3 => Just(Act::Summon),
        2 => pair.clone().prop_map(|(verifier, claim)| Act::Commit { verifier, claim }),
        4 => index.clone().prop_map(Act::CommitAll),
        2 => index.clone().prop_map(Act::Reveal),
        6 => Just(Act::RevealAll),
        2 => pair.clone().prop_map(|(verifier, claim)| Act::Answer { verifier, claim }),
        5 => index.clone().prop_map(Act::AnswerAll),
        1 => index.clone().prop_map(Act::SlashSilent),
        2 => pair.clone().prop_map(|(verifier, claim)| Act::SlashMissing { verifier, claim }),
        3 => pair.clone().prop_map(|(verifier, claim)| Act::Dispute { verifier, claim }),
        2 => index.clone().prop_map(Act::TimeOut),
        4 => pair.prop_map(|(verifier, claim)| Act::Settle { verifier, claim }),
        2 => index.clone().prop_map(Act::ReturnPot),
        1 => any::<u64>().prop_map(Act::Fund),
        1 => any::<u64>().prop_map(Act::Defund),
        1 => (index.clone(), any::<u64>()).prop_map(|(who, amount)| Act::Deposit(who, amount)),
        1 => (index, any::<u64>()).prop_map(|(who, amount)| Act::Withdraw(who, amount)),
        1 => Just(Act::Flush),
        8 => (1..400_u64).prop_map(Act::Pass),
    ]
}

/// What the actors remember.
struct Scene {
    world: World,
    verifiers: Vec<Verifier>,
    claims: Vec<B256>,
}

fn pick<T: Copy>(items: &[T], index: usize) -> Option<T> {
    items.get(index % items.len().max(1)).copied()
}

impl Scene {
    fn told(&self, verifier: &Verifier, claim: B256) -> Told {
        TRUTH.told(claim, self.world.secret(verifier, claim))
    }

    /// Does it if it is allowed; the money is counted behind every call that succeeds.
    fn perform(&mut self, act: Act) -> Option<usize> {
        let done = match act {
            Act::Register(who) => {
                let account = [ALICE, BOB, MALLORY][who % 3];
                self.verifiers.push(self.world.register(account));
                true
            }
            Act::Summon => {
                let claim = self.world.claim();
                self.claims.push(claim);
                self.world.try_summon(claim).is_ok()
            }
            Act::CommitAll(claim) | Act::AnswerAll(claim) => {
                let claim = pick(&self.claims, claim)?;
                let act = matches!(act, Act::CommitAll(_));
                let verifiers = self.verifiers.clone();
                let done = verifiers.iter().filter(|verifier| {
                    let told = self.told(verifier, claim);
                    let world = &mut self.world;
                    if act {
                        world.try_commit(verifier, &told)
                    } else {
                        world.try_answer(verifier, &told)
                    }
                    .is_ok()
                });
                return Some(done.count());
            }
            Act::RevealAll => {
                let done = (0..self.verifiers.len())
                    .filter(|verifier| self.reveal(*verifier) == Some(true));
                return Some(done.count());
            }
            Act::Reveal(verifier) => self.reveal(verifier)?,
            Act::Fund(amount) => {
                self.world.fund(u128::from(amount) % (3 * POT));
                true
            }
            Act::Pass(seconds) => {
                self.world.pass(seconds);
                true
            }
            Act::Leave(_) | Act::Exit(_) | Act::SlashSilent(_) => self.alone(act)?,
            Act::Commit { verifier, claim }
            | Act::Answer { verifier, claim }
            | Act::SlashMissing { verifier, claim }
            | Act::Dispute { verifier, claim }
            | Act::Settle { verifier, claim } => {
                let pair = (pick(&self.verifiers, verifier)?, pick(&self.claims, claim)?);
                self.about(act, pair)
            }
            Act::TimeOut(_)
            | Act::ReturnPot(_)
            | Act::Defund(_)
            | Act::Deposit(..)
            | Act::Withdraw(..)
            | Act::Flush => self.other(act)?,
        };
        Some(usize::from(done))
    }

    fn reveal(&mut self, verifier: usize) -> Option<bool> {
        let verifier = pick(&self.verifiers, verifier)?;
        let epoch = self.world.registration(verifier.id).nextEpoch;
        Some(self.world.try_reveal(&verifier, epoch).is_ok())
    }

    fn alone(&mut self, act: Act) -> Option<bool> {
        let (Act::Leave(who) | Act::Exit(who) | Act::SlashSilent(who)) = act else { return None };
        let verifier = pick(&self.verifiers, who)?;
        let Verifier { id, account, .. } = verifier;
        let world = &mut self.world;
        Some(match act {
            Act::Leave(_) => {
                world.ask(account, IAttention::leaveCall { registrationId: id }).is_ok()
            }
            Act::Exit(_) => world.ask(DAVE, IAttention::exitCall { registrationId: id }).is_ok(),
            _ => world.slash_silent(&verifier).is_ok(),
        })
    }

    fn about(&mut self, act: Act, (verifier, claim): (Verifier, B256)) -> bool {
        let told = self.told(&verifier, claim);
        let world = &mut self.world;
        match act {
            Act::Commit { .. } => world.try_commit(&verifier, &told).is_ok(),
            Act::Answer { .. } => world.try_answer(&verifier, &told).is_ok(),
            Act::SlashMissing { .. } => world.slash_missing(&verifier, claim).is_ok(),
            Act::Settle { .. } => world.try_settle(&verifier, claim).is_ok(),
            _ => {
                let (segment, log2) = longest(&told);
                let first = (segment, noise(log2));
                world.try_dispute(MALLORY, (&verifier, &told), first).is_ok()
            }
        }
    }

    fn other(&mut self, act: Act) -> Option<bool> {
        let world = &mut self.world;
        let enrolmentId = world.enrolment;
        Some(match act {
            Act::TimeOut(game) => {
                let games: Vec<B256> = world.ledger.games.iter().copied().collect();
                let game = pick(&games, game)?;
                world.timeout(game).is_ok()
            }
            Act::ReturnPot(claim) => {
                let claimId = pick(&self.claims, claim)?;
                world.ask(DAVE, IAttention::returnPotCall { enrolmentId, claimId }).is_ok()
            }
            Act::Defund(amount) => {
                let amount = U256::from(u128::from(amount) % (2 * POT));
                world.ask(OWNER, IAttention::defundCall { enrolmentId, amount }).is_ok()
            }
            Act::Deposit(who, amount) => {
                let amount = u128::from(amount) % STAKE;
                world.pay(PEOPLE[who % PEOPLE.len()], amount, IAttention::depositCall {}).is_ok()
            }
            Act::Withdraw(who, amount) => {
                withdraw(world, PEOPLE[who % PEOPLE.len()], amount.into())
            }
            Act::Flush => world.ask(DAVE, IAttention::flushBurnedCall {}).is_ok(),
            _ => return None,
        })
    }

    /// Everything that is open ends: by what anybody may do, and verifiers and owner leaving.
    fn wind_up(&mut self) {
        let world = &mut self.world;
        world.pass(2 * CLOCK);
        let games: Vec<B256> = world.ledger.games.iter().copied().collect();
        for game in games {
            let _ = world.timeout(game);
        }
        world.pass(6 * EPOCH);
        for verifier in &self.verifiers {
            let registrationId = verifier.id;
            let _ = world.ask(verifier.account, IAttention::leaveCall { registrationId });
            let _ = world.slash_silent(verifier);
            let _ = world.ask(DAVE, IAttention::exitCall { registrationId });
        }
        for claimId in self.claims.clone() {
            for verifier in &self.verifiers {
                let status = world.answer_of(verifier.id, claimId).status;
                let settled = world.try_settle(verifier, claimId).is_ok();
                assert_eq!(settled, status == AnswerStatus::Given);
            }
            let enrolmentId = world.enrolment;
            let _ = world.ask(DAVE, IAttention::returnPotCall { enrolmentId, claimId });
        }
        assert_eq!(world.at_stake(), 0);
        let (enrolmentId, amount) = (world.enrolment, U256::from(world.fund_of(world.enrolment)));
        world.ask(OWNER, IAttention::defundCall { enrolmentId, amount }).unwrap();
        for who in PEOPLE {
            assert!(withdraw(world, who, world.credit(who)));
        }
        world.ask(DAVE, IAttention::flushBurnedCall {}).unwrap();
        assert_eq!(world.balance(), 0);
    }
}

fn withdraw(world: &mut World, who: Address, amount: u128) -> bool {
    world.ask(who, IAttention::withdrawCall { to: who, amount: U256::from(amount) }).is_ok()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, max_shrink_iters: 20, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_wei_is_accounted_for(acts in prop::collection::vec(act(), 100..140)) {
        let mut scene = Scene { world: World::new(), verifiers: Vec::new(), claims: Vec::new() };
        scene.perform(Act::Register(0));
        scene.perform(Act::Register(1));
        scene.world.pass(EPOCH);
        scene.perform(Act::Summon);
        let mut done = 0;
        for act in acts {
            done += scene.perform(act).unwrap_or_default();
        }
        prop_assert!(done > 20, "only {done} acts succeeded");
        println!("{done} acts, {} games, {} claims, {} burned", scene.world.ledger.games.len(), scene.claims.len(), scene.world.burned());
        scene.wind_up();
    }
}
