//! What schedules have done.

use std::collections::BTreeMap;
use std::fmt;

use crate::spec::call::{Call, Sent};
use crate::spec::game::Shown;

/// Counts.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Schedules.
    pub schedules: u64,
    /// Actions.
    pub actions: u64,
    /// Calls that were taken and that were refused, by kind.
    pub calls: BTreeMap<&'static str, [u64; 2]>,
    /// Errors that calls were refused with.
    pub errors: BTreeMap<&'static str, u64>,
    /// Times that time has passed.
    pub jumps: u64,
    /// Times that the chain went back.
    pub reorganizations: u64,
    /// Times that gas got another price.
    pub prices: u64,
    /// Times that nobody could act.
    pub outages: u64,
    /// Words of storage that were compared.
    pub words: u64,
    /// Views that were compared.
    pub views: u64,
}

/// Calls that schedules are to make and have taken, each of them.
pub const KINDS: [&str; 17] = [
    "infer",
    "accept",
    "claim",
    "claimFor",
    "challenge",
    "dissect",
    "conclude",
    "descend",
    "prove",
    "timeout",
    "settle",
    "finalize",
    "release",
    "refundGame",
    "cancel",
    "reclaim",
    "withdraw",
];

fn kind(call: &Call) -> &'static str {
    match call {
        Call::RetireModel { .. } => "retireModel",
        Call::Infer { .. } => "infer",
        Call::Accept { .. } => "accept",
        Call::Cancel { .. } => "cancel",
        Call::Reclaim { .. } => "reclaim",
        Call::AllowPayer { .. } => "allowPayer",
        Call::Claim { .. } => "claim",
        Call::ClaimFor { .. } => "claimFor",
        Call::Challenge { .. } => "challenge",
        Call::Finalize { .. } => "finalize",
        Call::Release { .. } => "release",
        Call::RefundGame { .. } => "refundGame",
        Call::Verdict { .. } => "verdict",
        Call::LockStake { .. } => "lockStake",
        Call::Deposit => "deposit",
        Call::Withdraw { .. } => "withdraw",
        Call::FlushBurned => "flushBurned",
        Call::Timeout { .. } => "timeout",
        Call::Settle { .. } => "settle",
        Call::Move { made, .. } => match made.shown {
            Shown::Dissect { .. } => "dissect",
            Shown::Conclude { .. } => "conclude",
            Shown::Descend { .. } => "descend",
            Shown::Prove { .. } => "prove",
        },
    }
}

impl Tally {
    pub(crate) fn note(&mut self, sent: &Sent, taken: bool) {
        self.calls.entry(kind(&sent.call)).or_default()[usize::from(!taken)] += 1;
    }

    /// Calls that were taken, of a kind.
    pub fn taken(&self, kind: &str) -> u64 {
        self.calls.get(kind).map_or(0, |counts| counts[0])
    }

    /// All calls.
    pub fn sent(&self) -> u64 {
        self.calls.values().flatten().sum()
    }

    /// Adds another's counts.
    pub fn add(&mut self, other: &Self) {
        self.schedules += 1;
        self.actions += other.actions;
        self.jumps += other.jumps;
        self.reorganizations += other.reorganizations;
        self.prices += other.prices;
        self.outages += other.outages;
        self.words += other.words;
        self.views += other.views;
        for (kind, counts) in &other.calls {
            let own = self.calls.entry(kind).or_default();
            own.iter_mut().zip(counts).for_each(|(own, count)| *own += count);
        }
        for (name, count) in &other.errors {
            *self.errors.entry(name).or_default() += count;
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            formatter,
            "{} schedules, {} actions, {} calls, {} jumps in time, {} re-organizations, {} prices of gas, {} outages, {} words and {} views compared",
            self.schedules,
            self.actions,
            self.sent(),
            self.jumps,
            self.reorganizations,
            self.prices,
            self.outages,
            self.words,
            self.views,
        )?;
        for (kind, [taken, refused]) in &self.calls {
            writeln!(formatter, "{kind:>12}: {taken} taken, {refused} refused")?;
        }
        let errors = self.errors.iter().map(|(name, count)| format!("{name} {count}"));
        write!(formatter, "{} errors: {}", self.errors.len(), errors.collect::<Vec<_>>().join(", "))
    }
}
