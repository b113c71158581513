//! One program on both sides.

use thiserror::Error;

use crate::compare::{Mismatch, compare};
use crate::coverage::Coverage;
use crate::layout::{Linked, TooLong};
use crate::machine::{MachineError, run_emulator, run_plain};
use crate::program::{Ending, Program};
use crate::qemu::{Qemu, QemuError};

/// Why a program could not be judged.
#[derive(Debug, Error)]
pub enum CheckError {
    /// It does not fit.
    #[error(transparent)]
    TooLong(#[from] TooLong),
    /// QEMU gave no answer.
    #[error(transparent)]
    Qemu(#[from] QemuError),
    /// The emulator gave no answer.
    #[error(transparent)]
    Machine(#[from] MachineError),
}

/// What a program showed.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The first difference, if there is one.
    pub mismatch: Option<Mismatch>,
    /// What the machine executed.
    pub coverage: Coverage,
    /// Steps of the machine.
    pub steps: u64,
}

/// Runs a program in QEMU, by the step function over plain memory and in the emulator.
pub fn check(qemu: &Qemu, program: &Program) -> Result<Verdict, CheckError> {
    let linked = Linked::new(program)?;
    let theirs = match &program.ending {
        Ending::Exit { .. } => qemu.run(&linked)?,
        Ending::Fault(_) => qemu.run_to_trap(&linked)?,
    };
    let plain = run_plain(&linked);
    let (emulated, cpu) = run_emulator(&linked)?;
    let mut mismatch = compare((program, &linked), &theirs, &plain).err();
    if mismatch.is_none() {
        mismatch = emulator_mismatch(&plain.cpu, &cpu)
            .or_else(|| (plain.observation != emulated).then_some("output or arena"))
            .map(|what| Mismatch::Emulator { what });
    }
    let mut coverage = plain.coverage;
    if let Ending::Fault(fault) = &program.ending {
        coverage.count_trap(fault.kind);
    }
    Ok(Verdict { mismatch, coverage, steps: plain.cpu.step })
}

/// The two runs start alike but for `sp`, which the prologue sets.
fn emulator_mismatch(
    plain: &opml_core::mips::Cpu,
    emulator: &opml_core::mips::Cpu,
) -> Option<&'static str> {
    (plain != emulator).then_some("registers, program counters, status or step count")
}
