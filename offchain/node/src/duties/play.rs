//! Playing the account's games.

use alloy_primitives::{B256, U256};
use opml_core::game::{Position, Side};
use opml_vm::keccak::FastKeccak;

use super::{Pass, View};
use crate::alarm::Alarm;
use crate::intent::Act;
use crate::jobs::{Rank, Task};
use crate::state::{ClaimStatus, Game, Stage, Stakes};

/// A position that waits for this account.
struct Turn<'a> {
    id: B256,
    position: &'a Position,
    deadline: u64,
    /// The answer locks the server's stake.
    needs_stake: bool,
}

impl View<'_> {
    pub(super) fn play(&self, pass: &mut Pass) {
        let mut turns: Vec<_> =
            self.world.games.iter().filter_map(|(id, game)| self.turn(*id, game)).collect();
        turns.sort_by_key(|turn| (turn.deadline, turn.id));
        let mut stakes = Vec::new();
        for turn in &turns {
            if turn.needs_stake {
                stakes.push(turn.id);
            }
            self.reply(turn, stakes.len(), pass);
        }
        self.deposit(&stakes, pass);
    }

    fn turn<'b>(&self, id: B256, game: &'b Game) -> Option<Turn<'b>> {
        let Stage::Turn { position, .. } = &game.stage else { return None };
        let (side, deadline) = game.turn()?;
        // Whatever the clocks here say: the game is open until the contract says that it is over.
        let mine = game.account(side) == self.me;
        let needs_stake = position.on_turn() == Side::Server && !game.stake_locked;
        (mine && self.is_worth_it(game)).then_some(Turn { id, position, deadline, needs_stake })
    }

    /// A claim that has ended is not defended: its games are refunded.
    fn is_worth_it(&self, game: &Game) -> bool {
        let live = |claim: &crate::state::Claim| claim.status == ClaimStatus::Live;
        game.stakes == Stakes::Open && self.world.claim_of(game).is_some_and(live)
    }

    /// `stakes` are wanted by this turn and those before it.
    fn reply(&self, turn: &Turn<'_>, stakes: usize, pass: &mut Pass) {
        let (game, deadline) = (turn.id, turn.deadline);
        let hash = turn.position.hash::<FastKeccak>(&game);
        let task = Task::Reply { game, position: hash };
        match self.results.moves.get(&task) {
            Some(Some(data)) => {
                let covered = self.prices.gas_stake * U256::from(stakes);
                // Without credit for its stake the reply would be refused: the deposit comes first.
                if !turn.needs_stake || self.credit() >= covered {
                    let (position, data) = (hash, data.clone());
                    pass.act(Act::Move { game, position, data, deadline });
                }
            }
            Some(None) => pass.alarm(Alarm::Silent { about: game }),
            None => self.compute(task, Rank::Move(deadline), pass),
        }
    }

    /// Credit that is left for stakes.
    const fn credit(&self) -> U256 {
        self.funds.credit.saturating_sub(self.exposure.promised)
    }

    /// Credit for the stakes of these games.
    fn deposit(&self, stakes: &[B256], pass: &mut Pass) {
        let wanted = self.prices.gas_stake * U256::from(stakes.len());
        let (credit, left) = (self.funds.credit, self.credit());
        if let Some(game) = stakes.last().copied()
            && left < wanted
        {
            let value = wanted - left;
            pass.act(Act::Deposit { game, credit, value });
        }
    }
}
