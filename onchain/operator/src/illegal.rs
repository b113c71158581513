//! Why a descriptor cannot be executed at an iteration and tile.

use thiserror::Error;

/// Which region of an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Input region of this number.
    Input(u8),
    /// The output region.
    Output,
}

impl core::fmt::Display for Role {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Input(number) => write!(f, "input {number}"),
            Self::Output => f.write_str("output"),
        }
    }
}

/// The first rule that a descriptor breaks. Its successor is the failed state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Illegal {
    /// A byte that has no meaning is not zero.
    #[error("reserved bytes are not zero")]
    Reserved,
    /// No such kernel; 0 stands for an absent descriptor.
    #[error("there is no kernel {id}")]
    Kernel {
        /// Number found.
        id: u32,
    },
    /// Not as many inputs as the kernel takes.
    #[error("the kernel takes {expected} inputs, the descriptor has {actual}")]
    InputCount {
        /// Inputs of the kernel.
        expected: u32,
        /// Inputs of the descriptor.
        actual: u32,
    },
    /// A parameter that the kernel does not take is not zero.
    #[error("a parameter behind the kernel's last is not zero")]
    UnusedParam,
    /// An input entry behind the last one is not zero.
    #[error("an input entry behind the last is not zero")]
    UnusedInput,
    /// No tiles, or no columns.
    #[error("{tiles} tiles in {columns} columns")]
    Grid {
        /// Tiles of the descriptor.
        tiles: u32,
        /// Columns of its grid.
        columns: u32,
    },
    /// The state's tile is not one of the operator's.
    #[error("tile {tile} of {tiles}")]
    Tile {
        /// Tile asked for.
        tile: u32,
        /// Tiles of the descriptor.
        tiles: u32,
    },
    /// The bound on instructions is above 2^30.
    #[error("a bound of 2^{log2} instructions")]
    Bound {
        /// The bound found, as a power of two.
        log2: u32,
    },
    /// No such control, or fields that do not go with it.
    #[error("control {control} with target {target} and count {count}")]
    Control {
        /// Number found.
        control: u32,
        /// Target found.
        target: u32,
        /// Count found.
        count: u32,
    },
    /// A region smaller than a leaf or larger than a window.
    #[error("{role}: a region of 2^{log2_size} bytes")]
    Size {
        /// Which region.
        role: Role,
        /// Its size, as a power of two.
        log2_size: u32,
    },
    /// A region's base is not a multiple of its size.
    #[error("{role}: base {base:#x} is not aligned to 2^{log2_size} bytes")]
    Alignment {
        /// Which region.
        role: Role,
        /// First byte at this iteration and tile.
        base: u64,
        /// Its size, as a power of two.
        log2_size: u8,
    },
    /// A region lies outside the memory.
    #[error("{role}: outside the memory")]
    Outside {
        /// Which region.
        role: Role,
    },
    /// The output lies in the weights or in the request.
    #[error("the output at {base:#x} lies in weights or request")]
    OutputProtected {
        /// First byte at this iteration and tile.
        base: u64,
    },
    /// A parameter is outside the kernel's range.
    #[error("parameter {index} is {value}")]
    Param {
        /// Position among the parameters.
        index: u8,
        /// Value found.
        value: u32,
    },
    /// A region is too small for the tensor in it, or differs from what the kernel expects.
    #[error("{role}: a region of 2^{log2_size} bytes does not fit {needed} bytes")]
    Shape {
        /// Which region.
        role: Role,
        /// Its size, as a power of two.
        log2_size: u32,
        /// Bytes of the tensor.
        needed: u64,
    },
    /// The grid of tiles is not the one that the kernel works on.
    #[error("{tiles} tiles in {columns} columns are not the kernel's grid")]
    KernelGrid {
        /// Tiles of the descriptor.
        tiles: u32,
        /// Columns of its grid.
        columns: u32,
    },
    /// The iteration is past what the tensors hold.
    #[error("iteration {iteration}, the tensors hold {capacity}")]
    Iteration {
        /// Iteration of the state.
        iteration: u32,
        /// Iterations that fit.
        capacity: u32,
    },
    /// The worst case is more than half of the descriptor's bound.
    #[error("{cost} instructions at worst, the bound is 2^{log2}")]
    Cost {
        /// Static worst case, in instructions.
        cost: u64,
        /// The bound, as a power of two.
        log2: u32,
    },
}
