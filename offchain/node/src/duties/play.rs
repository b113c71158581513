//! Playing the account's games.

use alloy_primitives::{B256, U256};
use opml_core::game::{Position, Side};
use opml_vm::keccak::FastKeccak;

use super::{Todo, View};
use crate::intent::Act;
use crate::jobs::Task;
use crate::state::{ClaimStatus, Game, Stage, Stakes};

impl View<'_> {
    pub(super) fn play(&self, todo: &mut Vec<Todo>) {
        let mut stakes = Vec::new();
        for (id, game) in &self.world.games {
            let Stage::Turn { position, .. } = &game.stage else { continue };
            let Some((side, deadline)) = game.turn() else { continue };
            if self.is_worth_it(game) && game.account(side) == self.me && self.now < deadline {
                self.reply((*id, game), (position, deadline), &mut stakes, todo);
            }
        }
        self.deposit(&stakes, todo);
    }

    /// A claim that has ended is not defended: its games are refunded.
    fn is_worth_it(&self, game: &Game) -> bool {
        let live = |claim: &crate::state::Claim| claim.status == ClaimStatus::Live;
        game.stakes == Stakes::Open && self.world.claim_of(game).is_some_and(live)
    }

    fn reply(
        &self,
        (id, game): (B256, &Game),
        (position, deadline): (&Position, u64),
        stakes: &mut Vec<B256>,
        todo: &mut Vec<Todo>,
    ) {
        let hash = position.hash::<FastKeccak>(&id);
        let task = Task::Reply { game: id, position: hash };
        let needs_stake = position.on_turn() == Side::Server && !game.stake_locked;
        if needs_stake {
            stakes.push(id);
        }
        match self.results.moves.get(&task) {
            Some(Some(data)) => {
                let covered = self.prices.gas_stake * U256::from(stakes.len());
                // Without credit for its stake the reply would be refused: the deposit comes first.
                if !needs_stake || self.funds.credit >= covered {
                    let (position, data) = (hash, data.clone());
                    todo.push(Todo::Act(Act::Move { game: id, position, data, deadline }));
                }
            }
            Some(None) => {}
            None => self.compute(task, todo),
        }
    }

    /// Credit for the stakes of these games.
    fn deposit(&self, stakes: &[B256], todo: &mut Vec<Todo>) {
        let wanted = self.prices.gas_stake * U256::from(stakes.len());
        let credit = self.funds.credit;
        if let Some(game) = stakes.last().copied()
            && credit < wanted
        {
            let value = wanted - credit;
            todo.push(Todo::Act(Act::Deposit { game, credit, value }));
        }
    }
}
