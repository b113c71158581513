//! Bytes as a descriptor, an iteration and a tile. Nothing panics; what decodes encodes to the same bytes; what is legal keeps
//! the rules of docs/spec.md, 5.3, computed here in wider numbers.
#![no_main]

use libfuzzer_sys::fuzz_target;
use opml_operator::{Descriptor, MAX_BOUND, legal};

const WORKING: u128 = (1 << 39) + (1 << 28);
const MEMORY: u128 = 1 << 40;

/// A number of so many bytes, little-endian.
fn number(bytes: &[u8], at: usize, length: usize) -> u128 {
    bytes[at..at + length].iter().rev().fold(0, |sum, byte| sum << 8 | u128::from(*byte))
}

/// The region of the entry at a byte of the descriptor; none if an address is too large for the rules.
fn region(bytes: &[u8], at: usize, place: [u128; 3]) -> Option<(u128, u32)> {
    let strides = [8, 16, 24].map(|field| number(bytes, at + field, 8));
    let base =
        strides.iter().zip(place).try_fold(number(bytes, at, 8), |base, (stride, times)| {
            let moved = stride * times;
            let sum = base + moved;
            (moved < 1 << 64 && sum < 1 << 64).then_some(sum)
        })?;
    Some((base, u32::try_from(number(bytes, at + 32, 4)).ok()?))
}

fuzz_target!(|data: &[u8]| {
    let Some((bytes, rest)) = data.split_first_chunk::<512>() else { return };
    let Some((place, _)) = rest.split_first_chunk::<8>() else { return };
    let descriptor = match Descriptor::decode(bytes) {
        Ok(descriptor) => descriptor,
        Err(error) => return drop(error.to_string()),
    };
    assert_eq!(&descriptor.encode(), bytes);
    let (iteration, tile) = (number(place, 0, 4) as u32, number(place, 4, 4) as u32);
    let (tiles, columns) = (number(bytes, 8, 4) as u32, number(bytes, 12, 4) as u32);
    let Ok(found) = legal(&descriptor, iteration, tile) else { return };
    assert!(tile < tiles && columns > 0);
    assert!(u32::from(found.bound) <= MAX_BOUND && u128::from(found.bound) == number(bytes, 16, 4));
    assert_eq!(found.last, tile == tiles - 1);
    let place = [iteration, tile / columns, tile % columns].map(u128::from);
    let check = |(base, log2): (u128, u32), least: u128| {
        assert!(
            (5..=28).contains(&log2) && base % (1 << log2) == 0 && base >= least && base < MEMORY
        );
    };
    let output = region(bytes, 96, place).expect("an address that overflows is not legal");
    check(output, WORKING);
    assert_eq!(u128::from(found.output.base()), output.0);
    for (index, input) in found.inputs().enumerate() {
        let expected = region(bytes, 136 + 40 * index, place).expect("nor is this one");
        check(expected, 0);
        assert_eq!(u128::from(input.base()), expected.0);
    }
});
