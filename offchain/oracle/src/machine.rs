//! Programs in the machine, twice: its step function over the plainest memory there is, and the
//! emulator with its predecoded pages.

use std::collections::HashMap;
use std::convert::Infallible;

use opml_core::mips::{Cpu, GuestOutput, Memory, Status, Trap, WordAddr, step};
use opml_vm::Machine;
use thiserror::Error;

use crate::compare::resume_address;
use crate::coverage::Coverage;
use crate::elf::Image;
use crate::layout::{ARENA, ARENA_BYTES, Linked};
use crate::observe::{Observation, Registers, StateAtTrap, Stop};
use crate::trap::{QemuStop, TrapKind};

/// Steps after which a program counts as endless; programs of the usual length take some hundreds.
pub const MAX_STEPS: u64 = 100_000;

/// Why a program could not be run.
#[derive(Debug, Error)]
pub enum MachineError {
    /// The emulator refused the executable.
    #[error("loading the executable")]
    Elf(#[from] opml_vm::elf::ElfError),
    /// The emulator's memory failed, which no program can bring about.
    #[error("guest memory")]
    Memory(#[from] opml_vm::MemoryError),
}

/// A run over plain memory.
#[derive(Clone, Debug)]
pub struct PlainRun {
    /// What it showed.
    pub observation: Observation,
    /// Registers and status at the end.
    pub cpu: Cpu,
    /// What was executed.
    pub coverage: Coverage,
}

/// Words that were written; all others are zero. Counts every fetch.
struct PlainMemory<T> {
    words: HashMap<u32, u32>,
    output: Vec<u8>,
    fetched: HashMap<u32, u64>,
    misread: T,
}

impl<T> PlainMemory<T> {
    fn containing(image: &Image, misread: T) -> Self {
        let words = image.bytes.chunks(4).zip((image.base..).step_by(4));
        let words = words.map(|(bytes, address)| {
            let mut word = [0; 4];
            word[..bytes.len()].copy_from_slice(bytes);
            (address, u32::from_le_bytes(word))
        });
        Self { words: words.collect(), output: Vec::new(), fetched: HashMap::new(), misread }
    }

    fn word(&self, address: u32) -> u32 {
        self.words.get(&address).copied().unwrap_or_default()
    }

    fn bytes(&self, address: u32, length: u32) -> Vec<u8> {
        let byte = |at: u32| self.word(at & !3).to_le_bytes()[at as usize % 4];
        (0..length).map(|offset| byte(address.wrapping_add(offset))).collect()
    }
}

impl<T: Fn(u32) -> u32> Memory for PlainMemory<T> {
    type Error = Infallible;

    fn fetch(&mut self, address: WordAddr) -> Result<u32, Infallible> {
        let word = self.word(address.get());
        *self.fetched.entry(word).or_default() += 1;
        Ok((self.misread)(word))
    }

    fn load(&mut self, address: WordAddr) -> Result<u32, Infallible> {
        Ok(self.word(address.get()))
    }

    fn store(&mut self, address: WordAddr, value: u32) -> Result<(), Infallible> {
        self.words.insert(address.get(), value);
        Ok(())
    }

    fn guest_wrote(&mut self, output: GuestOutput) {
        let bytes = self.bytes(output.address, output.length);
        self.output.extend(bytes);
    }
}

/// Runs a program by the step function over plain memory.
pub fn run_plain(linked: &Linked) -> PlainRun {
    run_misreading(linked, |word| word)
}

/// Runs a program on a machine that takes each instruction word for another one: a machine with a
/// fault, to see whether it is found out.
pub fn run_misreading(linked: &Linked, misread: impl Fn(u32) -> u32) -> PlainRun {
    let image = linked.image();
    let mut memory = PlainMemory::containing(&image, misread);
    let mut cpu = Cpu::new(image.entry);
    while cpu.status == Status::Running && cpu.step < MAX_STEPS {
        let Ok(()) = step(&mut cpu, &mut memory);
    }
    let arena = memory.bytes(ARENA, ARENA_BYTES);
    let observation = observe(linked, &cpu, memory.output, arena);
    let mut coverage = Coverage::default();
    for (word, times) in memory.fetched {
        coverage.count(word, times);
    }
    PlainRun { observation, cpu, coverage }
}

/// The address of every instruction that a program executes, in order.
pub fn path(linked: &Linked) -> Vec<u32> {
    let image = linked.image();
    let mut memory = PlainMemory::containing(&image, |word| word);
    let mut cpu = Cpu::new(image.entry);
    let mut path = Vec::new();
    while cpu.status == Status::Running && cpu.step < MAX_STEPS {
        path.push(cpu.pc);
        let Ok(()) = step(&mut cpu, &mut memory);
    }
    path
}

/// Runs a program in the emulator; also gives its final registers and status.
pub fn run_emulator(linked: &Linked) -> Result<(Observation, Cpu), MachineError> {
    let mut machine = Machine::load_elf(&linked.elf())?;
    machine.run(MAX_STEPS)?;
    let mut arena = vec![0; ARENA_BYTES as usize];
    machine.read(ARENA, &mut arena)?;
    let output = machine.take_output();
    Ok((observe(linked, machine.cpu(), output, arena), machine.cpu().clone()))
}

fn observe(linked: &Linked, cpu: &Cpu, output: Vec<u8>, arena: Vec<u8>) -> Observation {
    let (stop, trapped) = match cpu.status {
        Status::Running => (Stop::Unfinished, false),
        Status::Exited(code) => (Stop::Exit(code), false),
        Status::Trapped(trap) => (in_terms_of_qemu(trap), true),
    };
    let registers = || Registers { regs: *cpu.regs(), hi: cpu.hi, lo: cpu.lo };
    let trap = trapped.then(|| StateAtTrap {
        pc: resume_address(linked, cpu.pc),
        registers: registers(),
        arena: Some(arena),
    });
    Observation { stop, output, trap }
}

/// What QEMU should have done where the machine traps so. A bad system call has no signal: QEMU
/// returns an error number, so any signal will do to show the difference.
fn in_terms_of_qemu(trap: Trap) -> Stop {
    let kind = TrapKind::ALL.into_iter().find(|kind| kind.machine_trap() == trap);
    Stop::Trap(kind.map_or(QemuStop::Signal(0), TrapKind::qemu_stop))
}
