//! The end of a schedule: what anybody may do to bring everything to its end, what must be left then, and every view.
#![allow(non_snake_case, reason = "arguments have the names of the ABI")]

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolCall;

use crate::abi::game::IGame;
use crate::abi::hub::IHub;
use crate::compare::Difference;
use crate::people::{self, CROWD};
use crate::run::{Fault, Run};
use crate::spec::call::Call;
use crate::spec::game::Stage;
use crate::spec::records::{ClaimStatus, GameStatus, RequestStatus};

impl Run<'_> {
    /// Ends everything, and checks that nothing is left.
    pub(crate) fn finish(&mut self) -> Result<(), Fault> {
        self.views()?;
        for _ in 0..4 {
            self.tidy()?;
            let now = self.world.now();
            let rest = self.spec.terms.clock.max(self.spec.terms.patience);
            self.pass(now + rest)?;
        }
        self.tidy()?;
        self.unharmed()?;
        self.views()?;
        // Where programs are about to lapse, time stands still here, and with it what waits for it.
        if self.world.activation(self.world.now()) >= 3 * self.spec.terms.runway() {
            self.empty()?;
        }
        Ok(())
    }

    fn tidy(&mut self) -> Result<(), Fault> {
        self.duty(1)?;
        let anyone = CROWD[4];
        let now = self.world.now();
        for id in self.spec.arrivals[2].clone() {
            let (stage, deadline) = (self.spec.games[&id].stage, self.spec.games[&id].deadline());
            if stage == Stage::Unsettled {
                self.try_call(anyone, Call::Settle { game: id })?;
            } else if stage == Stage::Open && now >= deadline {
                self.try_call(anyone, Call::Timeout { game: id })?;
            }
            let stakes = &self.spec.stakes[&id];
            let is_void = self.spec.claims[&stakes.claim].status == ClaimStatus::Void;
            if stakes.status == GameStatus::Open && is_void {
                self.try_call(anyone, Call::RefundGame { game: id })?;
            }
        }
        for id in self.spec.arrivals[1].clone() {
            if self.spec.claims[&id].status == ClaimStatus::Live {
                self.try_call(anyone, Call::Finalize { claim: id })?;
            }
            if self.spec.claims[&id].status == ClaimStatus::Live {
                self.try_call(anyone, Call::Release { claim: id })?;
            }
        }
        for id in self.spec.arrivals[0].clone() {
            if self.spec.requests[&id].status == RequestStatus::Open {
                self.try_call(anyone, Call::Reclaim { request: id })?;
            }
        }
        Ok(())
    }

    /// Everybody takes out what it has: nothing is left.
    fn empty(&mut self) -> Result<(), Fault> {
        for person in people::all() {
            let amount = self.spec.credit_of(person);
            self.try_call(person, Call::Withdraw { to: person, amount })?;
        }
        self.try_call(CROWD[0], Call::FlushBurned)?;
        let found = self.world.balances()?.get(&self.spec.terms.hub).copied().unwrap_or_default();
        if found == 0 { Ok(()) } else { Err(Difference::Sum { expected: 0, found }.into()) }
    }

    fn view<C: SolCall>(
        &mut self,
        (contract, call): (Address, C),
        expected: &C::Return,
    ) -> Result<(), Fault>
    where
        C::Return: std::fmt::Debug + PartialEq,
    {
        self.tally.views += 1;
        let data = self.world.view(contract, call.abi_encode())?;
        let found = C::abi_decode_returns_validate(&data);
        if found.as_ref() == Ok(expected) {
            return Ok(());
        }
        let (expected, found) = (format!("{expected:?}"), format!("{found:?}"));
        Err(Difference::View { view: C::SIGNATURE.into(), expected, found }.into())
    }

    fn views(&mut self) -> Result<(), Fault> {
        let (hub, spec) = (self.spec.terms.hub, self.spec.clone());
        self.view((hub, IHub::burnedCall {}), &U256::from(spec.burned))?;
        for account in people::all() {
            let credit = U256::from(spec.credit_of(account));
            self.view((hub, IHub::creditOfCall { account }), &credit)?;
            let nonce = spec.nonces.get(&account).copied().unwrap_or_default();
            self.view((hub, IHub::nonceOfCall { requester: account }), &nonce)?;
            for payer in people::all() {
                let is_allowed = spec.allowed.contains(&(account, payer));
                if is_allowed || account != payer {
                    let call = IHub::isAllowedCall { server: account, payer };
                    self.view((hub, call), &is_allowed)?;
                }
            }
        }
        for id in &spec.arrivals[0] {
            let expected = spec.outcome_view(*id);
            self.view((hub, IHub::resultCall { requestId: *id }), &expected)?;
        }
        for id in &spec.arrivals[2] {
            self.game_views(*id)?;
        }
        Ok(())
    }

    fn game_views(&mut self, id: B256) -> Result<(), Fault> {
        let (hub, contract) = (self.spec.terms.hub, self.spec.terms.game);
        let (game, stakes) = (self.spec.games[&id].clone(), self.spec.stakes[&id].clone());
        let status = match stakes.status {
            GameStatus::Open => IHub::GameStatus::Open,
            GameStatus::ChallengerWon => IHub::GameStatus::ChallengerWon,
            GameStatus::ServerWon => IHub::GameStatus::ServerWon,
            GameStatus::Cancelled => IHub::GameStatus::Cancelled,
        };
        let (claimId, challenger, stakeLocked) = (stakes.claim, stakes.challenger, stakes.locked);
        let expected = IHub::Game { claimId, challenger, status, stakeLocked };
        self.view((hub, IHub::getGameCall { gameId: id }), &expected)?;
        let is_open = game.stage == Stage::Open;
        let hash = if is_open { game.position().hash(id) } else { B256::ZERO };
        if game.stage != Stage::Unsettled {
            self.view((contract, IGame::positionHashCall { gameId: id }), &hash)?;
        }
        if is_open {
            self.view((contract, IGame::deadlineCall { gameId: id }), &game.deadline())?;
        }
        Ok(())
    }
}
