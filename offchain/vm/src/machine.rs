//! The machine: registers, memory, and the loop that runs them.

use std::sync::Arc;

use opml_core::mips::{Cpu, Reg, State, Status, Stop, Trap, WordAddr, execute, step};

use crate::elf::{ElfError, Image};
pub use crate::memory::OUTPUT_LIMIT;
use crate::memory::{DEFAULT_CAP_PAGES, MemoryError, PagedMemory, SavedMemory};
use crate::source::PageSource;
use crate::witness::{self, Witness};

/// Initial stack pointer: the last page of memory. The words above it are zero, which a program
/// started the Linux way reads as "no arguments, no environment, no auxiliary vector".
pub const INITIAL_SP: u32 = 0xffff_f000;

/// A MIPS machine with its memory.
pub struct Machine {
    cpu: Cpu,
    memory: PagedMemory,
}

/// A state to come back to. Pages are shared between the snapshots of one machine.
#[derive(Clone, Debug)]
pub struct Snapshot {
    cpu: Cpu,
    memory: SavedMemory,
}

impl Machine {
    /// A machine in the state `cpu` over `memory`.
    pub const fn new(cpu: Cpu, memory: PagedMemory) -> Self {
        Self { cpu, memory }
    }

    /// Loads a static little-endian MIPS32 ELF file and sets `sp`.
    pub fn load_elf(file: &[u8]) -> Result<Self, ElfError> {
        Self::load_image(&Image::parse(file)?, PagedMemory::default())
    }

    /// Loads an image into `memory` and sets `sp`. Segments' bytes are copied; the memory around
    /// them must be zero already where the program expects it to be.
    pub fn load_image(image: &Image<'_>, mut memory: PagedMemory) -> Result<Self, ElfError> {
        for segment in &image.segments {
            memory.write(segment.address, segment.bytes)?;
        }
        let mut cpu = Cpu::new(image.entry);
        cpu.set(Reg::SP, INITIAL_SP);
        Ok(Self { cpu, memory })
    }

    /// An empty memory over `source` with at most `cap_bytes` of pages; the default cap is 1 GiB.
    pub fn memory_over(source: Arc<dyn PageSource>, cap_bytes: Option<usize>) -> PagedMemory {
        let cap = cap_bytes.map_or(DEFAULT_CAP_PAGES, |bytes| bytes / crate::memory::PAGE_BYTES);
        PagedMemory::new(source, cap)
    }

    /// Registers and status.
    pub const fn cpu(&self) -> &Cpu {
        &self.cpu
    }

    /// Registers and status, to be changed.
    pub const fn cpu_mut(&mut self) -> &mut Cpu {
        &mut self.cpu
    }

    /// The memory.
    pub const fn memory_mut(&mut self) -> &mut PagedMemory {
        &mut self.memory
    }

    /// The complete state; hashes the memory that changed since the last call.
    pub fn state(&mut self) -> Result<State, MemoryError> {
        Ok(State { memory_root: self.memory.root()?, cpu: self.cpu.clone() })
    }

    /// Takes one step, by the same code as the contract. Nothing happens once stopped.
    pub fn step(&mut self) -> Result<(), MemoryError> {
        step(&mut self.cpu, &mut self.memory)
    }

    /// Runs until the machine stops or has taken `steps` more steps.
    ///
    /// Same as as many calls of [`Self::step`], over predecoded pages. On an error the machine is
    /// in the state before the step that failed and may be run again.
    pub fn run(&mut self, steps: u64) -> Result<Status, MemoryError> {
        if self.cpu.status != Status::Running {
            return Ok(self.cpu.status);
        }
        let mut left = steps;
        while left > 0 {
            let outcome = match WordAddr::new(self.cpu.pc) {
                Some(address) => match self.memory.instruction(address) {
                    Ok(instruction) => execute(&mut self.cpu, instruction, &mut self.memory),
                    Err(error) => Err(Stop::Memory(error)),
                },
                None => Err(Stop::Trap(Trap::MisalignedFetch)),
            };
            match outcome {
                Ok(()) => left -= 1,
                Err(stop) => {
                    self.cpu.step = self.cpu.step.wrapping_add(steps - left);
                    self.cpu.stop(stop)?;
                    return Ok(self.cpu.status);
                }
            }
        }
        self.cpu.step = self.cpu.step.wrapping_add(steps);
        Ok(self.cpu.status)
    }

    /// The witness of the next step, with the state it starts from.
    pub fn witness(&mut self) -> Result<Witness, MemoryError> {
        let state = self.state()?;
        witness::of_next_step(state, &mut self.memory)
    }

    /// The state, to come back to by [`Self::restore`].
    pub fn snapshot(&mut self) -> Result<Snapshot, MemoryError> {
        Ok(Snapshot { cpu: self.cpu.clone(), memory: self.memory.snapshot()? })
    }

    /// A machine in the state of `snapshot`, which is one of this machine's.
    #[must_use]
    pub fn restore(&self, snapshot: &Snapshot) -> Self {
        Self { cpu: snapshot.cpu.clone(), memory: self.memory.restore(&snapshot.memory) }
    }

    /// Fills `bytes` from guest memory.
    pub fn read(&mut self, address: u32, bytes: &mut [u8]) -> Result<(), MemoryError> {
        self.memory.read(address, bytes)
    }

    /// What the guest wrote since the last call.
    pub fn take_output(&mut self) -> Vec<u8> {
        self.memory.take_output()
    }
}
