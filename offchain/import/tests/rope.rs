//! Rotary position embedding: the table of the bundle against angles worked out here.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, clippy::cast_precision_loss)]

mod common;

use common::{File, Value, byte_level, model};
use opml_import::{ImportError, Options, import};
use opml_runtime::Bundle;

/// Elements of a head, and positions.
const HEAD: usize = 32;
const POSITIONS: usize = 64;

fn small() -> File {
    let (tokenizer, tokens) = byte_level();
    model(&tokenizer, tokens, true)
}

fn table(file: &File) -> Result<Vec<f32>, ImportError> {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("bundle");
    import(&file.write(folder.path()), &target, &Options::default(), &mut |_| {})?;
    let bundle = Bundle::open(&target).unwrap();
    let mut tensors = bundle.manifest().tensors.iter().zip(bundle.weights());
    let (_, block) = tensors.find(|(tensor, _)| tensor.name == "rope").unwrap();
    Ok(block.words().iter().map(|word| f32::from_bits(*word)).collect())
}

/// A position's angles, from the table's cosines and sines.
fn expect(table: &[f32], frequency: impl Fn(usize) -> f64) {
    assert_eq!(table.len(), HEAD * POSITIONS);
    for (position, row) in table.chunks(HEAD).enumerate() {
        for pair in 0..HEAD / 2 {
            let angle = position as f64 * frequency(pair);
            let found = [row[pair], row[pair + HEAD / 2]].map(f64::from);
            for (found, expected) in found.into_iter().zip([angle.cos(), angle.sin()]) {
                assert!((found - expected).abs() < 1e-7, "{position} {pair}: {found} {expected}");
            }
        }
    }
}

fn plain(pair: usize) -> f64 {
    10_000f64.powf(-2.0 * pair as f64 / HEAD as f64)
}

/// What Llama 3.1 divides a frequency by: 1 for short waves, 8 for long ones, between them a mixture.
fn factor(pair: usize) -> f32 {
    let wave = std::f64::consts::TAU / plain(pair);
    let (short, long) = (8192.0 / 4.0, 8192.0);
    let share = ((8192.0 / wave - 1.0) / 3.0).clamp(0.0, 1.0);
    let mixed = 1.0 / ((1.0 - share) / 8.0 + share);
    (if wave < short {
        1.0
    } else if wave > long {
        8.0
    } else {
        mixed
    }) as f32
}

fn factors(count: usize) -> common::Tensor {
    let bytes = (0..count).flat_map(|pair| factor(pair).to_le_bytes()).collect();
    ("rope_freqs.weight".into(), vec![count as u64], 0, bytes)
}

#[test]
fn angles_grow_by_the_base() {
    expect(&table(&small()).unwrap(), plain);
    let mut file = small();
    file.set("llama.rope.freq_base", Value::Number(500_000.0));
    expect(&table(&file).unwrap(), |pair| 500_000f64.powf(-2.0 * pair as f64 / HEAD as f64));
}

#[test]
fn frequencies_of_llama_3_1_are_divided_by_the_factors_of_the_file() {
    let mut file = small();
    file.tensors.push(factors(HEAD / 2));
    expect(&table(&file).unwrap(), |pair| plain(pair) / f64::from(factor(pair)));
    assert!((0..HEAD / 2).any(|pair| factor(pair) > 1.0) && factor(0) < 1.5);
    // One factor too few.
    let mut file = small();
    file.tensors.push(factors(HEAD / 2 - 1));
    let error = table(&file).unwrap_err();
    assert!(matches!(&error, ImportError::Shape { name, .. } if name == "rope_freqs.weight"));
}

#[test]
fn positions_are_scaled_where_the_file_says_so() {
    let scaled = |entries: &[(&str, Value)]| {
        let mut file = small();
        for (key, value) in entries {
            file.set(&format!("llama.rope.{key}"), value.clone());
        }
        table(&file).unwrap()
    };
    let [none, linear] = ["none", "linear"].map(|kind| Value::Text(kind.into()));
    let four = Value::Number(4.0);
    let quarter = |pair| plain(pair) / 4.0;
    let kind = "scaling.type";
    expect(&scaled(&[("scaling.factor", four.clone())]), quarter);
    expect(&scaled(&[("scaling.factor", four.clone()), (kind, linear)]), quarter);
    // An older name of the same.
    expect(&scaled(&[("scale_linear", four.clone())]), quarter);
    expect(&scaled(&[("scaling.factor", four), (kind, none)]), plain);
    expect(&scaled(&[("scaling.factor", Value::Number(0.0))]), plain);
}
