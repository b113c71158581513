//! What residual blocks are told of the step: the same for every image, so a table.

use super::DiffusionError;
use super::config::Unet;
use super::schedule::Schedule;
use super::weights::{Layer, Part};

/// The embeddings of all steps of a sampler, behind their last activation.
pub struct Times {
    rows: Vec<Vec<f32>>,
}

impl Times {
    /// The embeddings that the network makes of the steps.
    pub fn new(
        part: &Part<'_>,
        config: &Unet,
        schedule: &Schedule,
    ) -> Result<Self, DiffusionError> {
        let channels = config.block_out_channels.first().copied().unwrap_or(0);
        let inner = channels * 4;
        let first = Linear::read(part, "time_embedding.linear_1", Layer::linear(channels, inner))?;
        let second = Linear::read(part, "time_embedding.linear_2", Layer::linear(inner, inner))?;
        let row = |timestep: f64| {
            let waves = waves(timestep, channels, config);
            silu(&second.apply(&silu(&first.apply(&waves))))
        };
        let rows = schedule.steps.iter().map(|step| row(step.timestep)).collect();
        Ok(Self { rows })
    }

    /// What is added to the first convolution of a residual block in each step, its own bias included.
    pub fn biases(
        &self,
        part: &Part<'_>,
        (block, outputs): (&str, u32),
    ) -> Result<Vec<Vec<f32>>, DiffusionError> {
        let inputs = self.rows.first().map_or(0, Vec::len);
        let inputs = u32::try_from(inputs).unwrap_or(u32::MAX);
        let layer = Layer::linear(inputs, outputs);
        let linear = Linear::read(part, &format!("{block}.time_emb_proj"), layer)?;
        let bias = part.bias(&format!("{block}.conv1"), outputs)?;
        let add = |row: Vec<f32>| row.iter().zip(&bias).map(|(time, bias)| time + bias).collect();
        Ok(self.rows.iter().map(|row| add(linear.apply(row))).collect())
    }
}

/// Cosines and sines of the step at falling frequencies.
fn waves(timestep: f64, channels: u32, config: &Unet) -> Vec<f32> {
    let half = channels / 2;
    let frequency = |index: u32| {
        let exponent = f64::from(index) / (f64::from(half) - config.freq_shift);
        libm::exp(-libm::log(10_000.0) * exponent)
    };
    let angles = || (0..half).map(|index| timestep * frequency(index));
    #[allow(clippy::cast_possible_truncation, reason = "numbers of the network")]
    let (sines, cosines): (Vec<f32>, Vec<f32>) =
        angles().map(|angle| (libm::sin(angle) as f32, libm::cos(angle) as f32)).unzip();
    let (first, second) = if config.flip_sin_to_cos { (cosines, sines) } else { (sines, cosines) };
    let mut waves = [first, second].concat();
    waves.resize(channels as usize, 0.0);
    waves
}

/// A linear layer that is computed here.
struct Linear {
    rows: Vec<f32>,
    bias: Vec<f32>,
}

impl Linear {
    fn read(part: &Part<'_>, name: &str, layer: Layer) -> Result<Self, DiffusionError> {
        Ok(Self { rows: part.matrix(name, layer)?, bias: part.bias(name, layer.outputs)? })
    }

    fn apply(&self, x: &[f32]) -> Vec<f32> {
        let dot = |row: &[f32]| {
            row.iter().zip(x).fold(0.0, |sum, (w, x)| sum + f64::from(*w) * f64::from(*x))
        };
        let rows = self.rows.chunks_exact(x.len().max(1));
        #[allow(clippy::cast_possible_truncation, reason = "numbers of the network")]
        let output = |(row, bias): (&[f32], &f32)| (dot(row) + f64::from(*bias)) as f32;
        rows.zip(&self.bias).map(output).collect()
    }
}

fn silu(x: &[f32]) -> Vec<f32> {
    #[allow(clippy::cast_possible_truncation, reason = "numbers of the network")]
    let silu = |x: &f32| (f64::from(*x) / (1.0 + libm::exp(-f64::from(*x)))) as f32;
    x.iter().map(silu).collect()
}
