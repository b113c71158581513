//! The traps that both sides can show, and what QEMU makes of them.

use std::fmt;

use opml_core::mips::Trap;

/// A way to stop without an exit, as a program can be built to show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TrapKind {
    /// Overflow of `add`, `addi`, `sub`.
    Overflow,
    /// A conditional trap whose condition holds.
    Conditional,
    /// `break`.
    Break,
    /// Misaligned load.
    Load,
    /// Misaligned store.
    Store,
    /// Jump to an address that is no multiple of four.
    Fetch,
    /// A word that encodes nothing.
    Reserved,
    /// A branch in the delay slot of a taken branch.
    BranchInSlot,
}

impl TrapKind {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Overflow,
        Self::Conditional,
        Self::Break,
        Self::Load,
        Self::Store,
        Self::Fetch,
        Self::Reserved,
        Self::BranchInSlot,
    ];

    /// What QEMU reports for it.
    pub const fn qemu_stop(self) -> QemuStop {
        match self {
            Self::Overflow => QemuStop::Signal(8),
            Self::Conditional | Self::Break => QemuStop::Signal(5),
            Self::Load | Self::Store => QemuStop::Signal(10),
            Self::Reserved | Self::BranchInSlot => QemuStop::Signal(4),
            Self::Fetch => QemuStop::AddressError,
        }
    }

    /// What the machine must report for it.
    pub const fn machine_trap(self) -> Trap {
        match self {
            Self::Overflow => Trap::IntegerOverflow,
            Self::Conditional => Trap::ConditionalTrap,
            Self::Break => Trap::Breakpoint,
            Self::Load => Trap::MisalignedLoad,
            Self::Store => Trap::MisalignedStore,
            Self::Fetch => Trap::MisalignedFetch,
            Self::Reserved => Trap::ReservedInstruction,
            Self::BranchInSlot => Trap::BranchInDelaySlot,
        }
    }
}

/// How QEMU ends a program that traps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QemuStop {
    /// The guest gets this signal (numbers of Linux on MIPS).
    Signal(u32),
    /// User mode cannot deliver an address error of a fetch; QEMU dumps the registers and stops.
    AddressError,
}

impl fmt::Display for QemuStop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Signal(4) => f.write_str("SIGILL"),
            Self::Signal(5) => f.write_str("SIGTRAP"),
            Self::Signal(8) => f.write_str("SIGFPE"),
            Self::Signal(10) => f.write_str("SIGBUS"),
            Self::Signal(11) => f.write_str("SIGSEGV"),
            Self::Signal(number) => write!(f, "signal {number}"),
            Self::AddressError => f.write_str("address error of a fetch"),
        }
    }
}
