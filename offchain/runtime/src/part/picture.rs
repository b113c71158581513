//! Where the pixels of a picture stand in an output.

use super::{PartError, Runs};
use crate::bundle::manifest::ResultKind;

/// What a picture measures. Its bytes stand row by row from the top, pixel by pixel from the left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Bytes of a pixel.
    pub channels: u32,
}

/// A rectangle of pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tile {
    /// First column.
    pub x: u32,
    /// First row.
    pub y: u32,
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

impl Size {
    /// What the pictures measure that a model makes, if it makes any.
    pub const fn of(kind: &ResultKind) -> Option<Self> {
        match *kind {
            ResultKind::Picture { width, height, channels } => {
                Some(Self { width, height, channels })
            }
            ResultKind::Heights { width, height } => Some(Self { width, height, channels: 1 }),
            ResultKind::Bytes | ResultKind::Text | ResultKind::Class { .. } => None,
        }
    }

    /// The row `y`.
    pub const fn row(self, y: u32) -> Tile {
        Tile { x: 0, y, width: self.width, height: 1 }
    }

    /// Where a rectangle stands.
    pub fn runs(self, tile: Tile) -> Result<Runs, PartError> {
        let Self { width, height, channels } = self;
        let inside = |first: u32, count: u32, all: u32| {
            count > 0 && first.checked_add(count).is_some_and(|end| end <= all)
        };
        if !inside(tile.x, tile.width, width) || !inside(tile.y, tile.height, height) {
            return Err(PartError::OutsidePicture { tile, width, height });
        }
        let bytes = |pixels: u32| pixels as usize * channels as usize;
        Ok(Runs {
            offset: bytes(width) * tile.y as usize + bytes(tile.x),
            length: bytes(tile.width),
            stride: bytes(width),
            count: tile.height as usize,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size { width: 10, height: 4, channels: 3 };

    #[test]
    fn rows_and_rectangles_stand_where_their_pixels_do() {
        let row = Runs { offset: 60, length: 30, stride: 30, count: 1 };
        assert_eq!(SIZE.runs(SIZE.row(2)), Ok(row));
        let tile = Tile { x: 7, y: 1, width: 3, height: 3 };
        assert_eq!(SIZE.runs(tile), Ok(Runs { offset: 51, length: 9, stride: 30, count: 3 }));
    }

    #[test]
    fn what_is_not_in_the_picture_is_refused() {
        let tile = |x, y, width, height| Tile { x, y, width, height };
        for tile in [
            tile(0, 4, 10, 1),
            tile(8, 0, 3, 1),
            tile(0, 0, 11, 1),
            tile(0, 0, 0, 1),
            tile(0, 0, 1, 0),
            tile(u32::MAX, 0, 2, 1),
            tile(0, u32::MAX, 1, u32::MAX),
        ] {
            let refusal = PartError::OutsidePicture { tile, width: 10, height: 4 };
            assert_eq!(SIZE.runs(tile), Err(refusal));
        }
    }
}
