//! What a party computes: the truth, or a lie.

use alloy_primitives::{B256, Bytes};
use anyhow::{Context as _, Result, bail};
use opml_client::game::Shown;
use opml_core::game::{Position, Side};
use opml_core::graph::{GraphStatus, GraphStep, Request};
use opml_core::merkle::{Region, Space};
use opml_runtime::executor::Settings;
use opml_runtime::tile::KernelImage;
use opml_runtime::trace::GraphTrace;
use opml_runtime::{Bundle, Executor};
use opml_solver::machines::Machines;
use opml_solver::machines::liar::Liar;
use opml_solver::next_move;
use opml_vm::keccak::FastKeccak;

use super::lie::Lie;

/// Most bytes of pages of a MIPS machine.
const CAP: usize = 64 << 20;

/// The result of a request.
pub struct Answer {
    pub hash: B256,
    pub state: Bytes,
    pub output: Bytes,
    pub path: Bytes,
}

/// One request to a model, as somebody computes it.
pub struct Machine {
    bundle: Bundle,
    steps_log2: u8,
    start: Executor,
    teller: Told,
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
        lie: Option<Lie>,
    ) -> Result<Self> {
        let request = Request::decode(request)?;
        let image = KernelImage::released()?;
        let fault = lie.map(Lie::fault);
        let settings = fault
            .as_ref()
            .map_or_else(Settings::default, opml_solver::machines::liar::Fault::settings);
        let start = Executor::new(bundle, &request, settings)?;
        let teller = match fault {
            None => {
                let trace = GraphTrace::new(start.clone(), steps_log2);
                Told::Truth(Machines::new(trace, image, CAP))
            }
            Some(fault) => Told::Lie(Liar::new((start.clone(), steps_log2), fault, (image, CAP))?),
        };
        Ok(Self { bundle: bundle.clone(), steps_log2, start, teller })
    }

    /// The result.
    pub fn answer(&self) -> Result<Answer> {
        let manifest = self.bundle.manifest();
        let mut end = self.start.clone();
        if end.run(1 << self.steps_log2)? != GraphStatus::Halted {
            bail!("the model has not halted");
        }
        let (state, region) = (end.state(), manifest.output);
        let output = end.output(region).context("there is no output")?;
        let region = Region::new(Space::GRAPH, region.base, region.log2_size)?;
        let path = end.hashed_memory().path(region);
        Ok(Answer {
            hash: state.hash::<FastKeccak>(),
            state: state.encode().into(),
            output: output.into(),
            path: path.iter().flat_map(|sibling| sibling.0).collect::<Vec<u8>>().into(),
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
    pub fn fault(&self) -> Result<(u64, u8)> {
        let Told::Lie(liar) = &self.teller else { bail!("there is no fault in the truth") };
        let mut machine = self.start.clone();
        machine.run(liar.fault())?;
        let GraphStep::Tile(tile) = machine.next_step() else { bail!("the fault is in no tile") };
        Ok((liar.fault(), tile.bound))
    }

    /// The operator of a graph step, in a word.
    pub fn operator(&self, step: u64) -> Result<String> {
        let mut machine = self.start.clone();
        machine.run(step)?;
        Ok(match machine.next_step() {
            GraphStep::Tile(tile) => format!("{:?}", tile.operator.kernel()),
            _ => "none".to_owned(),
        })
    }
}
