//! Weights in the canonical layout: groups of sixteen rows, interleaved, scales apart.

use half::f16;
use opml_operator::WeightType;
use opml_operator::geometry::Matrix;

/// Rows of a group.
const ROWS: usize = WeightType::GROUP_ROWS as usize;
/// Elements of a block.
const BLOCK: usize = WeightType::BLOCK as usize;
/// Elements of a row that stand together.
const QUAD: usize = 4;

/// A block of 32 quantized weights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// Scale, bits of an f16.
    pub scale: u16,
    /// Minimum, bits of an f16; zero but for `Q4_1`.
    pub min: u16,
    /// Signed bytes (`Q8_0`) or nibbles 0 ..= 15, in the order of the elements.
    pub values: [u8; BLOCK],
}

/// The bytes of a matrix of numbers given row by row; quantized first where its type says so.
///
/// `values` has `rows * k` elements; missing ones are zero.
pub fn pack(matrix: &Matrix, values: &[f32]) -> Vec<u8> {
    let k = matrix.k as usize;
    let at = |row: usize, column: usize| values.get(row * k + column).copied().unwrap_or(0.0);
    match matrix.kind {
        WeightType::F32 => pack_elements(matrix, |row, column| at(row, column).to_le_bytes()),
        WeightType::F16 => {
            pack_elements(matrix, |row, column| f16::from_f32(at(row, column)).to_le_bytes())
        }
        kind => pack_blocks(matrix, |row, block| {
            let numbers = std::array::from_fn(|element| at(row, block * BLOCK + element));
            quantize(kind, &numbers)
        }),
    }
}

/// The bytes of an unquantized matrix: for every element of the rows, sixteen rows side by side.
pub fn pack_elements<const BYTES: usize>(
    matrix: &Matrix,
    element: impl Fn(usize, usize) -> [u8; BYTES],
) -> Vec<u8> {
    let (k, rows) = (matrix.k as usize, matrix.rows as usize);
    let mut bytes = Vec::with_capacity(rows.div_ceil(ROWS) * k * ROWS * BYTES);
    for group in 0..rows.div_ceil(ROWS) {
        for column in 0..k {
            for row in group * ROWS..(group + 1) * ROWS {
                bytes.extend(if row < rows { element(row, column) } else { [0; BYTES] });
            }
        }
    }
    bytes
}

/// The bytes of a quantized matrix whose blocks are given by row and position in it.
pub fn pack_blocks(matrix: &Matrix, block: impl Fn(usize, usize) -> Block) -> Vec<u8> {
    let (rows, blocks) = (matrix.rows as usize, matrix.k as usize / BLOCK);
    let mut bytes = Vec::new();
    for group in 0..rows.div_ceil(ROWS) {
        let of = |number: usize| -> [Block; ROWS] {
            let row = |lane| group * ROWS + lane;
            let zero = Block::default();
            std::array::from_fn(
                |lane| {
                    if row(lane) < rows { block(row(lane), number) } else { zero }
                },
            )
        };
        let lanes: Vec<[Block; ROWS]> = (0..blocks).map(of).collect();
        for lanes in &lanes {
            push_values(matrix.kind, lanes, &mut bytes);
        }
        for lanes in &lanes {
            bytes.extend(lanes.iter().flat_map(|block| block.scale.to_le_bytes()));
        }
        if matrix.kind == WeightType::Q4_1 {
            for lanes in &lanes {
                bytes.extend(lanes.iter().flat_map(|block| block.min.to_le_bytes()));
            }
        }
    }
    bytes
}

/// Values of one block of sixteen rows.
fn push_values(kind: WeightType, lanes: &[Block; ROWS], bytes: &mut Vec<u8>) {
    if kind == WeightType::Q8_0 {
        for quad in 0..BLOCK / QUAD {
            for lane in lanes {
                bytes.extend(&lane.values[quad * QUAD..][..QUAD]);
            }
        }
        return;
    }
    for quad in 0..BLOCK / QUAD / 2 {
        for lane in lanes {
            let low = &lane.values[quad * QUAD..][..QUAD];
            let high = &lane.values[BLOCK / 2 + quad * QUAD..][..QUAD];
            bytes.extend(low.iter().zip(high).map(|(low, high)| low & 15 | high << 4));
        }
    }
}

/// A super-block of 256 weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SuperBlock {
    /// What scales and minimums are multiplied by, bits of f16 each; the latter zero for `Q6_K`.
    pub units: [u16; 2],
    /// `Q4_K`: scales of the eight blocks, then their minimums; `Q6_K`: signed scales of the sixteen halves.
    pub scales: [u8; 16],
    /// Codes 0 ..= 15 (`Q4_K`) or signed bytes (`Q6_K`), in the order of the elements.
    pub values: [[u8; BLOCK]; 8],
}

impl SuperBlock {
    const ZERO: Self = Self { units: [0; 2], scales: [0; 16], values: [[0; BLOCK]; 8] };
}

/// The bytes of a matrix in `Q4_K` or `Q6_K` whose super-blocks are given by row and position in it.
pub fn pack_super_blocks(matrix: &Matrix, block: impl Fn(usize, usize) -> SuperBlock) -> Vec<u8> {
    let (rows, count) = (matrix.rows as usize, (matrix.k / WeightType::SUPER_BLOCK) as usize);
    let mut bytes = Vec::new();
    for group in 0..rows.div_ceil(ROWS) {
        let of = |number: usize| -> [SuperBlock; ROWS] {
            std::array::from_fn(|lane| {
                let row = group * ROWS + lane;
                if row < rows { block(row, number) } else { SuperBlock::ZERO }
            })
        };
        let all: Vec<[SuperBlock; ROWS]> = (0..count).map(of).collect();
        push_super_blocks(matrix.kind, &all, &mut bytes);
    }
    bytes
}

/// A group: values, then scales, then what these are multiplied by.
fn push_super_blocks(kind: WeightType, all: &[[SuperBlock; ROWS]], bytes: &mut Vec<u8>) {
    let six_bits = kind == WeightType::Q6_K;
    let values = if six_bits { WeightType::Q8_0 } else { WeightType::Q4_0 };
    for lanes in all {
        for number in 0..8 {
            let block =
                |lane: usize| Block { values: lanes[lane].values[number], ..Block::default() };
            push_values(values, &std::array::from_fn(block), bytes);
        }
    }
    let size = if six_bits { 16 } else { 8 };
    for first in (0..16).step_by(size) {
        for lanes in all {
            for place in first..first + size {
                bytes.extend(lanes.iter().map(|block| block.scales[place]));
            }
        }
    }
    for unit in 0..if six_bits { 1 } else { 2 } {
        for lanes in all {
            bytes.extend(lanes.iter().flat_map(|block| block.units[unit].to_le_bytes()));
        }
    }
}

/// Quantizes a block, by the rules of ggml's reference (`quantize_row_q8_0_ref` and its like).
pub fn quantize(kind: WeightType, numbers: &[f32; BLOCK]) -> Block {
    match kind {
        WeightType::Q4_0 => quantize_q4_0(numbers),
        WeightType::Q4_1 => quantize_q4_1(numbers),
        // Numbers are not quantized to the types of super-blocks; `Builder::matrix` refuses them.
        _ => quantize_q8_0(numbers),
    }
}

fn inverse(scale: f32) -> f32 {
    if scale == 0.0 { 0.0 } else { 1.0 / scale }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturating, in range")]
fn quantize_q8_0(numbers: &[f32; BLOCK]) -> Block {
    let greatest = numbers.iter().fold(0.0f32, |greatest, number| greatest.max(number.abs()));
    let scale = greatest / 127.0;
    let inverse = inverse(scale);
    let values = numbers.map(|number| (number * inverse).round() as i8 as u8);
    Block { scale: f16::from_f32(scale).to_bits(), min: 0, values }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturating, in range")]
fn quantize_q4_0(numbers: &[f32; BLOCK]) -> Block {
    let by_size = |a: &&f32, b: &&f32| a.abs().total_cmp(&b.abs());
    let greatest = numbers.iter().max_by(by_size).copied().unwrap_or(0.0);
    let scale = greatest / -8.0;
    let inverse = inverse(scale);
    let values = numbers.map(|number| (number * inverse + 8.5).clamp(0.0, 15.0) as u8);
    Block { scale: f16::from_f32(scale).to_bits(), min: 0, values }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturating, in range")]
fn quantize_q4_1(numbers: &[f32; BLOCK]) -> Block {
    let min = numbers.iter().copied().fold(f32::INFINITY, f32::min);
    let max = numbers.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let scale = (max - min) / 15.0;
    let inverse = inverse(scale);
    let values = numbers.map(|number| ((number - min) * inverse + 0.5).clamp(0.0, 15.0) as u8);
    let [scale, min] = [scale, min].map(|number| f16::from_f32(number).to_bits());
    Block { scale, min, values }
}
