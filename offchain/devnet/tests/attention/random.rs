//! Random people doing random things: the money is right after each, and nothing is left in the end.

use alloy_primitives::{Address, B256, U256};
use proptest::prelude::*;

use crate::abi::IAttention::{self, AnswerStatus};
use crate::leaving::{longest, noise};
use crate::verifier::Told;
use crate::world::{
    ALICE, BOB, CLOCK, DAVE, EPOCH, MALLORY, OWNER, PEOPLE, POT, STAKE, TRUTH, Verifier, World,
    accuse_from, reveal_from, settle_from,
};

#[derive(Clone, Copy, Debug)]
enum Act {
    Register(usize),
    Leave(usize),
    Exit(usize),
    Summon,
    Commit { verifier: usize, claim: usize },
    CommitAll,
    Reveal(usize),
    RevealAll,
    Answer { verifier: usize, claim: usize },
    AnswerAll,
    SlashSilent(usize),
    SlashMissing { verifier: usize, claim: usize },
    Dispute(usize),
    SettleAll,
    NextPhase,
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
        6 => Just(Act::CommitAll),
        2 => index.clone().prop_map(Act::Reveal),
        6 => Just(Act::RevealAll),
        2 => pair.clone().prop_map(|(verifier, claim)| Act::Answer { verifier, claim }),
        6 => Just(Act::AnswerAll),
        1 => index.clone().prop_map(Act::SlashSilent),
        2 => pair.clone().prop_map(|(verifier, claim)| Act::SlashMissing { verifier, claim }),
        3 => index.clone().prop_map(Act::Dispute),
        2 => Just(Act::SettleAll),
        6 => Just(Act::NextPhase),
        2 => index.clone().prop_map(Act::TimeOut),
        4 => pair.prop_map(|(verifier, claim)| Act::Settle { verifier, claim }),
        2 => index.clone().prop_map(Act::ReturnPot),
        1 => any::<u64>().prop_map(Act::Fund),
        1 => any::<u64>().prop_map(Act::Defund),
        1 => (index.clone(), any::<u64>()).prop_map(|(who, amount)| Act::Deposit(who, amount)),
        1 => (index, any::<u64>()).prop_map(|(who, amount)| Act::Withdraw(who, amount)),
        1 => Just(Act::Flush),
        3 => (1..400_u64).prop_map(Act::Pass),
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
            Act::CommitAll | Act::AnswerAll | Act::SettleAll => return Some(self.all(act)),
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
            Act::Dispute(answer) => {
                let (verifier, claim) = pick(&self.given(), answer)?;
                let told = self.told(&verifier, claim);
                let (segment, log2) = longest(&told);
                let first = (segment, noise(log2));
                self.world.try_dispute(MALLORY, (&verifier, &told), first).is_ok()
            }
            Act::NextPhase => {
                let (epoch, now) = (self.world.epoch(), self.world.now());
                let phases = (epoch - 4..=epoch)
                    .flat_map(|e| [reveal_from(e), accuse_from(e), settle_from(e)]);
                self.world.at(phases.filter(|second| *second > now).min()?);
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

    /// All verifiers about the last claims; how often it was allowed.
    fn all(&mut self, act: Act) -> usize {
        let (verifiers, claims) = (self.verifiers.clone(), self.claims.clone());
        let claims = claims.iter().rev().take(4);
        let pairs = claims.flat_map(|claim| verifiers.iter().map(|verifier| (*verifier, *claim)));
        let act = match act {
            Act::CommitAll => Act::Commit { verifier: 0, claim: 0 },
            Act::AnswerAll => Act::Answer { verifier: 0, claim: 0 },
            _ => Act::Settle { verifier: 0, claim: 0 },
        };
        pairs.filter(|pair| self.about(act, *pair)).count()
    }

    /// Answers that may be disputed.
    fn given(&self) -> Vec<(Verifier, B256)> {
        let pairs = self
            .claims
            .iter()
            .flat_map(|claim| self.verifiers.iter().map(|verifier| (*verifier, *claim)));
        let given = |(verifier, claim): &(Verifier, B256)| {
            self.world.answer_of(verifier.id, *claim).status == AnswerStatus::Given
        };
        pairs.filter(given).collect()
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
            _ => world.try_settle(&verifier, claim).is_ok(),
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
        // At least one answer is disputed, whatever follows.
        for act in [Act::Register(0), Act::Register(1), Act::Pass(EPOCH), Act::Summon, Act::CommitAll] {
            scene.perform(act);
        }
        scene.world.at(reveal_from(scene.world.epoch()));
        for act in [Act::RevealAll, Act::AnswerAll, Act::Dispute(0)] {
            prop_assert_ne!(scene.perform(act), Some(0));
        }
        let mut done = 0;
        for act in acts {
            done += scene.perform(act).unwrap_or_default();
        }
        prop_assert!(done > 20, "only {done} acts succeeded");
        let (games, claims) = (scene.world.ledger.games.len(), scene.claims.len());
        println!("{done} acts, {games} games, {claims} claims, {} burned", scene.world.burned());
        scene.wind_up();
    }
}
