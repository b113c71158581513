//! The text encoder.

use opml_operator::geometry::Matrix;
use opml_operator::{Kernel, REQUEST_BASE, WeightType};
use opml_runtime::build::Weights;

use super::DiffusionError;
use super::attention::{Attention, CLIP, Shape};
use super::config::Text as Config;
use super::edges::Text;
use super::tokenizer::Tokenizer;
use super::weights::{Layer, Part};
use crate::image::{Affine, Filter, Graph, Home, Image, Step, View};

/// Bytes of a slot of a token's history, and of a request's header, as powers of two.
const SLOT_LOG2: u32 = 6;
const HEADER_LOG2: u32 = 7;
/// Bytes of a slot in front of the token.
const TOKEN: u64 = 32;
/// What the steeper sigmoid of `x * sigmoid(1.702 x)` is in terms of `x * sigmoid(x)`.
const STEEPNESS: f32 = 1.702;

/// The encoder, read into a program.
pub struct Encoder {
    tokens: Weights,
    /// Rows of all tokens, as numbers.
    table: Vec<f32>,
    positions: Vec<f32>,
    layers: Vec<EncoderLayer>,
    norm: Affine,
    width: u32,
    places: u32,
}

struct EncoderLayer {
    norms: [Affine; 2],
    attention: Attention,
    up: Filter,
    down: Filter,
    function: Function,
}

/// What stands between the two halves of a feed-forward block.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Function {
    /// `x * sigmoid(1.702 x)`: the weights around it are scaled, so that it is `x * sigmoid(x)`.
    Quick,
    Gelu,
}

impl Part<'_> {
    /// The encoder.
    pub fn encoder(&self, graph: &mut Graph, config: &Config) -> Result<Encoder, DiffusionError> {
        let Config { hidden_size: width, vocab_size, .. } = *config;
        let places = config.max_position_embeddings;
        let name = "text_model.embeddings";
        let shape = [vocab_size as usize, width as usize];
        let table = self.numbers(&format!("{name}.token_embedding.weight"), &shape)?;
        let matrix = Matrix { k: width, rows: vocab_size, kind: WeightType::F16 };
        let tokens = graph.builder().matrix(&format!("{}tokens", self.name), matrix, &table)?;
        let shape = [places as usize, width as usize];
        let positions = self.numbers(&format!("{name}.position_embedding.weight"), &shape)?;
        let layers = (0..config.num_hidden_layers).map(|number| {
            let name = format!("text_model.encoder.layers.{number}");
            self.encoder_layer(graph, &name, config)
        });
        let layers = layers.collect::<Result<_, _>>()?;
        let name = ("text_model.final_layer_norm", width);
        let norm = self.affine(graph, name, config.layer_norm_eps)?;
        Ok(Encoder { tokens, table, positions, layers, norm, width, places })
    }

    fn encoder_layer(
        &self,
        graph: &mut Graph,
        name: &str,
        config: &Config,
    ) -> Result<EncoderLayer, DiffusionError> {
        let function = match config.hidden_act.as_str() {
            "quick_gelu" => Function::Quick,
            "gelu" => Function::Gelu,
            other => {
                return Err(DiffusionError::Property { key: "hidden_act", value: other.into() });
            }
        };
        let (width, inner) = (config.hidden_size, config.intermediate_size);
        let heads = config.num_attention_heads;
        let part = |part: &str| format!("{name}.{part}");
        let epsilon = config.layer_norm_eps;
        let norms = [
            self.affine(graph, (&part("layer_norm1"), width), epsilon)?,
            self.affine(graph, (&part("layer_norm2"), width), epsilon)?,
        ];
        let shape = Shape { width, context: width, heads, causal: true };
        let attention = self.attention(graph, (&part("self_attn"), CLIP), shape)?;
        let steepness = if function == Function::Quick { STEEPNESS } else { 1.0 };
        let (name, layer) = (part("mlp.fc1"), Layer::linear(width, inner));
        let rows = scaled(self.matrix(&name, layer)?, steepness);
        let bias = scaled(self.bias(&name, inner)?, steepness);
        let bias = graph.row(&format!("{}{name}.bias", self.name), &bias)?;
        let up = self.filter(graph, (&name, layer), (&rows, bias))?;
        let (name, layer) = (part("mlp.fc2"), Layer::linear(inner, width));
        let rows = scaled(self.matrix(&name, layer)?, 1.0 / steepness);
        let bias = self.bias_row(graph, &name, width)?;
        let down = self.filter(graph, (&name, layer), (&rows, bias))?;
        Ok(EncoderLayer { norms, attention, up, down, function })
    }
}

fn scaled(numbers: Vec<f32>, factor: f32) -> Vec<f32> {
    numbers.into_iter().map(|number| number * factor).collect()
}

impl Encoder {
    /// The rows of the request's text: its tokens, one an iteration of a loop, then the layers.
    pub fn prompt(
        &self,
        graph: &mut Graph,
        prompt: &Text,
        tokenizer: &Tokenizer,
    ) -> Result<Image, DiffusionError> {
        let (history, _) = graph.builder().history(self.places)?;
        let tokens = prompt.encode(graph, tokenizer)?;
        let fill = graph.builder().words("fill", &[tokenizer.fill])?;
        let rows = graph.image((1, self.places), self.width)?;
        // Where texts are filled up with the token that ends them, that is the last one of any.
        let ends = tokenizer.fill == tokenizer.end;
        let count = self.places - u32::from(ends);
        graph.begin_loop(count);
        let slots = Home::Fixed(history.place.base);
        let slot = slots.view(SLOT_LOG2).by_iterations(1 << SLOT_LOG2);
        let none = [u32::MAX; 4];
        let params = [&[tokens.n, self.places][..], &none].concat();
        let inputs = [
            tokens.view,
            View::fixed(fill.place.whole()),
            Home::Fixed(REQUEST_BASE).view(HEADER_LOG2),
        ];
        graph.push("a token", Step::one(Kernel::Next, &params, &inputs, slot))?;
        let token = slots.view(5).from(TOKEN).by_iterations(1 << SLOT_LOG2);
        let row = rows.home.view(rows.row_log2).by_iterations(1 << rows.row_log2);
        graph.embed(&self.tokens, token, row)?;
        graph.end_loop();
        if ends {
            let last = rows.home.view(rows.row_log2).from(u64::from(count) << rows.row_log2);
            graph.embed(&self.tokens, View::fixed(fill.place.whole()), last)?;
        }
        let positions = graph.constant("positions", (1, self.places), &self.positions)?;
        let x = graph.add(rows, positions)?;
        self.layers(graph, x)
    }

    /// The rows of an empty text.
    pub fn nothing(
        &self,
        graph: &mut Graph,
        tokenizer: &Tokenizer,
    ) -> Result<Image, DiffusionError> {
        let fill = std::iter::repeat(tokenizer.fill);
        let tokens = [tokenizer.begin, tokenizer.end].into_iter().chain(fill);
        let width = self.width as usize;
        let mut rows = Vec::with_capacity(self.positions.len());
        for (token, position) in tokens.zip(self.positions.chunks_exact(width)) {
            let row = self.table.get(token as usize * width..).unwrap_or_default();
            rows.extend(position.iter().zip(row).map(|(position, token)| position + token));
        }
        let x = graph.constant("nothing", (1, self.places), &rows)?;
        self.layers(graph, x)
    }

    fn layers(&self, graph: &mut Graph, mut x: Image) -> Result<Image, DiffusionError> {
        for layer in &self.layers {
            let row = graph.layer_norm(x, &layer.norms[0])?;
            x = layer.attention.attend_self(graph, (row, x))?;
            let row = graph.layer_norm(x, &layer.norms[1])?;
            let inner = graph.linear(row, &layer.up)?;
            let inner = match layer.function {
                Function::Quick => graph.silu(inner)?,
                Function::Gelu => graph.gelu(inner)?,
            };
            x = graph.linear_add(inner, &layer.down, x)?;
        }
        Ok(graph.layer_norm(x, &self.norm)?)
    }
}
