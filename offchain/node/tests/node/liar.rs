//! A party whose executor is wrong in one tile of each request, and that defends it to the last instruction.

use opml_client::game::Shown;
use opml_core::game::{Position, Side};
use opml_core::graph::Request;
use opml_node::jobs::{Answer, Claimed, Prover, ProverError, Provers};
use opml_node::models::Served;
use opml_operator::{Operator, Place};
use opml_runtime::Executor;
use opml_runtime::executor::Settings;
use opml_solver::machines::liar::{From, Lapse, Liar, LiarError};
use opml_solver::next_move;

/// Most bytes of memory for the pages of a MIPS machine.
const CAP: usize = 64 << 20;

/// Lies in one graph step.
#[derive(Clone, Copy, Debug)]
pub struct Liars {
    /// The step.
    pub step: u64,
    /// Instructions of its run that are told truly.
    pub from: u64,
}

fn wrong(operator: &Operator, place: Place, inputs: &[&[u32]], output: &mut [u32]) {
    opml_native::run(operator, place, inputs, output);
    output[0] ^= 1;
}

impl Provers for Liars {
    fn prover(&self, model: &Served, request: &[u8]) -> Result<Box<dyn Prover>, ProverError> {
        let request = Request::decode(request)?;
        let start = Executor::new(&model.bundle, &request, Settings::default())?;
        let lapse = Lapse { step: self.step, kernels: wrong, from: From::Behind(self.from) };
        let steps_log2 = model.record.stepsLog2;
        let liar = Liar::once((start, steps_log2), lapse, (model.image.clone(), CAP));
        let liar = liar.map_err(|error| match error {
            LiarError::NoFault => panic!("no tile to lie about"),
            LiarError::Executor(error) => error.into(),
            LiarError::Trace(error) => ProverError::from(error),
        })?;
        Ok(Box::new(Lying { liar, model: Claimed::of(model), steps_log2 }))
    }
}

struct Lying {
    liar: Liar,
    model: Claimed,
    steps_log2: u8,
}

impl Prover for Lying {
    fn answer(&mut self) -> Result<Answer, ProverError> {
        let mut end = self.liar.at(1 << self.steps_log2)?;
        self.model.answer(&mut end)
    }

    fn reply(&mut self, position: &Position, side: Side) -> Result<Option<Shown>, ProverError> {
        let Some(mv) = next_move(position, side, &mut self.liar)? else { return Ok(None) };
        let evidence = self.liar.evidence(position, &mv)?;
        Ok(Some(Shown { mv, evidence }))
    }
}
