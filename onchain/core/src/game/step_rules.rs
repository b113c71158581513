//! What the machines do, as the game asks for it.

use alloy_primitives::B256;

/// The step of a graph state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begin {
    /// There is no run.
    Direct {
        /// Hash of the successor.
        successor: B256,
    },
    /// A run of the MIPS machine decides.
    Run {
        /// Hash of its first state.
        initial: B256,
        /// Its length as a power of two.
        bound: u8,
    },
}

/// The end of a run, as the party that opens the second phase says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// Hash of the graph state that this end leads to.
    pub successor: B256,
    /// Hash of the run's last state.
    pub last: B256,
}

/// Steps of the two machines from an agreed state.
///
/// The contract answers from the proofs in a move's calldata, an off-chain program from the machines
/// themselves. `agreed` is the only state hash that goes in and comes from the position: whoever
/// implements this checks the state that it is given against it. An error means that something shown
/// is wrong, and decides nothing.
pub trait StepRules {
    /// Why there is no answer.
    type Error;

    /// The step of the graph state with this hash.
    fn begin(&mut self, agreed: B256) -> Result<Begin, Self::Error>;

    /// Where the run of that step leads if it ends in the state that the mover shows.
    fn end(&mut self, agreed: B256) -> Result<End, Self::Error>;

    /// Hash of the successor of the MIPS state with this hash.
    fn step(&mut self, agreed: B256) -> Result<B256, Self::Error>;
}
