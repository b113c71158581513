//! Matrix products.

use std::fmt;
use std::hint::black_box;
use std::time::Instant;

use opml_operator::geometry::{Matmul, Matrix};
use opml_operator::{Operator, WeightType};
use serde::Serialize;

use super::timer::Effort;
use super::{Engines, data};
use crate::{Columns, Engine};

/// Rows of a tile; it makes no difference to whole rows of tiles.
const TILE_ROWS: u32 = 64;
/// Rows and elements of a row of the matrices of SmolLM2-135M.
const SHAPES: [(u32, u32); 4] = [(576, 576), (1_536, 576), (576, 1_536), (49_152, 576)];
/// Those of one layer: query, key, value, output, gate, up, down.
const LAYER: [(u32, u32); 7] =
    [(576, 576), (192, 576), (192, 576), (576, 576), (1_536, 576), (1_536, 576), (576, 1_536)];
/// Layers.
const LAYERS: usize = 30;
/// Type, rows and elements of the output head.
const HEAD: Matrix = Matrix { k: 576, rows: 49_152, kind: WeightType::Q8_0 };

/// One matrix times a vector. Speeds in 10^9 bytes of weights a second.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Product {
    /// Type of the weights.
    pub kind: &'static str,
    /// Rows.
    pub rows: u32,
    /// Elements of a row.
    pub k: u32,
    /// The reference.
    pub scalar: f64,
    /// One thread.
    pub one: f64,
    /// All threads.
    pub all: f64,
    /// 10^9 multiply-accumulates a second of one thread.
    pub gmacs: f64,
}

/// All products of one token of SmolLM2-135M; layers as named, the head `Q8_0`. Milliseconds.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Token {
    /// Type of the layers' weights.
    pub kind: &'static str,
    /// Bytes of all weights.
    pub bytes: usize,
    /// The reference.
    pub scalar: f64,
    /// One thread.
    pub one: f64,
    /// All threads.
    pub all: f64,
}

/// A product, ready to be computed from any weights.
struct Job {
    tiles: Columns,
    words: usize,
    x: Vec<u32>,
    out: Vec<u32>,
}

impl Job {
    fn new(matrix: Matrix, pool: &[u32]) -> Self {
        let Matrix { k, rows, kind } = matrix;
        let k = k as usize;
        let operator = Operator::Matmul(Matmul { matrix, tile_rows: TILE_ROWS });
        let columns = 0..rows.div_ceil(TILE_ROWS);
        let out = vec![0; (columns.end * TILE_ROWS) as usize];
        Self {
            tiles: Columns { operator, iteration: 0, row: 0, columns },
            words: (kind.matrix_bytes(matrix.rows, matrix.k) / 4) as usize,
            x: if kind.quantized() { data::quantized(pool, k) } else { data::numbers(pool, k) },
            out,
        }
    }

    fn run(&mut self, engine: &Engine, weights: &[u32]) {
        engine.run_columns(&self.tiles, &[weights, &self.x], &mut self.out);
        black_box(&self.out);
    }

    /// Seconds, with other weights every time.
    fn seconds(&mut self, engine: &Engine, pool: &[u32], effort: Effort) -> f64 {
        let places = pool.len() / self.words;
        effort.seconds(|call| {
            let start = call % places * self.words;
            self.run(engine, &pool[start..start + self.words]);
        })
    }
}

pub fn products(engines: &Engines, pool: &[u32], effort: Effort) -> Vec<Product> {
    let shapes = |kind| SHAPES.map(|(rows, k)| Matrix { k, rows, kind });
    let matrices = WeightType::ALL.into_iter().flat_map(shapes);
    let whole = |matrix: &Matrix| matrix.k.is_multiple_of(matrix.kind.unit());
    matrices.filter(whole).map(|matrix| product(engines, matrix, pool, effort)).collect()
}

fn product(engines: &Engines, matrix: Matrix, pool: &[u32], effort: Effort) -> Product {
    let mut job = Job::new(matrix, pool);
    let bytes = (job.words * 4) as f64;
    let mut speed = |engine| bytes / job.seconds(engine, pool, effort) / 1e9;
    let [scalar, one, all] = [&engines.scalar, &engines.one, &engines.all].map(&mut speed);
    let Matrix { k, rows, kind } = matrix;
    let gmacs = one * f64::from(k) * f64::from(rows) / bytes;
    Product { kind: name(kind), rows, k, scalar, one, all, gmacs }
}

pub fn tokens(engines: &Engines, pool: &[u32], effort: Effort) -> Vec<Token> {
    [WeightType::Q4_1, WeightType::Q8_0].map(|kind| token(engines, kind, pool, effort)).into()
}

fn token(engines: &Engines, kind: WeightType, pool: &[u32], effort: Effort) -> Token {
    let layer = LAYER.map(|(rows, k)| Matrix { k, rows, kind });
    let matrices = std::iter::repeat_n(layer, LAYERS).flatten().chain([HEAD]);
    let mut jobs: Vec<Job> = matrices.map(|matrix| Job::new(matrix, pool)).collect();
    let words: usize = jobs.iter().map(|job| job.words).sum();
    // The sum of every product's fastest time, all weights having been read in between.
    let mut milliseconds = |engine: &Engine| {
        let mut fastest = vec![f64::INFINITY; jobs.len()];
        effort.rounds(|| {
            let mut rest = pool;
            for (job, fastest) in jobs.iter_mut().zip(&mut fastest) {
                let (weights, more) = rest.split_at(job.words);
                let start = Instant::now();
                job.run(engine, weights);
                *fastest = fastest.min(start.elapsed().as_secs_f64());
                rest = more;
            }
        });
        fastest.iter().sum::<f64>() * 1e3
    };
    let [scalar, one, all] = [&engines.scalar, &engines.one, &engines.all].map(&mut milliseconds);
    Token { kind: name(kind), bytes: words * 4, scalar, one, all }
}

const fn name(kind: WeightType) -> &'static str {
    match kind {
        WeightType::F32 => "F32",
        WeightType::F16 => "F16",
        WeightType::Q8_0 => "Q8_0",
        WeightType::Q4_0 => "Q4_0",
        WeightType::Q4_1 => "Q4_1",
        WeightType::Q4_K => "Q4_K",
        WeightType::Q6_K => "Q6_K",
    }
}

impl fmt::Display for Product {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, rows, k, scalar, one, all, gmacs } = self;
        write!(f, "| {kind} | {rows} x {k} | {scalar:.2} | {one:.1} | {all:.1} | {gmacs:.1} |")
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, bytes, scalar, one, all } = self;
        let megabytes = *bytes as f64 / 1e6;
        write!(f, "| {kind}, head Q8_0 | {megabytes:.1} | {scalar:.1} | {one:.2} | {all:.2} |")
    }
}
