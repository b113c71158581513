//! Decisions, without a chain.

mod clocks;
mod money;

use alloy_primitives::{Address, B256, Bytes, U256};
use opml_core::game::{Clock, Position};

use super::{Results, Todo, View};
use crate::chain::Funds;
use crate::config::{Amount, Policy, Roles};
use crate::intent::Act;
use crate::jobs::{Output, Task};
use crate::policy::{Budget, Exposure, Means, Pending, Prices};
use crate::state::{Claim, ClaimStatus, Game, Request, RequestStatus, Stage, Stakes, World};

const ME: Address = Address::repeat_byte(1);
const OTHER: Address = Address::repeat_byte(2);
const MODEL: B256 = B256::repeat_byte(3);
const WINDOW_END: u64 = 5000;

const PRICES: Prices = Prices {
    server_bond: U256::from_limbs([100, 0, 0, 0]),
    challenger_bond: U256::from_limbs([50, 0, 0, 0]),
    gas_stake: U256::from_limbs([10, 0, 0, 0]),
    accept_bond: U256::from_limbs([5, 0, 0, 0]),
    failed_share: 2500,
    window: 3600,
};

fn id(number: u8) -> B256 {
    B256::with_last_byte(number)
}

fn request(world: &mut World, number: u8) {
    let request = Request {
        model: MODEL,
        requester: OTHER,
        start: B256::ZERO,
        deadline: 9000 + u64::from(number),
        fee: 1,
        bytes: Bytes::new(),
        status: RequestStatus::Open,
        accepted: None,
        claims: Vec::new(),
    };
    world.requests.insert(id(number), request);
}

/// A claim on the request with the same number.
fn claim(world: &mut World, number: u8, server: Address) {
    let claim = Claim {
        request: id(number),
        server,
        final_hash: B256::repeat_byte(0xff),
        window_end: WINDOW_END,
        failed: false,
        status: ClaimStatus::Live,
        games: Vec::new(),
    };
    world.claims.insert(id(number), claim);
    world.requests.entry(id(number)).and_modify(|request| request.claims.push(id(number)));
}

/// A game against the claim with the same number; its challenger is on turn.
fn game(world: &mut World, number: u8, challenger: Address) {
    let server = world.claims[&id(number)].server;
    let claimed = Position::claim(10, B256::ZERO, B256::repeat_byte(1)).expect("a position");
    let clock = Clock::start(1000, 100);
    let game = Game {
        claim: id(number),
        server,
        challenger,
        stage: Stage::Turn { position: claimed, clock },
        stakes: Stakes::Open,
        stake_locked: false,
        moves: Vec::new(),
    };
    world.games.insert(id(number), game);
    world.claims.entry(id(number)).and_modify(|claim| claim.games.push(id(number)));
}

struct Scene {
    world: World,
    policy: Policy,
    funds: Funds,
    results: Results,
    roles: Roles,
    now: u64,
    block_time: u64,
    pending: Pending,
}

impl Scene {
    fn new(world: World, (balance, credit): (u64, u64)) -> Self {
        let max_exposure = Amount(U256::MAX);
        let policy = Policy { game_gas: 7, claim_gas: 0, max_exposure, ..Policy::default() };
        let funds = Funds { balance: U256::from(balance), credit: U256::from(credit) };
        let starts = world.requests.keys().map(|id| (*id, true)).collect();
        let results = Results { starts, ..Results::default() };
        let (roles, pending) = (Roles::ALL, Pending::default());
        Self { world, policy, funds, results, roles, now: 200, block_time: 200, pending }
    }

    fn todo(&self) -> Vec<Todo> {
        let exposure = Exposure::of(&self.world, ME, &PRICES).with(&self.pending, &PRICES);
        let gas_price = U256::from(1);
        let view = View {
            world: &self.world,
            me: ME,
            now: self.now,
            block_time: self.block_time,
            roles: self.roles,
            policy: &self.policy,
            prices: PRICES,
            gas_price,
            funds: self.funds,
            exposure,
            models: &std::iter::once(MODEL).collect(),
            served: &std::iter::once(MODEL).collect(),
            results: &self.results,
            activations: &[],
        };
        let means = Means {
            funds: self.funds,
            exposure,
            pending: U256::ZERO,
            gas_price,
            gas_today: U256::from(1),
        };
        view.todo(Budget::new(&self.policy, &means))
    }

    fn acts(&self) -> Vec<Act> {
        let acts = self.todo().into_iter();
        acts.filter_map(|todo| if let Todo::Act(act) = todo { Some(act) } else { None }).collect()
    }

    /// This account knows the result of a request, and how it would open a game about it.
    fn computed(&mut self, number: u8) {
        let answer = crate::jobs::Answer {
            state: opml_core::graph::GraphState {
                memory_root: B256::ZERO,
                pc: 0,
                tile: 0,
                iteration: 0,
                status: opml_core::graph::GraphStatus::Halted,
            },
            hash: B256::repeat_byte(0xaa),
            output: Some(Output::default()),
        };
        self.results.answers.insert(id(number), answer);
        self.results.moves.insert(Task::Open { claim: id(number) }, Some(Bytes::new()));
    }
}
