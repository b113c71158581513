//! What the operators mean, plainly, in f32: channels, rows, columns.

/// An image.
#[derive(Clone)]
pub struct Image {
    pub channels: usize,
    pub side: usize,
    pub values: Vec<f32>,
}

impl Image {
    fn pixels(&self) -> usize {
        self.side * self.side
    }

    fn at(&self, channel: usize, y: usize, x: usize) -> f32 {
        self.values[channel * self.pixels() + y * self.side + x]
    }

    pub fn map(&self, f: impl Fn(f32) -> f32) -> Self {
        Self { values: self.values.iter().map(|x| f(*x)).collect(), ..self.clone() }
    }

    pub fn add(&self, other: &Self) -> Self {
        let values = self.values.iter().zip(&other.values).map(|(a, b)| a + b).collect();
        Self { values, ..self.clone() }
    }

    /// The channels of both.
    pub fn concat(&self, other: &Self) -> Self {
        let values = [self.values.as_slice(), &other.values].concat();
        Self { channels: self.channels + other.channels, values, side: self.side }
    }

    /// Weights as outputs, inputs, rows, columns; zeros around.
    pub fn conv(&self, (weights, bias): (&[f32], &[f32]), size: usize) -> Self {
        let mut values = Vec::new();
        for (output, bias) in bias.iter().enumerate() {
            let filter = &weights[output * self.channels * size * size..];
            for place in 0..self.pixels() {
                let mut sum = *bias;
                for (tap, weight) in filter[..self.channels * size * size].iter().enumerate() {
                    let (channel, tap) = (tap / (size * size), tap % (size * size));
                    let y = (place / self.side + tap / size).checked_sub(size / 2);
                    let x = (place % self.side + tap % size).checked_sub(size / 2);
                    if let (Some(y), Some(x)) = (y, x)
                        && y.max(x) < self.side
                    {
                        sum += weight * self.at(channel, y, x);
                    }
                }
                values.push(sum);
            }
        }
        Self { channels: bias.len(), side: self.side, values }
    }

    /// Normalised over groups of channels, then times and plus a number a channel.
    pub fn group_norm(&self, groups: usize, (scale, shift): (&[f32], &[f32])) -> Self {
        let each = self.values.len() / groups;
        let mut values = Vec::new();
        for group in self.values.chunks_exact(each) {
            let mean = group.iter().sum::<f32>() / each as f32;
            let variance = group.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / each as f32;
            values.extend(group.iter().map(|x| (x - mean) / (variance + 1e-5).sqrt()));
        }
        for (channel, row) in values.chunks_exact_mut(self.pixels()).enumerate() {
            row.iter_mut().for_each(|x| *x = *x * scale[channel] + shift[channel]);
        }
        Self { values, ..self.clone() }
    }

    /// Means of squares of two by two pixels.
    pub fn pool(&self) -> Self {
        let square = |channel, y, x| {
            let of = |dy, dx| self.at(channel, 2 * y + dy, 2 * x + dx);
            (of(0, 0) + of(0, 1) + of(1, 0) + of(1, 1)) / 4.0
        };
        self.sampled(self.side / 2, square)
    }

    /// Every pixel four times.
    pub fn upsample(&self) -> Self {
        self.sampled(self.side * 2, |channel, y, x| self.at(channel, y / 2, x / 2))
    }

    fn sampled(&self, side: usize, of: impl Fn(usize, usize, usize) -> f32) -> Self {
        let pixels = |place: usize| {
            let (channel, pixel) = (place / (side * side), place % (side * side));
            of(channel, pixel / side, pixel % side)
        };
        let values = (0..self.channels * side * side).map(pixels).collect();
        Self { channels: self.channels, side, values }
    }

    /// Of queries, keys and values, which are thirds of the channels; heads of `width` channels.
    pub fn attention(&self, width: usize, scale: f32) -> Self {
        let (channels, n) = (self.channels / 3, self.pixels());
        let row = |channel: usize| &self.values[channel * n..(channel + 1) * n];
        let mut values = vec![0.0; channels * n];
        for head in 0..channels / width {
            for query in 0..n {
                let score = |key: usize| -> f32 {
                    let heads = head * width..(head + 1) * width;
                    heads.map(|c| row(c)[query] * row(channels + c)[key]).sum()
                };
                let weights: Vec<f32> = (0..n).map(|key| (score(key) * scale).exp()).collect();
                let sum: f32 = weights.iter().sum();
                for channel in head * width..(head + 1) * width {
                    let mixed = weights.iter().zip(row(2 * channels + channel));
                    values[channel * n + query] = mixed.map(|(w, v)| w * v).sum::<f32>() / sum;
                }
            }
        }
        Self { channels, side: self.side, values }
    }
}

pub fn silu(x: f32) -> f32 {
    x / (1.0 + (-x).exp())
}

/// A row of weights for each number of the result.
pub fn linear(x: &[f32], weights: &[f32], bias: &[f32]) -> Vec<f32> {
    let rows = weights.chunks_exact(x.len()).zip(bias);
    rows.map(|(row, bias)| row.iter().zip(x).map(|(w, x)| w * x).sum::<f32>() + bias).collect()
}
