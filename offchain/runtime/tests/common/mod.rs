//! Models of the tests.
#![allow(dead_code, clippy::unwrap_used, reason = "shared by tests that use parts of it")]

use std::collections::BTreeMap;

use alloy_primitives::B256;
use opml_core::graph::Request;
use opml_core::keccak::{AlloyKeccak, Keccak as _};
use opml_operator::WeightType;
use opml_operator::geometry::Matrix;
use opml_runtime::build::{Builder, Parts};
use opml_runtime::bundle::manifest::{About, Input, ResultKind};
use opml_runtime::executor::Settings;
use opml_runtime::{Bundle, Executor};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

/// Bytes of an input.
pub const INPUT: u32 = 40;

/// A builder for a model that classifies [`INPUT`] bytes.
pub fn builder() -> Builder {
    let about = About { name: "toy".into(), ..About::default() };
    let labels = (0..10).map(|class| class.to_string()).collect();
    Builder::new(about, Input::Bytes { max: INPUT }, ResultKind::Class { labels })
}

/// Numbers of about size one.
pub fn numbers(seed: u64, count: usize) -> Vec<f32> {
    let mut random = StdRng::seed_from_u64(seed);
    (0..count).map(|_| random.random_range(-1.0..1.0)).collect()
}

/// A classifier of two layers, one of each kind of weights.
pub fn classifier() -> Parts {
    let mut build = builder();
    let matrix = |kind, rows, k| Matrix { k, rows, kind };
    let first = matrix(WeightType::Q8_0, 100, 64);
    let first = build.matrix("first", first, &numbers(1, 6400)).unwrap();
    let bias = build.vector("bias", &numbers(2, 100)).unwrap();
    let second = matrix(WeightType::F16, 10, 100);
    let second = build.matrix("second", second, &numbers(3, 1000)).unwrap();

    let x = build.from_bytes(INPUT, 1.0 / 255.0).unwrap();
    let x = build.quantize(x).unwrap();
    let x = build.matmul(first, x).unwrap();
    let x = build.add(x, bias).unwrap();
    let x = build.gelu(x).unwrap();
    let x = build.matmul_float(second, x).unwrap();
    let x = build.softmax(x).unwrap();
    let x = build.argmax(x).unwrap();
    build.emit(x, 4).unwrap();
    build.finish().unwrap()
}

/// An input of the models.
pub fn input(seed: u8) -> Vec<u8> {
    (0..INPUT).zip(0u8..).map(|(_, i)| i.wrapping_mul(37).wrapping_add(seed)).collect()
}

/// The machine at the start of a request with this input.
pub fn start(bundle: &Bundle, input: &[u8]) -> Executor {
    let request = Request::new(input, 7, [0; 28]).unwrap();
    Executor::new(bundle, &request, Settings::default()).unwrap()
}

/// Words of the memory that are not zero, by address.
pub type Plain = BTreeMap<u64, u32>;

/// Root of the `2^log2_size` bytes at `base`, by the definition.
pub fn root(memory: &Plain, base: u64, log2_size: u8) -> B256 {
    if memory.range(base..base + (1 << log2_size)).all(|(_, word)| *word == 0) {
        return opml_core::merkle::zero_root(log2_size - 5).unwrap();
    }
    if log2_size == 5 {
        let word = |i: u64| memory.get(&(base + i * 4)).copied().unwrap_or_default();
        let bytes: Vec<u8> = (0..8).flat_map(|i| word(i).to_le_bytes()).collect();
        return B256::from_slice(&bytes);
    }
    let half = 1 << (log2_size - 1);
    AlloyKeccak::node(&root(memory, base, log2_size - 1), &root(memory, base + half, log2_size - 1))
}
