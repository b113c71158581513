//! Words to compute with.

/// Words of the pool: 256 MiB, more than caches hold.
const POOL_WORDS: usize = 64 << 20;

/// Random words of which every half, and so every whole, is a finite number.
pub fn pool() -> Vec<u32> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut word = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        // The highest bit of both exponents is off.
        (state >> 32) as u32 & 0xbfff_bfff
    };
    (0..POOL_WORDS).map(|_| word()).collect()
}

/// Numbers of magnitude below 2, subnormals not among them, as activations are.
pub fn numbers(pool: &[u32], count: usize) -> Vec<u32> {
    pool[..count].iter().map(|word| word & 0x807f_ffff | 0x3f00_0000).collect()
}

/// A quantized row of `n` numbers.
pub fn quantized(pool: &[u32], n: usize) -> Vec<u32> {
    let mut row = pool[..n / 4].to_vec();
    row.extend(numbers(&pool[n..], n.div_ceil(32)));
    row
}
