//! The specification of hub and game, executable: written from docs/spec.md, sections 9 and 10, and from the
//! interfaces in `sol/`; no line of it is the contracts'.

pub mod call;
pub mod claims;
pub mod game;
pub mod games;
pub mod outcome;
pub mod position;
pub mod records;
pub mod requests;
pub mod storage;
pub mod terms;
pub mod words;

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{Address, B256};

use call::{Call, Refused, Rules, Sent};
use game::Game;
use records::{Claim, Model, Request, Stakes};
use terms::Terms;

/// What a call sees of the chain.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The block's timestamp.
    pub now: u64,
    /// Least activation left of hub, game contract and step verifier, in seconds.
    pub activation: u64,
}

/// Hub and game contract.
#[derive(Clone, Debug)]
pub struct Spec {
    /// What is fixed.
    pub terms: Terms,
    /// Models by id.
    pub models: BTreeMap<B256, Model>,
    /// Requests by id.
    pub requests: BTreeMap<B256, Request>,
    /// Claims by id.
    pub claims: BTreeMap<B256, Claim>,
    /// Stakes by game id.
    pub stakes: BTreeMap<B256, Stakes>,
    /// Games by id.
    pub games: BTreeMap<B256, Game>,
    /// Requests made by an account.
    pub nonces: BTreeMap<Address, u64>,
    /// (server, payer) pairs.
    pub allowed: BTreeSet<(Address, Address)>,
    /// Credit by account.
    pub credits: BTreeMap<Address, u128>,
    /// What is burned and has not left.
    pub burned: u128,
    /// Ether that is not of the hub's accounts.
    pub ether: BTreeMap<Address, u128>,
    /// Ids in order of arrival: requests, claims, games.
    pub arrivals: [Vec<B256>; 3],
}

impl Spec {
    /// A hub that has just been initialised.
    pub fn new(terms: Terms) -> Self {
        Self {
            terms,
            models: BTreeMap::new(),
            requests: BTreeMap::new(),
            claims: BTreeMap::new(),
            stakes: BTreeMap::new(),
            games: BTreeMap::new(),
            nonces: BTreeMap::new(),
            allowed: BTreeSet::new(),
            credits: BTreeMap::new(),
            burned: 0,
            ether: BTreeMap::new(),
            arrivals: Default::default(),
        }
    }

    /// Makes a call. A call that is refused changes nothing.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn apply(&mut self, moment: Moment, sent: &Sent) -> Result<(), Refused> {
        let before = self.clone();
        let mut outcome = self.take(moment, sent);
        if let Err(refused) = &mut outcome {
            *self = before;
            let terms = &self.terms;
            let needed = match sent.call {
                Call::Infer { .. } => terms.runway() + terms.patience,
                Call::Accept { .. } => terms.runway() + terms.exclusivity,
                Call::Claim { .. } | Call::ClaimFor { .. } => terms.runway(),
                Call::Challenge { .. } => terms.runway() - terms.window,
                _ => 0,
            };
            // Also of what is not there.
            if moment.activation < needed {
                refused.0.push("ActivationLapsing");
            }
        }
        outcome
    }

    fn take(&mut self, moment: Moment, sent: &Sent) -> Result<(), Refused> {
        let Sent { from, value, call } = sent;
        let (from, now) = (*from, moment.now);
        let takes_ether = matches!(
            call,
            Call::Infer { .. }
                | Call::Accept { .. }
                | Call::Claim { .. }
                | Call::ClaimFor { .. }
                | Call::Challenge { .. }
                | Call::Deposit
        );
        Rules::default().must(takes_ether || *value == 0, "ValueNotAccepted").judge()?;
        self.transfer((from, self.terms.hub), *value)?;
        *self.credits.entry(from).or_default() += value;
        match call {
            Call::RetireModel { model } => self.retire(from, *model),
            Call::Infer { model, request } => self.infer(moment, from, (*model, request)),
            Call::Accept { request } => self.accept(moment, from, *request),
            Call::Cancel { request } => self.cancel(now, from, *request),
            Call::Reclaim { request } => self.reclaim(now, *request),
            Call::AllowPayer { payer, allowed } => {
                let pair = (from, *payer);
                let _ =
                    if *allowed { self.allowed.insert(pair) } else { self.allowed.remove(&pair) };
                Ok(())
            }
            Call::Claim { request, answer } => self.claim(moment, [from, from], (*request, answer)),
            Call::ClaimFor { server, request, answer } => {
                self.claim(moment, [from, *server], (*request, answer))
            }
            Call::Challenge { claim, first } => self.challenge(moment, from, (*claim, first)),
            Call::Finalize { claim } => self.finalize(now, *claim),
            Call::Release { claim } => self.release(*claim),
            Call::RefundGame { game } => self.refund_game(*game),
            // Only the game contract, which sends no transactions.
            Call::Verdict { .. } | Call::LockStake { .. } => Err(Refused::by("NotGame")),
            Call::Deposit => Ok(()),
            Call::Withdraw { to, amount } => self.withdraw(from, (*to, *amount)),
            Call::FlushBurned => {
                let burned = std::mem::take(&mut self.burned);
                self.transfer((self.terms.hub, Address::ZERO), burned)
            }
            Call::Move { game, header, hashes, made } => {
                self.play((from, now), (*game, made), (*header, hashes))
            }
            Call::Timeout { game } => self.timeout(now, *game),
            Call::Settle { game } => self.settle(*game),
        }
    }

    /// Takes a price out of an account's credit.
    fn charge(&mut self, account: Address, price: u128) -> Result<(), Refused> {
        let credit = self.credits.entry(account).or_default();
        *credit = credit.checked_sub(price).ok_or(Refused::by("InsufficientFunds"))?;
        Ok(())
    }

    /// Credits an account.
    fn credit(&mut self, account: Address, amount: u128) {
        *self.credits.entry(account).or_default() += amount;
    }

    /// Credit of an account.
    pub fn credit_of(&self, account: Address) -> u128 {
        self.credits.get(&account).copied().unwrap_or_default()
    }

    /// Moves ether.
    fn transfer(&mut self, (from, to): (Address, Address), amount: u128) -> Result<(), Refused> {
        let have = self.ether.entry(from).or_default();
        *have = have.checked_sub(amount).ok_or(Refused::by("no ether"))?;
        *self.ether.entry(to).or_default() += amount;
        Ok(())
    }

    fn withdraw(&mut self, from: Address, (to, amount): (Address, u128)) -> Result<(), Refused> {
        let mut rules = Rules::default();
        // The contracts take no ether without a function.
        let refuses = [self.terms.hub, self.terms.game, self.terms.step].contains(&to);
        rules.must(!refuses, "PaymentRefused");
        rules.must(self.credit_of(from) >= amount, "InsufficientFunds").judge()?;
        self.charge(from, amount)?;
        self.transfer((self.terms.hub, to), amount)
    }

    /// What the hub must hold, counted object by object: docs/spec.md, end of 10.4.
    pub fn held(&self) -> u128 {
        use records::{Acceptance, ClaimStatus, GameStatus, RequestStatus};
        let terms = &self.terms;
        let requests = self.requests.values().map(|request| {
            let is_open = u128::from(request.status == RequestStatus::Open);
            let is_held = u128::from(request.acceptance.1 == Acceptance::Held);
            is_open * (request.price.0 + request.price.1) + is_held * terms.accept_bond
        });
        let live = self.claims.values().filter(|claim| claim.status == ClaimStatus::Live).count();
        let open = self.stakes.values().filter(|stakes| stakes.status == GameStatus::Open);
        let games =
            open.map(|stakes| terms.challenger_bond + u128::from(stakes.locked) * terms.gas_stake);
        let stakes =
            requests.sum::<u128>() + live as u128 * terms.server_bond + games.sum::<u128>();
        self.credits.values().sum::<u128>() + stakes + self.burned
    }
}
