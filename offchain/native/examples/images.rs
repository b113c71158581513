//! Measures the kernels of images on one thread, at sizes of a diffusion network: `images [BACKEND]`.

#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "sizes are small")]

use std::time::Instant;

use opml_native::{Backend, Engine, EngineError, Job};
use opml_operator::{Descriptor, INPUTS, Kernel, Operator, Place, RegionSpec, WORKING_BASE, legal};

/// One operator on random bits that are usual numbers.
struct Trial {
    name: String,
    kernel: Kernel,
    params: Vec<u32>,
    /// Words of a tile, and tiles.
    tile: (usize, u32),
    /// Words of the inputs.
    inputs: Vec<usize>,
    /// Multiply-accumulates, or elements.
    work: f64,
}

/// A convolution of `side` x `side` pixels with weights of eight bits.
fn conv(side: u32, [inputs, outputs]: [u32; 2], window: u32) -> Trial {
    let pixels = side * side;
    let blocks = inputs.div_ceil(32);
    let log2 = |words: u32| words.next_power_of_two().trailing_zeros() + 2;
    let (row, x) = (log2(outputs), log2(9 * blocks));
    let k = window * window * blocks * 32;
    // As many pixels as a tile can have, not more than 512.
    let each = f64::from(k) / 32.0 * 650.0 * f64::from(outputs.next_multiple_of(16));
    let count: u32 = 1 << (f64::from(1 << 29) / each * 0.9).log2().clamp(0.0, 9.0) as u32;
    let tile = (count << (row - 2)) as usize;
    let macs = f64::from(pixels) * f64::from(k) * f64::from(outputs);
    Trial {
        name: format!("conv {window} x {window}, {inputs} to {outputs}, {side} x {side}"),
        kernel: Kernel::Conv,
        params: vec![pixels, outputs, row, 2, inputs, x, side, side, side, window, 1, window / 2],
        tile: (tile, pixels.div_ceil(count)),
        inputs: vec![
            (outputs.div_ceil(16) * k / 32 * 136) as usize,
            (pixels << (x - 2)) as usize,
            outputs as usize,
        ],
        work: macs,
    }
}

/// Attention of `rows` rows over themselves.
fn attend(rows: u32, heads: u32, head: u32) -> Trial {
    let (channels, blocks) = (heads * head, heads * head / 32);
    let log2 = |words: u32| words.next_power_of_two().trailing_zeros() + 2;
    let (row, packed) = (log2(channels), log2(9 * blocks));
    let words = (rows << (packed - 2)) as usize;
    Trial {
        name: format!("attention of {rows} rows, {heads} heads of {head}"),
        kernel: Kernel::Attend,
        params: vec![
            rows,
            channels,
            row,
            heads,
            rows,
            0,
            0x3d00_0000,
            blocks,
            packed,
            blocks,
            packed,
            0,
            0,
            0,
        ],
        tile: (1 << (row - 2 + 2), rows.div_ceil(4)),
        inputs: vec![words; 3],
        work: 2.0 * f64::from(rows) * f64::from(rows) * f64::from(channels),
    }
}

impl Trial {
    /// Seconds of one run, the least of some.
    fn seconds(&self, engine: &Engine) -> f64 {
        let Some(operator) = self.operator() else { return f64::NAN };
        let usual = |index: usize| {
            // Scales and numbers around one, bytes of any kind.
            let word = (index as u32).wrapping_mul(0x9e37_79b1) >> 9;
            0x3c00_0000 | word & 0x00ff_ffff
        };
        let tensors: Vec<Vec<u32>> =
            self.inputs.iter().map(|words| (0..*words + 64).map(usual).collect()).collect();
        let mut inputs: [&[u32]; INPUTS] = [&[]; INPUTS];
        for (place, tensor) in inputs.iter_mut().zip(&tensors) {
            *place = tensor;
        }
        let mut out = vec![0; self.tile.0 * self.tile.1 as usize];
        let mut best = f64::INFINITY;
        for _ in 0..20 {
            let rows = out.chunks_mut(self.tile.0).zip(0..);
            let job = |(output, row)| Job { operator, iteration: 0, row, inputs, output };
            let mut jobs: Vec<Job<'_>> = rows.map(job).collect();
            let start = Instant::now();
            engine.run_batch(&mut jobs);
            best = start.elapsed().as_secs_f64().min(best);
        }
        best
    }

    fn operator(&self) -> Option<Operator> {
        let region = |words: usize| RegionSpec {
            log2_size: (words.next_power_of_two() * 4).ilog2().max(5),
            ..RegionSpec::default()
        };
        let mut descriptor = Descriptor {
            kernel: self.kernel.id(),
            input_count: self.kernel.inputs(),
            tiles: self.tile.1,
            columns: 1,
            bound: 30,
            output: RegionSpec { base: WORKING_BASE, ..region(self.tile.0) },
            ..Descriptor::default()
        };
        descriptor.params[..self.params.len()].copy_from_slice(&self.params);
        for (spec, words) in descriptor.input_specs.iter_mut().zip(&self.inputs) {
            *spec = region(*words);
        }
        let first = Place { iteration: 0, row: 0, column: 0 };
        legal(&descriptor, first.iteration, first.row)
            .inspect_err(|error| eprintln!("{}: {error}", self.name))
            .ok()
            .map(|tile| tile.operator)
    }
}

fn main() -> Result<(), EngineError> {
    let backend = std::env::args().nth(1).map_or(Ok(Backend::best()), |name| name.parse())?;
    let engine = Engine::new(backend, 1)?;
    println!("{backend}");
    let trials = [
        conv(128, [32, 32], 3),
        conv(128, [64, 32], 3),
        conv(64, [32, 32], 3),
        conv(32, [64, 64], 3),
        conv(16, [96, 96], 3),
        conv(8, [128, 128], 3),
        conv(32, [64, 192], 1),
        conv(64, [320, 320], 3),
        conv(16, [1280, 1280], 3),
        attend(1024, 2, 32),
        attend(256, 3, 32),
        attend(1024, 8, 96),
    ];
    for trial in trials {
        let seconds = trial.seconds(&engine);
        let rate = trial.work / seconds / 1e9;
        println!("{}: {:.3} ms, {rate:.1} GMAC/s", trial.name, seconds * 1e3);
    }
    Ok(())
}
