//! What the contracts' storage holds: docs/spec.md, 9.4 and 10.5. Words that the specification gives no meaning (links of
//! claims on a request that is over, clocks of games that are over) are left out.

use alloy_primitives::{Address, B256, keccak256};

use super::Spec;
use super::game::{Game, Stage};
use super::records::{Claim, Model, Request, RequestStatus, Stakes};
use super::words::{Packed, address, game_slot, number, slot};

/// A word of a contract's storage that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// The contract.
    pub contract: Address,
    /// The slot.
    pub slot: B256,
    /// What it holds.
    pub word: B256,
    /// What it is, for a reader.
    pub name: (&'static str, B256, u8),
}

struct Sheet<'a> {
    spec: &'a Spec,
    words: Vec<Known>,
}

impl Sheet<'_> {
    fn record(&mut self, (name, kind, id): (&'static str, u8, B256), words: &[(u8, B256)]) {
        let contract = self.spec.terms.hub;
        self.words.extend(words.iter().map(|(index, word)| {
            let name = (name, id, *index);
            Known { contract, slot: slot(kind, id, *index), word: *word, name }
        }));
    }

    fn hub(&mut self) {
        let terms = &self.spec.terms;
        let first = Packed::new()
            .address(terms.game)
            .number(4, terms.window)
            .number(4, terms.patience)
            .number(2, terms.burn_share)
            .number(2, terms.failed_share);
        let bonds = Packed::new()
            .number(12, terms.server_bond)
            .number(12, terms.challenger_bond)
            .number(8, terms.burn_per_step);
        let stakes = Packed::new()
            .number(12, terms.gas_stake)
            .number(12, terms.accept_bond)
            .number(4, terms.exclusivity);
        let last = Packed::new().address(terms.step).number(8, terms.runway());
        let burned = number(self.spec.burned);
        let words = [first.word(), bonds.word(), stakes.word(), burned, last.word()];
        let words: Vec<(u8, B256)> = (0..).zip(words).collect();
        self.record(("hub", 0, B256::ZERO), &words);
    }

    fn model(&mut self, id: B256, model: &Model) {
        let first = Packed::new()
            .address(model.owner)
            .number(1, u8::from(model.retired))
            .number(1, model.output.1)
            .number(1, model.steps_log2)
            .number(4, model.max_input)
            .number(4, model.max_iterations);
        let price = Packed::new()
            .number(8, model.output.0)
            .number(12, model.fee)
            .number(12, model.iteration_fee);
        let words = [first.word(), price.word(), model.program.root(), model.weights, model.image];
        let words: Vec<(u8, B256)> = (0..).zip(words).collect();
        self.record(("model", 2, id), &words);
    }

    fn request(&mut self, id: B256, request: &Request) {
        let first = Packed::new()
            .address(request.requester)
            .number(1, request.status as u8)
            .number(3, request.attempts)
            .number(5, request.deadline)
            .number(3, request.iterations);
        let (acceptor, status, until) = request.acceptance;
        let accepted = Packed::new().address(acceptor).number(1, status as u8).number(7, until);
        let head = request.final_claim.or(request.live.first().copied()).unwrap_or_default();
        let mut words = vec![
            (0, first.word()),
            (1, request.model),
            (2, request.start),
            (3, head),
            (5, accepted.word()),
        ];
        if request.status == RequestStatus::Open {
            words.push((4, request.live.last().copied().unwrap_or_default()));
        }
        self.record(("request", 3, id), &words);
    }

    fn claim(&mut self, id: B256, claim: &Claim) {
        let request = &self.spec.requests[&claim.request];
        let first = Packed::new()
            .address(claim.server)
            .number(1, claim.status as u8)
            .number(1, u8::from(claim.failed))
            .number(4, claim.length)
            .number(6, claim.window_end);
        let games = Packed::new().number(8, claim.open_games).number(8, claim.games);
        let mut words = vec![
            (0, first.word()),
            (1, games.word()),
            (2, claim.request),
            (3, claim.last),
            (6, claim.output_root),
        ];
        let is_open = request.status == RequestStatus::Open;
        let place = request.live.iter().position(|live| *live == id);
        if let Some(at) = place.filter(|_| is_open) {
            let link = |at: usize| request.live.get(at).copied().unwrap_or_default();
            words.push((4, link(at + 1)));
            words.push((5, at.checked_sub(1).map_or(B256::ZERO, link)));
        }
        let output = (32..).zip(claim.output.chunks(32));
        words.extend(output.map(|(index, chunk)| {
            let mut word = [0; 32];
            word[..chunk.len()].copy_from_slice(chunk);
            (index, word.into())
        }));
        self.record(("claim", 4, id), &words);
        let twins = request.live.iter().find(|live| {
            let live = &self.spec.claims[*live];
            (live.server, live.last) == (claim.server, claim.last)
        });
        let pair = keccak256([claim.request.0, claim.last.0].concat());
        let key = keccak256([pair.0, address(claim.server).0].concat());
        if is_open {
            self.record(("live claim", 6, key), &[(0, twins.copied().unwrap_or_default())]);
        }
    }

    fn stakes(&mut self, id: B256, stakes: &Stakes) {
        let first = Packed::new()
            .address(stakes.challenger)
            .number(1, stakes.status as u8)
            .number(1, u8::from(stakes.locked));
        self.record(("stakes", 5, id), &[(0, first.word()), (1, stakes.claim)]);
    }

    fn game(&mut self, id: B256, game: &Game) {
        let stage: u8 = match game.stage {
            Stage::Open => 1 + u8::from(game.position().challenger_on_turn()),
            Stage::Unsettled => 3,
            Stage::ChallengerWon => 4,
            Stage::ServerWon => 5,
        };
        let mut words = vec![(2, address(game.parties[1]))];
        match game.stage {
            Stage::Open => {
                let first = Packed::new()
                    .number(1, stage)
                    .number(5, game.started)
                    .number(3, game.left[0])
                    .number(3, game.left[1])
                    .address(game.parties[0]);
                words.push((0, first.word()));
                words.push((1, game.position().hash(id)));
                words.push((3, game.program()));
            }
            Stage::Unsettled => {}
            _ => words.extend([(1, B256::ZERO), (3, B256::ZERO)]),
        }
        let contract = self.spec.terms.game;
        self.words.extend(words.iter().map(|(index, word)| {
            let slot = game_slot(id, (*index).into());
            Known { contract, slot, word: *word, name: ("game", id, *index) }
        }));
    }
}

impl Spec {
    /// All words that are known.
    pub fn storage(&self) -> Vec<Known> {
        let mut sheet = Sheet { spec: self, words: Vec::new() };
        sheet.hub();
        self.models.iter().for_each(|(id, model)| sheet.model(*id, model));
        self.requests.iter().for_each(|(id, request)| sheet.request(*id, request));
        self.claims.iter().for_each(|(id, claim)| sheet.claim(*id, claim));
        self.stakes.iter().for_each(|(id, stakes)| sheet.stakes(*id, stakes));
        self.games.iter().for_each(|(id, game)| sheet.game(*id, game));
        for (account, credit) in &self.credits {
            let nonce = self.nonces.get(account).copied().unwrap_or_default();
            let words = [(0, number(*credit)), (1, number(nonce))];
            sheet.record(("account", 1, address(*account)), &words);
        }
        for (server, payer) in &self.allowed {
            let pair = keccak256([address(*server).0, address(*payer).0].concat());
            sheet.record(("payer", 7, pair), &[(0, number(1_u8))]);
        }
        sheet.words
    }
}
