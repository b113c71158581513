//! How the machine's memory is cut when it proves a tile of a graph operator.

use crate::merkle::Region;

/// One of the sixteen windows of 256 MiB. A window is a subtree of the memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// Code and constants of the kernels.
    Image,
    /// Argument block: descriptor, iteration, tile.
    Arguments,
    /// An input region, 0 to 7.
    Input(InputIndex),
    /// The output region; zero at the start of a run.
    Output,
    /// The stack, growing down from the end of memory.
    Stack,
}

/// Number of an input region, 0 to 7.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InputIndex(u8);

impl InputIndex {
    /// Number of input regions an operator can have.
    pub const COUNT: u8 = 8;

    /// Input `number`, if it is below [`Self::COUNT`].
    pub const fn new(number: u8) -> Option<Self> {
        if number < Self::COUNT { Some(Self(number)) } else { None }
    }
}

impl Window {
    /// Size of a window in bytes, as a power of two.
    pub const LOG2_SIZE: u8 = 28;

    /// Position among the sixteen windows; 11 to 14 have no use.
    pub const fn number(self) -> u8 {
        match self {
            Self::Image => 0,
            Self::Arguments => 1,
            // Lossless: an input's number is below 8.
            Self::Input(InputIndex(number)) => number.saturating_add(2),
            Self::Output => 10,
            Self::Stack => 15,
        }
    }

    /// First address.
    pub const fn base(self) -> u32 {
        (self.number() as u32) << Self::LOG2_SIZE
    }

    /// The region of `2^log2_size` bytes at the window's base; `log2_size` is 5 to 28.
    pub(crate) const fn base_region(self, log2_size: u8) -> Region {
        self.region().at_base(log2_size)
    }

    /// The window as a region of the machine's memory.
    pub const fn region(self) -> Region {
        Region::mips_window(self.number())
    }
}
