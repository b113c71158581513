//! The one predicate that decides whether a step is a run or a failure.

use crate::area::{Area, WORKING_BASE};
use crate::cost::cost;
use crate::descriptor::{Control, Descriptor, INPUTS};
use crate::geometry::Operator;
use crate::illegal::{Illegal, Role};

/// Descriptors of a program; a pc at or above has none.
pub const MAX_PC: u32 = 1 << 16;
/// Largest bound on a tile's instructions, as a power of two.
pub const MAX_BOUND: u32 = 30;

/// Coordinates of a tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Iteration of the loop.
    pub iteration: u32,
    /// Row of the grid: tile / columns.
    pub row: u32,
    /// Column of the grid: tile mod columns.
    pub column: u32,
}

/// One tile of a legal operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tile {
    /// What is computed, with its geometry.
    pub operator: Operator,
    /// Where in the grid.
    pub place: Place,
    inputs: [Option<Area>; INPUTS],
    /// Region that is written.
    pub output: Area,
    /// The run takes at most 2^bound instructions, else it has failed.
    pub bound: u8,
    /// What follows the operator's last tile.
    pub control: Control,
    /// Whether this is the last tile.
    pub last: bool,
}

impl Tile {
    /// Regions that are read, in the kernel's order.
    pub fn inputs(&self) -> impl ExactSizeIterator<Item = Area> + '_ {
        let count = self.inputs.iter().flatten().count();
        // Inputs are contiguous from the first: `flatten` yields exactly `count`.
        Counted { areas: self.inputs, next: 0, count }
    }
}

struct Counted {
    areas: [Option<Area>; INPUTS],
    next: usize,
    count: usize,
}

impl Iterator for Counted {
    type Item = Area;

    fn next(&mut self) -> Option<Area> {
        let area = self.areas.get(self.next).copied().flatten()?;
        self.next = self.next.saturating_add(1);
        Some(area)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.count.saturating_sub(self.next);
        (left, Some(left))
    }
}

impl ExactSizeIterator for Counted {}

/// Whether tile number `tile` of `descriptor` can be executed in this iteration, and what it is.
///
/// An error is no fault of a caller: the state's successor is then the failed state.
pub fn legal(descriptor: &Descriptor, iteration: u32, tile: u32) -> Result<Tile, Illegal> {
    let place = place(descriptor, iteration, tile)?;
    let bound = bound(descriptor)?;
    let control = descriptor.control()?;
    let operator = Operator::parse(descriptor, iteration)?;

    let log2 = descriptor.bound;
    let output = descriptor.output.at(Role::Output, place)?;
    // A run is given a zero output; the native executor has to write it. Charged for, so that a bound
    // on a run's steps bounds the native work too.
    let worst = cost(&operator).saturating_add(output.bytes() >> 2);
    // 2^bound / 2, written so that a bound of 0 allows nothing.
    if worst > (1u64 << bound) >> 1 {
        return Err(Illegal::Cost { cost: worst, log2 });
    }

    let mut inputs = [None; INPUTS];
    let specs = descriptor.inputs();
    for ((number, spec), area) in (0u8..).zip(specs).zip(&mut inputs) {
        *area = Some(spec.at(Role::Input(number), place)?);
    }
    if output.base() < WORKING_BASE {
        return Err(Illegal::OutputProtected { base: output.base() });
    }
    let last = tile == descriptor.tiles.saturating_sub(1);
    Ok(Tile { operator, place, inputs, output, bound, control, last })
}

fn place(descriptor: &Descriptor, iteration: u32, tile: u32) -> Result<Place, Illegal> {
    let Descriptor { tiles, columns, .. } = *descriptor;
    if tiles == 0 {
        return Err(Illegal::Grid { tiles, columns });
    }
    let (Some(row), Some(column)) = (tile.checked_div(columns), tile.checked_rem(columns)) else {
        return Err(Illegal::Grid { tiles, columns });
    };
    if tile >= tiles {
        return Err(Illegal::Tile { tile, tiles });
    }
    Ok(Place { iteration, row, column })
}

fn bound(descriptor: &Descriptor) -> Result<u8, Illegal> {
    let log2 = descriptor.bound;
    u8::try_from(log2).ok().filter(|_| log2 <= MAX_BOUND).ok_or(Illegal::Bound { log2 })
}
