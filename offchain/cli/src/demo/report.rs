//! What the demonstration ends with.

use std::fmt::Write as _;
use std::time::Duration;

use opml_core::mips::{Reg, State};
use opml_vm::disasm::{Disassembly, register_name};
use serde::Serialize;

use super::costs::{Parts, peak_memory};
use super::dispute::Outcome;
use super::lie::Lie;
use crate::output::table;

/// A move that was made.
#[derive(Serialize)]
pub struct Played {
    pub side: &'static str,
    pub kind: &'static str,
    pub range: String,
    pub gas: u64,
    pub compute_seconds: f64,
    pub chain_seconds: f64,
}

/// The instruction that has decided.
#[derive(Serialize)]
pub struct Instruction {
    address: String,
    word: String,
    text: String,
    /// Instructions of the run before it.
    step: u64,
    operands: Vec<Operand>,
}

#[derive(Serialize)]
struct Operand {
    register: &'static str,
    value: String,
}

impl Instruction {
    /// The instruction in front of which `state` is; `proof` begins with the leaf that it is in.
    pub fn of(state: &State, proof: &[u8]) -> Option<Self> {
        let address = state.cpu.pc;
        let offset = usize::try_from(address % 32).ok()?;
        let word = u32::from_le_bytes(*proof.get(offset..)?.first_chunk()?);
        let text = Disassembly { address, word }.to_string();
        let named =
            |name: &&str| text.split(|c: char| !c.is_alphanumeric()).any(|part| part == *name);
        let operands = (0..32)
            .map(Reg::from_bits)
            .filter(|reg| named(&register_name(*reg)))
            .map(|reg| Operand {
                register: register_name(reg),
                value: format!("{:#010x}", state.cpu.get(reg)),
            })
            .collect();
        Some(Self {
            address: format!("{address:#010x}"),
            word: format!("{word:08x}"),
            text,
            step: state.cpu.step,
            operands,
        })
    }
}

/// The whole of it.
#[derive(Serialize)]
pub struct Report {
    model: String,
    lie: Lie,
    /// What drew the tile.
    draw: u64,
    disputed: String,
    /// Tiles of the run, which is padded.
    tile_steps: u64,
    moves: Vec<Played>,
    moves_gas: u64,
    parts: Parts,
    /// Of both sides together.
    computing_seconds: f64,
    /// From the false claim to the verdict.
    verdict_seconds: f64,
    /// All of the demonstration.
    seconds: f64,
    /// Of this process, the chain and all parties.
    peak_memory_bytes: Option<u64>,
    instruction: Option<Instruction>,
}

/// What was demonstrated.
pub struct Shown {
    pub model: String,
    pub lie: Lie,
    pub draw: u64,
}

impl Report {
    pub fn of(shown: Shown, dispute: Outcome, all: Duration) -> Self {
        let Shown { model, lie, draw } = shown;
        Self {
            model,
            lie,
            draw,
            disputed: dispute.operator,
            tile_steps: dispute.steps,
            moves_gas: dispute.moves.iter().map(|played| played.gas).sum(),
            moves: dispute.moves,
            computing_seconds: dispute.parts.computing(),
            parts: dispute.parts,
            verdict_seconds: dispute.to_verdict.as_secs_f64(),
            seconds: all.as_secs_f64(),
            peak_memory_bytes: peak_memory(),
            instruction: dispute.instruction,
        }
    }

    pub fn text(&self) -> String {
        let rows = self.moves.iter().enumerate().map(|(number, played)| {
            let Played { side, kind, range, gas, compute_seconds, chain_seconds } = played;
            let number = (number + 1).to_string();
            [
                number,
                (*side).into(),
                (*kind).into(),
                range.clone(),
                gas.to_string(),
                format!("{compute_seconds:.3} s"),
                format!("{chain_seconds:.3} s"),
            ]
        });
        let mut text = String::from("\nThe game\n");
        text += &table(["", "side", "move", "range", "gas", "computed in", "sent in"], rows);
        if let Some(instruction) = &self.instruction {
            let Instruction { address, word, text: code, step, operands } = instruction;
            let _ = write!(
                text,
                "\n\nThe disputed instruction (graph {}; instruction {step} of its run)\n  {address}: {word}  {code}",
                self.disputed,
            );
            for Operand { register, value } in operands {
                let _ = write!(text, "\n    {register:<4} {value}");
            }
        }
        text += "\n\nWhere the time went, both sides together\n";
        text += &table(["", ""], self.parts.rows());
        let mib = |bytes: u64| format!("; {} MiB of memory at most", bytes >> 20);
        let _ = write!(
            text,
            "\n\n{} tiles, {} moves, {} gas; {:.1} s of computing, {:.1} s from the lie to the verdict, {:.1} s in all{}",
            self.tile_steps,
            self.moves.len(),
            self.moves_gas,
            self.computing_seconds,
            self.verdict_seconds,
            self.seconds,
            self.peak_memory_bytes.map(mib).unwrap_or_default(),
        );
        text
    }
}
