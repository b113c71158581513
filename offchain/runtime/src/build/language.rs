//! Operators between text and tokens.

use opml_core::graph::REQUEST_HEADER_BYTES;
use opml_operator::{Descriptor, Kernel, REQUEST_BASE, RegionSpec};

use super::operators::{Call, map_tile};
use super::{BuildError, Builder, Place, Vector, Weights};
use crate::bundle::manifest::OutputRegion;

/// Bytes of a slot of the history, as a power of two, and of the half of it that holds the token.
const SLOT_LOG2: u32 = 6;
const TOKEN_LOG2: u32 = 5;

/// Tokens of a request.
#[derive(Clone, Copy, Debug)]
pub struct Prompt {
    /// Their number in word 0; they begin at word 8.
    pub place: Place,
    /// Most of them.
    pub n: u32,
}

/// The token of every position.
#[derive(Clone, Copy, Debug)]
pub struct History {
    /// Slots of 64 bytes.
    pub place: Place,
    /// Positions.
    pub capacity: u32,
}

impl Builder {
    /// The request's text as at most `n` tokens, by a tokenizer's table.
    pub fn encode(&mut self, n: u32, table: Vector) -> Result<Prompt, BuildError> {
        let place = self.buffer((8 + 7 * u64::from(n)) * 4)?;
        let inputs = [request(n), table.place.whole()];
        let call = Call { kernel: Kernel::Encode, inputs: &inputs, params: &[n, table.n] };
        self.row(call, place)?;
        Ok(Prompt { place, n })
    }

    /// Memory for `capacity` tokens, and for the token that [`Self::sample`] chooses.
    pub fn history(&mut self, capacity: u32) -> Result<(History, Vector), BuildError> {
        let place = self.buffer(u64::from(capacity) << SLOT_LOG2)?;
        let choice = Place { log2_size: TOKEN_LOG2, ..self.buffer(32)? };
        Ok((History { place, capacity }, Vector { place: choice, n: 1 }))
    }

    /// The token of the position that the iteration is: of the prompt, or the chosen one. Leaves the
    /// loop at the end of the text. `stops`: tokens that end it, four at most.
    pub fn next_token(
        &mut self,
        history: History,
        (prompt, choice): (Prompt, Vector),
        stops: &[u32],
    ) -> Result<Vector, BuildError> {
        let stop = |index: usize| stops.get(index).copied().unwrap_or(u32::MAX);
        let params = [prompt.n, history.capacity, stop(0), stop(1), stop(2), stop(3)];
        let inputs = [prompt.place.whole(), choice.place.whole(), request(0)];
        let call = Call { kernel: Kernel::Next, inputs: &inputs, params: &params };
        self.push(call.descriptor(history.place.iterations(SLOT_LOG2)))?;
        self.exit_loop();
        let place = Place { base: history.place.base + (1 << TOKEN_LOG2), log2_size: TOKEN_LOG2 };
        Ok(Vector { place, n: 1 })
    }

    /// The entry of the token of this iteration, written to `output`.
    pub fn embed_into(
        &mut self,
        table: Weights,
        token: Vector,
        output: Vector,
    ) -> Result<(), BuildError> {
        let Weights { place, matrix, slices, .. } = table;
        let slot = RegionSpec { iteration_stride: 1 << SLOT_LOG2, ..token.place.whole() };
        let stride = |bytes: u64| if slices == 1 { 0 } else { bytes };
        let weights = RegionSpec { row_stride: stride(1 << place.log2_size), ..place.whole() };
        let params = [matrix.k, matrix.rows, matrix.kind.id()];
        let inputs = [weights, slot];
        let call = Call { kernel: Kernel::Embed, inputs: &inputs, params: &params };
        let tile = map_tile(matrix.k);
        let columns = matrix.k.div_ceil(1 << (tile - 2));
        let mark = self.mark();
        let row = u64::from(columns) << tile;
        let rows = if slices == 1 { output.place } else { self.buffer(row * u64::from(slices))? };
        let written = RegionSpec { row_stride: stride(row), ..rows.columns(tile) };
        let grid = Descriptor { tiles: columns * slices, columns, ..call.descriptor(written) };
        self.push(grid)?;
        let part = |slice: u32| {
            let log2_size = output.place.log2_size;
            let base = rows.base + row * u64::from(slice);
            Vector { place: Place { base, log2_size }, n: matrix.k }
        };
        let mut sum = part(0);
        for slice in 1..slices {
            self.add_into([sum, part(slice)], output)?;
            sum = output;
        }
        self.release(mark);
        Ok(())
    }

    /// A token drawn by its logit as the request asks, written to `choice`.
    pub fn sample(&mut self, logits: Vector, choice: Vector) -> Result<(), BuildError> {
        let inputs = [logits.place.whole(), request(0)];
        let call = Call { kernel: Kernel::Sample, inputs: &inputs, params: &[logits.n] };
        self.row(call, choice.place)
    }

    /// The result: text of the tokens behind the prompt, `bytes` bytes at most.
    pub fn decode(
        &mut self,
        (history, prompt): (History, Prompt),
        vocabulary: Vector,
        bytes: u32,
    ) -> Result<(), BuildError> {
        let place = self.buffer(u64::from(bytes) + 32)?;
        let inputs = [history.place, prompt.place, vocabulary.place].map(Place::whole);
        let params = [history.capacity, vocabulary.n, bytes];
        self.row(Call { kernel: Kernel::Decode, inputs: &inputs, params: &params }, place)?;
        let log2_size = u8::try_from(place.log2_size).unwrap_or(u8::MAX);
        self.output = Some(OutputRegion { base: place.base, log2_size });
        Ok(())
    }
}

/// The request's header and the first `n` bytes of its input.
fn request(n: u32) -> RegionSpec {
    let bytes = u64::from(n) + REQUEST_HEADER_BYTES as u64;
    Place { base: REQUEST_BASE, log2_size: bytes.next_power_of_two().ilog2() }.whole()
}
