//! Rows at several iterations at once are the rows one by one, for every backend and several threads.
#![allow(clippy::unwrap_used)]

use opml_cases::{Flavor, Rng};
use opml_native::{Backend, Engine, Job};
use opml_operator::geometry::{Cache, Matmul, Matrix, Mix, Quantize, Scores, Softmax};
use opml_operator::{Operator, Place, WeightType};

const CASES: u64 = 150;

fn engines() -> Vec<Engine> {
    let each = |backend| [1, 2, 5].map(|threads| Engine::new(backend, threads).unwrap());
    Backend::available().flat_map(each).collect()
}

/// A row with its inputs, and how much of its output is asked for.
struct Row {
    operator: Operator,
    place: Place,
    inputs: [usize; 2],
    /// Words of the whole row.
    whole: usize,
    asked: usize,
}

/// Compares all rows, whose inputs are `tensors` by number, with the reference.
fn check(engines: &[Engine], tensors: &[Vec<u32>], rows: &[Row]) {
    let inputs_of = |row: &Row| {
        let mut inputs = [&[][..]; 8];
        for (place, number) in inputs.iter_mut().zip(row.inputs) {
            *place = &tensors[number];
        }
        inputs
    };
    let mut expected = Vec::new();
    for row in rows {
        let mut output = vec![0xdead_beef; row.whole];
        opml_kernels::run(&row.operator, row.place, &inputs_of(row)[..2], &mut output);
        output.truncate(row.asked);
        expected.push(output);
    }
    for engine in engines {
        let mut actual: Vec<Vec<u32>> = rows.iter().map(|row| vec![7; row.asked]).collect();
        let mut jobs: Vec<Job<'_>> = rows
            .iter()
            .zip(&mut actual)
            .map(|(row, output)| Job {
                operator: row.operator,
                iteration: row.place.iteration,
                row: row.place.row,
                inputs: inputs_of(row),
                output,
            })
            .collect();
        engine.run_batch(&mut jobs);
        for ((row, actual), expected) in rows.iter().zip(&actual).zip(&expected) {
            let at = (0..expected.len()).find(|at| actual[*at] != expected[*at]);
            let (backend, threads) = (engine.backend(), engine.threads());
            assert_eq!(
                at, None,
                "{backend}, {threads} threads: {:?} {:?}",
                row.operator, row.place
            );
        }
    }
}

/// Random bytes with scales of every kind; some NaN, or none of them.
fn quantized(rng: &mut Rng, elements: u32) -> Vec<u32> {
    let mut row = Flavor::Raw.numbers(rng, elements / 4);
    let flavor = if rng.below(4) == 0 { Flavor::Special } else { Flavor::Usual };
    row.extend(flavor.numbers(rng, elements / 32));
    row
}

#[test]
fn products() {
    let engines = engines();
    for seed in 0..CASES {
        let rng = &mut Rng::new(seed);
        let kinds = u32::try_from(WeightType::ALL.len()).unwrap();
        let kind = WeightType::ALL[rng.below(kinds) as usize];
        let (rows, k) = (rng.within(1, 400), 32 * rng.within(1, 20));
        let k = k.next_multiple_of(kind.unit());
        let matrix = Matrix { k, rows, kind };
        let mut weights =
            Flavor::Raw.numbers(rng, u32::try_from(kind.matrix_bytes(rows, k) / 4).unwrap());
        if rng.below(4) > 0 {
            // Scales that are numbers: raw ones make nearly every sum NaN.
            for word in &mut weights {
                *word &= 0xbbff_bbff;
            }
        }
        let tile_rows = rows.next_multiple_of(16) + 16 * rng.below(3);
        let operator = Operator::Matmul(Matmul { matrix, tile_rows });
        let mut tensors = vec![weights];
        let batch: Vec<Row> = (0..rng.within(1, 30))
            .map(|iteration| {
                tensors.push(if kind.quantized() {
                    quantized(rng, k)
                } else {
                    Flavor::Usual.numbers(rng, k)
                });
                let whole = tile_rows as usize;
                let asked =
                    if rng.below(3) == 0 { rng.within(1, tile_rows) as usize } else { whole };
                let place = Place { iteration, row: 0, column: 0 };
                Row { operator, place, inputs: [0, tensors.len() - 1], whole, asked }
            })
            .collect();
        check(&engines, &tensors, &batch);
    }
}

fn cache(rng: &mut Rng) -> Cache {
    let kv_heads = rng.within(1, 4);
    let (head, heads) = (32 * rng.within(1, 4), kv_heads * rng.within(1, 4));
    let row_bytes = head * kv_heads / 32 * 36;
    let row_log2 = u8::try_from(row_bytes.next_power_of_two().ilog2()).unwrap();
    Cache { head, heads, kv_heads, row_log2, filled: 0 }
}

/// Rows of a cache.
fn rows(rng: &mut Rng, cache: &Cache, count: u32) -> Vec<u32> {
    let mut words = Vec::new();
    for _ in 0..count {
        let mut row = quantized(rng, cache.head * cache.kv_heads);
        row.resize(1 << (cache.row_log2 - 2), 0xdead_beef);
        words.extend(row);
    }
    words
}

/// Iterations of a batch: one as often as not, and more positions than a chunk of a sum now and then.
fn iterations(rng: &mut Rng, seed: u64) -> std::ops::Range<u32> {
    let first = if seed.is_multiple_of(10) { rng.within(480, 1100) } else { rng.below(60) };
    first..first + if rng.below(2) == 0 { 1 } else { rng.within(2, 12) }
}

#[test]
fn attention() {
    let engines = engines();
    for seed in 0..CASES {
        let rng = &mut Rng::new(seed);
        let mut cache = cache(rng);
        let iterations = iterations(rng, seed);
        let capacity = iterations.end.next_multiple_of(32);
        let width = capacity;
        let scale = 0.125_f32.to_bits();
        let mut tensors =
            vec![rows(rng, &cache, iterations.end), rows(rng, &cache, iterations.end)];
        let (mut scores, mut mixed) = (Vec::new(), Vec::new());
        for iteration in iterations {
            tensors.push(quantized(rng, cache.head * cache.heads));
            let query = tensors.len() - 1;
            cache.filled = iteration + 1;
            for head in 0..cache.heads {
                tensors.push(Flavor::Usual.numbers(rng, cache.filled));
                let place = Place { iteration, row: head, column: 0 };
                let filled = cache.filled as usize;
                let operator = Operator::Scores(Scores { cache, scale, width });
                let asked = if rng.below(2) == 0 { width as usize } else { filled };
                let whole = width as usize;
                scores.push(Row { operator, place, inputs: [query, 0], whole, asked });
                let operator = Operator::Mix(Mix { cache, width: cache.head });
                let whole = cache.head as usize;
                let inputs = [tensors.len() - 1, 1];
                mixed.push(Row { operator, place, inputs, whole, asked: whole });
            }
        }
        check(&engines, &tensors, &scores);
        check(&engines, &tensors, &mixed);
    }
}

#[test]
fn other_kernels() {
    let engines = engines();
    for seed in 0..CASES {
        let rng = &mut Rng::new(seed);
        let n = rng.within(1, 300);
        let blocks = n.div_ceil(32);
        let mut tensors = Vec::new();
        let (mut quantize, mut softmax) = (Vec::new(), Vec::new());
        for iteration in 0..rng.within(1, 20) {
            tensors.push(Flavor::Usual.numbers(rng, n));
            let place = Place { iteration, row: 0, column: 0 };
            let inputs = [tensors.len() - 1; 2];
            let operator = Operator::Quantize(Quantize { n, blocks });
            let whole = blocks as usize * 9;
            quantize.push(Row { operator, place, inputs, whole, asked: whole });
            let count = rng.within(1, n);
            let operator = Operator::Softmax(Softmax { n: count });
            let asked = rng.within(count, n) as usize;
            softmax.push(Row { operator, place, inputs, whole: n as usize, asked });
        }
        check(&engines, &tensors, &quantize);
        check(&engines, &tensors, &softmax);
    }
}
