//! Registers and status of the machine.

use super::{Reg, Stop, WORD_BYTES};

/// Why the machine stopped without an exit. The discriminant is the code in the state encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Trap {
    /// The word at `pc` encodes no instruction of this machine.
    ReservedInstruction = 1,
    /// `pc` is not a multiple of four.
    MisalignedFetch = 2,
    /// The address of a load is not a multiple of its size.
    MisalignedLoad = 3,
    /// The address of a store is not a multiple of its size.
    MisalignedStore = 4,
    /// `add`, `addi` or `sub` left the signed range.
    IntegerOverflow = 5,
    /// A branch or jump stands where `next_pc != pc + 4`.
    BranchInDelaySlot = 6,
    /// The condition of `teq`, `tne`, `tge`, `tlt` or one of their forms held.
    ConditionalTrap = 7,
    /// `break`.
    Breakpoint = 8,
    /// The number in `v0` names no system call of this machine.
    UnknownSyscall = 9,
    /// `write` to a file other than 1 and 2.
    BadFileDescriptor = 10,
}

impl Trap {
    /// Every trap, in the order of the codes.
    pub const ALL: [Self; 10] = [
        Self::ReservedInstruction,
        Self::MisalignedFetch,
        Self::MisalignedLoad,
        Self::MisalignedStore,
        Self::IntegerOverflow,
        Self::BranchInDelaySlot,
        Self::ConditionalTrap,
        Self::Breakpoint,
        Self::UnknownSyscall,
        Self::BadFileDescriptor,
    ];

    /// The code in the state encoding, 1 to 10.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The trap with this code.
    pub fn from_code(code: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|trap| u32::from(trap.code()) == code)
    }
}

/// Whether the machine runs. Exited and trapped states are their own successors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Has a successor that differs from it.
    Running,
    /// Ended by `exit` or `exit_group` with the low byte of `a0`.
    Exited(u8),
    /// Ended by a trap; `pc` names the instruction that trapped.
    Trapped(Trap),
}

/// The machine's state without its memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cpu {
    /// Address of the instruction to execute.
    pub pc: u32,
    /// Address of the one after it: `pc + 4`, or a branch target when `pc` is in a delay slot.
    pub next_pc: u32,
    /// Upper half of products, remainder of divisions.
    pub hi: u32,
    /// Lower half of products, quotient of divisions.
    pub lo: u32,
    /// Steps taken from the initial state, modulo 2^64.
    pub step: u64,
    /// Whether the machine runs.
    pub status: Status,
    regs: [u32; 32],
}

impl Cpu {
    /// A running machine about to execute the instruction at `entry`, all registers zero.
    pub const fn new(entry: u32) -> Self {
        Self {
            pc: entry,
            next_pc: entry.wrapping_add(WORD_BYTES),
            hi: 0,
            lo: 0,
            step: 0,
            status: Status::Running,
            regs: [0; 32],
        }
    }

    /// Value of a register.
    #[inline]
    #[allow(clippy::indexing_slicing, reason = "a register number is below 32")]
    pub const fn get(&self, reg: Reg) -> u32 {
        self.regs[reg.number()]
    }

    /// Writes a register; register 0 stays zero.
    #[inline]
    #[allow(clippy::indexing_slicing, reason = "a register number is below 32")]
    pub const fn set(&mut self, reg: Reg, value: u32) {
        self.regs[reg.number()] = value;
        self.regs[0] = 0;
    }

    /// All registers; the first is zero.
    pub const fn regs(&self) -> &[u32; 32] {
        &self.regs
    }

    /// `HI:LO` as one number.
    #[inline]
    pub(super) const fn hi_lo(&self) -> u64 {
        ((self.hi as u64) << 32) | self.lo as u64
    }

    /// Writes `HI:LO`.
    #[inline]
    #[allow(clippy::cast_possible_truncation, reason = "the halves of a double word")]
    pub(super) const fn set_hi_lo(&mut self, value: u64) {
        self.hi = (value >> 32) as u32;
        self.lo = value as u32;
    }

    /// Records the step that ended in `stop`: everything but status and step count keeps its value.
    /// A memory error is handed back, and the machine stays where it was.
    pub fn stop<E>(&mut self, stop: Stop<E>) -> Result<(), E> {
        self.status = match stop {
            Stop::Exit(code) => Status::Exited(code),
            Stop::Trap(trap) => Status::Trapped(trap),
            Stop::Memory(error) => return Err(error),
        };
        self.step = self.step.wrapping_add(1);
        Ok(())
    }
}
