//! The honest party: it answers requests truly, challenges every other answer while it can, and moves before any second
//! passes. Whatever the others do, it must not lose.

use crate::compare::Difference;
use crate::people::HONEST;
use crate::run::{Fault, Run};
use crate::scene::Scene;
use crate::spec::call::{Call, Sent};
use crate::spec::game::Stage;
use crate::spec::records::{Acceptance, ClaimStatus, GameStatus, RequestStatus};

use alloy_primitives::B256;

impl Run<'_> {
    /// Challenges and replies that are owed; with side 0, also an answer to the last request.
    pub(crate) fn duty(&mut self, side: u32) -> Result<(), Fault> {
        if side == 0 {
            self.serve()?;
        }
        for claim in self.spec.arrivals[1].clone() {
            self.watch(claim)?;
        }
        for game in self.spec.arrivals[2].clone() {
            self.reply(game)?;
        }
        Ok(())
    }

    fn truth(&self, request: B256) -> B256 {
        let request = &self.spec.requests[&request];
        // Every trace fails at its first step; a trace of one step ends with it.
        Scene::new(&self.spec, request).truth(1).0.hash()
    }

    fn serve(&mut self) -> Result<(), Fault> {
        let now = self.world.now();
        let Some(id) = self.spec.arrivals[0].last().copied() else { return Ok(()) };
        let request = &self.spec.requests[&id];
        let (acceptor, status, until) = request.acceptance;
        let is_free = status != Acceptance::Held || now >= until || acceptor == HONEST;
        let is_served = request.live.iter().any(|claim| self.spec.claims[claim].server == HONEST);
        let is_open = request.status == RequestStatus::Open;
        if !is_open
            || !is_free
            || is_served
            || self.world.activation(now) < self.spec.terms.runway()
        {
            return Ok(());
        }
        let answer = self.spec.answer(id, 0);
        let stakes = 8 * self.spec.terms.gas_stake;
        self.owe(&Sent { from: HONEST, value: stakes, call: Call::Deposit })?;
        let value = self.spec.terms.server_bond;
        self.owe(&Sent { from: HONEST, value, call: Call::Claim { request: id, answer } })
    }

    /// Challenges a claim that is not true, once.
    fn watch(&mut self, id: B256) -> Result<(), Fault> {
        let claim = &self.spec.claims[&id];
        let request = &self.spec.requests[&claim.request];
        let is_due = claim.status == ClaimStatus::Live
            && request.status == RequestStatus::Open
            && self.world.now() < claim.window_end
            && claim.last != self.truth(claim.request);
        let mut games = self.spec.stakes.values();
        let has_game = games.any(|stakes| stakes.challenger == HONEST && stakes.claim == id);
        if !is_due || has_game {
            return Ok(());
        }
        let (scene, position) = self.spec.claimed(claim.request, claim.last);
        let Some(first) = scene.honest(&position) else {
            return Err(Difference::Honest { what: "has no first move".into() }.into());
        };
        let value = self.spec.terms.challenger_bond;
        self.owe(&Sent { from: HONEST, value, call: Call::Challenge { claim: id, first } })
    }

    /// Moves in a game whose turn is the honest party's.
    fn reply(&mut self, id: B256) -> Result<(), Fault> {
        let game = &self.spec.games[&id];
        let stakes = &self.spec.stakes[&id];
        let claim = &self.spec.claims[&stakes.claim];
        let is_mine = game.stage == Stage::Open && game.parties[game.on_turn()] == HONEST;
        if !is_mine || stakes.status != GameStatus::Open || claim.status != ClaimStatus::Live {
            return Ok(());
        }
        let scene = Scene::new(&self.spec, &self.spec.requests[&claim.request]);
        let position = game.position().clone();
        let Some(made) = scene.honest(&position) else {
            return Err(
                Difference::Honest { what: format!("is speechless in {position:?}") }.into()
            );
        };
        let is_first_reply = position.moves == 1 && game.on_turn() == 0;
        let (header, hashes) = (position.header(), position.hashes);
        if is_first_reply {
            let value = self.spec.terms.gas_stake;
            self.owe(&Sent { from: HONEST, value, call: Call::Deposit })?;
        }
        self.owe(&Sent {
            from: HONEST,
            value: 0,
            call: Call::Move { game: id, header, hashes, made },
        })
    }

    /// What must hold of the honest party at any time.
    pub(crate) fn unharmed(&self) -> Result<(), Fault> {
        let fault = |what: &str| Err(Difference::Honest { what: what.into() }.into());
        for claim in self.spec.claims.values() {
            if claim.server == HONEST && claim.status == ClaimStatus::Void {
                return fault("has lost a claim");
            }
            if claim.status == ClaimStatus::Final && claim.last != self.truth(claim.request) {
                return fault("has seen a lie become final");
            }
        }
        for stakes in self.spec.stakes.values() {
            if stakes.challenger == HONEST && stakes.status == GameStatus::ServerWon {
                return fault("has lost a challenge");
            }
        }
        Ok(())
    }
}
