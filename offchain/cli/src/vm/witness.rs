//! `opml vm witness`.

use anyhow::Result;
use opml_core::mips::Status;
use opml_vm::Machine;
use opml_vm::disasm::Disassembly;
use opml_vm::keccak::FastKeccak;
use serde::Serialize;

use super::Program;
use crate::output::{Format, hex};

/// Arguments.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    program: Program,
    /// The step: 0 is the first. Past the end of the run the state is its own successor.
    #[arg(long, value_name = "N")]
    step: u64,
    #[command(flatten)]
    format: Format,
}

/// A step as the contract takes it.
#[derive(Serialize)]
struct Report {
    step: u64,
    instruction: Option<String>,
    pre_state: String,
    pre_hash: String,
    witness: String,
    post_state: String,
    post_hash: String,
}

impl Args {
    /// Prints the witness of the step.
    pub fn execute(&self) -> Result<()> {
        let mut machine = self.program.machine()?;
        machine.run(self.step)?;
        let instruction = instruction(&mut machine)?;
        let witness = machine.witness()?;
        machine.step()?;
        let post = machine.state()?;
        let report = Report {
            step: self.step,
            instruction,
            pre_state: hex(witness.pre_state.encode()),
            pre_hash: hex(witness.pre_state.hash::<FastKeccak>()),
            witness: hex(&witness.proof),
            post_state: hex(post.encode()),
            post_hash: hex(post.hash::<FastKeccak>()),
        };
        self.format.print(&report, Report::text)
    }
}

/// The instruction about to be executed, if the machine runs.
pub(super) fn instruction(machine: &mut Machine) -> Result<Option<String>> {
    if machine.cpu().status != Status::Running {
        return Ok(None);
    }
    let address = machine.cpu().pc;
    let mut word = [0; 4];
    machine.read(address, &mut word)?;
    let text = Disassembly { address, word: u32::from_le_bytes(word) };
    Ok(Some(format!("{address:#010x}: {text}")))
}

impl Report {
    fn text(&self) -> String {
        format!(
            "step         {}\ninstruction  {}\npre-state    {}\npre-hash     {}\nwitness      {}\n\
             post-state   {}\npost-hash    {}",
            self.step,
            self.instruction.as_deref().unwrap_or("none: the machine has stopped"),
            self.pre_state,
            self.pre_hash,
            self.witness,
            self.post_state,
            self.post_hash
        )
    }
}
