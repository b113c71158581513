//! Games as the contract has played them, one call a line, for an implementation that shares no code with this one:
//! `test/second_verifier/check_game.py` says what the fields are.

use alloy_primitives::{Address, hex};
use alloy_rpc_types_eth::TransactionReceipt;
use alloy_sol_types::SolEvent as _;

use crate::abi::game::IGame;
use crate::compare::{error_names, is_of_game, is_of_step};
use crate::encode::{calldata, first_move};
use crate::spec::Spec;
use crate::spec::call::{Call, Sent};
use crate::world::Outcome;

/// What a call has made the game contract say.
#[derive(Clone, Debug, Default)]
pub struct Said {
    moved: Option<IGame::Moved>,
    over: Option<IGame::Over>,
}

impl Said {
    /// What is in the logs of a transaction.
    pub fn new(game: Address, receipt: &TransactionReceipt) -> Self {
        let mut said = Self::default();
        for log in receipt.logs().iter().filter(|log| log.address() == game) {
            said.moved = IGame::Moved::decode_log_data_validate(log.data()).ok().or(said.moved);
            said.over = IGame::Over::decode_log_data_validate(log.data()).ok().or(said.over);
        }
        said
    }

    fn answer(&self) -> String {
        let Some(moved) = &self.moved else { return "won".into() };
        let hashes: Vec<u8> = moved.hashes.iter().flat_map(|hash| hash.0).collect();
        let clocks = [moved.serverSeconds, moved.challengerSeconds];
        let (header, hashes) = (hex::encode(moved.header), hex::encode(hashes));
        format!("{header} {hashes} {} {} {}", clocks[0], clocks[1], moved.started)
    }
}

/// The line of a call in which a game has been played, or was refused to be; none of another one. `spec` is the
/// specification behind the call.
pub fn line(spec: &Spec, (sent, now): (&Sent, u64), outcome: &Outcome) -> Option<String> {
    let is_taken = outcome.refused.is_none();
    let answer = match &outcome.refused {
        None => outcome.said.answer(),
        // What the hub refuses says nothing about the game.
        Some(data) => {
            let names = error_names(data);
            let is_games = names.iter().any(|name| is_of_game(name) || is_of_step(name));
            if !is_games {
                return None;
            }
            "refused".into()
        }
    };
    let question = match &sent.call {
        Call::Challenge { claim, first } if is_taken => {
            let id = spec.arrivals[2].last()?;
            let (game, claim) = (&spec.games[id], &spec.claims[claim]);
            let request = &spec.requests[&claim.request];
            let model = &spec.models[&request.model];
            let words = [game.code.program.root(), game.code.image, request.start, claim.last];
            let words: Vec<String> = words.iter().map(hex::encode).collect();
            let parties = [claim.server, sent.from].map(hex::encode);
            let (log2, clock, first) =
                (model.steps_log2, spec.terms.clock, hex::encode(first_move(first)));
            format!(
                "open {} {} {} {log2} {clock} {now} {first}",
                hex::encode(id),
                parties.join(" "),
                words.join(" ")
            )
        }
        Call::Move { game, .. } if spec.games.contains_key(game) => {
            let (id, from, data) =
                (hex::encode(game), hex::encode(sent.from), hex::encode(calldata(&sent.call)));
            format!("move {id} {from} {now} {data}")
        }
        Call::Timeout { game } if spec.games.contains_key(game) => {
            let loser = outcome.said.over.as_ref().map(|over| loser(over.winner));
            let answer = if is_taken { loser? } else { "refused" };
            return Some(format!("timeout {} {now} = {answer}", hex::encode(game)));
        }
        _ => return None,
    };
    Some(format!("{question} = {answer}"))
}

const fn loser(winner: IGame::Side) -> &'static str {
    match winner {
        IGame::Side::Server => "challenger",
        _ => "server",
    }
}
