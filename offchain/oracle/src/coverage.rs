//! How often each instruction was executed.

use std::collections::BTreeMap;
use std::fmt;

use crate::isa::Op;
use crate::trap::TrapKind;

/// Counts of executed instructions and of traps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    executed: BTreeMap<Op, u64>,
    traps: BTreeMap<TrapKind, u64>,
    /// Fetched words that encode no instruction.
    pub reserved: u64,
}

impl Coverage {
    /// Counts a word that was fetched so many times.
    pub fn count(&mut self, word: u32, times: u64) {
        match Op::of(word) {
            Some(op) => *self.executed.entry(op).or_default() += times,
            None => self.reserved += times,
        }
    }

    /// Counts a program's end in a trap.
    pub fn count_trap(&mut self, kind: TrapKind) {
        *self.traps.entry(kind).or_default() += 1;
    }

    /// Adds another's counts.
    #[must_use]
    pub fn plus(mut self, other: Self) -> Self {
        for (op, count) in other.executed {
            *self.executed.entry(op).or_default() += count;
        }
        for (kind, count) in other.traps {
            *self.traps.entry(kind).or_default() += count;
        }
        self.reserved += other.reserved;
        self
    }

    /// How often an instruction was executed (or trapped).
    pub fn of(&self, op: Op) -> u64 {
        self.executed.get(&op).copied().unwrap_or_default()
    }

    /// Instructions executed in all.
    pub fn total(&self) -> u64 {
        self.executed.values().sum::<u64>() + self.reserved
    }

    /// Instructions that were never executed.
    pub fn missing(&self) -> Vec<Op> {
        Op::ALL.iter().copied().filter(|op| self.of(*op) == 0).collect()
    }

    /// Traps that no program ended in.
    pub fn missing_traps(&self) -> Vec<TrapKind> {
        TrapKind::ALL.into_iter().filter(|kind| !self.traps.contains_key(kind)).collect()
    }
}

/// A table of four instructions a row, then the traps.
impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for row in Op::ALL.chunks(4) {
            for op in row {
                write!(f, "{:<8}{:>10}    ", op.name(), self.of(*op))?;
            }
            writeln!(f)?;
        }
        writeln!(f, "reserved words {}, executed in all {}", self.reserved, self.total())?;
        for (kind, count) in &self.traps {
            writeln!(f, "trap {kind:?}: {count} programs")?;
        }
        Ok(())
    }
}
