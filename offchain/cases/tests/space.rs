//! Whatever a tokenizer's table says of U+0020, every text has an end: the rules that cut words take it for
//! white space, so the class in the table makes no difference.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation)]

use opml_cases::{Case, machine};
use opml_operator::{Descriptor, Kernel, RegionSpec, WORKING_BASE};

/// Most bytes of a text here.
const MOST: u32 = 8;
const ALPHABET: [u8; 5] = *b" a5\n!";

/// Bytes are their own tokens, nothing is joined; `class` is that of U+0020.
fn table(split: u32, class: u32) -> Vec<u32> {
    let mut table = vec![0; 16];
    [table[0], table[3]] = [split, 16];
    table.extend(0..256);
    table[10] = table.len() as u32;
    table.extend([table[10]; 19]);
    table[2] = table.len() as u32;
    let mut classes = [0; 8];
    for (character, class) in [(b' ', class), (b'a', 1), (b'5', 2), (b'\n', 3)] {
        classes[usize::from(character) / 16] |= class << (character % 16 * 2);
    }
    table.extend(classes);
    table
}

fn case(table: &[u32], text: &[u8]) -> Case {
    let mut request = vec![0; 32];
    [request[0], request[8]] = [text.len() as u32, 1];
    let mut bytes = [0; MOST as usize];
    bytes[..text.len()].copy_from_slice(text);
    request.extend(bytes.as_chunks::<4>().0.iter().map(|four| u32::from_le_bytes(*four)));
    let mut inputs = vec![request, table.to_vec()];
    let mut descriptor = Descriptor {
        kernel: Kernel::Encode.id(),
        input_count: 2,
        tiles: 1,
        columns: 1,
        bound: 17,
        output: RegionSpec { base: WORKING_BASE, log2_size: 8, ..RegionSpec::default() },
        ..Descriptor::default()
    };
    descriptor.params[..2].copy_from_slice(&[MOST, table.len() as u32]);
    for (words, spec) in inputs.iter_mut().zip(&mut descriptor.input_specs) {
        let log2_size = (words.len() * 4).next_power_of_two().ilog2();
        words.resize(1 << (log2_size - 2), 0);
        *spec = RegionSpec { log2_size, ..RegionSpec::default() };
    }
    Case { descriptor, iteration: 0, tile: 0, inputs }
}

/// All texts of `length` bytes of the alphabet.
fn texts(length: u32) -> impl Iterator<Item = Vec<u8>> {
    (0..5_usize.pow(length)).map(move |number| {
        (0..length).map(|place| ALPHABET[number / 5_usize.pow(place) % 5]).collect()
    })
}

#[test]
fn every_text_ends_in_the_machine() {
    for split in 0..4 {
        for class in 0..4 {
            let table = table(split, class);
            for text in (1..=2).flat_map(texts) {
                let case = case(&table, &text);
                let run = machine::run(&case);
                let run =
                    run.unwrap_or_else(|error| panic!("split {split}, {class}, {text:?}: {error}"));
                assert_eq!(run.output, case.reference().unwrap());
            }
        }
    }
}

#[test]
fn the_class_of_the_space_makes_no_difference() {
    for split in 0..4 {
        let white = table(split, 3);
        for class in 0..3 {
            let other = table(split, class);
            for text in (1..=6).flat_map(texts) {
                let (wanted, got) =
                    (case(&white, &text).reference(), case(&other, &text).reference());
                assert_eq!(got.unwrap(), wanted.unwrap(), "split {split}, class {class}, {text:?}");
            }
        }
    }
}
