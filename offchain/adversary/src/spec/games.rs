//! Games and their stakes: docs/spec.md, 9.2 to 9.4, 10.3 and 10.4.

use alloy_primitives::{Address, B256};

use super::call::{Refused, Rules};
use super::game::{Game, Led, Move, Shown, Stage, play};
use super::position::Position;
use super::records::{ClaimStatus, GameStatus, RequestStatus, Stakes};
use super::words::{address, id, number};
use super::{Moment, Spec};
use crate::machine::handover::Code;

impl Spec {
    /// Where the next game of a challenger against a claim goes.
    pub fn next_game(&self, claim: B256, challenger: Address) -> B256 {
        let games = self.claims.get(&claim).map_or(0, |claim| claim.games);
        id("opml.game.v1", &[claim, address(challenger), number(games)])
    }

    pub(super) fn challenge(
        &mut self,
        moment: Moment,
        from: Address,
        (claim_id, first): (B256, &Move),
    ) -> Result<(), Refused> {
        let claim = self.claim_of(claim_id)?.clone();
        let request = &self.requests[&claim.request];
        let model = &self.models[&request.model];
        let code = Code { program: model.program, image: model.image };
        let position = Position::claim(model.steps_log2, request.start, claim.last);
        let led = play(&position, code, first);
        let mut rules = Rules::default();
        let is_first = !matches!(first.shown, Shown::Prove { .. });
        rules
            .must(is_first, "UnknownSelector")
            .must(claim.status == ClaimStatus::Live, "ClaimClosed")
            .must(request.status == RequestStatus::Open, "RequestClosed")
            .must(moment.now < claim.window_end, "WindowOver")
            .must(moment.activation >= self.terms.runway() - self.terms.window, "ActivationLapsing")
            .must(self.credit_of(from) >= self.terms.challenger_bond, "InsufficientFunds");
        let led = match led {
            Ok(led) => led,
            Err(refused) => return rules.add(refused).judge(),
        };
        rules.judge()?;
        self.charge(from, self.terms.challenger_bond)?;
        let id = self.next_game(claim_id, from);
        let (positions, stage) = match led {
            Led::To(next) => (vec![position, next], Stage::Open),
            Led::Won => (vec![position], Stage::Unsettled),
        };
        let parties = [claim.server, from];
        let left = [self.terms.clock; 2];
        let game = Game { stage, parties, started: moment.now, left, positions, code };
        self.games.insert(id, game);
        let status = GameStatus::Open;
        self.stakes.insert(id, Stakes { claim: claim_id, challenger: from, status, locked: false });
        self.arrivals[2].push(id);
        if let Some(claim) = self.claims.get_mut(&claim_id) {
            claim.games += 1;
            claim.open_games += 1;
        }
        Ok(())
    }

    fn game(&self, id: B256) -> Result<Game, Refused> {
        self.games.get(&id).cloned().ok_or(Refused::by("NoSuchGame"))
    }

    pub(super) fn play(
        &mut self,
        (from, now): (Address, u64),
        (id, made): (B256, &Move),
        answered: (B256, &[B256]),
    ) -> Result<(), Refused> {
        let mut game = self.game(id)?;
        let mut rules = Rules::default();
        if let Err(refused) = game.judge(id, (from, now), answered) {
            rules.add(refused);
        }
        // A position that is not the game's is refused whatever the move would do in it.
        let led = play(game.position(), game.code, made);
        let led = match led {
            Ok(led) => led,
            Err(refused) => return rules.add(refused).judge(),
        };
        rules.judge()?;
        let (side, is_second) = (game.on_turn(), game.position().moves == 1);
        game.left[side] = game.deadline() - now;
        game.started = now;
        match led {
            Led::To(next) => {
                game.positions.push(next);
                self.games.insert(id, game);
                if is_second { self.lock_stake(id) } else { Ok(()) }
            }
            Led::Won => {
                game.stage = if side == 1 { Stage::ChallengerWon } else { Stage::ServerWon };
                self.games.insert(id, game);
                self.verdict(id, side == 1)
            }
        }
    }

    fn lock_stake(&mut self, id: B256) -> Result<(), Refused> {
        let stakes = self.stakes.get(&id).ok_or(Refused::by("UnknownGame"))?;
        let claim = &self.claims[&stakes.claim];
        let server = claim.server;
        Rules::default()
            .must(stakes.status == GameStatus::Open, "GameNotOpen")
            .must(claim.status == ClaimStatus::Live, "ClaimClosed")
            .must(!stakes.locked, "StakeAlreadyLocked")
            .judge()?;
        self.charge(server, self.terms.gas_stake)?;
        if let Some(stakes) = self.stakes.get_mut(&id) {
            stakes.locked = true;
        }
        Ok(())
    }

    pub(super) fn timeout(&mut self, now: u64, id: B256) -> Result<(), Refused> {
        let mut game = self.game(id)?;
        let is_open = game.stage == Stage::Open;
        Rules::default()
            .must(is_open, "GameOver")
            .must(!is_open || now >= game.deadline(), "Early")
            .judge()?;
        let challenger_won = game.on_turn() == 0;
        game.stage = if challenger_won { Stage::ChallengerWon } else { Stage::ServerWon };
        self.games.insert(id, game);
        self.verdict(id, challenger_won)
    }

    pub(super) fn settle(&mut self, id: B256) -> Result<(), Refused> {
        let mut game = self.game(id)?;
        Rules::default().must(game.stage == Stage::Unsettled, "NotUnsettled").judge()?;
        game.stage = Stage::ChallengerWon;
        self.games.insert(id, game);
        self.verdict(id, true)
    }

    fn verdict(&mut self, id: B256, challenger_won: bool) -> Result<(), Refused> {
        let stakes = self.stakes.get(&id).ok_or(Refused::by("UnknownGame"))?.clone();
        let claim = self.claim_of(stakes.claim)?.clone();
        match stakes.status {
            GameStatus::Open => {}
            GameStatus::Cancelled => return Ok(()),
            _ => return Err(Refused::by("GameNotOpen")),
        }
        if claim.status == ClaimStatus::Void {
            return self.refund_game(id);
        }
        let terms = self.terms.clone();
        let stake = if stakes.locked { terms.gas_stake } else { 0 };
        if challenger_won {
            let burned = terms.burned_of(terms.server_bond);
            self.burned += burned;
            let won = terms.server_bond - burned + terms.challenger_bond + stake;
            self.credit(stakes.challenger, won);
            self.end_claim(stakes.claim, ClaimStatus::Void);
            self.close(id, GameStatus::ChallengerWon);
        } else {
            let burned = terms.burned_of(terms.challenger_bond);
            self.burned += burned;
            self.credit(claim.server, terms.challenger_bond - burned + stake);
            self.close(id, GameStatus::ServerWon);
        }
        Ok(())
    }

    fn close(&mut self, id: B256, status: GameStatus) {
        let Some(stakes) = self.stakes.get_mut(&id) else { return };
        stakes.status = status;
        if let Some(claim) = self.claims.get_mut(&stakes.claim) {
            claim.open_games -= 1;
        }
    }

    pub(super) fn refund_game(&mut self, id: B256) -> Result<(), Refused> {
        let stakes = self.stakes.get(&id).ok_or(Refused::by("UnknownGame"))?.clone();
        let claim = self.claim_of(stakes.claim)?;
        Rules::default()
            .must(stakes.status == GameStatus::Open, "GameNotOpen")
            .must(claim.status == ClaimStatus::Void, "ClaimLive")
            .judge()?;
        let stake = if stakes.locked { self.terms.gas_stake } else { 0 };
        self.credit(stakes.challenger, self.terms.challenger_bond + stake);
        self.close(id, GameStatus::Cancelled);
        Ok(())
    }
}
