//! Making a bundle: tensors get their places in memory, operators their descriptors.
//!
//! A [`Builder`] hands out references to tensors; its operators take and return them, and choose
//! tiles that stay inside the default bound. What it produces is legal in every tile, or an error.

mod attention;
mod error;
mod flow;
mod language;
mod operators;
pub mod pack;
mod place;
mod sink;
mod write;

use std::path::Path;

use opml_operator::geometry::Matrix;
use opml_operator::{Descriptor, WeightType};

use crate::bundle::BundleError;
use crate::bundle::manifest::{About, Input, OutputRegion, ResultKind};

pub use attention::{Attention, Cache};
pub use error::BuildError;
pub use flow::Mark;
pub use language::{History, Prompt};
pub use place::Place;
pub use write::Parts;

use flow::Flow;
use place::{Shelf, working_shelf};
use sink::Sink;

/// Most instructions of a tile, as a power of two, unless an operator needs more.
pub const DEFAULT_BOUND: u32 = 25;

/// A row of 32-bit numbers.
#[derive(Clone, Copy, Debug)]
pub struct Vector {
    /// Where it lies.
    pub place: Place,
    /// Numbers in it.
    pub n: u32,
}

/// A row of quantized blocks.
#[derive(Clone, Copy, Debug)]
pub struct Quantized {
    /// Where it lies.
    pub place: Place,
    /// Elements, a multiple of 32.
    pub k: u32,
}

/// A weight matrix.
#[derive(Clone, Copy, Debug)]
pub struct Weights {
    /// Where it lies.
    pub place: Place,
    /// Its shape and type; of one slice, if there are several.
    pub matrix: Matrix,
    /// Slices of as many rows each, in regions one behind the other.
    pub slices: u32,
    /// Rows of all slices.
    pub rows: u32,
}

/// A bundle in the making.
pub struct Builder {
    about: About,
    input: Input,
    result: ResultKind,
    sink: Sink,
    weights: Shelf,
    working: Shelf,
    operators: Vec<Descriptor>,
    flow: Flow,
    output: Option<OutputRegion>,
}

impl Builder {
    /// A bundle without tensors and operators, all in memory.
    pub fn new(about: About, input: Input, result: ResultKind) -> Self {
        Self::into_sink(about, (input, result), Sink::memory())
    }

    /// The same with tensors written to the files of a folder as they come; [`Self::finish_folder`]
    /// completes it.
    pub fn in_folder(
        about: About,
        kinds: (Input, ResultKind),
        folder: &Path,
    ) -> Result<Self, BundleError> {
        Ok(Self::into_sink(about, kinds, Sink::folder(folder)?))
    }

    fn into_sink(about: About, (input, result): (Input, ResultKind), sink: Sink) -> Self {
        Self {
            about,
            input,
            result,
            sink,
            weights: Shelf::default(),
            working: working_shelf(),
            operators: Vec::new(),
            flow: Flow::default(),
            output: None,
        }
    }

    /// A weight matrix given row by row, `rows * k` numbers; quantized if its type says so.
    pub fn matrix(
        &mut self,
        name: &str,
        matrix: Matrix,
        values: &[f32],
    ) -> Result<Weights, BuildError> {
        let expected = u64::from(matrix.rows) * u64::from(matrix.k);
        if values.len() as u64 != expected {
            let name = name.to_owned();
            return Err(BuildError::Elements { name, expected, actual: values.len() });
        }
        if !matrix.k.is_multiple_of(matrix.kind.unit()) {
            return Err(BuildError::Blocks { name: name.to_owned(), k: matrix.k });
        }
        if matrix.kind.unit() > WeightType::BLOCK {
            return Err(BuildError::NotQuantized { name: name.to_owned() });
        }
        let place = self.store(name, &pack::pack(&matrix, values))?;
        Ok(Weights { place, matrix, slices: 1, rows: matrix.rows })
    }

    /// A weight matrix whose rows are given as ranges: `pack` gives the bytes of some of them in the
    /// canonical layout. What no region holds is cut into slices.
    pub fn matrix_of(
        &mut self,
        name: &str,
        matrix: Matrix,
        mut pack: impl FnMut(std::ops::Range<u32>) -> Vec<u8>,
    ) -> Result<Weights, BuildError> {
        let slice = place::slice_rows(&matrix);
        let slices = matrix.rows.div_ceil(slice).max(1);
        let mut first = None;
        for number in 0..slices {
            let rows = number * slice..matrix.rows.min((number + 1) * slice);
            let name = if slices == 1 { name.to_owned() } else { format!("{name}.{number}") };
            let bytes = matrix.kind.matrix_bytes(slice, matrix.k);
            let place = self.weights.take(&name, bytes)?;
            self.sink.push(&name, place, &pack(rows))?;
            first.get_or_insert(place);
        }
        let place = first.ok_or(BuildError::NoResult)?;
        let rows = matrix.rows;
        Ok(Weights { place, matrix: Matrix { rows: slice, ..matrix }, slices, rows })
    }

    /// Words as they are, such as tables.
    pub fn words(&mut self, name: &str, words: &[u32]) -> Result<Vector, BuildError> {
        let n = u32::try_from(words.len()).map_err(|_| BuildError::Large {
            name: name.to_owned(),
            bytes: words.len() as u64 * 4,
        })?;
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        Ok(Vector { place: self.store(name, &bytes)?, n })
    }

    /// A row of numbers.
    pub fn vector(&mut self, name: &str, values: &[f32]) -> Result<Vector, BuildError> {
        let n = u32::try_from(values.len()).map_err(|_| BuildError::Large {
            name: name.to_owned(),
            bytes: values.len() as u64 * 4,
        })?;
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        Ok(Vector { place: self.store(name, &bytes)?, n })
    }

    /// Operators so far: the number of the next one.
    pub fn next_operator(&self) -> usize {
        self.operators.len()
    }

    /// Adds a tensor in the form that kernels read.
    fn store(&mut self, name: &str, bytes: &[u8]) -> Result<Place, BuildError> {
        let place = self.weights.take(name, bytes.len() as u64)?;
        self.sink.push(name, place, bytes)?;
        Ok(place)
    }

    /// A region of working memory.
    fn buffer(&mut self, bytes: u64) -> Result<Place, BuildError> {
        self.working.take("activations", bytes)
    }
}
