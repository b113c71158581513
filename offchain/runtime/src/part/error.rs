//! Why there is no proof of a part.

use thiserror::Error;

use super::{Runs, Tile};

/// Why there is no proof of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PartError {
    /// The output and its length do not fit the region.
    #[error("an output of {length} bytes does not fit a region of 2^{log2_size} bytes")]
    RegionTooSmall {
        /// Bytes of output.
        length: usize,
        /// Size of the region, as a power of two.
        log2_size: u8,
    },
    /// A part is of at least one byte, and its runs do not overlap.
    #[error("{} runs of {} bytes, {} bytes apart, are no part", .0.count, .0.length, .0.stride)]
    NoPart(Runs),
    /// The part ends behind the output.
    #[error("a part that begins at byte {} of {length} bytes of output ends behind them", .runs.offset)]
    OutsideOutput {
        /// The part.
        runs: Runs,
        /// Bytes of output.
        length: usize,
    },
    /// The model's results have no pixels.
    #[error("the model makes no pictures")]
    NoPicture,
    /// Some pixels are not in the picture, or there are none.
    #[error(
        "no picture of {width} x {height} pixels has a rectangle of {} x {} of them at column {}, row {}",
        .tile.width, .tile.height, .tile.x, .tile.y
    )]
    OutsidePicture {
        /// The rectangle.
        tile: Tile,
        /// Pixels in a row.
        width: u32,
        /// Rows.
        height: u32,
    },
}
