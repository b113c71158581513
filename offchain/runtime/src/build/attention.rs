//! Attention over a cache that grows by a row every iteration.

use opml_operator::geometry::Pairing;
use opml_operator::{Descriptor, Kernel, RegionSpec, WeightType};

use super::operators::Call;
use super::{BuildError, Builder, Place, Quantized, Vector};

/// Most positions of a tile of scores, as a power of two of bytes.
const SCORES_LOG2: u32 = 14;
/// Smallest tile, as a power of two of bytes.
const SMALLEST_LOG2: u32 = 5;

/// Sizes of attention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attention {
    /// Elements of a head; a multiple of 32.
    pub head: u32,
    /// Heads of the query.
    pub heads: u32,
    /// Heads in the cache.
    pub kv_heads: u32,
    /// Positions, a power of two.
    pub capacity: u32,
}

/// A quantized row a position, of keys or of values.
#[derive(Clone, Copy, Debug)]
pub struct Cache {
    place: Place,
    /// Bytes of a row, as a power of two.
    row_log2: u32,
}

impl Attention {
    fn params(&self, cache: Cache) -> [u32; 5] {
        [self.head, self.heads, self.kv_heads, cache.row_log2, self.capacity]
    }

    /// Bytes of a row of numbers over all positions.
    fn row_log2(&self) -> u32 {
        self.capacity.ilog2() + 2
    }
}

impl Builder {
    /// Memory for a row of `kv_heads` heads a position.
    pub fn cache(&mut self, shape: Attention) -> Result<Cache, BuildError> {
        let blocks =
            u64::from(shape.head) * u64::from(shape.kv_heads) / u64::from(WeightType::BLOCK);
        let row_log2 = (blocks * 36).next_power_of_two().ilog2();
        let place = self.buffer(u64::from(shape.capacity) << row_log2)?;
        Ok(Cache { place, row_log2 })
    }

    /// Writes `x`, quantized, as the cache's row of this iteration.
    pub fn remember(&mut self, x: Vector, cache: Cache) -> Result<(), BuildError> {
        let inputs = [x.place.whole()];
        let call = Call { kernel: Kernel::Quantize, inputs: &inputs, params: &[x.n] };
        self.push_bounded(call.descriptor(cache.place.iterations(cache.row_log2)))
    }

    /// Rotary position embedding by the row of `table` that belongs to this iteration; rows of `head`
    /// numbers, cosines then sines, stand at the smallest power of two that holds them.
    pub fn rope_at(
        &mut self,
        x: Vector,
        (table, head): (Vector, u32),
        pairing: Pairing,
    ) -> Result<Vector, BuildError> {
        let row_log2 = (u64::from(head) * 4).next_power_of_two().ilog2();
        let place = self.buffer(u64::from(x.n) * 4)?;
        let inputs = [x.place.whole(), table.place.iterations(row_log2)];
        let params = [head, x.n / head.max(1), u32::from(pairing == Pairing::Halves)];
        self.row(Call { kernel: Kernel::Rope, inputs: &inputs, params: &params }, place)?;
        Ok(Vector { place, n: x.n })
    }

    /// Attention of the query to the positions up to this iteration's: heads of numbers.
    pub fn attend(
        &mut self,
        shape: Attention,
        query: Quantized,
        [keys, values]: [Cache; 2],
    ) -> Result<Vector, BuildError> {
        let row_log2 = shape.row_log2();
        let scores = self.buffer(u64::from(shape.heads) << row_log2)?;
        self.scores(shape, (query, keys), scores)?;

        let shares = self.buffer(u64::from(shape.heads) << row_log2)?;
        let inputs = [rows(scores, row_log2)];
        let params = [shape.capacity, 1];
        let call = Call { kernel: Kernel::Softmax, inputs: &inputs, params: &params };
        let tiles = shape.heads;
        self.push_bounded(Descriptor { tiles, ..call.descriptor(rows(shares, row_log2)) })?;
        self.mix(shape, (shares, values))
    }

    fn scores(
        &mut self,
        shape: Attention,
        (query, keys): (Quantized, Cache),
        output: Place,
    ) -> Result<(), BuildError> {
        #[allow(clippy::cast_precision_loss, reason = "heads are short")]
        let scale = 1.0 / (shape.head as f32).sqrt();
        let [head, heads, kv_heads, row, capacity] = shape.params(keys);
        let params = [head, heads, kv_heads, row, capacity, scale.to_bits()];
        let inputs = [query.place.whole(), keys.place.whole()];
        let call = Call { kernel: Kernel::Scores, inputs: &inputs, params: &params };
        let row_log2 = shape.row_log2();
        let widest = row_log2.min(SCORES_LOG2);
        self.push_tiled(SMALLEST_LOG2..=widest, |tile| {
            let columns = 1 << (row_log2 - tile);
            let output = RegionSpec { row_stride: 1 << row_log2, ..output.columns(tile) };
            Descriptor { tiles: heads * columns, columns, ..call.descriptor(output) }
        })
    }

    fn mix(
        &mut self,
        shape: Attention,
        (shares, values): (Place, Cache),
    ) -> Result<Vector, BuildError> {
        let n = shape.heads * shape.head;
        let place = self.buffer(u64::from(n) * 4)?;
        let params = shape.params(values);
        let inputs = [rows(shares, shape.row_log2()), values.place.whole()];
        let call = Call { kernel: Kernel::Mix, inputs: &inputs, params: &params };
        // Heads stand side by side, so tiles divide them.
        let widest = (shape.head * 4).trailing_zeros();
        self.push_tiled(SMALLEST_LOG2..=widest, |tile| {
            let columns = shape.head >> (tile - 2);
            let row_stride = u64::from(shape.head) * 4;
            let output = RegionSpec { row_stride, ..place.columns(tile) };
            Descriptor { tiles: shape.heads * columns, columns, ..call.descriptor(output) }
        })?;
        Ok(Vector { place, n })
    }
}

/// Rows of `2^log2_size` bytes, one for every row of tiles.
fn rows(place: Place, log2_size: u32) -> RegionSpec {
    RegionSpec { log2_size, row_stride: 1 << log2_size, ..place.whole() }
}
