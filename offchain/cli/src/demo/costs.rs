//! Where the time of a dispute goes.

use std::time::Duration;

use opml_core::game::{Move, Phase};
use serde::Serialize;

use super::machine::Answer;

/// Seconds of both sides together, by what they are spent on.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Parts {
    /// Natively computing the answer: the liar's and the verifier's.
    inference: f64,
    /// Committing to the final states.
    commitment: f64,
    /// Moves in the graph: replaying and hashing.
    replay: f64,
    /// Moves in the MIPS run of the tile, handover included.
    run: f64,
    /// Transactions: encoding, signing, and the chain.
    chain: f64,
}

impl Parts {
    pub fn answered(&mut self, answer: &Answer) {
        self.inference += answer.inference.as_secs_f64();
        self.commitment += answer.commitment.as_secs_f64();
    }

    /// A move that took so long to compute and to send.
    pub fn moved(&mut self, (phase, mv): (Phase, &Move), [compute, send]: [Duration; 2]) {
        let part = match (phase, mv) {
            (Phase::Run { .. }, _) | (Phase::Graph, Move::Descend { .. }) => &mut self.run,
            (Phase::Graph, _) => &mut self.replay,
        };
        *part += compute.as_secs_f64();
        self.sent(send);
    }

    pub fn sent(&mut self, time: Duration) {
        self.chain += time.as_secs_f64();
    }

    /// What the two sides compute, without the chain.
    pub const fn computing(&self) -> f64 {
        self.inference + self.commitment + self.replay + self.run
    }

    pub fn rows(&self) -> [[String; 2]; 5] {
        let row = |name: &str, seconds: f64| [name.to_owned(), format!("{seconds:.3} s")];
        [
            row("inference", self.inference),
            row("commitment", self.commitment),
            row("replay for moves", self.replay),
            row("MIPS run for moves", self.run),
            row("transactions", self.chain),
        ]
    }
}

/// Most memory that this process has had so far, in bytes, where the system tells.
pub fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib * 1024)
}
