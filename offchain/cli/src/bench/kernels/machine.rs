//! Instructions of the MIPS machine for one tile of usual data.

use anyhow::{Context as _, Result};
use opml_cases::{Case, Flavor, Rng, machine};
use opml_operator::{Descriptor, Kernel, RegionSpec, WORKING_BASE, WeightType};
use serde::Serialize;

/// Elements of a row: the width of SmolLM2-135M.
const WIDTH: u32 = 576;
/// Weight rows of a tile.
const ROWS: u32 = 64;
/// Elements of a head.
const HEAD: u32 = 64;
/// Positions in the cache.
const POSITIONS: u32 = 128;
/// Bytes of a position's row of one head, as a power of two.
const ROW_LOG2: u32 = 7;
/// Elements to choose from.
const LOGITS: u32 = 4096;

/// Instructions of one tile.
#[derive(Serialize)]
pub struct Cost {
    /// Kernel, with what distinguishes it.
    pub kernel: String,
    /// What is counted.
    pub unit: &'static str,
    /// How many of them the tile has.
    pub count: u32,
    /// Instructions, entry and exit included.
    pub instructions: u64,
    /// Instructions of one.
    pub each: f64,
}

/// A tile to run.
struct Job {
    kernel: Kernel,
    detail: &'static str,
    params: Vec<u32>,
    inputs: Vec<Vec<u32>>,
    /// Words of the output.
    output: u32,
    unit: &'static str,
    count: u32,
}

/// Costs of every kernel.
pub fn costs() -> Result<Vec<Cost>> {
    let rng = &mut Rng::new(1);
    let kinds = WeightType::ALL.into_iter().filter(|kind| WIDTH.is_multiple_of(kind.unit()));
    let mut jobs: Vec<Job> = kinds.map(|kind| product(kind, rng)).collect();
    jobs.extend(rows(rng));
    jobs.extend(heads(rng));
    jobs.extend(ends(rng));
    jobs.into_iter().map(Job::run).collect()
}

fn product(kind: WeightType, rng: &mut Rng) -> Job {
    let detail = match kind {
        WeightType::F32 => ", F32",
        WeightType::F16 => ", F16",
        WeightType::Q8_0 => ", Q8_0",
        WeightType::Q4_0 => ", Q4_0",
        WeightType::Q4_1 => ", Q4_1",
        WeightType::Q4_K => ", Q4_K",
        WeightType::Q6_K => ", Q6_K",
    };
    let x = if kind.quantized() { quantized(WIDTH, rng) } else { usual(WIDTH, rng) };
    Job {
        kernel: Kernel::Matmul,
        detail,
        params: vec![WIDTH, ROWS, kind.id()],
        inputs: vec![matrix(kind, rng), x],
        output: ROWS,
        unit: "multiply-accumulates",
        count: WIDTH * ROWS,
    }
}

fn rows(rng: &mut Rng) -> Vec<Job> {
    let epsilon = 1e-5_f32.to_bits();
    let kernels = [
        (Kernel::Add, "", vec![WIDTH]),
        (Kernel::Mul, "", vec![WIDTH]),
        (Kernel::Relu, "", vec![WIDTH]),
        (Kernel::Silu, "", vec![WIDTH]),
        (Kernel::Gelu, "", vec![WIDTH]),
        (Kernel::GeluTanh, "", vec![WIDTH]),
        (Kernel::Quantize, "", vec![WIDTH]),
        (Kernel::RmsNorm, "", vec![WIDTH, epsilon]),
        (Kernel::LayerNorm, "", vec![WIDTH, epsilon]),
        (Kernel::Softmax, "", vec![WIDTH, 0]),
        (Kernel::Rope, ", Adjacent", vec![HEAD, WIDTH / HEAD, 0]),
        (Kernel::Rope, ", Halves", vec![HEAD, WIDTH / HEAD, 1]),
    ];
    let job = |(kernel, detail, params): (Kernel, _, _)| Job {
        kernel,
        detail,
        params,
        inputs: (0..kernel.inputs()).map(|_| usual(WIDTH, rng)).collect(),
        output: WIDTH,
        unit: "elements",
        count: WIDTH,
    };
    kernels.into_iter().map(job).collect()
}

/// Attention of one head with a cache of its own.
fn heads(rng: &mut Rng) -> Vec<Job> {
    let cache: Vec<u32> = (0..POSITIONS)
        .flat_map(|_| {
            let mut row = quantized(HEAD, rng);
            row.resize(1 << ROW_LOG2 >> 2, 0);
            row
        })
        .collect();
    let shape = [HEAD, 1, 1, ROW_LOG2, POSITIONS];
    let scale = 0.125_f32.to_bits();
    let job = |kernel, params, first, output| Job {
        kernel,
        detail: "",
        params,
        inputs: vec![first, cache.clone()],
        output,
        unit: "multiply-accumulates",
        count: HEAD * POSITIONS,
    };
    let scores = shape.into_iter().chain([scale]).collect();
    let (query, probabilities) = (quantized(HEAD, rng), usual(POSITIONS, rng));
    vec![
        job(Kernel::Scores, scores, query, POSITIONS),
        job(Kernel::Mix, shape.to_vec(), probabilities, HEAD),
    ]
}

/// Kernels of which an inference needs a few.
fn ends(rng: &mut Rng) -> Vec<Job> {
    let mut request = vec![0; 32];
    // Temperature 1, top-k 40.
    request[4] = 1.0_f32.to_bits();
    request[5] = 40;
    let bytes = Flavor::Raw.numbers(rng, 256);
    let table = matrix(WeightType::Q8_0, rng);
    let embed = vec![WIDTH, ROWS, WeightType::Q8_0.id()];
    let scale = (1.0_f32 / 255.0).to_bits();
    let job = |kernel, params, inputs, (output, count)| Job {
        kernel,
        detail: "",
        params,
        inputs,
        output,
        unit: "elements",
        count,
    };
    let logits = usual(LOGITS, rng);
    vec![
        job(Kernel::Embed, embed, vec![table, vec![7]], (WIDTH, WIDTH)),
        job(Kernel::ArgMax, vec![LOGITS], vec![logits.clone()], (8, LOGITS)),
        job(Kernel::Sample, vec![LOGITS], vec![logits, request], (8, LOGITS)),
        job(Kernel::FromBytes, vec![784, 128, scale], vec![bytes.clone()], (784, 784)),
        job(Kernel::Emit, vec![784], vec![bytes], (256, 784)),
    ]
}

impl Job {
    fn run(self) -> Result<Cost> {
        let kernel = format!("{:?}{}", self.kernel, self.detail);
        let (unit, count) = (self.unit, self.count);
        let run = machine::run(&self.case()).with_context(|| kernel.clone())?;
        #[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
        let each = run.steps as f64 / f64::from(count);
        Ok(Cost { kernel, unit, count, instructions: run.steps, each })
    }

    fn case(self) -> Case {
        let mut descriptor = Descriptor {
            kernel: self.kernel.id(),
            input_count: self.kernel.inputs(),
            tiles: 1,
            columns: 1,
            bound: 30,
            output: RegionSpec { base: WORKING_BASE, log2_size: log2(self.output), ..zero() },
            ..Descriptor::default()
        };
        for (place, param) in descriptor.params.iter_mut().zip(self.params) {
            *place = param;
        }
        let mut inputs = self.inputs;
        let specs = descriptor.input_specs.iter_mut().zip(&mut inputs);
        for (number, (spec, words)) in (0_u64..).zip(specs) {
            let log2_size = log2(u32::try_from(words.len()).unwrap_or(u32::MAX));
            *spec = RegionSpec { base: number << 28, log2_size, ..zero() };
            words.resize(1 << log2_size >> 2, 0);
        }
        // Attention sees all positions in the last iteration.
        let iteration = match self.kernel {
            Kernel::Scores | Kernel::Mix => POSITIONS - 1,
            _ => 0,
        };
        Case { descriptor, iteration, tile: 0, inputs }
    }
}

fn zero() -> RegionSpec {
    RegionSpec::default()
}

/// Size of the smallest region of at least `words` words, as a power of two.
fn log2(words: u32) -> u32 {
    (words.next_power_of_two().trailing_zeros() + 2).max(5)
}

fn usual(count: u32, rng: &mut Rng) -> Vec<u32> {
    Flavor::Usual.numbers(rng, count)
}

/// A quantized row of `n` numbers.
fn quantized(n: u32, rng: &mut Rng) -> Vec<u32> {
    let mut row = Flavor::Raw.numbers(rng, n / 4);
    row.extend(usual(n / 32, rng));
    row
}

/// A matrix of [`ROWS`] rows of [`WIDTH`] elements.
fn matrix(kind: WeightType, rng: &mut Rng) -> Vec<u32> {
    let blocks = WIDTH / 32;
    let (integers, halves) = match kind {
        WeightType::F32 => return usual(WIDTH * ROWS, rng),
        WeightType::F16 => return Flavor::Usual.half_pairs(rng, WIDTH * ROWS / 2),
        WeightType::Q8_0 => (128 * blocks, 8 * blocks),
        WeightType::Q4_0 => (64 * blocks, 8 * blocks),
        WeightType::Q4_1 => (64 * blocks, 16 * blocks),
        WeightType::Q4_K => (72 * blocks, 2 * blocks),
        WeightType::Q6_K => (136 * blocks, blocks),
    };
    let mut words = Vec::new();
    for _ in 0..ROWS / 16 {
        words.extend(Flavor::Raw.numbers(rng, integers));
        words.extend(Flavor::Usual.half_pairs(rng, halves));
    }
    words
}
