//! What either side shows of a run.

use crate::trap::QemuStop;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// `exit` with this code.
    Exit(u8),
    /// A trap, in QEMU's terms.
    Trap(QemuStop),
    /// Still running when its steps were used up.
    Unfinished,
}

/// General registers, HI and LO.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registers {
    /// `$0` to `$31`.
    pub regs: [u32; 32],
    /// Upper half of the last product.
    pub hi: u32,
    /// Lower half of the last product.
    pub lo: u32,
}

/// The state at a trap. An exiting program writes its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateAtTrap {
    /// Address to resume at: the trapping word, or the branch before it if it stands in a slot.
    pub pc: u32,
    /// Registers before the trapping word.
    pub registers: Registers,
    /// The memory arena, where it can be seen.
    pub arena: Option<Vec<u8>>,
}

/// What a run showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// How it ended.
    pub stop: Stop,
    /// Bytes written to fd 1 and 2, in order.
    pub output: Vec<u8>,
    /// The state at the trap, if it ended in one.
    pub trap: Option<StateAtTrap>,
}
