//! Decisions about money that others can bring about.

use alloy_primitives::{Address, B256, Bytes, U256};
use opml_core::game::{Clock, Position};

use super::{Results, Todo, View};
use crate::chain::Funds;
use crate::config::{Amount, Policy, Roles};
use crate::intent::Act;
use crate::jobs::{Rank, Task};
use crate::policy::{Budget, Exposure, Means, Prices};
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
}

impl Scene {
    fn new(world: World, (balance, credit): (u64, u64)) -> Self {
        let policy = Policy { game_gas: 7, max_exposure: Amount(U256::MAX), ..Policy::default() };
        let funds = Funds { balance: U256::from(balance), credit: U256::from(credit) };
        Self { world, policy, funds, results: Results::default(), roles: Roles::ALL }
    }

    fn todo(&self) -> Vec<Todo> {
        let exposure = Exposure::of(&self.world, ME, &PRICES);
        let gas_price = U256::from(1);
        let view = View {
            world: &self.world,
            me: ME,
            now: 200,
            roles: self.roles,
            policy: &self.policy,
            prices: PRICES,
            gas_price,
            funds: self.funds,
            exposure,
            models: &std::iter::once(MODEL).collect(),
            results: &self.results,
            activations: &[],
        };
        let means = Means {
            funds: self.funds,
            exposure,
            pending: U256::ZERO,
            gas_price,
            gas_today: U256::ZERO,
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
            output: Bytes::new(),
            path: Bytes::new(),
        };
        self.results.answers.insert(id(number), answer);
        self.results.moves.insert(Task::Open { claim: id(number) }, Some(Bytes::new()));
    }
}

#[test]
fn a_challenge_leaves_the_stake_of_an_open_game() {
    let mut world = World::default();
    (1..=2).for_each(|number| request(&mut world, number));
    claim(&mut world, 1, ME);
    claim(&mut world, 2, OTHER);
    game(&mut world, 1, OTHER);
    let mut scene = Scene::new(world, (1000, 30));
    scene.roles = Roles { verifier: true, ..Roles::default() };
    scene.computed(2);
    let value = scene.acts().into_iter().find_map(|act| match act {
        Act::Challenge { value, .. } => Some(value),
        _ => None,
    });
    // 30 of credit, of which the game needs 10.
    assert_eq!(value, Some(U256::from(30)));
}

#[test]
fn credit_comes_out_when_gas_runs_short_but_not_the_stakes() {
    let mut world = World::default();
    request(&mut world, 1);
    claim(&mut world, 1, ME);
    let withdrawn = |scene: &Scene| {
        scene.acts().into_iter().find_map(|act| match act {
            Act::Withdraw { amount, .. } => Some(amount),
            _ => None,
        })
    };
    // A claim, and one more: a reserve of 14.
    assert_eq!(withdrawn(&Scene::new(world.clone(), (14, 500))), None);
    assert_eq!(withdrawn(&Scene::new(world.clone(), (13, 500))), Some(U256::from(15)));
    game(&mut world, 1, OTHER);
    // A game more: 21. Of 12 of credit, 10 are its stake.
    assert_eq!(withdrawn(&Scene::new(world, (20, 12))), Some(U256::from(2)));
}

#[test]
fn a_flood_of_requests_is_not_accepted_at_once() {
    let mut world = World::default();
    (1..=9).for_each(|number| request(&mut world, number));
    let accepted =
        |scene: &Scene| scene.acts().iter().filter(|act| matches!(act, Act::Accept { .. })).count();
    let mut scene = Scene::new(world, (100_000, 0));
    assert_eq!(accepted(&scene), 0);
    scene.policy.accept = true;
    assert_eq!(accepted(&scene), 2);
    // For one there is money: bond, stake, acceptance and a game.
    scene.funds.balance = U256::from(200);
    assert_eq!(accepted(&scene), 1);
    scene.funds.balance = U256::from(121);
    assert_eq!(accepted(&scene), 0);
}

#[test]
fn what_nobody_needs_is_not_computed_and_what_is_urgent_ranks_first() {
    let mut world = World::default();
    (1..=3).for_each(|number| request(&mut world, number));
    claim(&mut world, 2, OTHER);
    claim(&mut world, 3, OTHER);
    game(&mut world, 3, ME);
    world.requests.entry(id(1)).and_modify(|gone| gone.status = RequestStatus::Refunded);
    let scene = Scene::new(world, (100_000, 0));
    let mut ranks: Vec<_> = scene
        .todo()
        .into_iter()
        .filter_map(|todo| match todo {
            Todo::Compute { task, rank } => Some((rank, task)),
            _ => None,
        })
        .collect();
    ranks.sort_unstable();
    assert!(matches!(ranks[0], (Rank::Move(_), Task::Reply { .. })), "{ranks:?}");
    assert!(matches!(ranks[1].0, Rank::Check(WINDOW_END)), "{ranks:?}");
    let about = |task: &Task| matches!(task, Task::Answer { request } if *request == id(1));
    assert!(!ranks.iter().any(|(_, task)| about(task)), "a refunded request");
}
