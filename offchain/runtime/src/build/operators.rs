//! Operators: each takes references, chooses tiles, and gives a reference to its result.

use std::ops::RangeInclusive;

use opml_core::graph::REQUEST_HEADER_BYTES;
use opml_operator::geometry::Pairing;
use opml_operator::{Descriptor, Illegal, Kernel, REQUEST_BASE, RegionSpec, WeightType, legal};

use super::{BuildError, Builder, DEFAULT_BOUND, Place, Quantized, Vector, Weights};
use crate::bundle::manifest::OutputRegion;

/// Largest tile of an element-wise operator, as a power of two of bytes.
const MAP_LOG2: u32 = 12;
/// Largest tile of a matrix product, as a power of two of bytes: 256 outputs.
const MATMUL_LOG2: u32 = 10;
/// Smallest tile of a matrix product: 16 outputs.
const MATMUL_MIN_LOG2: u32 = 6;

impl Builder {
    /// `n` bytes of the request's input as numbers, each times `scale`.
    pub fn from_bytes(&mut self, n: u32, scale: f32) -> Result<Vector, BuildError> {
        let request = u64::from(n) + REQUEST_HEADER_BYTES as u64;
        let log2_size = request.next_power_of_two().ilog2().max(5);
        let input = Place { base: REQUEST_BASE, log2_size }.whole();
        let header = u32::try_from(REQUEST_HEADER_BYTES).unwrap_or_default();
        let params = [n, header, scale.to_bits()];
        self.map(Call { kernel: Kernel::FromBytes, inputs: &[input], params: &params }, n)
    }

    /// A row as blocks of eight-bit integers, its end filled up with zeros.
    pub fn quantize(&mut self, x: Vector) -> Result<Quantized, BuildError> {
        let k = x.n.next_multiple_of(WeightType::BLOCK);
        let place = self.buffer(u64::from(k / WeightType::BLOCK) * 36)?;
        let inputs = [x.place.whole()];
        self.row(Call { kernel: Kernel::Quantize, inputs: &inputs, params: &[x.n] }, place)?;
        Ok(Quantized { place, k })
    }

    /// A quantized matrix times a row.
    pub fn matmul(&mut self, weights: Weights, x: Quantized) -> Result<Vector, BuildError> {
        self.product(weights, x.place, x.k)
    }

    /// A matrix of floating-point numbers times a row.
    pub fn matmul_float(&mut self, weights: Weights, x: Vector) -> Result<Vector, BuildError> {
        self.product(weights, x.place, x.n)
    }

    /// Element-wise sum.
    pub fn add(&mut self, a: Vector, b: Vector) -> Result<Vector, BuildError> {
        self.map2(Kernel::Add, a, b)
    }

    /// Element-wise product.
    pub fn mul(&mut self, a: Vector, b: Vector) -> Result<Vector, BuildError> {
        self.map2(Kernel::Mul, a, b)
    }

    /// `max(x, 0)`.
    pub fn relu(&mut self, x: Vector) -> Result<Vector, BuildError> {
        self.map1(Kernel::Relu, x)
    }

    /// `x * sigmoid(x)`.
    pub fn silu(&mut self, x: Vector) -> Result<Vector, BuildError> {
        self.map1(Kernel::Silu, x)
    }

    /// Gaussian error linear unit.
    pub fn gelu(&mut self, x: Vector) -> Result<Vector, BuildError> {
        self.map1(Kernel::Gelu, x)
    }

    /// Gaussian error linear unit, by the hyperbolic tangent.
    pub fn gelu_tanh(&mut self, x: Vector) -> Result<Vector, BuildError> {
        self.map1(Kernel::GeluTanh, x)
    }

    /// Root mean square normalisation with `gain`.
    pub fn rms_norm(
        &mut self,
        x: Vector,
        gain: Vector,
        epsilon: f32,
    ) -> Result<Vector, BuildError> {
        self.same_length(x, gain)?;
        let inputs = [x.place.whole(), gain.place.whole()];
        let params = [x.n, epsilon.to_bits()];
        self.vector_row(Call { kernel: Kernel::RmsNorm, inputs: &inputs, params: &params }, x.n)
    }

    /// Layer normalisation; `affine` are gain and bias.
    pub fn layer_norm(
        &mut self,
        x: Vector,
        affine: [Vector; 2],
        epsilon: f32,
    ) -> Result<Vector, BuildError> {
        for vector in affine {
            self.same_length(x, vector)?;
        }
        let [gain, bias] = affine;
        let inputs = [x.place.whole(), gain.place.whole(), bias.place.whole()];
        let params = [x.n, epsilon.to_bits()];
        self.vector_row(Call { kernel: Kernel::LayerNorm, inputs: &inputs, params: &params }, x.n)
    }

    /// Softmax of a row.
    pub fn softmax(&mut self, x: Vector) -> Result<Vector, BuildError> {
        let inputs = [x.place.whole()];
        self.vector_row(Call { kernel: Kernel::Softmax, inputs: &inputs, params: &[x.n, 0] }, x.n)
    }

    /// Rotary position embedding of heads of `head` elements; `table` holds their cosines, then
    /// their sines.
    pub fn rope(
        &mut self,
        x: Vector,
        table: Vector,
        pairing: Pairing,
    ) -> Result<Vector, BuildError> {
        let head = table.n;
        if head == 0 || !x.n.is_multiple_of(head) {
            return Err(BuildError::Shapes { pc: self.next_operator(), left: x.n, right: head });
        }
        let mode = u32::from(pairing == Pairing::Halves);
        let inputs = [x.place.whole(), table.place.whole()];
        let params = [head, x.n / head, mode];
        self.vector_row(Call { kernel: Kernel::Rope, inputs: &inputs, params: &params }, x.n)
    }

    /// Position and bits of the greatest element.
    pub fn argmax(&mut self, x: Vector) -> Result<Vector, BuildError> {
        let place = self.buffer(32)?;
        let place = Place { log2_size: 5, ..place };
        let inputs = [x.place.whole()];
        self.row(Call { kernel: Kernel::ArgMax, inputs: &inputs, params: &[x.n] }, place)?;
        Ok(Vector { place, n: 2 })
    }

    /// The result: the first `bytes` bytes of `x`.
    pub fn emit(&mut self, x: Vector, bytes: u32) -> Result<(), BuildError> {
        let needed = u64::from(bytes) + 32;
        let place = self.buffer(needed)?;
        let place = Place { log2_size: needed.next_power_of_two().ilog2(), ..place };
        let inputs = [x.place.whole()];
        self.row(Call { kernel: Kernel::Emit, inputs: &inputs, params: &[bytes] }, place)?;
        let log2_size = u8::try_from(place.log2_size).unwrap_or(u8::MAX);
        self.output = Some(OutputRegion { base: place.base, log2_size });
        Ok(())
    }

    /// Element-wise sum, written to `output`.
    pub fn add_into(&mut self, [a, b]: [Vector; 2], output: Vector) -> Result<(), BuildError> {
        self.same_length(a, b)?;
        self.same_length(a, output)?;
        let tile = map_tile(a.n);
        let inputs = [a, b].map(|vector| vector.place.columns(tile));
        let call = Call { kernel: Kernel::Add, inputs: &inputs, params: &[a.n] };
        self.map_into(call, output)
    }

    /// Memory for a row of `n` numbers.
    pub fn vector_buffer(&mut self, n: u32) -> Result<Vector, BuildError> {
        Ok(Vector { place: self.buffer(u64::from(n) * 4)?, n })
    }

    /// Adds a descriptor after checking all of its tiles.
    pub fn push(&mut self, descriptor: Descriptor) -> Result<(), BuildError> {
        let pc = self.next_operator();
        for iteration in self.flow.iterations() {
            for tile in 0..descriptor.tiles.max(1) {
                legal(&descriptor, iteration, tile).map_err(|source| BuildError::Illegal {
                    pc,
                    tile,
                    source,
                })?;
            }
        }
        self.operators.push(descriptor);
        Ok(())
    }

    fn same_length(&self, a: Vector, b: Vector) -> Result<(), BuildError> {
        let pc = self.next_operator();
        if a.n == b.n { Ok(()) } else { Err(BuildError::Shapes { pc, left: a.n, right: b.n }) }
    }

    fn map1(&mut self, kernel: Kernel, x: Vector) -> Result<Vector, BuildError> {
        let tile = map_tile(x.n);
        let inputs = [x.place.columns(tile)];
        self.map(Call { kernel, inputs: &inputs, params: &[x.n] }, x.n)
    }

    fn map2(&mut self, kernel: Kernel, a: Vector, b: Vector) -> Result<Vector, BuildError> {
        self.same_length(a, b)?;
        let tile = map_tile(a.n);
        let inputs = [a, b].map(|vector| vector.place.columns(tile));
        self.map(Call { kernel, inputs: &inputs, params: &[a.n] }, a.n)
    }

    /// An operator whose tiles are pieces of the output's row of `n` numbers.
    fn map(&mut self, call: Call, n: u32) -> Result<Vector, BuildError> {
        let output = self.vector_buffer(n)?;
        self.map_into(call, output)?;
        Ok(output)
    }

    fn map_into(&mut self, call: Call, output: Vector) -> Result<(), BuildError> {
        let tile = map_tile(output.n);
        let tiles = output.n.div_ceil(1 << (tile - 2));
        let regions = output.place.columns(tile);
        self.push(Descriptor { tiles, columns: tiles, ..call.descriptor(regions) })
    }

    /// An operator of one tile whose result is a row of `n` numbers.
    fn vector_row(&mut self, call: Call, n: u32) -> Result<Vector, BuildError> {
        let place = self.buffer(u64::from(n) * 4)?;
        self.row(call, place)?;
        Ok(Vector { place, n })
    }

    /// An operator of one tile.
    pub(super) fn row(&mut self, call: Call, output: Place) -> Result<(), BuildError> {
        self.push_bounded(call.descriptor(output.whole()))
    }

    /// Adds a descriptor with the smallest bound from the default one on that its cost allows.
    pub(super) fn push_bounded(&mut self, mut descriptor: Descriptor) -> Result<(), BuildError> {
        if let Err(Illegal::Cost { cost, .. }) = legal(&descriptor, self.flow.last(), 0) {
            descriptor.bound = cost.saturating_mul(2).next_power_of_two().ilog2();
        }
        self.push(descriptor)
    }

    /// An operator in the largest tiles that stay inside the default bound, else in the smallest ones.
    pub(super) fn push_tiled(
        &mut self,
        sizes: RangeInclusive<u32>,
        tiled: impl Fn(u32) -> Descriptor,
    ) -> Result<(), BuildError> {
        let (last, smallest) = (self.flow.last(), *sizes.start());
        let fitting = sizes.rev().map(&tiled).find(|tiled| legal(tiled, last, 0).is_ok());
        self.push_bounded(fitting.unwrap_or_else(|| tiled(smallest)))
    }

    /// A matrix product; slices of the matrix are rows of the grid.
    fn product(&mut self, weights: Weights, x: Place, k: u32) -> Result<Vector, BuildError> {
        let Weights { place, matrix, slices, rows } = weights;
        if matrix.k != k {
            return Err(BuildError::Shapes { pc: self.next_operator(), left: matrix.k, right: k });
        }
        let slice = u64::from(matrix.rows) * 4;
        let output = self.buffer(slice * u64::from(slices))?;
        let stride = |bytes: u64| if slices == 1 { 0 } else { bytes };
        let weights = RegionSpec { row_stride: stride(1 << place.log2_size), ..place.whole() };
        let inputs = [weights, x.whole()];
        let params = [matrix.k, matrix.rows, matrix.kind.id()];
        let call = Call { kernel: Kernel::Matmul, inputs: &inputs, params: &params };
        let widest = slice.next_power_of_two().ilog2().clamp(MATMUL_MIN_LOG2, MATMUL_LOG2);
        self.push_tiled(MATMUL_MIN_LOG2..=widest, |tile| {
            let columns = matrix.rows.div_ceil(1 << (tile - 2));
            let output = RegionSpec { row_stride: stride(slice), ..output.columns(tile) };
            Descriptor { tiles: columns * slices, columns, ..call.descriptor(output) }
        })?;
        Ok(Vector { place: output, n: rows })
    }
}

/// Tile of an element-wise operator over `n` numbers, as a power of two of bytes.
pub(super) fn map_tile(n: u32) -> u32 {
    (u64::from(n) * 4).next_power_of_two().ilog2().clamp(5, MAP_LOG2)
}

/// A kernel with what it reads.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    pub kernel: Kernel,
    pub inputs: &'a [RegionSpec],
    pub params: &'a [u32],
}

impl Call<'_> {
    /// A descriptor of one tile with the default bound.
    pub fn descriptor(self, output: RegionSpec) -> Descriptor {
        let mut descriptor = Descriptor {
            kernel: self.kernel.id(),
            input_count: self.kernel.inputs(),
            tiles: 1,
            columns: 1,
            bound: DEFAULT_BOUND,
            output,
            ..Descriptor::default()
        };
        for (place, spec) in descriptor.input_specs.iter_mut().zip(self.inputs) {
            *place = *spec;
        }
        for (place, param) in descriptor.params.iter_mut().zip(self.params) {
            *place = *param;
        }
        descriptor
    }
}
