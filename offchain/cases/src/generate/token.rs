//! Text and tokens.

use opml_operator::Kernel;

use super::text::header;
use super::{Parts, size};
use crate::case::Case;
use crate::numbers::Flavor;
use crate::rng::Rng;

/// Tokens of the random vocabularies.
const TOKENS: u32 = 40;

/// Characters of texts: letters, a numeral, white space, others, of one to four bytes.
const CHARACTERS: [&str; 20] = [
    "a", "b", "e", "t", "s", "'", "'s", "l", "1", " ", " ", "\n", "\r\n", "!", "-", "é", "ß", "世",
    "😀", "\u{a0}",
];

pub fn encode(rng: &mut Rng) -> Case {
    let n = size(rng, 8);
    let split = rng.below(4);
    let mut table = table(split, rng);
    if rng.one_in(16) {
        // Whatever a table holds, something is written.
        for _ in 0..20 {
            let place = rng.below(table.len() as u32) as usize;
            table[place] = if rng.one_in(2) { rng.word() } else { rng.below(500) };
        }
    }
    let mut request = header(rng);
    let text = text(n, rng);
    request[0] = text.len() as u32 + u32::from(rng.one_in(8)) * rng.below(300);
    request[8] = rng.below(4);
    request.extend(words(&text));
    request.resize((32 + n.div_ceil(4)) as usize, 0);
    let params = &[n, table.len() as u32];
    let (output, inputs) = (8 + 7 * n, vec![request, table]);
    Parts { kernel: Kernel::Encode, params, grid: (1, 1), output, inputs }.case(rng)
}

/// Text for `n` elements: turns of a conversation as often as not, and bytes that are no characters.
fn text(n: u32, rng: &mut Rng) -> Vec<u8> {
    let mut bytes = Vec::new();
    let kinds = rng.within(1, 20);
    let most = if rng.one_in(4) { n + 20 } else { n };
    let turns = rng.one_in(2);
    while (bytes.len() as u32) < most {
        match rng.below(40) {
            0 => bytes.push(rng.word() as u8),
            1 if turns => {
                bytes.push(rng.below(4) as u8);
                bytes.extend(rng.below(30).to_le_bytes());
            }
            _ => bytes.extend(CHARACTERS[rng.below(kinds) as usize].bytes()),
        }
    }
    bytes.truncate(most as usize);
    bytes
}

fn words(bytes: &[u8]) -> impl Iterator<Item = u32> + '_ {
    bytes.chunks(4).map(|four| four.iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte)))
}

/// A tokenizer's table: header, then the sections one behind the other.
fn table(split: u32, rng: &mut Rng) -> Vec<u32> {
    let mut table = vec![0; 16];
    [table[0], table[1]] = [split, rng.below(TOKENS)];
    table[3] = table.len() as u32;
    // Most bytes are no letters here: they get tokens by chance.
    let gaps = rng.one_in(4);
    let token = |_| if gaps && rng.one_in(8) { u32::MAX } else { rng.below(TOKENS) };
    table.extend((0..256).map(token));
    [table[4], table[5]] = [table.len() as u32, 0];
    for character in [0x20, 0x61, 0x62, 0x65, 0xe9, 0x4e16] {
        if rng.one_in(2) {
            table.extend([character, rng.below(TOKENS)]);
            table[5] += 1;
        }
    }
    pairs(&mut table, rng);
    lists(&mut table, rng);
    table[2] = table.len() as u32;
    table.extend(classes());
    table
}

/// Which pairs are joined, and to what.
fn pairs(table: &mut Vec<u32>, rng: &mut Rng) {
    let share = rng.within(1, 8);
    let (mut starts, mut pairs, mut ranks) = (vec![0], Vec::new(), 0);
    for _ in 0..TOKENS {
        for right in 0..TOKENS {
            if rng.one_in(share * 2) {
                let most = rng.within(1, 200);
                pairs.extend([right, rng.below(most)]);
                ranks += 1;
            }
        }
        starts.push(ranks);
    }
    [table[6], table[7]] = [table.len() as u32, TOKENS];
    table.extend(starts);
    table[8] = table.len() as u32;
    table.extend(pairs);
    table[9] = table.len() as u32;
    table.extend((0..200).map(|_| rng.below(TOKENS)));
}

/// Eighteen lists: where they begin and end, then their bytes and special tokens.
fn lists(table: &mut Vec<u32>, rng: &mut Rng) {
    table[10] = table.len() as u32;
    let mut place = table[10] + 19;
    let mut items = Vec::new();
    table.push(place);
    for _ in 0..18 {
        for _ in 0..rng.below(4) {
            let special = 0x8000_0000 | rng.below(TOKENS);
            items.push(if rng.one_in(2) { special } else { rng.within(0x20, 0x7f) });
            place += 1;
        }
        table.push(place);
    }
    table.extend(items);
}

/// Classes of the characters up to U+00FF and of a few others, two bits each.
fn classes() -> Vec<u32> {
    let mut classes = vec![0; 0x4e20 / 16];
    let mut set = |character: u32, class: u32| {
        classes[character as usize / 16] |= class << (character % 16 * 2);
    };
    for character in 0..=0xffu8 {
        let found = char::from(character);
        let class = if found.is_alphabetic() {
            1
        } else if found.is_numeric() {
            2
        } else if found.is_whitespace() {
            3
        } else {
            0
        };
        set(character.into(), class);
    }
    set(0x4e16, 1);
    classes
}

pub fn next(rng: &mut Rng) -> Case {
    let (n, capacity) = (size(rng, 5), size(rng, 5));
    let length = if rng.one_in(8) { rng.word() } else { rng.within(1, n) };
    let mut prompt = vec![length, 0, 0, 0, 0, 0, 0, 0];
    prompt.extend((0..n).map(|_| rng.below(TOKENS)));
    let mut choice = vec![0; 8];
    choice[0] = rng.below(TOKENS);
    let mut request = header(rng);
    request[6] = rng.below(20);
    let stops = [0; 4].map(|_| if rng.one_in(2) { u32::MAX } else { rng.below(TOKENS) });
    let params = &[n, capacity, stops[0], stops[1], stops[2], stops[3]];
    let inputs = vec![prompt, choice, request];
    let mut case =
        Parts { kernel: Kernel::Next, params, grid: (1, 1), output: 16, inputs }.case(rng);
    case.iteration = if rng.one_in(16) { rng.word() } else { rng.below(40) };
    case
}

pub fn decode(rng: &mut Rng) -> Case {
    let (capacity, bytes) = (size(rng, 5), size(rng, 7));
    let mut history = Vec::new();
    for _ in 0..capacity {
        let mut slot = Flavor::Raw.numbers(rng, 16);
        slot[0] = if rng.one_in(16) { rng.below(4) } else { 0 };
        slot[8] = if rng.one_in(32) { rng.word() } else { rng.below(TOKENS + 1) };
        history.extend(slot);
    }
    let prompt = vec![if rng.one_in(8) { rng.word() } else { rng.below(capacity + 1) }; 8];
    let mut table = vec![TOKENS];
    let mut place = (TOKENS + 2) * 4;
    for _ in 0..=TOKENS {
        table.push(place);
        place += rng.below(8);
    }
    table.extend(Flavor::Raw.numbers(rng, 40));
    if rng.one_in(8) {
        let place = rng.below(40) as usize;
        table[place] = rng.word();
    }
    let params = &[capacity, table.len() as u32, bytes];
    let (output, inputs) = (8 + bytes.div_ceil(4), vec![history, prompt, table]);
    Parts { kernel: Kernel::Decode, params, grid: (1, 1), output, inputs }.case(rng)
}
