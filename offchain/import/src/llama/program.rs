//! The program: text to tokens, a loop over positions, tokens to text.

use opml_operator::geometry::Pairing;
use opml_runtime::build::{BuildError, Builder, Cache, History, Prompt, Quantized, Vector};

use super::Tables;
use super::config::Config;
use super::weights::{Layer, Linear, Model};

/// A model with what its program needs.
pub struct Program<'a> {
    pub config: Config,
    pub weights: Model,
    pub tables: Tables,
    /// Most tokens of a prompt.
    pub prompt: u32,
    /// Tokens that end a text.
    pub stops: &'a [u32],
    /// Most bytes of an answer.
    pub output: u32,
}

/// A row in both forms that products take.
#[derive(Clone, Copy)]
struct Row {
    numbers: Vector,
    quantized: Quantized,
}

/// What lives through all positions.
struct Memory {
    history: History,
    choice: Vector,
    caches: Vec<[Cache; 2]>,
    /// Before attention and behind it.
    streams: [Vector; 2],
}

impl Program<'_> {
    /// Adds all operators.
    pub fn build(&self, builder: &mut Builder) -> Result<(), BuildError> {
        let prompt = builder.encode(self.prompt, self.tables.tokenizer)?;
        let memory = self.memory(builder)?;
        builder.begin_loop(self.config.attention.capacity);
        self.position(builder, prompt, &memory)?;
        builder.end_loop()?;
        builder.decode((memory.history, prompt), self.tables.vocabulary, self.output)
    }

    fn memory(&self, builder: &mut Builder) -> Result<Memory, BuildError> {
        let (history, choice) = builder.history(self.config.attention.capacity)?;
        let mut caches = Vec::new();
        for _ in &self.weights.layers {
            let shape = self.config.attention;
            caches.push([builder.cache(shape)?, builder.cache(shape)?]);
        }
        let width = self.config.width;
        let streams = [builder.vector_buffer(width)?, builder.vector_buffer(width)?];
        Ok(Memory { history, choice, caches, streams })
    }

    /// One position: its token, the layers, the choice of the next token.
    fn position(
        &self,
        builder: &mut Builder,
        prompt: Prompt,
        memory: &Memory,
    ) -> Result<(), BuildError> {
        let [stream, _] = memory.streams;
        let token = builder.next_token(memory.history, (prompt, memory.choice), self.stops)?;
        builder.embed_into(self.weights.embedding, token, stream)?;
        for (layer, caches) in self.weights.layers.iter().zip(&memory.caches) {
            let mark = builder.mark();
            self.attention(builder, layer, (memory.streams, *caches))?;
            self.feed_forward(builder, layer, memory.streams)?;
            builder.release(mark);
        }
        let row = self.norm(builder, stream, self.weights.norm)?;
        let logits = linear(builder, self.weights.head, row)?;
        builder.sample(logits, memory.choice)
    }

    fn attention(
        &self,
        builder: &mut Builder,
        layer: &Layer,
        ([stream, behind], [keys, values]): ([Vector; 2], [Cache; 2]),
    ) -> Result<(), BuildError> {
        let shape = self.config.attention;
        let row = self.norm(builder, stream, layer.attention_norm)?;
        let query = linear(builder, layer.query, row)?;
        let key = linear(builder, layer.key, row)?;
        let value = linear(builder, layer.value, row)?;
        let table = (self.weights.rope, shape.head);
        let query = builder.rope_at(query, table, Pairing::Adjacent)?;
        let key = builder.rope_at(key, table, Pairing::Adjacent)?;
        builder.remember(key, keys)?;
        builder.remember(value, values)?;
        let query = builder.quantize(query)?;
        let mixed = builder.attend(shape, query, [keys, values])?;
        let mixed = both(builder, mixed)?;
        let output = linear(builder, layer.output, mixed)?;
        builder.add_into([stream, output], behind)
    }

    fn feed_forward(
        &self,
        builder: &mut Builder,
        layer: &Layer,
        [stream, behind]: [Vector; 2],
    ) -> Result<(), BuildError> {
        let row = self.norm(builder, behind, layer.inner_norm)?;
        let gate = linear(builder, layer.gate, row)?;
        let up = linear(builder, layer.up, row)?;
        let gate = builder.silu(gate)?;
        let product = builder.mul(gate, up)?;
        let product = both(builder, product)?;
        let output = linear(builder, layer.down, product)?;
        builder.add_into([behind, output], stream)
    }

    fn norm(&self, builder: &mut Builder, x: Vector, gain: Vector) -> Result<Row, BuildError> {
        let numbers = builder.rms_norm(x, gain, self.config.epsilon)?;
        both(builder, numbers)
    }
}

fn both(builder: &mut Builder, numbers: Vector) -> Result<Row, BuildError> {
    Ok(Row { numbers, quantized: builder.quantize(numbers)? })
}

/// A product in the form that the weights ask for, and its bias.
fn linear(builder: &mut Builder, linear: Linear, x: Row) -> Result<Vector, BuildError> {
    let product = if linear.weights.matrix.kind.quantized() {
        builder.matmul(linear.weights, x.quantized)?
    } else {
        builder.matmul_float(linear.weights, x.numbers)?
    };
    match linear.bias {
        Some(bias) => builder.add(product, bias),
        None => Ok(product),
    }
}
