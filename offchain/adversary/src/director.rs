//! What an action means where things stand: a pure function of the action and the specification's state.

use alloy_primitives::B256;

use crate::action::Action;
use crate::faults::{break_answer, break_move, break_request};
use crate::machine::graph;
use crate::moves::Whim;
use crate::people::{CROWD, HONEST, OWNER, person};
use crate::scene::Scene;
use crate::spec::Spec;
use crate::spec::call::{Answer, Call, Sent};
use crate::spec::game::{Game, Stage};
use crate::spec::position::Position;
use crate::spec::records::{Acceptance, ClaimStatus, GameStatus, RequestStatus};

/// Longest output that some people claim.
const LONG: usize = 4064;

/// One of a list, the last ones likelier, or, rarely, one that nobody has made.
fn pick(ids: &[B256], number: u32) -> Option<B256> {
    let number = number as usize;
    match number {
        63 => Some(B256::repeat_byte(0x63)),
        0..32 => ids.iter().rev().take(3).nth(number % ids.len().clamp(1, 3)).copied(),
        _ => ids.get(number % ids.len().max(1)).copied(),
    }
}

/// How much is sent for a price, and by how much that is wrong.
const fn paid(price: u128, pay: u32) -> u128 {
    match pay {
        3 => 0,
        4 => price.saturating_sub(1),
        5 => price + 12_345,
        _ => price,
    }
}

impl Spec {
    fn request_number(&self, number: u32) -> Option<B256> {
        pick(&self.arrivals[0], number)
    }

    fn claim_number(&self, number: u32) -> Option<B256> {
        pick(&self.arrivals[1], number)
    }

    /// Open games first: those that are over matter little.
    pub(crate) fn game_number(&self, number: u32) -> Option<B256> {
        let is_open = |id: &B256| self.stakes[id].status == GameStatus::Open;
        let open: Vec<B256> = self.arrivals[2].iter().copied().filter(is_open).collect();
        if open.is_empty() || number > 56 {
            return pick(&self.arrivals[2], number);
        }
        open.get(number as usize % open.len()).copied()
    }

    /// The call that an action stands for; none if it is no call.
    pub fn direct(&self, action: Action) -> Option<Sent> {
        let terms = &self.terms;
        let sent = |by, value, call| Some(Sent { from: person(by), value, call });
        match action {
            Action::Infer { by, model, input, pay } => {
                let model = self.models.keys().nth(model as usize).copied().unwrap_or_default();
                self.ask(by, (model, input), pay)
            }
            Action::Accept { by, request, pay } => {
                let request = self.request_number(request)?;
                sent(by, paid(terms.accept_bond, pay), Call::Accept { request })
            }
            Action::Cancel { by, request } => {
                let request = self.request_number(request)?;
                let requester = self.requests.get(&request).map(|request| request.requester);
                let from = if by < 4 { requester } else { None };
                let from = from.unwrap_or(CROWD[1]);
                Some(Sent { from, value: 0, call: Call::Cancel { request } })
            }
            Action::Reclaim { by, request } => {
                sent(by, 0, Call::Reclaim { request: self.request_number(request)? })
            }
            Action::Allow { by, payer, allowed } => {
                let (payer, allowed) = (person(payer), allowed > 0);
                sent(by, 0, Call::AllowPayer { payer, allowed })
            }
            Action::Claim { by, request, answer, fault, pay } => {
                let request = self.request_number(request)?;
                let answer = break_answer(self.answer(request, answer), fault);
                sent(by, paid(terms.server_bond, pay), Call::Claim { request, answer })
            }
            Action::ClaimFor { by, server, request, answer, pay } => {
                let request = self.request_number(request)?;
                let (server, answer) = (person(server), self.answer(request, answer));
                sent(by, paid(terms.server_bond, pay), Call::ClaimFor { server, request, answer })
            }
            Action::Challenge { by, claim, kind, seed, fault, pay } => {
                let claim = self.claim_number(claim)?;
                let whim = Whim { kind, segment: 0, seed };
                let call = self.first_move(claim, (whim, fault))?;
                sent(by, paid(terms.challenger_bond, pay), call)
            }
            Action::Move { by, game, kind, segment, seed, fault } => {
                let id = self.game_number(game)?;
                // A game that is over refuses everything in the same way.
                let is_open = self.games.get(&id).is_some_and(|one| one.stage == Stage::Open);
                let whim = Whim { kind, segment, seed };
                if is_open || seed == 0 { self.reply(id, by, (whim, fault)) } else { None }
            }
            Action::Timeout { by, game } => {
                sent(by, 0, Call::Timeout { game: self.game_number(game)? })
            }
            Action::Settle { by, game } => {
                sent(by, 0, Call::Settle { game: self.unsettled(game)? })
            }
            Action::Finalize { by, claim } => {
                sent(by, 0, Call::Finalize { claim: self.claim_number(claim)? })
            }
            Action::Release { by, claim } => {
                sent(by, 0, Call::Release { claim: self.claim_number(claim)? })
            }
            Action::RefundGame { by, game } => {
                sent(by, 0, Call::RefundGame { game: self.game_number(game)? })
            }
            Action::Verdict { by, game, won } => {
                let game = self.game_number(game)?;
                sent(by, 0, Call::Verdict { game, challenger_won: won == 1 })
            }
            Action::LockStake { by, game } => {
                sent(by, 0, Call::LockStake { game: self.game_number(game)? })
            }
            Action::Deposit { by, amount } => {
                let stakes = [0, 1, terms.gas_stake - 1, terms.gas_stake, 5 * terms.gas_stake];
                let amount = stakes.get(amount as usize).copied().unwrap_or(terms.server_bond);
                sent(by, amount, Call::Deposit)
            }
            Action::Withdraw { by, to, amount } => Some(self.take_out(by, (to, amount))),
            Action::Flush { by, pay } => sent(by, u128::from(pay == 11), Call::FlushBurned),
            Action::Retire { by, model } => {
                let model = self.models.keys().nth(model as usize).copied().unwrap_or_default();
                let from = if by == 0 { OWNER } else { CROWD[1 + by as usize % 4] };
                Some(Sent { from, value: 0, call: Call::RetireModel { model } })
            }
            Action::Duel { .. }
            | Action::Duty { .. }
            | Action::Pass { .. }
            | Action::Lapse { .. }
            | Action::Price { .. }
            | Action::Outage { .. }
            | Action::Mark {}
            | Action::Reorg {} => None,
        }
    }

    fn ask(&self, by: u32, (model, input): (B256, u32), pay: u32) -> Option<Sent> {
        let entry = self.models.get(&model)?;
        let iterations = [0, 1, entry.max_iterations, 0, 0, entry.max_iterations + 1];
        let iterations = iterations.get(input as usize).copied().unwrap_or(0);
        let request =
            break_request(graph::request(b"why?", iterations, 7), (input, entry.max_input));
        let paid_for = if iterations == 0 { entry.max_iterations } else { iterations };
        let (fee, burn) = self.price(entry, paid_for);
        let call = Call::Infer { model, request };
        Some(Sent { from: person(by), value: paid(fee + burn, pay), call })
    }

    fn take_out(&self, by: u32, (to, amount): (u32, u32)) -> Sent {
        let credit = self.credit_of(person(by));
        let contracts = [self.terms.hub, self.terms.game, self.terms.step];
        let to = (to as usize).checked_sub(6).map_or_else(|| person(to), |at| contracts[at]);
        let amounts = [credit, credit / 2, credit + 1, 0, u128::MAX];
        let call = Call::Withdraw { to, amount: amounts[amount as usize % 5] };
        Sent { from: person(by), value: 0, call }
    }

    fn unsettled(&self, number: u32) -> Option<B256> {
        let is_unsettled = |id: &&B256| self.games[*id].stage == Stage::Unsettled;
        let found = self.arrivals[2].iter().find(is_unsettled).copied();
        found.filter(|_| number < 48).or_else(|| pick(&self.arrivals[2], number))
    }

    /// What a claim may show: the truth, or one of the lies of a palette.
    pub fn answer(&self, request: B256, number: u32) -> Answer {
        let Some(request) = self.requests.get(&request) else { return Answer::default() };
        let scene = Scene::new(self, request);
        let (base, log2) = self.models[&request.model].output;
        let halted = |output: Vec<u8>| {
            let memory = scene.start.1.clone();
            // An output of nothing is a region of zeros, as it is in the first state.
            let written = if output.is_empty() { Vec::new() } else { graph::output_bytes(&output) };
            let memory = memory.with_bytes(base, &written);
            let state = graph::GraphState::start(memory.root()).halted();
            Answer { state: state.encode(), path: memory.path(base, log2), output }
        };
        let shown = |at: usize| {
            let (state, memory) = scene.graph()[at].clone();
            let path =
                if state.status == graph::HALTED { memory.path(base, log2) } else { Vec::new() };
            Answer { state: state.encode(), output: Vec::new(), path }
        };
        let text = |length| halted(vec![b'x'; length]);
        match number {
            0..=3 => shown(1),
            4 => shown(2),
            5 => shown(4),
            6 => shown(6),
            7 => shown(10),
            8 => shown(11),
            9 => shown(12),
            10 => shown(0),
            11 => text(5),
            12 => text(1024),
            13 => text(1025),
            14 => text(LONG),
            _ => text(31),
        }
    }

    /// A challenge of a claim by some first move.
    pub fn first_move(&self, claim: B256, (whim, fault): (Whim, u32)) -> Option<Call> {
        let Some(entry) = self.claims.get(&claim) else {
            let any = self.claims.values().next()?;
            let (scene, position) = self.claimed(any.request, any.last);
            return Some(Call::Challenge { claim, first: scene.whim(&position, whim) });
        };
        let (scene, position) = self.claimed(entry.request, entry.last);
        let first = scene.whim(&position, whim);
        let game = (claim, &[position][..]);
        let Call::Move { made, .. } = break_move(game, first, (fault, whim.seed)) else {
            return None;
        };
        Some(Call::Challenge { claim, first: made })
    }

    /// The position that a claim is.
    pub fn claimed(&self, request: B256, last: B256) -> (Scene, Position) {
        let request = &self.requests[&request];
        let steps_log2 = self.models[&request.model].steps_log2;
        (Scene::new(self, request), Position::claim(steps_log2, request.start, last))
    }

    fn reply(&self, id: B256, by: u32, (whim, fault): (Whim, u32)) -> Option<Sent> {
        let game = self.games.get(&id)?;
        let claim = &self.claims[&self.stakes[&id].claim];
        let scene = Scene::new(self, &self.requests[&claim.request]);
        let from = match by {
            6.. => game.parties[game.on_turn()],
            5 => game.parties[1 - game.on_turn()],
            other => person(other),
        };
        // Nobody moves in the name of one who knows better.
        if from == HONEST {
            return None;
        }
        let made = scene.whim(game.position(), whim);
        let call = break_move((id, &game.positions), made, (fault, whim.seed));
        Some(Sent { from, value: 0, call })
    }

    /// Seconds that matter, from `now` on.
    pub fn dates(&self, now: u64) -> Vec<u64> {
        let open = self.requests.values().filter(|one| one.status == RequestStatus::Open);
        let requests = open.flat_map(|request| {
            let (_, status, until) = request.acceptance;
            let until = (status == Acceptance::Held).then_some(until);
            let last_accept = request.deadline - self.terms.exclusivity;
            [Some(request.deadline), Some(last_accept), until].into_iter().flatten()
        });
        let live = self.claims.values().filter(|claim| claim.status == ClaimStatus::Live);
        let games = self.games.values().filter(|game| game.stage == Stage::Open);
        let dates =
            requests.chain(live.map(|claim| claim.window_end)).chain(games.map(Game::deadline));
        let mut dates: Vec<u64> = dates.filter(|date| *date > now).collect();
        dates.sort_unstable();
        dates.dedup();
        dates
    }
}
