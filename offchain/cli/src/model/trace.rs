//! `opml trace`.

use anyhow::Result;
use opml_core::graph::{GraphState, GraphStep};
use opml_runtime::Executor;
use opml_runtime::tile::{KernelImage, TileRun};
use opml_runtime::trace::{GraphTrace, RunTrace};
use opml_vm::keccak::FastKeccak;
use serde::Serialize;

use super::request::Question;
use super::run::status_name;
use super::source::Model;
use crate::output::Format;

/// Arguments.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    model: Model,
    #[command(flatten)]
    question: Question,
    /// Steps of the graph machine to take.
    #[arg(long, value_name = "STEP")]
    step: u64,
    /// Steps to take in the MIPS run of the graph step that comes then.
    #[arg(long, value_name = "STEP")]
    mips: Option<u64>,
    /// Memory for the MIPS machine's pages, in MiB.
    #[arg(long, value_name = "MIB", default_value_t = 256)]
    memory: usize,
    #[command(flatten)]
    format: Format,
}

#[derive(Serialize)]
struct Report {
    steps_log2: u8,
    step: u64,
    state_hash: String,
    memory_root: String,
    pc: u32,
    tile: u32,
    iteration: u32,
    status: &'static str,
    next: String,
    mips: Option<MipsReport>,
}

#[derive(Serialize)]
struct MipsReport {
    bound_log2: u8,
    step: u64,
    state_hash: String,
    memory_root: String,
    pc: u32,
    status: String,
}

impl Args {
    /// Prints the state at a step of the trace, and at a step of the run below it.
    pub fn execute(&self) -> Result<()> {
        let bundle = self.model.open()?;
        let start = self.question.start(&bundle)?;
        let steps_log2 = bundle.manifest().steps_log2;
        let mut machine = GraphTrace::new(start, steps_log2).at(self.step)?;
        let mips = match self.mips {
            Some(step) => Some(self.below(&mut machine, step)?),
            None => None,
        };
        let state = machine.state();
        let report = Report::of(&state, &machine, (steps_log2, self.step), mips);
        self.format.print(&report, Report::text)
    }

    fn below(&self, machine: &mut Executor, step: u64) -> Result<MipsReport> {
        let image = KernelImage::released()?;
        let run = TileRun::new(machine, &image, self.memory << 20)?;
        let bound_log2 = run.tile().bound;
        let state = RunTrace::new(run)?.state(step)?;
        Ok(MipsReport {
            bound_log2,
            step,
            state_hash: state.hash::<FastKeccak>().to_string(),
            memory_root: state.memory_root.to_string(),
            pc: state.cpu.pc,
            status: format!("{:?}", state.cpu.status),
        })
    }
}

impl Report {
    fn of(
        state: &GraphState,
        machine: &Executor,
        (steps_log2, step): (u8, u64),
        mips: Option<MipsReport>,
    ) -> Self {
        let next = match machine.next_step() {
            GraphStep::Stopped => "none".to_owned(),
            GraphStep::Illegal(why) => format!("failure: {why}"),
            GraphStep::Tile(tile) => format!("{:?}", tile.operator),
        };
        Self {
            steps_log2,
            step,
            state_hash: state.hash::<FastKeccak>().to_string(),
            memory_root: state.memory_root.to_string(),
            pc: state.pc,
            tile: state.tile,
            iteration: state.iteration,
            status: status_name(state.status),
            next,
            mips,
        }
    }

    fn text(&self) -> String {
        let mut text = format!(
            "step        {} of 2^{}\nstate       {}\nmemory      {}\npc          {}, tile {}, \
             iteration {}\nstatus      {}\nnext        {}",
            self.step,
            self.steps_log2,
            self.state_hash,
            self.memory_root,
            self.pc,
            self.tile,
            self.iteration,
            self.status,
            self.next,
        );
        if let Some(mips) = &self.mips {
            text += &format!(
                "\nMIPS step   {} of 2^{}\nstate       {}\nmemory      {}\npc          {:#010x}\n\
                 status      {}",
                mips.step, mips.bound_log2, mips.state_hash, mips.memory_root, mips.pc, mips.status,
            );
        }
        text
    }
}
