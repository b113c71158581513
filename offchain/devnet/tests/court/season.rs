//! Seasons of random requests, claims and games: honest parties do their duty whenever time is about to pass, the
//! others do anything. Whatever happens, results are true, and nobody honest loses a wei.

use alloy_primitives::{Address, B256};
use opml_core::game::Side;
use opml_solver::machines::Machines;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use crate::abi::IHub;
use crate::court::{
    CHALLENGER, CLOCK, Court, GAS_STAKE, MALLORY, PATIENCE, SECOND, SERVER, STRANGER, WINDOW,
};
use crate::encoding::IGame;
use crate::liar::{GELU, Liar};
use crate::model::{Answer, Model};
use crate::player::{Dispute, Player as _, challenge_by, noise, open};

/// Honest: its claims are true, it challenges what is not, and moves in time.
const HONEST: [Address; 2] = [SERVER, CHALLENGER];

struct Season {
    court: Court,
    model: B256,
    bytes: alloy_primitives::Bytes,
    truth: Answer,
    lie: Answer,
    machines: Machines,
    liar: Liar,
    requests: Vec<B256>,
    claims: Vec<B256>,
    games: Vec<Dispute>,
    random: StdRng,
}

impl Season {
    fn new(seed: u64) -> Self {
        let model = Model::toy(5);
        let mut court = Court::new();
        let id = court.register(&model);
        for account in [SERVER, SECOND, MALLORY] {
            court.deposit(account, 300 * GAS_STAKE);
        }
        court.audits = false;
        Self {
            court,
            model: id,
            bytes: model.request(),
            truth: model.truth(),
            lie: model.answer(GELU(|_| 0).settings()),
            machines: model.machines(),
            liar: model.liar(GELU(|_| 0)),
            requests: Vec::new(),
            claims: Vec::new(),
            games: Vec::new(),
            random: StdRng::seed_from_u64(seed),
        }
    }

    fn pick(&mut self, ids: fn(&Self) -> &Vec<B256>) -> Option<B256> {
        let count = ids(self).len();
        if count == 0 {
            return None;
        }
        let at = self.random.random_range(0..count);
        Some(ids(self)[at])
    }

    /// Something by somebody; what is refused is refused.
    fn act(&mut self) {
        match self.random.random_range(0..12) {
            0 | 1 => {
                let bytes = self.bytes.clone();
                let id = self.court.infer(self.model, bytes);
                self.requests.push(id);
            }
            2 => self.claim(SERVER, true),
            3 => self.claim(MALLORY, false),
            4 => self.claim(SECOND, true),
            5 | 6 => self.attack(),
            7..=9 => self.move_badly(),
            10 => {
                self.do_duty();
                let seconds = self.random.random_range(1..WINDOW / 2);
                self.court.pass(seconds);
            }
            _ => self.tidy(),
        }
    }

    fn claim(&mut self, server: Address, is_true: bool) {
        let Some(request) = self.pick(|season| &season.requests) else { return };
        let answer = if is_true { self.truth.clone() } else { self.lie.clone() };
        self.claims.extend(self.court.try_claim(server, request, &answer));
    }

    /// A challenge out of malice: of any claim, by a liar's dissection or by noise.
    fn attack(&mut self) {
        let Some(claim) = self.pick(|season| &season.claims) else { return };
        let is_lie = self.court.claim_of(claim).finalHash == self.lie.hash();
        if is_lie || self.random.random_range(0..2) == 0 {
            let seed = self.random.random_range(0..255);
            let outcome = challenge_by(&mut self.court, (MALLORY, claim), noise(seed));
            let Ok(done) = outcome else { return };
            let (first, program) = crate::player::claimed(&self.court, claim);
            let position = crate::player::published(&done).unwrap_or(first);
            let id = crate::court::id(done);
            self.games.push(Dispute { id, program, position, costs: Vec::new() });
        } else if let Ok(game) = open(&mut self.court, (MALLORY, claim), &mut self.liar) {
            self.games.push(game);
        }
    }

    /// Who is on turn in a game that is open, and where it is on the hub.
    fn turn(&self, game: &Dispute) -> Option<Address> {
        let kept = self.court.game_of(game.id);
        let parties = [kept.server, kept.challenger];
        (kept.status == IGame::Status::Open).then_some(parties[game.position.on_turn() as usize])
    }

    fn move_badly(&mut self) {
        if self.games.is_empty() {
            return;
        }
        let at = self.random.random_range(0..self.games.len());
        let mut game = self.games[at].clone();
        if self.turn(&game).is_some_and(|who| !HONEST.contains(&who)) {
            let _ = game.turn(&mut self.court, &mut self.liar);
            self.games[at] = game;
        }
    }

    /// What honest parties do before any second passes: challenge each lie once, and move.
    fn do_duty(&mut self) {
        for claim in self.claims.clone() {
            let kept = self.court.claim_of(claim);
            let mine = |game: &Dispute| {
                let stakes = self.court.stakes_of(game.id);
                (stakes.claimId, stakes.challenger) == (claim, CHALLENGER)
            };
            let is_due = kept.status == IHub::ClaimStatus::Live
                && kept.finalHash == self.lie.hash()
                && self.court.request(kept.requestId).status == IHub::RequestStatus::Open
                && self.court.now() < kept.windowEnd
                && !self.games.iter().any(mine);
            if is_due {
                let game = open(&mut self.court, (CHALLENGER, claim), &mut self.machines).unwrap();
                self.games.push(game);
            }
        }
        for at in 0..self.games.len() {
            let mut game = self.games[at].clone();
            let Some(who) = self.turn(&game) else { continue };
            let stakes = self.court.stakes_of(game.id);
            let claim = self.court.claim_of(stakes.claimId).status;
            if !HONEST.contains(&who) || claim != IHub::ClaimStatus::Live {
                continue;
            }
            // An honest side on turn always has a legal move.
            let side = game.position.on_turn();
            let is_server = side == Side::Server;
            let reply = self.machines.reply(&game.position, side);
            let (mv, evidence) = reply.unwrap_or_else(|| panic!("{who} is speechless"));
            let outcome = game.show(&mut self.court, (&mv, &evidence));
            outcome.unwrap_or_else(|data| panic!("server: {is_server}, {mv:?}: {data}"));
            self.games[at] = game;
        }
    }

    /// What anybody may do to bring things to their ends.
    fn tidy(&mut self) {
        for game in self.games.clone() {
            let _ = self.court.timeout(game.id);
            let _ = self.court.refund_game(game.id);
        }
        for claim in self.claims.clone() {
            let _ = self.court.finalize(claim);
            let _ = self.court.ask(STRANGER, 0, IHub::releaseCall { claimId: claim });
        }
        self.court.ledger.assert_balanced(&self.court);
    }

    fn end(&mut self) -> (usize, usize) {
        // Not all at once: honest parties answer in between.
        for _ in 0..30 {
            self.do_duty();
            self.court.pass(CLOCK / 3);
            self.tidy();
        }
        self.court.pass(PATIENCE);
        for requestId in self.requests.clone() {
            let _ = self.court.ask(STRANGER, 0, IHub::reclaimCall { requestId });
        }
        self.tidy();
        assert_eq!(self.court.ledger.stakes(&self.court), 0);
        let mut finals = 0;
        for request in &self.requests {
            let kept = self.court.request(*request);
            if kept.status == IHub::RequestStatus::Final {
                let claim = self.court.claim_of(kept.head);
                assert_eq!(claim.finalHash, self.truth.hash(), "a lie is final");
                finals += 1;
            }
        }
        let mut voids = 0;
        for claim in &self.claims {
            let kept = self.court.claim_of(*claim);
            let void = kept.status == IHub::ClaimStatus::Void;
            assert!(!void || kept.server != SERVER, "an honest claim is void");
            voids += usize::from(void);
        }
        (finals, voids)
    }
}

/// An honest party has at least what it had, whatever became of its claims and games.
#[test]
fn whatever_happens_results_are_true_and_the_honest_lose_nothing() {
    let (mut finals, mut voids, mut games) = (0, 0, 0);
    for seed in 0..4 {
        let mut season = Season::new(seed);
        let worth = |court: &Court, who| court.balance(who) + court.credit(who);
        let before = HONEST.map(|who| worth(&season.court, who));
        for _ in 0..80 {
            season.act();
        }
        let (ended, void) = season.end();
        (finals, voids, games) = (finals + ended, voids + void, games + season.games.len());
        let spent = season.court.gas_spent(HONEST);
        for (number, who) in HONEST.into_iter().enumerate() {
            let after = worth(&season.court, who) + spent[number];
            assert!(
                after >= before[number],
                "seed {seed}: {who} has lost {}",
                before[number] - after
            );
        }
        season.court.assert_nothing_left();
    }
    println!("{games} games, {finals} final results, {voids} void claims");
    assert!(finals > 5 && voids > 5 && games > 20, "{finals}, {voids}, {games}");
}
