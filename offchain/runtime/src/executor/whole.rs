//! Operators as wholes: where all of their tiles lie, in every iteration of a loop.
//!
//! Most operators are regular: tiles side by side, all of them legal, none reading what another
//! writes. What is said of one tile then holds for all, and a row of tiles is computed in one piece.

use opml_native::width;
use opml_operator::{Area, Control, Descriptor, Operator, Place, RegionSpec, Role, Tile, legal};

/// Largest output of an operator that is computed in one piece, in bytes.
const LARGEST: u64 = 64 << 20;

/// Rows of bytes, by iteration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// First byte of the first row in the first iteration.
    pub base: u64,
    /// Bytes from one iteration to the next.
    pub iteration_stride: u64,
    /// Bytes from one row to the next.
    pub row_stride: u64,
    /// Rows.
    pub rows: u32,
    /// Bytes of a row in the last iteration; there are not more of them in others.
    pub bytes: u64,
}

impl Span {
    /// Address of a row in an iteration.
    pub fn at(&self, iteration: u32, row: u32) -> u64 {
        // What an address is made of was checked with the tiles in the last iteration.
        let strides = u64::from(iteration) * self.iteration_stride;
        self.base + strides + u64::from(row) * self.row_stride
    }

    /// First address, and the one behind the last, of some iterations.
    pub fn hull(&self, first: u32, last: u32) -> Hull {
        let end = self.at(last, self.rows.saturating_sub(1)) + self.bytes;
        Hull { start: self.at(first, 0), end }
    }

    /// Whether rows follow one another without a gap.
    pub fn is_dense(&self) -> bool {
        self.rows == 1 || self.row_stride == self.bytes
    }
}

/// A range of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hull {
    pub start: u64,
    pub end: u64,
}

impl Hull {
    /// Whether the two have a byte in common.
    pub const fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// Whether the other lies inside.
    pub const fn holds(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

/// An operator whose tiles are legal and independent of each other in some iterations.
#[derive(Clone, Debug)]
pub struct Whole {
    descriptor: Descriptor,
    /// As it is in the last iteration.
    operator: Operator,
    /// Whether it is the same in all.
    constant: bool,
    /// Rows of tiles, one after another.
    pub output: Span,
    /// What a row of tiles reads, by input.
    pub inputs: Vec<Span>,
    /// What follows the last tile.
    pub control: Control,
}

impl Whole {
    /// The operator in iterations `first` to `last`, if it is regular.
    pub fn new(descriptor: &Descriptor, first: u32, last: u32) -> Option<Self> {
        let Descriptor { tiles, columns, .. } = *descriptor;
        let rows =
            tiles.checked_div(columns).filter(|rows| rows.checked_mul(columns) == Some(tiles))?;
        let earliest = legal(descriptor, first, 0).ok()?;
        let Tile { operator, control, .. } = legal(descriptor, last, 0).ok()?;
        if columns > 1 && width(&operator).is_none() {
            return None;
        }
        let corners = Corners { rows, columns, first, last };
        let output = corners.span(&descriptor.output, Role::Output, Reach::Adjacent)?;
        if output.bytes * u64::from(rows) > LARGEST || rows > 1 && output.row_stride < output.bytes
        {
            return None;
        }
        let mut inputs = Vec::with_capacity(descriptor.inputs().len());
        for (number, spec) in (0..).zip(descriptor.inputs()) {
            let elements = elements(&operator);
            let reach = match elements {
                Some(_) => Reach::Adjacent,
                None => Reach::Shared(operator.reads(number.into())),
            };
            let mut input = corners.span(spec, Role::Input(number), reach)?;
            // What lies behind the tensor's elements is not looked at.
            input.bytes = elements.map_or(input.bytes, |n| input.bytes.min(u64::from(n) * 4));
            // One after another, tiles read what others wrote before: here none does.
            let in_place = elements.is_some() && *spec == descriptor.output;
            let apart = |last| !input.hull(first, last).overlaps(output.hull(first, last));
            let alike = input.iteration_stride == output.iteration_stride;
            if !(tiles == 1 || in_place || alike && apart(first) || apart(last)) {
                return None;
            }
            inputs.push(input);
        }
        let constant = first == last || earliest.operator == operator;
        Some(Self { descriptor: descriptor.clone(), operator, constant, output, inputs, control })
    }

    /// Rows of tiles.
    pub const fn rows(&self) -> u32 {
        self.output.rows
    }

    /// Tiles: steps of the machine.
    pub const fn tiles(&self) -> u32 {
        self.descriptor.tiles
    }

    /// The operator in the last iteration.
    pub const fn operator(&self) -> &Operator {
        &self.operator
    }

    /// The operator in an iteration.
    pub fn operator_in(&self, iteration: u32) -> Operator {
        if self.constant {
            return self.operator;
        }
        // It parses in every iteration between two in which it does.
        Operator::parse(&self.descriptor, iteration).unwrap_or(self.operator)
    }

    /// Bytes that a row reads of an input in an iteration.
    pub fn reads(&self, operator: &Operator, number: usize) -> u64 {
        let whole = self.inputs.get(number).map_or(0, |input| input.bytes);
        if self.constant { whole } else { operator.reads(number).min(whole) }
    }

    /// The region that a tile writes.
    pub fn output_area(&self, iteration: u32, tile: u32) -> Option<Area> {
        let columns = self.descriptor.columns;
        let (row, column) = (tile.checked_div(columns)?, tile.checked_rem(columns)?);
        self.descriptor.output.at(Role::Output, Place { iteration, row, column }).ok()
    }

    /// Words of a tile's output.
    pub fn tile_words(&self) -> usize {
        // At most 2^28 bytes.
        1 << self.descriptor.output.log2_size.saturating_sub(2)
    }
}

/// Elements of an element-wise kernel's tensors.
const fn elements(operator: &Operator) -> Option<u32> {
    match operator {
        Operator::Add(map)
        | Operator::Mul(map)
        | Operator::Relu(map)
        | Operator::Silu(map)
        | Operator::Gelu(map)
        | Operator::GeluTanh(map) => Some(map.n),
        _ => None,
    }
}

/// What a row of tiles touches of a tensor.
#[derive(Clone, Copy)]
enum Reach {
    /// Every tile its own region, one beside the other.
    Adjacent,
    /// All of them so many bytes of one region.
    Shared(u64),
}

/// The grid and the iterations in question.
struct Corners {
    rows: u32,
    columns: u32,
    first: u32,
    last: u32,
}

impl Corners {
    /// Where a tensor lies, if all of its regions are legal: they are at the first and the last
    /// corner, and in between since addresses ascend in whole sizes.
    fn span(&self, spec: &RegionSpec, role: Role, reach: Reach) -> Option<Span> {
        let Self { rows, columns, first, last } = *self;
        let size = 1u64.checked_shl(spec.log2_size)?;
        let RegionSpec { base, iteration_stride, row_stride, column_stride, .. } = *spec;
        let whole = |count: u32, stride: u64| count == 1 || stride & (size - 1) == 0;
        let aligned = whole(rows, row_stride)
            && whole(columns, column_stride)
            && (first == last || iteration_stride & (size - 1) == 0);
        spec.at(role, Place { iteration: first, row: 0, column: 0 }).ok()?;
        let end = Place { iteration: last, row: rows - 1, column: columns - 1 };
        spec.at(role, end).ok()?;
        let bytes = match reach {
            Reach::Adjacent if columns == 1 || column_stride == size => size * u64::from(columns),
            Reach::Shared(bytes) if columns == 1 || column_stride == 0 => bytes,
            _ => return None,
        };
        let row_stride = if rows == 1 { bytes } else { row_stride };
        aligned.then_some(Span { base, iteration_stride, row_stride, rows, bytes })
    }
}
