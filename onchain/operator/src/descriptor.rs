//! The fixed-size descriptor of an operator.
//!
//! ```text
//! 0    kernel       u32       all numbers little-endian, since kernels read it in place
//! 4    input count  u32
//! 8    tiles        u32
//! 12   columns      u32
//! 16   bound        u32       log2 of instructions a tile
//! 20   control      u32       0 next, 1 loop, 2 exit-if, 3 halt
//! 24   target       u32
//! 28   count        u32
//! 32   params       16 x u32
//! 96   output       40 bytes  base, iteration, row, column stride: u64 each; log2 size u32; zero u32
//! 136  inputs       8 x 40 bytes
//! 456  zero         56 bytes
//! ```

use crate::area::RegionSpec;
use crate::illegal::Illegal;
use crate::legal::MAX_PC;

/// Size of an encoded descriptor: 16 leaves.
pub const DESCRIPTOR_BYTES: usize = 512;
/// Input entries.
pub const INPUTS: usize = 8;
/// Parameters.
pub const PARAMS: usize = 16;

const WORDS: usize = DESCRIPTOR_BYTES / 4;
/// Words behind the last input entry.
const TAIL_WORDS: usize = 14;

/// A descriptor, its numbers not yet looked at. [`crate::legal`] does that.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Descriptor {
    /// Number of the kernel.
    pub kernel: u32,
    /// Input entries in use.
    pub input_count: u32,
    /// Tiles of the operator.
    pub tiles: u32,
    /// Tiles in a row of the grid.
    pub columns: u32,
    /// Most instructions of a tile, as a power of two.
    pub bound: u32,
    /// Number of the control.
    pub control: u32,
    /// Where a loop or an exit leads.
    pub target: u32,
    /// Times that a loop's body runs.
    pub count: u32,
    /// Parameters of the kernel.
    pub params: [u32; PARAMS],
    /// Region that a tile writes.
    pub output: RegionSpec,
    /// Regions that a tile reads.
    pub input_specs: [RegionSpec; INPUTS],
}

/// What follows the last tile of an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// The next operator.
    Next,
    /// Back to `target` until the body has run `count` times, then the next operator.
    Loop {
        /// First operator of the body.
        target: u32,
        /// Times that the body runs, at least 1.
        count: u32,
    },
    /// To `target`, leaving the loop, if the first word of the output is not zero.
    ExitIf {
        /// Operator behind the loop.
        target: u32,
    },
    /// The end.
    Halt,
}

impl Control {
    /// Numbers of a descriptor: control, target, count.
    pub const fn encode(self) -> (u32, u32, u32) {
        match self {
            Self::Next => (0, 0, 0),
            Self::Loop { target, count } => (1, target, count),
            Self::ExitIf { target } => (2, target, 0),
            Self::Halt => (3, 0, 0),
        }
    }
}

impl Descriptor {
    /// Parses an encoding. Only reserved bytes can be wrong here.
    pub fn decode(bytes: &[u8; DESCRIPTOR_BYTES]) -> Result<Self, Illegal> {
        let mut words = Words { words: bytes.as_chunks::<4>().0.iter() };
        let mut descriptor = Self {
            kernel: words.u32(),
            input_count: words.u32(),
            tiles: words.u32(),
            columns: words.u32(),
            bound: words.u32(),
            control: words.u32(),
            target: words.u32(),
            count: words.u32(),
            ..Self::default()
        };
        for param in &mut descriptor.params {
            *param = words.u32();
        }
        descriptor.output = words.region()?;
        for spec in &mut descriptor.input_specs {
            *spec = words.region()?;
        }
        if words.words.any(|word| *word != [0; 4]) {
            return Err(Illegal::Reserved);
        }
        Ok(descriptor)
    }

    /// The encoding.
    pub fn encode(&self) -> [u8; DESCRIPTOR_BYTES] {
        let head = [
            self.kernel,
            self.input_count,
            self.tiles,
            self.columns,
            self.bound,
            self.control,
            self.target,
            self.count,
        ];
        let regions = core::iter::once(&self.output).chain(&self.input_specs);
        let words = head
            .into_iter()
            .chain(self.params)
            .chain(regions.flat_map(encode_region))
            .chain([0; TAIL_WORDS]);
        let mut bytes = [0; DESCRIPTOR_BYTES];
        for (place, word) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(words) {
            *place = word.to_le_bytes();
        }
        bytes
    }

    /// The input entries in use.
    pub fn inputs(&self) -> &[RegionSpec] {
        let count = usize::try_from(self.input_count).unwrap_or(INPUTS);
        self.input_specs.get(..count).unwrap_or(&self.input_specs)
    }

    /// What follows the last tile.
    pub fn control(&self) -> Result<Control, Illegal> {
        let Self { control, target, count, .. } = *self;
        let parsed = match control {
            0 => Control::Next,
            1 if count > 0 => Control::Loop { target, count },
            2 => Control::ExitIf { target },
            3 => Control::Halt,
            _ => return Err(Illegal::Control { control, target, count }),
        };
        if parsed.encode() == (control, target, count) && target < MAX_PC {
            Ok(parsed)
        } else {
            Err(Illegal::Control { control, target, count })
        }
    }
}

fn encode_region(spec: &RegionSpec) -> [u32; 10] {
    #[allow(clippy::cast_possible_truncation, reason = "the halves of a u64")]
    let halves = |value: u64| [value as u32, (value >> 32) as u32];
    let [b0, b1] = halves(spec.base);
    let [i0, i1] = halves(spec.iteration_stride);
    let [r0, r1] = halves(spec.row_stride);
    let [c0, c1] = halves(spec.column_stride);
    [b0, b1, i0, i1, r0, r1, c0, c1, spec.log2_size, 0]
}

/// The words of an encoding, one after another.
struct Words<'a> {
    words: core::slice::Iter<'a, [u8; 4]>,
}

impl Words<'_> {
    fn u32(&mut self) -> u32 {
        // There are as many words as are asked for: see the layout.
        const { assert!(8 + PARAMS + (INPUTS + 1) * 10 + TAIL_WORDS == WORDS) };
        self.words.next().map_or(0, |word| u32::from_le_bytes(*word))
    }

    fn u64(&mut self) -> u64 {
        let low = u64::from(self.u32());
        low | (u64::from(self.u32()) << 32)
    }

    fn region(&mut self) -> Result<RegionSpec, Illegal> {
        let spec = RegionSpec {
            base: self.u64(),
            iteration_stride: self.u64(),
            row_stride: self.u64(),
            column_stride: self.u64(),
            log2_size: self.u32(),
        };
        if self.u32() == 0 { Ok(spec) } else { Err(Illegal::Reserved) }
    }
}
