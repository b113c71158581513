//! Keys and values of one head, arranged so that a register holds 16 positions or 16 elements.

use opml_kernels::row::{BLOCK, BLOCK_WORDS, Row};
use opml_operator::geometry::Attend;

use crate::isa::LANES;

/// A head's keys and values.
pub struct PackedHead {
    /// The keys.
    pub keys: PackedKeys,
    /// The values.
    pub values: PackedValues,
}

impl PackedHead {
    /// Those of head `head`; behind the last position zeros.
    pub fn new(shape: &Attend, head: usize, [keys, values]: [&[u32]; 2]) -> Self {
        let keys = PackedKeys::new(shape, head, keys);
        Self { keys, values: PackedValues::new(shape, head, values) }
    }
}

/// The keys, 16 positions a group: bytes of all blocks as in weights of eight bits, then scales.
pub struct PackedKeys {
    words: Vec<u32>,
    group_words: usize,
}

impl PackedKeys {
    /// The keys of head `head`; behind the last position zeros.
    pub fn new(shape: &Attend, head: usize, keys: &[u32]) -> Self {
        let blocks = shape.head as usize / BLOCK;
        let positions = shape.positions as usize;
        let group_words = blocks * (BLOCK_WORDS + 1) * LANES;
        let mut words = vec![0; positions.div_ceil(LANES) * group_words];
        for position in 0..positions {
            let row =
                row(shape, keys, position).part(shape.first[1] as usize + head * blocks, blocks);
            let group = &mut words[position / LANES * group_words..][..group_words];
            let (bytes, units) = group.split_at_mut(blocks * BLOCK_WORDS * LANES);
            let lane = position % LANES;
            for (index, block) in row.blocks().enumerate() {
                let places = bytes[index * BLOCK_WORDS * LANES..].chunks_exact_mut(LANES);
                for (place, word) in places.zip(block.words) {
                    place[lane] = *word;
                }
                units[index * LANES + lane] = block.scale.to_bits();
            }
        }
        Self { words, group_words }
    }

    /// Groups of 16 positions.
    pub fn groups(&self) -> std::slice::ChunksExact<'_, u32> {
        self.words.chunks_exact(self.group_words)
    }
}

/// The values, 16 elements a group: for every block of 32 positions, for j = 0 .. 7, for each
/// element the bytes of positions 4j .. 4j + 3.
pub struct PackedValues {
    words: Vec<u32>,
    group_words: usize,
    /// By block of the head and position.
    scales: Vec<u32>,
    positions: usize,
}

impl PackedValues {
    /// The values of head `head`; behind the last position zeros.
    pub fn new(shape: &Attend, head: usize, values: &[u32]) -> Self {
        let blocks = shape.head as usize / BLOCK;
        let positions = shape.positions as usize;
        let group_words = positions.div_ceil(BLOCK) * BLOCK_WORDS * LANES;
        let mut words = vec![0; 2 * blocks * group_words];
        let mut scales = vec![0; blocks * positions];
        for position in 0..positions {
            let row =
                row(shape, values, position).part(shape.first[2] as usize + head * blocks, blocks);
            // The word of four positions, and where in it.
            let (at, shift) = (position / 4 * LANES, position % 4 * 8);
            for (index, block) in row.blocks().enumerate() {
                scales[index * positions + position] = block.scale.to_bits();
                for (half, four_words) in block.words.as_chunks::<4>().0.iter().enumerate() {
                    let group = &mut words[(2 * index + half) * group_words + at..][..LANES];
                    for (places, word) in group.as_chunks_mut::<4>().0.iter_mut().zip(four_words) {
                        for (place, byte) in places.iter_mut().zip(word.to_le_bytes()) {
                            *place |= u32::from(byte) << shift;
                        }
                    }
                }
            }
        }
        Self { words, group_words, scales, positions }
    }

    /// Half `half` of the elements of a block of the head.
    pub fn group(&self, block: usize, half: usize) -> &[u32] {
        &self.words[(2 * block + half) * self.group_words..][..self.group_words]
    }

    /// Scales of a block of the head, by position.
    pub fn scales(&self, block: usize) -> &[u32] {
        &self.scales[block * self.positions..][..self.positions]
    }
}

fn row<'a>(shape: &Attend, words: &'a [u32], position: usize) -> Row<'a> {
    let cache = &shape.cache;
    Row::new(&words[position << (cache.row_log2 - 2)..], cache.blocks as usize)
}
