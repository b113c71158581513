//! General registers.

use std::fmt;

/// A general register, 0 to 31.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reg(u8);

impl Reg {
    /// Always zero.
    pub const ZERO: Self = Self(0);
    /// `v0`: system call number and result.
    pub const V0: Self = Self(2);
    /// `a0`: first argument.
    pub const A0: Self = Self(4);
    /// `a1`: second argument.
    pub const A1: Self = Self(5);
    /// `a2`: third argument.
    pub const A2: Self = Self(6);
    /// `a3`: error flag of a system call.
    pub const A3: Self = Self(7);
    /// `s0`: survives the system calls of the signal handler.
    pub const S0: Self = Self(16);
    /// `ra`: link register of `jal` and the linking branches.
    pub const RA: Self = Self(31);

    /// The register named by the low five bits.
    pub const fn new(number: u8) -> Self {
        Self(number & 31)
    }

    /// All 32, ascending.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..32).map(Self)
    }

    /// Number as an index.
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// Number as an encoding field.
    pub const fn field(self) -> u32 {
        self.0 as u32
    }
}

impl fmt::Display for Reg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "${}", self.0)
    }
}

/// A set of registers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RegSet(u32);

impl RegSet {
    /// This set and one more register.
    #[must_use]
    pub const fn with(self, reg: Reg) -> Self {
        Self(self.0 | 1 << reg.0)
    }

    /// Whether the register is in the set.
    pub const fn contains(self, reg: Reg) -> bool {
        self.0 >> reg.0 & 1 == 1
    }
}
