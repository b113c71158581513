//! Telling: what the node does, for who looks.

use std::sync::Arc;

use alloy_primitives::{Address, B256, U256};
use opml_core::game::Side;

use super::care::Seen;
use super::driver::Driver;
use crate::alarm::Alarm;
use crate::chain::{Funds, Head};
use crate::config::Roles;
use crate::jobs::Progress;
use crate::policy::{Exposure, Means};
use crate::state::{Stakes, World};

/// What a node is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// It has read the chain to its head.
    pub ready: bool,
    /// Number of the last block read.
    pub block: u64,
    /// The present second.
    pub now: u64,
    /// What the account has.
    pub funds: Funds,
    /// What is at stake.
    pub exposure: Exposure,
    /// Wei of gas on the present day.
    pub gas_today: U256,
    /// Computations that wait or run.
    pub computing: usize,
    /// Intents that are handed over and not settled.
    pub sending: usize,
}

/// What it is doing, at length.
#[derive(Clone, Debug, Default)]
pub struct Detail {
    /// Timestamp of the last block.
    pub block_time: u64,
    /// Heads come by subscription.
    pub subscribed: bool,
    /// Games of this account.
    pub games: Vec<OpenGame>,
    /// What is being computed.
    pub jobs: Vec<Progress>,
    /// What must be looked after.
    pub alarms: Vec<Alarm>,
}

/// A game of this account whose stakes are open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenGame {
    /// Its id.
    pub id: B256,
    /// The claim.
    pub claim: B256,
    /// This account's side.
    pub side: Side,
    /// Who is on turn, and the first second in which that side has lost.
    pub turn: Option<(Side, u64)>,
    /// Positions so far.
    pub moves: usize,
}

/// Whose node it is.
#[derive(Clone, Copy, Debug)]
pub struct Identity {
    /// The account.
    pub account: Address,
    /// The chain.
    pub chain_id: u64,
    /// The hub.
    pub hub: Address,
    /// Its duties.
    pub roles: Roles,
}

impl Driver {
    /// Lets everybody know who looks.
    pub(super) fn tell(&mut self, head: Head, now: u64, means: &Means) {
        let world = self.follower.world();
        self.knowledge.compare(world, &self.metrics);
        let seen = Seen { world, account: self.account, now };
        let alarms = self.care.alarms(&seen, &self.library, &self.knowledge);
        self.metrics.alarmed(&alarms, least_clock(world, self.account, now));
        for activation in self.care.activations() {
            self.metrics.activation(activation.name, activation.seconds_left);
        }
        let status = Status {
            ready: true,
            block: head.number,
            now,
            funds: means.funds,
            exposure: means.exposure,
            gas_today: means.gas_today,
            computing: self.pool.computing(),
            sending: self.under_way.count(),
        };
        self.metrics.looked(&status, head.timestamp);
        self.channels.status.send_replace(status);
        let jobs = self.pool.running().progress();
        self.metrics.computing(&jobs, self.pool.waiting());
        let games = open_games(world, self.account);
        let (block_time, subscribed) = (head.timestamp, self.heads.is_live());
        let detail = Detail { block_time, subscribed, games, jobs, alarms };
        self.channels.detail.send_replace(Arc::new(detail));
    }
}

/// Least seconds left of an account in games that wait for it.
fn least_clock(world: &World, account: Address, now: u64) -> Option<u64> {
    let open = world.games.values().filter(|game| game.stakes == Stakes::Open);
    let waiting = open.filter_map(|game| {
        let (side, deadline) = game.turn()?;
        (game.account(side) == account).then(|| deadline.saturating_sub(now))
    });
    waiting.min()
}

/// Games of an account whose stakes are open.
fn open_games(world: &World, account: Address) -> Vec<OpenGame> {
    let open = world.games.iter().filter(|(_, game)| game.stakes == Stakes::Open);
    let own = open.filter_map(|(id, game)| {
        let side = if game.server == account {
            Side::Server
        } else if game.challenger == account {
            Side::Challenger
        } else {
            return None;
        };
        let (turn, moves) = (game.turn(), game.moves.len());
        Some(OpenGame { id: *id, claim: game.claim, side, turn, moves })
    });
    own.collect()
}
