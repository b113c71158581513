//! What a move shows of the machines: the bytes of its transaction besides the position.

use opml_core::game::{Illegal, Move, Phase, Position};
use opml_core::graph::{GraphState, GraphStep};
use opml_core::mips::State;
use opml_runtime::trace::{TraceError, begin_witness, end_witness};
use opml_vm::Witness;
use thiserror::Error;

use super::Machines;
use crate::Computation as _;

/// States and witnesses that go with a move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// A dissection shows nothing of a machine.
    Dissect,
    /// Of a graph step without a run.
    Conclude {
        /// The state that it starts from.
        state: GraphState,
        /// Witness of begin.
        begin: Vec<u8>,
    },
    /// Of a graph step with a run.
    Descend {
        /// The state that it starts from.
        state: GraphState,
        /// Witness of begin.
        begin: Vec<u8>,
        /// The run's last state.
        last: State,
        /// Witness of end.
        end: Vec<u8>,
    },
    /// Of an instruction.
    Prove {
        /// The state that it starts from.
        state: State,
        /// Witness of the step.
        proof: Vec<u8>,
    },
}

/// Why there is no evidence.
#[derive(Debug, Error)]
pub enum EvidenceError {
    /// The move is none of the position's.
    #[error(transparent)]
    Illegal(#[from] Illegal),
    /// The machines have no answer.
    #[error(transparent)]
    Trace(#[from] TraceError),
    /// The graph step has no run to show.
    #[error("graph step {graph_step} has no run")]
    NoRun {
        /// Number of the step.
        graph_step: u64,
    },
}

impl Machines {
    /// What `mv` shows in `position`.
    pub fn evidence(&mut self, position: &Position, mv: &Move) -> Result<Evidence, EvidenceError> {
        let step = position.segment(mv.segment())?.first_step;
        match (mv, position.phase()) {
            (Move::Dissect { .. }, _) => Ok(Evidence::Dissect),
            (Move::Conclude { .. }, _) => {
                let mut machine = self.graph.at(step)?;
                let begin = begin_witness(&mut machine);
                Ok(Evidence::Conclude { state: machine.state(), begin })
            }
            (Move::Descend { .. }, _) => self.descent(step),
            (Move::Prove { .. }, Phase::Graph) => Err(Illegal::InGraph.into()),
            (Move::Prove { .. }, Phase::Run { graph_step }) => {
                let run = self.run(graph_step)?.ok_or(EvidenceError::NoRun { graph_step })?;
                let Witness { pre_state: state, proof } = run.witness(step)?;
                Ok(Evidence::Prove { state, proof })
            }
        }
    }

    fn descent(&mut self, graph_step: u64) -> Result<Evidence, EvidenceError> {
        let mut machine = self.graph.at(graph_step)?;
        let begin = begin_witness(&mut machine);
        let state = machine.state();
        let GraphStep::Tile(tile) = machine.next_step() else {
            return Err(EvidenceError::NoRun { graph_step });
        };
        let run = self.run(graph_step)?.ok_or(EvidenceError::NoRun { graph_step })?;
        let mut last = run.at(1 << tile.bound)?;
        let end = end_witness(&mut machine, &tile, &mut last)?;
        let last = last.state().map_err(TraceError::from)?;
        Ok(Evidence::Descend { state, begin, last, end })
    }
}
