//! The prover that computes what the model says, a slice of steps at a time: between two of them it tells how
//! far it is, and stops if nobody waits for it. A tile in the MIPS machine, which a move may need, is run to its
//! end all the same: the bound of a tile is 2^25 instructions (0.15 s at 230 million a second) in every model that
//! is made here, and 2^30 (5 s) at most.

use std::time::{Duration, Instant};

use alloy_primitives::B256;
use opml_client::game::Shown;
use opml_core::game::{Position, Side};
use opml_core::graph::{GraphStatus, Request};
use opml_runtime::executor::Settings;
use opml_runtime::trace::{GraphTrace, RunTrace, TraceError};
use opml_runtime::{Bundle, Executor};
use opml_solver::machines::Machines;
use opml_solver::{Computation, Trace, next_move};
use opml_vm::keccak::FastKeccak;

use super::{Answer, Claimed, Prover, ProverError, Provers, Steps, Watch};
use crate::models::Served;

/// Steps of the first slice.
const FIRST_SLICE: u64 = 1 << 12;

/// A slice that took less is followed by a longer one: what is computed together is cut less often.
const SHORT: Duration = Duration::from_millis(250);

/// A slice that took more is followed by a shorter one.
const LONG: Duration = Duration::from_secs(1);

/// Computes what the model says.
#[derive(Clone, Copy, Debug)]
pub struct Honest {
    /// Most bytes of pages of a MIPS machine.
    pub vm_bytes: usize,
}

impl Provers for Honest {
    fn prover(&self, model: &Served, request: &[u8]) -> Result<Box<dyn Prover>, ProverError> {
        let request = Request::decode(request)?;
        let start = Executor::new(&model.bundle, &request, Settings::default())?;
        let steps_log2 = model.record.stepsLog2;
        let trace = GraphTrace::new(start, steps_log2);
        let machines = Machines::new(trace, model.image.clone(), self.vm_bytes);
        Ok(Box::new(HonestProver {
            machines,
            bundle: model.bundle.clone(),
            steps: 1 << steps_log2,
            model: Claimed::of(model),
            watch: Watch::default(),
            slice: FIRST_SLICE,
        }))
    }
}

struct HonestProver {
    machines: Machines,
    /// What the machines read.
    bundle: Bundle,
    /// Of the trace.
    steps: u64,
    model: Claimed,
    watch: Watch,
    /// Steps of the next slice.
    slice: u64,
}

impl HonestProver {
    /// The machine behind `step` steps; none if it is called off on the way. What it has reached is kept.
    fn run_to(&mut self, step: u64) -> Result<Option<Executor>, TraceError> {
        let mut machine = self.machines.graph().before(step)?;
        loop {
            let done = machine.step_count();
            self.watch.tell(Steps { done, total: self.steps });
            if done >= step || machine.status() != GraphStatus::Running {
                // Hashed before it is kept, so that its copies need not hash the same again.
                machine.state();
                self.machines.graph().keep(&machine);
                return Ok(Some(machine));
            }
            if self.watch.is_cancelled() {
                self.machines.graph().keep(&machine);
                return Ok(None);
            }
            let started = Instant::now();
            machine.run(self.slice.min(step - done))?;
            self.slice = match started.elapsed() {
                took if took < SHORT => self.slice.saturating_mul(2),
                took if took > LONG => (self.slice / 2).max(1),
                _ => self.slice,
            };
        }
    }

    fn result(&mut self) -> Result<Answer, ProverError> {
        let mut end = self.run_to(self.steps)?.ok_or(ProverError::Cancelled)?;
        self.model.answer(&mut end)
    }

    fn choose(&mut self, position: &Position, side: Side) -> Result<Option<Shown>, ProverError> {
        let mv = next_move(position, side, &mut Watched(self));
        if self.watch.is_cancelled() {
            return Err(ProverError::Cancelled);
        }
        let Some(mv) = mv? else { return Ok(None) };
        let evidence = self.machines.evidence(position, &mv)?;
        Ok(Some(Shown { mv, evidence }))
    }

    /// What was computed, if the weights were there all the while.
    fn sound<T>(&self, computed: Result<T, ProverError>) -> Result<T, ProverError> {
        match self.bundle.lost() {
            0 => computed,
            pages => Err(ProverError::Lost { pages }),
        }
    }
}

impl Prover for HonestProver {
    fn watch(&mut self, watch: Watch) {
        self.watch = watch;
    }

    fn answer(&mut self) -> Result<Answer, ProverError> {
        let computed = self.result();
        self.sound(computed)
    }

    fn reply(&mut self, position: &Position, side: Side) -> Result<Option<Shown>, ProverError> {
        let computed = self.choose(position, side);
        self.sound(computed)
    }
}

/// The machines of a prover as the solver asks them, the graph machine in slices. Once it is called off it
/// answers anything, at once: nobody hears it.
struct Watched<'a>(&'a mut HonestProver);

impl Trace for Watched<'_> {
    type Error = TraceError;

    fn state_hash(&mut self, step: u64) -> Result<B256, TraceError> {
        let reached = self.0.run_to(step)?;
        Ok(reached.map_or(B256::ZERO, |mut machine| machine.state().hash::<FastKeccak>()))
    }
}

impl Computation for Watched<'_> {
    type Run = RunTrace;

    fn run(&mut self, graph_step: u64) -> Result<Option<&mut RunTrace>, TraceError> {
        match self.0.run_to(graph_step)? {
            Some(_) => self.0.machines.run(graph_step),
            None => Ok(None),
        }
    }
}
