//! Making a bundle: tensors get their places in memory, operators their descriptors.
//!
//! A [`Builder`] hands out references to tensors; its operators take and return them, and choose
//! tiles that stay inside the default bound. What it produces is legal in every tile, or an error.

mod error;
mod operators;
pub mod pack;
mod place;
mod write;

use opml_operator::geometry::Matrix;
use opml_operator::{Descriptor, WeightType};

use crate::bundle::manifest::{About, Input, OutputRegion, ResultKind};

pub use error::BuildError;
pub use place::Place;
pub use write::Parts;

use place::{Shelf, working_shelf};

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
    /// Its shape and type.
    pub matrix: Matrix,
}

/// A tensor with its bytes.
struct Stored {
    name: String,
    place: Place,
    bytes: Vec<u8>,
}

/// A bundle in the making.
pub struct Builder {
    about: About,
    input: Input,
    result: ResultKind,
    tensors: Vec<Stored>,
    weights: Shelf,
    working: Shelf,
    operators: Vec<Descriptor>,
    output: Option<OutputRegion>,
}

impl Builder {
    /// A bundle without tensors and operators.
    pub fn new(about: About, input: Input, result: ResultKind) -> Self {
        Self {
            about,
            input,
            result,
            tensors: Vec::new(),
            weights: Shelf::default(),
            working: working_shelf(),
            operators: Vec::new(),
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
        if matrix.kind.quantized() && !matrix.k.is_multiple_of(WeightType::BLOCK) {
            return Err(BuildError::Blocks { name: name.to_owned(), k: matrix.k });
        }
        let place = self.store(name, pack::pack(&matrix, values))?;
        Ok(Weights { place, matrix })
    }

    /// A row of numbers.
    pub fn vector(&mut self, name: &str, values: &[f32]) -> Result<Vector, BuildError> {
        let n = u32::try_from(values.len()).map_err(|_| BuildError::Large {
            name: name.to_owned(),
            bytes: values.len() as u64 * 4,
        })?;
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        Ok(Vector { place: self.store(name, bytes)?, n })
    }

    /// Operators so far: the number of the next one.
    pub fn next_operator(&self) -> usize {
        self.operators.len()
    }

    /// Adds a tensor in the form that kernels read.
    fn store(&mut self, name: &str, bytes: Vec<u8>) -> Result<Place, BuildError> {
        let place = self.weights.take(name, bytes.len() as u64)?;
        self.tensors.push(Stored { name: name.to_owned(), place, bytes });
        Ok(place)
    }

    /// A region of working memory.
    fn buffer(&mut self, bytes: u64) -> Result<Place, BuildError> {
        self.working.take("activations", bytes)
    }
}
