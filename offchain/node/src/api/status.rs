//! What the HTTP server shows of the node itself.

use serde::Serialize;
use utoipa::ToSchema;

use super::views::side;
use crate::alarm::Alarm;
use crate::config::Roles;
use crate::jobs::Progress;
use crate::node::{Detail, Identity, OpenGame, Status};

/// What the node does.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StatusView {
    /// Whether the chain is read to its head.
    ready: bool,
    /// The account that it acts for.
    account: String,
    /// The chain.
    chain_id: u64,
    /// The hub.
    hub: String,
    /// `server`, `verifier`, `player`, `settler`.
    roles: Vec<&'static str>,
    /// Number of the last block read.
    block: u64,
    /// Its timestamp.
    block_time: u64,
    /// Seconds that it is behind the present one.
    lag: u64,
    /// The present second.
    now: u64,
    /// Whether new heads come by subscription.
    subscribed: bool,
    /// Wei outside the hub.
    balance: String,
    /// Wei of credit in the hub.
    credit: String,
    /// Wei in bonds and stakes.
    exposure: String,
    /// Wei of gas today.
    gas_today: String,
    /// Live claims of this account.
    claims: usize,
    /// Open games of this account.
    games: usize,
    /// Computations that wait or run.
    computing: usize,
    /// Acts that are handed over and not settled.
    sending: usize,
    /// Open games of this account.
    open_games: Vec<OpenGameView>,
    /// Computations that run.
    jobs: Vec<JobView>,
    /// What must be looked after.
    alarms: Vec<AlarmView>,
}

impl StatusView {
    /// All of it.
    pub fn new(identity: &Identity, status: &Status, detail: &Detail) -> Self {
        Self {
            ready: status.ready,
            account: identity.account.to_string(),
            chain_id: identity.chain_id,
            hub: identity.hub.to_string(),
            roles: names(identity.roles),
            block: status.block,
            block_time: detail.block_time,
            lag: status.now.saturating_sub(detail.block_time),
            now: status.now,
            subscribed: detail.subscribed,
            balance: status.funds.balance.to_string(),
            credit: status.funds.credit.to_string(),
            exposure: status.exposure.wei.to_string(),
            gas_today: status.gas_today.to_string(),
            claims: status.exposure.claims,
            games: status.exposure.games,
            computing: status.computing,
            sending: status.sending,
            open_games: detail
                .games
                .iter()
                .map(|game| OpenGameView::new(game, status.now))
                .collect(),
            jobs: detail.jobs.iter().map(JobView::from).collect(),
            alarms: detail.alarms.iter().map(AlarmView::from).collect(),
        }
    }
}

fn names(roles: Roles) -> Vec<&'static str> {
    let switches = [
        (roles.server, "server"),
        (roles.verifier, "verifier"),
        (roles.player, "player"),
        (roles.settler, "settler"),
    ];
    switches.into_iter().filter_map(|(on, name)| on.then_some(name)).collect()
}

/// An open game of the account.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OpenGameView {
    /// Its id.
    id: String,
    /// The claim.
    claim: String,
    /// This account's side: `server` or `challenger`.
    side: &'static str,
    /// Who is on turn.
    on_turn: Option<&'static str>,
    /// First second in which that side has lost.
    deadline: Option<u64>,
    /// Seconds until then.
    seconds_left: Option<u64>,
    /// Positions so far.
    moves: usize,
}

impl OpenGameView {
    fn new(game: &OpenGame, now: u64) -> Self {
        let deadline = game.turn.map(|(_, deadline)| deadline);
        Self {
            id: game.id.to_string(),
            claim: game.claim.to_string(),
            side: side(game.side),
            on_turn: game.turn.map(|(on_turn, _)| side(on_turn)),
            deadline,
            seconds_left: deadline.map(|deadline| deadline.saturating_sub(now)),
            moves: game.moves,
        }
    }
}

/// A computation that runs.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct JobView {
    /// `answer`, `open` or `reply`.
    kind: &'static str,
    /// The request that it is about.
    request: String,
    /// Steps behind it.
    steps_done: u64,
    /// Steps at most: the trace may end before.
    steps_total: u64,
    /// Seconds that it has run.
    seconds: f64,
}

impl From<&Progress> for JobView {
    fn from(progress: &Progress) -> Self {
        let steps = progress.steps();
        Self {
            kind: progress.task.kind(),
            request: progress.request.to_string(),
            steps_done: steps.done,
            steps_total: steps.total,
            seconds: progress.took().as_secs_f64(),
        }
    }
}

/// Something that must be looked after.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AlarmView {
    /// Its kind in a word.
    kind: &'static str,
    /// What is wrong.
    message: String,
}

impl From<&Alarm> for AlarmView {
    fn from(alarm: &Alarm) -> Self {
        Self { kind: alarm.kind(), message: alarm.to_string() }
    }
}
