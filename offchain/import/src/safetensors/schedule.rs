//! The sampler as a table: every step is `x' = a x + b y`, y what the network predicts for x.
//!
//! Of Euler's method the table holds `x / sqrt(sigma^2 + 1)`, which is what the network reads, so that
//! its steps have the same form.

use super::DiffusionError;
use super::config::Sampler;

/// A step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Step of training that the network is told.
    pub timestep: f64,
    /// What the image is multiplied by.
    pub image: f64,
    /// What the prediction is multiplied by.
    pub prediction: f64,
}

/// All steps.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    /// What Gaussian noise is multiplied by to be the first image.
    pub noise: f64,
    /// From the most noise to the least.
    pub steps: Vec<Step>,
}

/// Most steps of training: samplers are made for a thousand.
const MOST_STEPS: u32 = 1 << 16;

impl Schedule {
    /// The sampler with so many steps.
    pub fn new(sampler: &Sampler, count: u32) -> Result<Self, DiffusionError> {
        let trained = sampler.num_train_timesteps;
        if !(1..=MOST_STEPS).contains(&trained) {
            return Err(unsupported("num_train_timesteps", &trained.to_string()));
        }
        let alphas = alphas(sampler)?;
        let velocity = match sampler.prediction_type.as_str() {
            "epsilon" => false,
            "v_prediction" => true,
            other => return Err(unsupported("prediction_type", other)),
        };
        let count = count.clamp(1, sampler.num_train_timesteps);
        let times = timesteps(sampler, count)?;
        match sampler.class.as_str() {
            "EulerDiscreteScheduler" | "EulerAncestralDiscreteScheduler" => {
                Ok(euler(sampler, &times, &alphas, velocity))
            }
            // Without noise of its own the PNDM and DPM samplers solve the same equation as DDIM does.
            "" | "DDIMScheduler" | "PNDMScheduler" => {
                let ratio = f64::from(sampler.num_train_timesteps / count);
                Ok(ddim((sampler, ratio), &times, &alphas, velocity))
            }
            other => Err(unsupported("_class_name", other)),
        }
    }
}

fn unsupported(key: &'static str, value: &str) -> DiffusionError {
    DiffusionError::Property { key, value: value.to_owned() }
}

/// What is left of the image's square after every step of training.
fn alphas(sampler: &Sampler) -> Result<Vec<f64>, DiffusionError> {
    let count = sampler.num_train_timesteps;
    let between = |from: f64, to: f64, step: u32| {
        from + (to - from) * f64::from(step) / f64::from(count.max(2) - 1)
    };
    let beta: Box<dyn Fn(u32) -> f64> = match sampler.beta_schedule.as_str() {
        "scaled_linear" => {
            let (from, to) = (sampler.beta_start.sqrt(), sampler.beta_end.sqrt());
            Box::new(move |step| between(from, to, step).powi(2))
        }
        "linear" => Box::new(|step| between(sampler.beta_start, sampler.beta_end, step)),
        other => return Err(unsupported("beta_schedule", other)),
    };
    let mut product = 1.0;
    let next = |step| {
        product *= 1.0 - beta(step);
        product
    };
    Ok((0..count).map(next).collect())
}

/// Steps of training, descending.
fn timesteps(sampler: &Sampler, count: u32) -> Result<Vec<f64>, DiffusionError> {
    let all = sampler.num_train_timesteps;
    let ratio = all / count;
    let times: Vec<u32> = match sampler.timestep_spacing.as_str() {
        "leading" => (0..count)
            .rev()
            .map(|step| (step * ratio).saturating_add(sampler.steps_offset))
            .collect(),
        "trailing" => (0..count).map(|step| all - step * ratio - 1).collect(),
        "linspace" => (0..count).rev().map(|step| step * (all - 1) / (count - 1).max(1)).collect(),
        other => return Err(unsupported("timestep_spacing", other)),
    };
    Ok(times.into_iter().map(|time| f64::from(time.min(all - 1))).collect())
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "steps of training")]
fn at(alphas: &[f64], time: f64) -> f64 {
    alphas.get(time.max(0.0) as usize).copied().unwrap_or(1.0)
}

/// Denoising diffusion implicit models without noise of their own (eta = 0).
fn ddim(
    (sampler, ratio): (&Sampler, f64),
    times: &[f64],
    alphas: &[f64],
    velocity: bool,
) -> Schedule {
    let step = |time: &f64| {
        let before = time - ratio;
        let last = before < 0.0 && sampler.set_alpha_to_one;
        let (now, then) = (at(alphas, *time), if last { 1.0 } else { at(alphas, before) });
        let [image, noise] =
            [(now, then), (1.0 - now, 1.0 - then)].map(|(a, b)| (a.sqrt(), b.sqrt()));
        let (image, prediction) = if velocity {
            (image.1 * image.0 + noise.1 * noise.0, noise.1 * image.0 - image.1 * noise.0)
        } else {
            (image.1 / image.0, noise.1 - image.1 / image.0 * noise.0)
        };
        Step { timestep: *time, image, prediction }
    };
    Schedule { noise: 1.0, steps: times.iter().map(step).collect() }
}

/// Euler's method over the noise level sigma.
fn euler(sampler: &Sampler, times: &[f64], alphas: &[f64], velocity: bool) -> Schedule {
    let sigma = |time: &f64| {
        let alpha = at(alphas, *time);
        ((1.0 - alpha) / alpha).sqrt()
    };
    let sigmas: Vec<f64> = times.iter().map(sigma).chain([0.0]).collect();
    let length = |sigma: f64| sigma.hypot(1.0);
    let step = |(time, levels): (&f64, &[f64])| {
        let (now, then) = (levels[0], levels[1]);
        let (ratio, change) = (length(now) / length(then), then - now);
        let (image, prediction) = if velocity {
            let square = length(now).powi(2);
            (ratio * (1.0 + change * now / square), change / (length(now) * length(then)))
        } else {
            (ratio, change / length(then))
        };
        Step { timestep: *time, image, prediction }
    };
    let first = sigmas.first().copied().unwrap_or(0.0);
    // With the spacing "leading" the first image is as long as one with noise.
    let length_of_first = if sampler.timestep_spacing == "leading" { length(first) } else { first };
    let steps = times.iter().zip(sigmas.windows(2)).map(step).collect();
    Schedule { noise: length_of_first / length(first), steps }
}
