//! Kernels other than products.

use std::fmt;
use std::hint::black_box;

use opml_operator::geometry::{
    ArgMax, Cache, Embed, FromBytes, LayerNorm, Map, Matrix, Mix, Pairing, Quantize, RmsNorm, Rope,
    Sample, Scores, Softmax,
};
use opml_operator::{Operator, WeightType};
use serde::Serialize;

use super::timer::Effort;
use super::{Engines, data};
use crate::{Columns, Engine};

/// Elements of the element-wise kernels: large enough for threads.
const MANY: u32 = 1 << 17;
/// Elements of a tile of theirs.
const TILE: u32 = 1 << 11;
/// Width of SmolLM2-135M.
const WIDTH: u32 = 576;
/// Its vocabulary.
const VOCABULARY: u32 = 49_152;
/// Positions in the cache.
const POSITIONS: u32 = 512;
/// Its cache: heads of 64, three for nine.
const CACHE: Cache = Cache { head: 64, heads: 9, kv_heads: 3, row_log2: 8, filled: POSITIONS };

/// A kernel other than a product. Speeds in 10^6 elements a second.
#[derive(Clone, Debug, Serialize)]
pub struct Other {
    /// Name.
    pub kernel: String,
    /// What is counted.
    pub elements: u64,
    /// The reference.
    pub scalar: f64,
    /// One thread.
    pub one: f64,
    /// All threads; none for kernels that are never split.
    pub all: Option<f64>,
}

/// A kernel and what it is given.
struct Job {
    operator: Operator,
    /// Tiles of a row, of how many words.
    columns: (u32, u32),
    inputs: [Vec<u32>; 3],
    /// Elements to count.
    elements: u64,
}

pub fn others(engines: &Engines, pool: &[u32], effort: Effort) -> Vec<Other> {
    let jobs = maps(pool).into_iter().chain(rows(pool)).chain(heads(pool)).chain(ends(pool));
    jobs.map(|job| job.measure(engines, effort)).collect()
}

fn maps(pool: &[u32]) -> Vec<Job> {
    let map = Map { n: MANY, width: TILE };
    let operators = [
        Operator::Add(map),
        Operator::Mul(map),
        Operator::Relu(map),
        Operator::Silu(map),
        Operator::Gelu(map),
        Operator::GeluTanh(map),
    ];
    let x = data::numbers(pool, MANY as usize);
    let job = |operator| Job {
        operator,
        columns: (MANY / TILE, TILE),
        inputs: [x.clone(), x.clone(), vec![]],
        elements: MANY.into(),
    };
    operators.map(job).into()
}

fn rows(pool: &[u32]) -> Vec<Job> {
    let epsilon = 1e-5_f32.to_bits();
    let operators = [
        Operator::Quantize(Quantize { n: WIDTH, blocks: WIDTH / WeightType::BLOCK }),
        Operator::RmsNorm(RmsNorm { n: WIDTH, epsilon }),
        Operator::LayerNorm(LayerNorm { n: WIDTH, epsilon }),
        Operator::Rope(Rope { head: 64, heads: 9, pairing: Pairing::Adjacent }),
        Operator::Rope(Rope { head: 64, heads: 9, pairing: Pairing::Halves }),
        Operator::Softmax(Softmax { n: WIDTH }),
    ];
    let x = data::numbers(pool, WIDTH as usize);
    let job = |operator| Job {
        operator,
        columns: (1, WIDTH),
        inputs: [x.clone(), x.clone(), x.clone()],
        elements: WIDTH.into(),
    };
    operators.map(job).into()
}

/// Attention of one query head; the elements are those of its keys and values.
fn heads(pool: &[u32]) -> Vec<Job> {
    let cache = pool[..(POSITIONS as usize) << (CACHE.row_log2 - 2)].to_vec();
    let elements = u64::from(POSITIONS * CACHE.head);
    let scores = Scores { cache: CACHE, scale: 0.125_f32.to_bits(), width: POSITIONS };
    let mix = Mix { cache: CACHE, width: CACHE.head };
    let p = data::numbers(pool, POSITIONS as usize);
    let q = data::quantized(pool, (CACHE.head * CACHE.heads) as usize);
    vec![
        Job {
            operator: Operator::Scores(scores),
            columns: (1, POSITIONS),
            inputs: [q, cache.clone(), vec![]],
            elements,
        },
        Job {
            operator: Operator::Mix(mix),
            columns: (1, CACHE.head),
            inputs: [p, cache, vec![]],
            elements,
        },
    ]
}

/// Kernels of which a token needs one each.
fn ends(pool: &[u32]) -> Vec<Job> {
    let matrix = Matrix { k: WIDTH, rows: 64, kind: WeightType::Q8_0 };
    let table = pool[..(matrix.kind.matrix_bytes(64, WIDTH) / 4) as usize].to_vec();
    let logits = data::numbers(pool, VOCABULARY as usize);
    let mut request = vec![0; 32];
    // Temperature 1, top-k 40.
    request[4] = 1.0_f32.to_bits();
    request[5] = 40;
    let bytes = FromBytes { n: 784, offset: 128, scale: (1.0_f32 / 255.0).to_bits(), width: 1024 };
    let job = |operator, width, inputs, elements: u32| Job {
        operator,
        columns: (1, width),
        inputs,
        elements: elements.into(),
    };
    vec![
        job(
            Operator::Embed(Embed { matrix, width: WIDTH }),
            WIDTH,
            [table, vec![7], vec![]],
            WIDTH,
        ),
        job(
            Operator::ArgMax(ArgMax { n: VOCABULARY }),
            8,
            [logits.clone(), vec![], vec![]],
            VOCABULARY,
        ),
        job(Operator::Sample(Sample { n: VOCABULARY }), 8, [logits, request, vec![]], VOCABULARY),
        job(Operator::FromBytes(bytes), 1024, [pool[..256].to_vec(), vec![], vec![]], 784),
    ]
}

impl Job {
    fn measure(&self, engines: &Engines, effort: Effort) -> Other {
        let (columns, width) = self.columns;
        let inputs = self.inputs.each_ref().map(Vec::as_slice);
        let inputs = &inputs[..self.operator.kernel().inputs() as usize];
        let operator = self.operator;
        let tiles = Columns { operator, iteration: 0, row: 0, columns: 0..columns };
        let mut out = vec![0; (columns * width) as usize];
        let mut speed = |engine: &Engine| {
            let seconds = effort.seconds(|_| {
                engine.run_columns(&tiles, inputs, &mut out);
                black_box(&out);
            });
            self.elements as f64 / seconds / 1e6
        };
        let all = (columns > 1).then(|| speed(&engines.all));
        let kernel = self.name();
        let [scalar, one] = [&engines.scalar, &engines.one].map(speed);
        Other { kernel, elements: self.elements, scalar, one, all }
    }

    fn name(&self) -> String {
        let kernel = self.operator.kernel();
        match &self.operator {
            Operator::Rope(rope) => format!("{kernel:?}, {:?}", rope.pairing),
            Operator::Sample(_) => format!("{kernel:?}, top 40"),
            Operator::Scores(_) | Operator::Mix(_) => format!("{kernel:?}, {POSITIONS} positions"),
            _ => format!("{kernel:?}"),
        }
    }
}

impl fmt::Display for Other {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kernel, elements, scalar, one, all } = self;
        let all = all.map_or_else(String::new, |all| format!("{all:.0}"));
        write!(f, "| {kernel} | {elements} | {scalar:.0} | {one:.0} | {all} |")
    }
}
