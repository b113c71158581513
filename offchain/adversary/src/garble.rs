//! Calldata that nobody means: of calls that make sense with bytes altered, and of nothing but a selector and words.

use alloy_primitives::{Address, B256};
use rand::{Rng, RngExt as _};

/// Words that decoders have to be careful with.
fn extreme(random: &mut impl Rng) -> B256 {
    let small = B256::with_last_byte(random.random_range(0..=255));
    match random.random_range(0..8) {
        0 => B256::ZERO,
        1 => B256::repeat_byte(0xff),
        // Offsets and lengths around the limits of 32 and 64 bits.
        2 => B256::left_padding_from(&[0xff; 4]),
        3 => B256::left_padding_from(&(u32::MAX - 31).to_be_bytes()),
        4 => B256::left_padding_from(&u64::MAX.to_be_bytes()),
        5 => B256::left_padding_from(&[1, 0, 0, 0, 0]),
        6 => B256::left_padding_from(&(1_u128 << 127).to_be_bytes()),
        _ => small,
    }
}

/// Alters a few bytes, words or the length of calldata.
pub fn alter(calldata: &[u8], random: &mut impl Rng) -> Vec<u8> {
    let mut bytes = calldata.to_vec();
    for _ in 0..random.random_range(1..4) {
        let length = bytes.len();
        let words = length.saturating_sub(4) / 32;
        match random.random_range(0..5) {
            0 => bytes.truncate(random.random_range(0..=length)),
            1 => bytes.extend(extreme(random).0),
            2 if length > 0 => {
                bytes[random.random_range(0..length)] ^= 1 << random.random_range(0..8);
            }
            _ if words > 0 => {
                // Rather the head, where offsets are.
                let behind = random.random_range(1..=words);
                let word = random.random_range(0..behind);
                let at = 4 + 32 * word;
                bytes[at..at + 32].copy_from_slice(&extreme(random).0);
            }
            _ => {}
        }
    }
    bytes
}

/// A selector and words: extremes, some that are known, and offsets that may fit.
pub fn invent(selectors: &[[u8; 4]], known: &[B256], random: &mut impl Rng) -> Vec<u8> {
    let mut bytes = selectors[random.random_range(0..selectors.len())].to_vec();
    for _ in 0..random.random_range(0..14) {
        let word = match random.random_range(0..4) {
            0 if !known.is_empty() => known[random.random_range(0..known.len())],
            1 => B256::left_padding_from(&(32 * random.random_range(0..14_u64)).to_be_bytes()),
            2 => Address::repeat_byte(random.random_range(0..=255)).into_word(),
            _ => extreme(random),
        };
        bytes.extend(word.0);
    }
    bytes
}
