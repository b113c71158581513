//! Figures for Prometheus. All amounts are in ether, all times in seconds.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use alloy_primitives::U256;
use alloy_primitives::utils::format_ether;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

use crate::alarm::{Alarm, KINDS};
use crate::jobs::Progress;
use crate::sender::Outcome;
use crate::state::{ClaimStatus, RequestStatus, Stakes, World};
use crate::store::State;

type Label = [(&'static str, String); 1];
type Labels = [(&'static str, String); 2];
type Real = Gauge<f64, AtomicU64>;

/// All figures of a node.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    block: Gauge,
    lag: Gauge,
    ready: Gauge,
    open: Family<Label, Gauge>,
    money: Family<Label, Real>,
    intents: Family<Labels, Counter>,
    gas: Family<Label, Counter<f64, AtomicU64>>,
    jobs: Family<Label, Histogram, fn() -> Histogram>,
    failed_jobs: Counter,
    computing: Family<Label, Gauge>,
    steps: Family<Label, Gauge>,
    checked: Counter,
    disagreements: Counter,
    rpc_errors: Counter,
    reorganizations: Counter,
    clock_left: Gauge,
    activation: Family<Label, Gauge>,
    alarms: Family<Label, Gauge>,
}

fn label(name: &'static str, value: &str) -> Label {
    [(name, value.to_owned())]
}

/// Ether, for a graph: not exact.
fn ether(wei: U256) -> f64 {
    format_ether(wei).parse().unwrap_or(f64::INFINITY)
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

impl Default for Metrics {
    fn default() -> Self {
        let buckets: fn() -> Histogram = || Histogram::new(exponential_buckets(0.001, 4.0, 12));
        let mut metrics = Self {
            registry: Registry::with_prefix("opml"),
            block: Gauge::default(),
            lag: Gauge::default(),
            ready: Gauge::default(),
            open: Family::default(),
            money: Family::default(),
            intents: Family::default(),
            gas: Family::default(),
            jobs: Family::new_with_constructor(buckets),
            failed_jobs: Counter::default(),
            computing: Family::default(),
            steps: Family::default(),
            checked: Counter::default(),
            disagreements: Counter::default(),
            rpc_errors: Counter::default(),
            reorganizations: Counter::default(),
            clock_left: Gauge::default(),
            activation: Family::default(),
            alarms: Family::default(),
        };
        metrics.register();
        metrics
    }
}

impl Metrics {
    fn register(&mut self) {
        let registry = &mut self.registry;
        registry.register("block", "Number of the last block read", self.block.clone());
        registry.register("chain_lag_seconds", "Age of the last block read", self.lag.clone());
        registry.register("ready", "1 if the chain is read to its head", self.ready.clone());
        let help = "Open requests, live claims and open games, all and of this account";
        registry.register("open", help, self.open.clone());
        let help = "Balance, credit, exposure and gas of the day in ether";
        registry.register("ether", help, self.money.clone());
        registry.register(
            "intents",
            "Acts on the chain by what became of them",
            self.intents.clone(),
        );
        registry.register("gas_ether", "Gas paid in ether", self.gas.clone());
        registry.register("job_seconds", "Time of computations", self.jobs.clone());
        registry.register("jobs_failed", "Computations without a result", self.failed_jobs.clone());
        let help = "Computations that run, and that wait for room";
        registry.register("computing", help, self.computing.clone());
        let help = "Steps of running computations: behind them, and at most in all";
        registry.register("job_steps", help, self.steps.clone());
        registry.register("claims_checked", "Claims recomputed", self.checked.clone());
        let help = "Claims recomputed with another result";
        registry.register("disagreements", help, self.disagreements.clone());
        registry.register("rpc_errors", "Looks at the chain that failed", self.rpc_errors.clone());
        let help = "Times that blocks were taken back";
        registry.register("reorganizations", help, self.reorganizations.clone());
        let help = "Least seconds left of this account in games that wait for it, -1 if none does";
        registry.register("clock_left_seconds", help, self.clock_left.clone());
        let help = "Seconds until a contract's activation ends";
        registry.register("activation_left_seconds", help, self.activation.clone());
        let help = "What an operator must look after now, by kind";
        registry.register("alarms", help, self.alarms.clone());
    }

    /// All figures in Prometheus' text format.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }

    /// A look at the chain has failed.
    pub fn rpc_failed(&self) {
        self.rpc_errors.inc();
        self.ready.set(0);
    }

    /// Blocks were taken back.
    pub fn reorganized(&self) {
        self.reorganizations.inc();
    }

    /// A computation has ended.
    pub fn computed(&self, kind: &str, took: Duration, succeeded: bool) {
        self.jobs.get_or_create(&label("kind", kind)).observe(took.as_secs_f64());
        self.failed_jobs.inc_by(u64::from(!succeeded));
    }

    /// What is being computed, and how many computations wait.
    pub fn computing(&self, running: &[Progress], waiting: usize) {
        for (state, number) in [("running", running.len()), ("waiting", waiting)] {
            self.computing.get_or_create(&label("state", state)).set(count(number));
        }
        let steps = || running.iter().map(Progress::steps);
        let done = steps().fold(0_u64, |sum, steps| sum.saturating_add(steps.done));
        let total = steps().fold(0_u64, |sum, steps| sum.saturating_add(steps.total));
        for (kind, number) in [("done", done), ("total", total)] {
            self.steps.get_or_create(&label("kind", kind)).set(signed(number));
        }
    }

    /// A claim was compared with what this node computed.
    pub fn compared(&self, agrees: bool) {
        self.checked.inc();
        self.disagreements.inc_by(u64::from(!agrees));
    }

    /// An intent is settled.
    pub fn settled(&self, outcome: &Outcome) {
        let word = match &outcome.state {
            State::Mined { mined, .. } if mined.success => "done",
            State::Mined { .. } => "reverted",
            State::Refused { .. } => "refused",
            State::Written | State::Sent { .. } | State::Dropped => "dropped",
        };
        let labels = [("kind", outcome.kind.clone()), ("outcome", word.to_owned())];
        self.intents.get_or_create(&labels).inc();
        self.gas.get_or_create(&label("kind", &outcome.kind)).inc_by(ether(outcome.gas));
    }

    /// The chain was read to its head.
    pub fn looked(&self, status: &crate::node::Status, block_time: u64) {
        self.ready.set(i64::from(status.ready));
        self.block.set(signed(status.block));
        self.lag.set(signed(status.now.saturating_sub(block_time)));
        let amounts = [
            ("balance", status.funds.balance),
            ("credit", status.funds.credit),
            ("exposure", status.exposure.wei),
            ("gas_today", status.gas_today),
        ];
        for (kind, wei) in amounts {
            self.money.get_or_create(&label("kind", kind)).set(ether(wei));
        }
        let own = [("own_claims", status.exposure.claims), ("own_games", status.exposure.games)];
        for (kind, number) in own {
            self.open.get_or_create(&label("kind", kind)).set(count(number));
        }
    }

    /// What is open, of everybody.
    pub fn world(&self, world: &World) {
        let requests = world.requests.values();
        let requests = requests.filter(|request| request.status == RequestStatus::Open).count();
        let claims = world.claims.values();
        let claims = claims.filter(|claim| claim.status == ClaimStatus::Live).count();
        let games = world.games.values().filter(|game| game.stakes == Stakes::Open).count();
        for (kind, number) in [("requests", requests), ("claims", claims), ("games", games)] {
            self.open.get_or_create(&label("kind", kind)).set(count(number));
        }
    }

    /// What must be looked after; `clock` is the least time left.
    pub fn alarmed(&self, alarms: &[Alarm], clock: Option<u64>) {
        self.clock_left.set(clock.map_or(-1, signed));
        for kind in KINDS {
            let number = alarms.iter().filter(|alarm| alarm.kind() == kind).count();
            self.alarms.get_or_create(&label("kind", kind)).set(count(number));
        }
    }

    /// How long a contract stays activated.
    pub fn activation(&self, contract: &str, left: u64) {
        self.activation.get_or_create(&label("contract", contract)).set(signed(left));
    }
}
