//! The first difference between two runs.

use opml_core::mips::{Status, Trap};
use thiserror::Error;

use crate::layout::Linked;
use crate::machine::PlainRun;
use crate::observe::{Observation, Stop};
use crate::program::{Ending, Program};

/// Where QEMU and the machine disagree.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Mismatch {
    /// How the program ended.
    #[error("ended by {qemu:?} in QEMU, by {machine:?} in the machine")]
    Stop {
        /// In QEMU.
        qemu: Stop,
        /// In the machine.
        machine: Stop,
    },
    /// Length of the output.
    #[error("wrote {qemu} bytes in QEMU, {machine} in the machine")]
    Length {
        /// In QEMU.
        qemu: usize,
        /// In the machine.
        machine: usize,
    },
    /// A number, by name.
    #[error("{what}: {qemu:#x} in QEMU, {machine:#x} in the machine")]
    Value {
        /// Which.
        what: Place,
        /// In QEMU.
        qemu: u32,
        /// In the machine.
        machine: u32,
    },
    /// Neither side did what the program was built for.
    #[error("{0}")]
    Unexpected(#[from] Unexpected),
    /// The two runs of the machine, over plain memory and in the emulator.
    #[error("core over plain memory and emulator disagree: {what}")]
    Emulator {
        /// In what.
        what: &'static str,
    },
}

/// A run that both sides agree on and that should not have happened.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Unexpected {
    /// Another end.
    #[error("built to end by {wanted:?}, ended by {actual:?} on both sides")]
    End {
        /// By construction.
        wanted: Stop,
        /// What happened.
        actual: Stop,
    },
    /// The machine trapped elsewhere, or by a trap that QEMU signals alike.
    #[error("built to end by {wanted:?} at {at:#x}, the machine ended by {actual:?} at {pc:#x}")]
    Trap {
        /// By construction.
        wanted: Trap,
        /// Address of the trapping word, by construction.
        at: u32,
        /// How the machine ended.
        actual: Status,
        /// Where.
        pc: u32,
    },
}

/// Something that has a value on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Byte of the output.
    Output(usize),
    /// Register of the final dump or at the trap.
    Register(usize),
    /// HI.
    Hi,
    /// LO.
    Lo,
    /// Byte of the arena.
    Arena(usize),
    /// Address to resume at after a trap.
    Pc,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Output(index) => write!(f, "output byte {index}"),
            Self::Register(number) => write!(f, "${number}"),
            Self::Hi => f.write_str("HI"),
            Self::Lo => f.write_str("LO"),
            Self::Arena(index) => write!(f, "arena byte {index}"),
            Self::Pc => f.write_str("pc"),
        }
    }
}

impl Mismatch {
    /// Whether another mismatch looks like the same one: the measure when a program is cut down.
    pub fn resembles(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Stop { qemu, machine },
                Self::Stop { qemu: other_qemu, machine: other_machine },
            ) => qemu == other_qemu && machine == other_machine,
            (Self::Length { .. }, Self::Length { .. })
            | (Self::Value { .. }, Self::Value { .. })
            | (Self::Emulator { .. }, Self::Emulator { .. }) => true,
            (Self::Unexpected(one), Self::Unexpected(two)) => {
                std::mem::discriminant(one) == std::mem::discriminant(two)
            }
            _ => false,
        }
    }
}

/// Compares two runs with each other, then both with what the program was built for.
pub fn compare(
    (program, linked): (&Program, &Linked),
    qemu: &Observation,
    run: &PlainRun,
) -> Result<(), Mismatch> {
    let machine = &run.observation;
    if qemu.stop != machine.stop {
        return Err(Mismatch::Stop { qemu: qemu.stop, machine: machine.stop });
    }
    values(program, qemu, machine)?;
    let wanted = match &program.ending {
        Ending::Exit { code, .. } => Stop::Exit(code.to_le_bytes()[0]),
        Ending::Fault(fault) => Stop::Trap(fault.kind.qemu_stop()),
    };
    if machine.stop != wanted {
        return Err(Unexpected::End { wanted, actual: machine.stop }.into());
    }
    let (Ending::Fault(fault), Some(at)) = (&program.ending, linked.fault) else { return Ok(()) };
    let (wanted, actual, pc) = (fault.kind.machine_trap(), run.cpu.status, run.cpu.pc);
    if actual == Status::Trapped(wanted) && pc == at {
        return Ok(());
    }
    Err(Unexpected::Trap { wanted, at, actual, pc }.into())
}

/// Where a trap at `address` leaves the exception program counter.
pub fn resume_address(linked: &Linked, address: u32) -> u32 {
    let in_slot = address.is_multiple_of(4) && linked.code.in_slot(address);
    if in_slot { address.wrapping_sub(4) } else { address }
}

fn values(program: &Program, qemu: &Observation, machine: &Observation) -> Result<(), Mismatch> {
    if qemu.output.len() != machine.output.len() {
        return Err(Mismatch::Length { qemu: qemu.output.len(), machine: machine.output.len() });
    }
    bytes(&qemu.output, &machine.output, |index| name_output(program, qemu.output.len(), index))?;
    let (Some(ours), Some(theirs)) = (&machine.trap, &qemu.trap) else { return Ok(()) };
    value(Place::Pc, theirs.pc, ours.pc)?;
    for number in 0..32 {
        let (qemu, machine) = (theirs.registers.regs[number], ours.registers.regs[number]);
        value(Place::Register(number), qemu, machine)?;
    }
    value(Place::Hi, theirs.registers.hi, ours.registers.hi)?;
    value(Place::Lo, theirs.registers.lo, ours.registers.lo)?;
    match (&theirs.arena, &ours.arena) {
        (Some(qemu), Some(machine)) => bytes(qemu, machine, Place::Arena),
        _ => Ok(()),
    }
}

fn value(what: Place, qemu: u32, machine: u32) -> Result<(), Mismatch> {
    if qemu == machine { Ok(()) } else { Err(Mismatch::Value { what, qemu, machine }) }
}

fn bytes(qemu: &[u8], machine: &[u8], name: impl Fn(usize) -> Place) -> Result<(), Mismatch> {
    let pairs = qemu.iter().zip(machine);
    let Some(index) = pairs.clone().position(|(one, two)| one != two) else { return Ok(()) };
    value(name(index), qemu[index].into(), machine[index].into())
}

/// The place in the final dump that an output byte belongs to.
fn name_output(program: &Program, length: usize, index: usize) -> Place {
    use crate::layout::{ARENA_BYTES, SAVED_WORDS};
    let dump = SAVED_WORDS as usize * 4 + ARENA_BYTES as usize;
    let exits = matches!(program.ending, Ending::Exit { .. });
    let Some(offset) = length.checked_sub(dump).and_then(|start| index.checked_sub(start)) else {
        return Place::Output(index);
    };
    match offset / 4 {
        _ if !exits => Place::Output(index),
        word @ 0..31 => Place::Register(word + 1),
        31 => Place::Hi,
        32 => Place::Lo,
        _ => Place::Arena(offset - SAVED_WORDS as usize * 4),
    }
}
