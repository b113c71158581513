//! What a party computes: the truth, or a lie.

use std::time::{Duration, Instant};

use alloy_primitives::{B256, Bytes};
use anyhow::{Context as _, Result, bail};
use opml_client::game::Shown;
use opml_core::game::{Position, Side};
use opml_core::graph::{GraphStatus, GraphStep, Request};
use opml_node::jobs::Output;
use opml_runtime::executor::Settings;
use opml_runtime::tile::KernelImage;
use opml_runtime::trace::GraphTrace;
use opml_runtime::{Bundle, Executor};
use opml_solver::machines::Machines;
use opml_solver::machines::liar::{Fault, Lapse, Liar};
use opml_solver::next_move;
use opml_vm::keccak::FastKeccak;

/// Most bytes of pages of a MIPS machine.
const CAP: usize = 64 << 20;

/// The result of a request.
pub struct Answer {
    pub hash: B256,
    pub state: Bytes,
    pub output: Bytes,
    /// What a claim shows of it.
    pub shown: Output,
    /// Tiles computed.
    pub steps: u64,
    /// To compute it.
    pub inference: Duration,
    /// To commit to the final state.
    pub commitment: Duration,
}

/// How a party departs from the truth.
pub enum Deceit {
    /// With wrong kernels all along.
    Always(Fault),
    /// In one tile.
    Once(Lapse),
}

/// One request to a model, as somebody computes it.
pub struct Machine {
    bundle: Bundle,
    steps_log2: u8,
    start: Executor,
    teller: Told,
    /// To begin with: a liar computes up to its lie.
    prepared: Duration,
}

#[allow(clippy::large_enum_variant, reason = "there are two of them")]
enum Told {
    Truth(Machines),
    Lie(Liar),
}

impl Machine {
    /// `request` is header and input.
    pub fn new(
        (bundle, steps_log2): (&Bundle, u8),
        request: &[u8],
        deceit: Option<&Deceit>,
    ) -> Result<Self> {
        let preparing = Instant::now();
        let request = Request::decode(request)?;
        let image = KernelImage::released()?;
        let settings = match deceit {
            Some(Deceit::Always(fault)) => fault.settings(),
            _ => Settings::default(),
        };
        let start = Executor::new(bundle, &request, settings)?;
        let from = (start.clone(), steps_log2);
        let teller = match deceit {
            None => {
                let trace = GraphTrace::new(start.clone(), steps_log2);
                Told::Truth(Machines::new(trace, image, CAP))
            }
            Some(Deceit::Always(fault)) => Told::Lie(Liar::new(from, *fault, (image, CAP))?),
            Some(Deceit::Once(lapse)) => Told::Lie(Liar::once(from, *lapse, (image, CAP))?),
        };
        let (bundle, prepared) = (bundle.clone(), preparing.elapsed());
        Ok(Self { bundle, steps_log2, start, teller, prepared })
    }

    /// The machine behind `step` steps.
    fn at(&mut self, step: u64) -> Result<Executor> {
        Ok(match &mut self.teller {
            Told::Truth(machines) => machines.at(step)?,
            Told::Lie(liar) => liar.at(step)?,
        })
    }

    /// The result.
    pub fn answer(&mut self) -> Result<Answer> {
        let (inferring, last) = (Instant::now(), 1 << self.steps_log2);
        let mut end = match &mut self.teller {
            Told::Lie(liar) => liar.at(last)?,
            Told::Truth(_) => {
                let mut end = self.start.clone();
                end.run(last)?;
                end
            }
        };
        let inference = self.prepared + inferring.elapsed();
        if end.status() != GraphStatus::Halted {
            bail!("the model has not halted");
        }
        let committing = Instant::now();
        let state = end.state();
        let commitment = committing.elapsed();
        if let Told::Truth(machines) = &mut self.teller {
            machines.keep(&end);
        }
        let region = self.bundle.manifest().output;
        let output = end.output(region).context("there is no output")?;
        let shown = Output::of(&mut end, region)?.context("there is no output")?;
        Ok(Answer {
            hash: state.hash::<FastKeccak>(),
            state: state.encode().into(),
            output: output.into(),
            shown,
            steps: end.step_count(),
            inference,
            commitment,
        })
    }

    /// The move of `side`; none if it has nothing to say.
    pub fn reply(&mut self, position: &Position, side: Side) -> Result<Option<Shown>> {
        let shown = match &mut self.teller {
            Told::Truth(machines) => match next_move(position, side, machines)? {
                Some(mv) => Some((machines.evidence(position, &mv)?, mv)),
                None => None,
            },
            Told::Lie(liar) => match next_move(position, side, liar)? {
                Some(mv) => Some((liar.evidence(position, &mv)?, mv)),
                None => None,
            },
        };
        Ok(shown.map(|(evidence, mv)| Shown { mv, evidence }))
    }

    /// The step that the lie is about, and the bound of its run as a power of two.
    pub fn fault(&mut self) -> Result<(u64, u8)> {
        let Told::Lie(liar) = &mut self.teller else { bail!("there is no fault in the truth") };
        let step = liar.fault();
        let GraphStep::Tile(tile) = liar.at(step)?.next_step() else {
            bail!("the fault is in no tile")
        };
        Ok((step, tile.bound))
    }

    /// The operator of a graph step, in a word.
    pub fn operator(&mut self, step: u64) -> Result<String> {
        Ok(match self.at(step)?.next_step() {
            GraphStep::Tile(tile) => format!("{:?}", tile.operator.kernel()),
            _ => "none".to_owned(),
        })
    }
}
