//! Texts that take the tokenizer longest stay within its static cost.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, clippy::cast_precision_loss)]

use opml_cases::{Case, machine};
use opml_operator::{Descriptor, Kernel, RegionSpec, WORKING_BASE, cost};

/// Right tokens that every left one can be joined with.
const RIGHTS: u32 = 1 << 19;
const TOKENS: u32 = 4;

/// A table where every pair is joined, and a search for it takes longest; `rank` gives the order.
fn table(split: u32, rank: impl Fn(u32, u32) -> u32) -> Vec<u32> {
    let mut table = vec![0; 16];
    table[0] = split;
    table[3] = 16;
    table.extend((0..256).map(|byte| byte % TOKENS));
    [table[6], table[7]] = [table.len() as u32, TOKENS];
    table.extend((0..=TOKENS).map(|left| left * RIGHTS));
    table[8] = table.len() as u32;
    for left in 0..TOKENS {
        // The tokens stand where a search comes last.
        table.extend((0..RIGHTS).flat_map(|right| [right, rank(left, right)]));
    }
    table[9] = table.len() as u32;
    table.extend([0; 16]);
    table[10] = table.len() as u32;
    table.extend([table[10]; 19]);
    // White space: the line feed and U+3000.
    table[2] = table.len() as u32;
    table.extend([3 << 20]);
    table.resize(table.len() + 0x2ff, 0);
    table.push(3);
    table
}

fn case(table: Vec<u32>, text: &[u8]) -> Case {
    let n = text.len() as u32;
    let mut request = vec![0; 32];
    [request[0], request[8]] = [n, 1];
    request.extend(
        text.chunks(4)
            .map(|four| four.iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte))),
    );
    let mut inputs = vec![request, table];
    let region = |words: usize| (words.next_power_of_two() * 4).ilog2().max(5);
    let mut descriptor = Descriptor {
        kernel: Kernel::Encode.id(),
        input_count: 2,
        tiles: 1,
        columns: 1,
        bound: 30,
        ..Descriptor::default()
    };
    descriptor.params[..2].copy_from_slice(&[n, inputs[1].len() as u32]);
    let log2_size = region(8 + 7 * text.len());
    descriptor.output = RegionSpec { base: WORKING_BASE, log2_size, ..RegionSpec::default() };
    for (number, words) in inputs.iter_mut().enumerate() {
        let log2_size = region(words.len());
        words.resize(1 << (log2_size - 2), 0);
        descriptor.input_specs[number] =
            RegionSpec { base: (number as u64) << 28, log2_size, ..RegionSpec::default() };
    }
    Case { descriptor, iteration: 0, tile: 0, inputs }
}

fn check(name: &str, case: &Case) {
    let run = machine::run(case).unwrap();
    assert!(run.output == case.reference().unwrap(), "{name}");
    let cost = cost(&case.tile().unwrap().operator);
    let each = run.steps as f64 / f64::from(case.descriptor.params[0]);
    println!("{name}: {} of {cost}, {each:.0} a byte", run.steps);
    assert!(run.steps <= cost / 5 * 4, "{name}: {} of {cost}", run.steps);
}

#[test]
fn long_words_are_joined_within_the_cost() {
    let text: Vec<u8> = (0..8_192u32).map(|at| (at * at % 251) as u8).collect();
    let first = |_, _| 5;
    let mixed = |left: u32, right: u32| (left * 7 + right * 3) % 16;
    for split in [3, 0] {
        check("one rank", &case(table(split, first), &text));
        check("ranks mixed", &case(table(split, mixed), &text));
        check("letters alone", &case(table(split, mixed), &[b'a'; 8_192]));
        check("spaces", &case(table(split, mixed), &[b' '; 8_192]));
    }
}

#[test]
fn white_space_and_characters_are_read_within_the_cost() {
    let spaces = "\u{3000}\n".repeat(3_000);
    for split in 0..4 {
        check("white space", &case(table(split, |_, _| u32::MAX), spaces.as_bytes()));
        check("apostrophes", &case(table(split, |_, _| u32::MAX), &[b'\''; 10_000]));
        check("broken", &case(table(split, |_, _| u32::MAX), &[0xf0, 0x9f, 0x98].repeat(3_000)));
    }
}
