//! Training: `AdamW` on distorted copies, the rate falling to zero in a straight line.

use candle_core::{Device, Result, Tensor};
use candle_nn::{AdamW, Optimizer, ParamsAdamW, loss};

use crate::digits::{Digit, PIXELS};
use crate::distort::distort;
use crate::network::{INPUT_SCALE, Network};
use crate::random::Random;

/// What a training run depends on, apart from the digits.
#[derive(Clone, Copy, Debug)]
pub struct Recipe {
    /// Seed of first weights, orders and distortions.
    pub seed: u64,
    /// Times that every digit is seen, each time distorted anew.
    pub epochs: usize,
    /// Digits of one step.
    pub batch: usize,
    /// Rate of the first step.
    pub rate: f64,
}

impl Recipe {
    /// Of the committed model.
    pub const RELEASED: Self = Self { seed: 1, epochs: 60, batch: 64, rate: 0.002 };
}

/// A network trained on `digits`. `report` hears the mean loss of each epoch, counted from 1.
pub fn train(
    digits: &[Digit],
    recipe: Recipe,
    mut report: impl FnMut(usize, f32),
) -> Result<Network> {
    let mut random = Random::new(recipe.seed);
    let network = Network::draw(&mut random)?;
    let rates = ParamsAdamW { lr: recipe.rate, ..ParamsAdamW::default() };
    let mut optimizer = AdamW::new(network.parameters(), rates)?;
    let mut order: Vec<&Digit> = digits.iter().collect();
    let batches = digits.len().div_ceil(recipe.batch);
    let steps = (batches * recipe.epochs) as f64;
    for epoch in 0..recipe.epochs {
        random.shuffle(&mut order);
        let mut sum = 0.0;
        for (number, batch) in order.chunks(recipe.batch).enumerate() {
            let done = (epoch * batches + number) as f64 / steps;
            optimizer.set_learning_rate(recipe.rate * (1.0 - done));
            sum += step(&network, &mut optimizer, batch, &mut random)?;
        }
        report(epoch + 1, sum / batches as f32);
    }
    Ok(network)
}

/// One step; returns the loss before it.
fn step(
    network: &Network,
    optimizer: &mut AdamW,
    batch: &[&Digit],
    random: &mut Random,
) -> Result<f32> {
    let pixels: Vec<f32> = batch
        .iter()
        .flat_map(|digit| distort(digit, random).map(|grey| grey * INPUT_SCALE))
        .collect();
    let classes: Vec<u32> = batch.iter().map(|digit| digit.class.into()).collect();
    let pictures = Tensor::from_vec(pixels, (batch.len(), PIXELS), &Device::Cpu)?;
    let classes = Tensor::from_vec(classes, batch.len(), &Device::Cpu)?;
    let loss = loss::cross_entropy(&network.forward(&pictures)?, &classes)?;
    optimizer.backward_step(&loss)?;
    loss.to_scalar()
}
