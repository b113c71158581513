//! Weights as they are stored in a file, rearranged into the canonical layout.

use std::ops::Range;

use opml_operator::WeightType;
use opml_operator::geometry::Matrix;
use opml_runtime::build::pack::{self, Block, SuperBlock};

/// Some rows of a matrix in the canonical layout, from the file's.
pub fn rearrange(matrix: Matrix, bytes: &[u8], rows: Range<u32>) -> Vec<u8> {
    let first = rows.start as usize;
    let part = Matrix { rows: rows.end - rows.start, ..matrix };
    let k = matrix.k as usize;
    let elements =
        |size: usize| move |row: usize, column: usize| ((first + row) * k + column) * size;
    let blocks = k / WeightType::BLOCK as usize;
    let block = |row: usize, number: usize| (first + row) * blocks + number;
    let super_blocks = k / WeightType::SUPER_BLOCK as usize;
    let super_block = |row: usize, number: usize| (first + row) * super_blocks + number;
    match matrix.kind {
        WeightType::F32 => {
            pack::pack_elements(&part, |row, column| part_at::<4>(bytes, elements(4)(row, column)))
        }
        WeightType::F16 => {
            pack::pack_elements(&part, |row, column| part_at::<2>(bytes, elements(2)(row, column)))
        }
        WeightType::Q8_0 => pack::pack_blocks(&part, |row, number| {
            let stored: [u8; 34] = part_at(bytes, block(row, number) * 34);
            Block { scale: half(&stored, 0), min: 0, values: part_at(&stored, 2) }
        }),
        WeightType::Q4_0 => pack::pack_blocks(&part, |row, number| {
            let stored: [u8; 18] = part_at(bytes, block(row, number) * 18);
            Block { scale: half(&stored, 0), min: 0, values: codes(part_at(&stored, 2)) }
        }),
        WeightType::Q4_1 => pack::pack_blocks(&part, |row, number| {
            let stored: [u8; 20] = part_at(bytes, block(row, number) * 20);
            let [scale, min] = [half(&stored, 0), half(&stored, 2)];
            Block { scale, min, values: codes(part_at(&stored, 4)) }
        }),
        WeightType::Q4_K => pack::pack_super_blocks(&part, |row, number| {
            four_bits(&part_at(bytes, super_block(row, number) * 144))
        }),
        WeightType::Q6_K => pack::pack_super_blocks(&part, |row, number| {
            six_bits(&part_at(bytes, super_block(row, number) * 210))
        }),
    }
}

/// `N` bytes at a place; the ranges of tensors were checked when the file was opened.
fn part_at<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes.get(at..).and_then(|rest| rest.first_chunk::<N>()).copied().unwrap_or([0; N])
}

fn half(block: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(part_at(block, at))
}

/// The 32 codes of a block: low halves of the bytes, then high ones.
fn codes(nibbles: [u8; 16]) -> [u8; 32] {
    std::array::from_fn(|index| nibbles[index % 16] >> (index / 16 * 4) & 15)
}

/// `block_q4_K`: two halves, twelve bytes of scales and minimums, 128 of codes.
fn four_bits(stored: &[u8; 144]) -> SuperBlock {
    let packed: [u8; 12] = part_at(stored, 4);
    // The first four of either have six bits of a byte; of the others four bits stand in the last bytes,
    // two above the first ones.
    let six = |place: usize, upper: bool| {
        let from = if upper { 4 } else { 0 };
        if place < 4 {
            return packed[from + place] & 63;
        }
        let low = packed[4 + place] >> if upper { 4 } else { 0 } & 15;
        low | packed[from + place - 4] >> 6 << 4
    };
    let codes: [u8; 128] = part_at(stored, 16);
    SuperBlock {
        units: [half(stored, 0), half(stored, 2)],
        scales: std::array::from_fn(|place| six(place % 8, place >= 8)),
        values: std::array::from_fn(|block| {
            std::array::from_fn(|element| codes[block / 2 * 32 + element] >> (block % 2 * 4) & 15)
        }),
    }
}

/// `block_q6_K`: 128 bytes of low halves, 64 of upper bits, sixteen scales, a half.
fn six_bits(stored: &[u8; 210]) -> SuperBlock {
    let value = |block: usize, element: usize| {
        // Blocks 0 to 3 share 64 low bytes and 32 upper ones, 4 to 7 the next.
        let (half, part) = (block / 4, block % 4);
        let low = stored[half * 64 + part % 2 * 32 + element] >> (part / 2 * 4) & 15;
        let upper = stored[128 + half * 32 + element] >> (part * 2) & 3;
        (low | upper << 4).wrapping_sub(32)
    };
    SuperBlock {
        units: [half(stored, 208), 0],
        scales: part_at(stored, 192),
        values: std::array::from_fn(|block| std::array::from_fn(|element| value(block, element))),
    }
}

#[cfg(test)]
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "bytes are cut on purpose"
)]
mod tests {
    use opml_kernels::embed;
    use opml_operator::geometry::Embed;

    use super::*;

    /// Bytes without a pattern, and a scale of a usual size at some places.
    fn stored(count: usize, halves: &[usize], block: usize) -> Vec<u8> {
        let byte = |at: usize| (at.wrapping_mul(0x9e37_79b9) >> 13) as u8;
        let mut bytes: Vec<u8> = (0..count * block).map(byte).collect();
        for block in bytes.chunks_mut(block) {
            for at in halves {
                block[at + 1] = 0x20 | block[at + 1] & 0x83;
            }
        }
        bytes
    }

    fn number(half: u16) -> f32 {
        let value = f32::from(half & 0x3ff) / 1024.0 + 1.0;
        let scale = 2.0f32.powi(i32::from(half >> 10 & 31) - 15);
        if half >> 15 == 0 { value * scale } else { -value * scale }
    }

    /// What the embedding kernel reads of every row, against `expected` by super-block and element.
    fn check(kind: WeightType, bytes: &[u8], size: usize, expected: impl Fn(&[u8], usize) -> f32) {
        let matrix = Matrix { k: 512, rows: 20, kind };
        let packed = rearrange(matrix, bytes, 0..20);
        assert_eq!(packed.len() as u64, kind.matrix_bytes(20, 512));
        let words: Vec<u32> =
            packed.as_chunks().0.iter().map(|word| u32::from_le_bytes(*word)).collect();
        for row in 0..20 {
            let mut out = [0; 512];
            embed(&Embed { matrix, width: 512 }, (0, 0), [&words, &[row]], &mut out);
            for (element, word) in out.iter().enumerate() {
                let block = (row as usize * 2 + element / 256) * size;
                let expected = expected(&bytes[block..block + size], element % 256);
                let found = f32::from_bits(*word);
                assert!(
                    (found - expected).abs() <= expected.abs() * 1e-5 + 1e-6,
                    "{found} {expected}"
                );
            }
        }
    }

    #[test]
    fn four_bits_stand_for_what_ggml_says() {
        let bytes = stored(40, &[0, 2], 144);
        check(WeightType::Q4_K, &bytes, 144, |block, element| {
            let q = &block[4..16];
            let j = element / 32;
            let (scale, minimum) = if j < 4 {
                (q[j] & 63, q[j + 4] & 63)
            } else {
                (q[j + 4] & 15 | (q[j - 4] >> 6) << 4, q[j + 4] >> 4 | (q[j] >> 6) << 4)
            };
            let pair = block[16 + element / 64 * 32 + element % 32];
            let code = if element % 64 < 32 { pair & 15 } else { pair >> 4 };
            number(half(block, 0)) * f32::from(scale) * f32::from(code)
                - number(half(block, 2)) * f32::from(minimum)
        });
    }

    #[test]
    fn six_bits_stand_for_what_ggml_says() {
        let bytes = stored(40, &[208], 210);
        check(WeightType::Q6_K, &bytes, 210, |block, element| {
            let (part, l) = (element / 128, element % 32);
            let (low, upper) = (&block[part * 64..], &block[128 + part * 32..]);
            let code = match element % 128 / 32 {
                0 => low[l] & 15 | (upper[l] & 3) << 4,
                1 => low[l + 32] & 15 | (upper[l] >> 2 & 3) << 4,
                2 => low[l] >> 4 | (upper[l] >> 4 & 3) << 4,
                _ => low[l + 32] >> 4 | (upper[l] >> 6) << 4,
            };
            let scale = block[192 + element / 16] as i8;
            number(half(block, 208)) * f32::from(scale) * (f32::from(code) - 32.0)
        });
    }
}
