//! The network: two dense layers with a `ReLU` between them.

use candle_core::{Device, Result, Tensor, Var};
use candle_nn::{Linear, Module};

use crate::digits::{CLASSES, Digit, PIXELS};
use crate::random::Random;

/// Outputs of the first layer.
pub const HIDDEN: usize = 128;

/// What a grey level is multiplied by in front of the first layer.
pub const INPUT_SCALE: f32 = 1.0 / 255.0;

/// A dense layer as plain numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// Inputs.
    pub inputs: usize,
    /// Weights, a row of `inputs` numbers an output.
    pub weights: Vec<f32>,
    /// One number an output.
    pub bias: Vec<f32>,
}

/// The network with its parameters in candle's tensors.
#[derive(Debug)]
pub struct Network {
    hidden: Dense,
    output: Dense,
}

/// Parameters of a layer.
#[derive(Debug)]
struct Dense {
    weight: Var,
    bias: Var,
}

impl Network {
    /// Untrained: weights as He et al. (2015) draw them, biases zero.
    pub fn draw(random: &mut Random) -> Result<Self> {
        Ok(Self {
            hidden: Dense::draw(PIXELS, HIDDEN, random)?,
            output: Dense::draw(HIDDEN, CLASSES, random)?,
        })
    }

    /// All parameters, in a fixed order.
    pub fn parameters(&self) -> Vec<Var> {
        [&self.hidden, &self.output]
            .into_iter()
            .flat_map(|layer| [layer.weight.clone(), layer.bias.clone()])
            .collect()
    }

    /// Logits of pictures, a row each; their pixels are already scaled.
    pub fn forward(&self, pictures: &Tensor) -> Result<Tensor> {
        let hidden = self.hidden.linear().forward(pictures)?.relu()?;
        self.output.linear().forward(&hidden)
    }

    /// The layers as plain numbers, first to last.
    pub fn layers(&self) -> Result<[Layer; 2]> {
        Ok([self.hidden.layer()?, self.output.layer()?])
    }

    /// The class that gets the greatest logit, for each digit.
    pub fn classify(&self, digits: &[Digit]) -> Result<Vec<u32>> {
        let pixels: Vec<f32> = digits
            .iter()
            .flat_map(|digit| digit.pixels.map(|grey| f32::from(grey) * INPUT_SCALE))
            .collect();
        let pictures = Tensor::from_vec(pixels, (digits.len(), PIXELS), &Device::Cpu)?;
        self.forward(&pictures)?.argmax(1)?.to_vec1()
    }
}

impl Dense {
    fn draw(inputs: usize, outputs: usize, random: &mut Random) -> Result<Self> {
        let limit = (6.0 / inputs as f32).sqrt();
        let weights = (0..inputs * outputs).map(|_| random.symmetric(limit)).collect();
        let weight = Tensor::from_vec(weights, (outputs, inputs), &Device::Cpu)?;
        let bias = Tensor::from_vec(vec![0f32; outputs], outputs, &Device::Cpu)?;
        Ok(Self { weight: Var::from_tensor(&weight)?, bias: Var::from_tensor(&bias)? })
    }

    fn linear(&self) -> Linear {
        Linear::new(self.weight.as_tensor().clone(), Some(self.bias.as_tensor().clone()))
    }

    fn layer(&self) -> Result<Layer> {
        Ok(Layer {
            inputs: self.weight.dim(1)?,
            weights: self.weight.flatten_all()?.to_vec1()?,
            bias: self.bias.to_vec1()?,
        })
    }
}
