//! The contract's judgement of what a move shows, by the same functions.

use alloy_primitives::B256;
use opml_core::game::{Begin, End, StepRules};
use opml_core::graph::GraphState;
use opml_core::graph::handover::{Begun, HandoverError, Program, begin, end};
use opml_core::mips::{StepError, step_witness};
use opml_vm::keccak::FastKeccak;
use thiserror::Error;

use super::Evidence;

/// Steps as far as evidence proves them.
#[derive(Clone, Copy, Debug)]
pub struct Judge<'a> {
    /// What the model was registered with.
    pub program: Program,
    /// What the mover shows.
    pub evidence: &'a Evidence,
}

/// Why evidence proves nothing.
#[derive(Debug, Error)]
pub enum JudgeError {
    /// It is for another kind of move.
    #[error("the evidence is for another kind of move")]
    Kind,
    /// The state shown is not the agreed one.
    #[error("the state shown hashes to {computed}, agreed is {agreed}")]
    NotAgreed {
        /// Hash of the agreed state.
        agreed: B256,
        /// Hash of the state shown.
        computed: B256,
    },
    /// The handover is not proven.
    #[error(transparent)]
    Handover(#[from] HandoverError),
    /// The instruction is not proven.
    #[error(transparent)]
    Instruction(#[from] StepError),
}

impl Judge<'_> {
    fn graph(&self, agreed: B256) -> Result<(&GraphState, &[u8]), JudgeError> {
        match self.evidence {
            Evidence::Conclude { state, begin } | Evidence::Descend { state, begin, .. } => {
                check(agreed, state.hash::<FastKeccak>())?;
                Ok((state, begin))
            }
            Evidence::Dissect | Evidence::Prove { .. } => Err(JudgeError::Kind),
        }
    }
}

impl StepRules for Judge<'_> {
    type Error = JudgeError;

    fn begin(&mut self, agreed: B256) -> Result<Begin, JudgeError> {
        let (state, witness) = self.graph(agreed)?;
        Ok(match begin::<FastKeccak>(state, &self.program, witness)? {
            Begun::Direct(successor) => Begin::Direct { successor: successor.hash::<FastKeccak>() },
            Begun::Run(run) => {
                Begin::Run { initial: run.initial.hash::<FastKeccak>(), bound: run.bound }
            }
        })
    }

    fn end(&mut self, agreed: B256) -> Result<End, JudgeError> {
        let (state, _) = self.graph(agreed)?;
        let Evidence::Descend { last, end: witness, .. } = self.evidence else {
            return Err(JudgeError::Kind);
        };
        let successor = end::<FastKeccak>(state, self.program.program_root, last, witness)?;
        let successor = successor.hash::<FastKeccak>();
        Ok(End { successor, last: last.hash::<FastKeccak>() })
    }

    fn step(&mut self, agreed: B256) -> Result<B256, JudgeError> {
        let Evidence::Prove { state, proof } = self.evidence else { return Err(JudgeError::Kind) };
        check(agreed, state.hash::<FastKeccak>())?;
        Ok(step_witness::<FastKeccak>(&state.encode(), proof)?.hash::<FastKeccak>())
    }
}

fn check(agreed: B256, computed: B256) -> Result<(), JudgeError> {
    if agreed == computed { Ok(()) } else { Err(JudgeError::NotAgreed { agreed, computed }) }
}
