//! What the demonstration ends with.

use std::fmt::Write as _;
use std::time::Duration;

use opml_core::mips::{Reg, State};
use opml_vm::disasm::{Disassembly, register_name};
use serde::Serialize;

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
    /// To compute and to send it.
    pub seconds: f64,
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
    lie: Lie,
    disputed: String,
    moves: Vec<Played>,
    moves_gas: u64,
    /// From the false claim to the verdict.
    verdict_seconds: f64,
    /// All of the demonstration.
    seconds: f64,
    instruction: Option<Instruction>,
}

impl Report {
    pub fn of(lie: Lie, dispute: Outcome, all: Duration) -> Self {
        Self {
            lie,
            disputed: dispute.operator,
            moves_gas: dispute.moves.iter().map(|played| played.gas).sum(),
            moves: dispute.moves,
            verdict_seconds: dispute.to_verdict.as_secs_f64(),
            seconds: all.as_secs_f64(),
            instruction: dispute.instruction,
        }
    }

    pub fn text(&self) -> String {
        let rows = self.moves.iter().enumerate().map(|(number, played)| {
            let Played { side, kind, range, gas, seconds } = played;
            let number = (number + 1).to_string();
            [
                number,
                (*side).into(),
                (*kind).into(),
                range.clone(),
                gas.to_string(),
                format!("{seconds:.2} s"),
            ]
        });
        let mut text = String::from("\nThe game\n");
        text += &table(["", "side", "move", "range", "gas", "time"], rows);
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
        let _ = write!(
            text,
            "\n\n{} moves, {} gas; {:.1} s from the lie to the verdict, {:.1} s in all",
            self.moves.len(),
            self.moves_gas,
            self.verdict_seconds,
            self.seconds,
        );
        text
    }
}
