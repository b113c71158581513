//! Logits against candle's.

use std::fs::File;
use std::io::{BufReader, Read as _};

use anyhow::Result;
use candle_transformers::models::quantized_llama::ModelWeights;

use crate::{WINDOW, tensor};

/// What differs, over all positions.
#[derive(Default)]
struct Differences {
    positions: u32,
    same_first: u32,
    cosines: Vec<f64>,
    greatest: f64,
    squares: f64,
    count: f64,
}

/// Compares the logits in a file, 32-bit floats of every position but the last of each window, with candle's.
pub fn logits(mut model: ModelWeights, tokens: &[u32], file: &str) -> Result<()> {
    let mut file = BufReader::new(File::open(file)?);
    let mut differences = Differences::default();
    for window in tokens.chunks_exact(WINDOW) {
        for (position, token) in window[..WINDOW - 1].iter().enumerate() {
            let theirs = model.forward(&tensor(&[*token])?, position)?.squeeze(0)?.to_vec1::<f32>()?;
            let mut bytes = vec![0; theirs.len() * 4];
            file.read_exact(&mut bytes)?;
            let number = |word: &[u8]| f32::from_le_bytes([word[0], word[1], word[2], word[3]]);
            let ours: Vec<f32> = bytes.chunks_exact(4).map(number).collect();
            differences.add(&ours, &theirs);
        }
    }
    differences.print();
    Ok(())
}

impl Differences {
    fn add(&mut self, ours: &[f32], theirs: &[f32]) {
        let (mut product, mut norms) = (0.0, [0.0, 0.0]);
        for (a, b) in ours.iter().zip(theirs).map(|(a, b)| (f64::from(*a), f64::from(*b))) {
            product += a * b;
            norms = [norms[0] + a * a, norms[1] + b * b];
            self.greatest = self.greatest.max((a - b).abs());
            self.squares += (a - b) * (a - b);
            self.count += 1.0;
        }
        self.cosines.push(product / (norms[0] * norms[1]).sqrt());
        self.positions += 1;
        self.same_first += u32::from(first(ours) == first(theirs));
    }

    fn print(&mut self) {
        self.cosines.sort_by(f64::total_cmp);
        let mean = self.cosines.iter().sum::<f64>() / self.cosines.len() as f64;
        println!(
            "{} positions: cosine {mean:.6} on average, {:.6} at least; greatest difference {:.4}, root mean square {:.4}; \
             same first token in {:.2} %",
            self.positions,
            self.cosines[0],
            self.greatest,
            (self.squares / self.count).sqrt(),
            100.0 * f64::from(self.same_first) / f64::from(self.positions),
        );
    }
}

/// Index of the greatest.
fn first(logits: &[f32]) -> usize {
    let greatest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    logits.iter().position(|logit| *logit == greatest).unwrap_or_default()
}
