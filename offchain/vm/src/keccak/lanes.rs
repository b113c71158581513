//! Keccak-f[1600] over any number of lanes (FIPS 202, section 3), and the hash of one node.

use super::{HASH_BYTES, PAIR_BYTES};

/// 64-bit words of one or more independent states.
pub(super) trait Lanes: Copy {
    /// The same word in every lane.
    fn splat(word: u64) -> Self;
    /// `a ^ b`.
    fn xor(self, b: Self) -> Self;
    /// `a ^ b ^ c`.
    fn xor3(self, b: Self, c: Self) -> Self;
    /// `a ^ (!b & c)`.
    fn chi(self, b: Self, c: Self) -> Self;
    /// Rotation to the left by `N` bits, 1 to 63.
    fn rotate_left<const N: i32>(self) -> Self;
}

impl Lanes for u64 {
    #[inline(always)]
    fn splat(word: u64) -> Self {
        word
    }

    #[inline(always)]
    fn xor(self, b: Self) -> Self {
        self ^ b
    }

    #[inline(always)]
    fn xor3(self, b: Self, c: Self) -> Self {
        self ^ b ^ c
    }

    #[inline(always)]
    fn chi(self, b: Self, c: Self) -> Self {
        self ^ (!b & c)
    }

    #[inline(always)]
    fn rotate_left<const N: i32>(self) -> Self {
        Self::rotate_left(self, N.cast_unsigned())
    }
}

/// Round constants, FIPS 202 section 3.2.5.
const ROUND: [u64; 24] = [
    0x0000_0000_0000_0001,
    0x0000_0000_0000_8082,
    0x8000_0000_0000_808a,
    0x8000_0000_8000_8000,
    0x0000_0000_0000_808b,
    0x0000_0000_8000_0001,
    0x8000_0000_8000_8081,
    0x8000_0000_0000_8009,
    0x0000_0000_0000_008a,
    0x0000_0000_0000_0088,
    0x0000_0000_8000_8009,
    0x0000_0000_8000_000a,
    0x0000_0000_8000_808b,
    0x8000_0000_0000_008b,
    0x8000_0000_0000_8089,
    0x8000_0000_0000_8003,
    0x8000_0000_0000_8002,
    0x8000_0000_0000_0080,
    0x0000_0000_0000_800a,
    0x8000_0000_8000_000a,
    0x8000_0000_8000_8081,
    0x8000_0000_0000_8080,
    0x0000_0000_8000_0001,
    0x8000_0000_8000_8008,
];

/// The permutation. Inlined into callers that have the vector features switched on.
#[inline(always)]
pub(super) fn permute<L: Lanes>(a: &mut [L; 25]) {
    for constant in ROUND {
        theta(a);
        // rho and pi: word 1 starts a tour through all words but word 0.
        let mut moving = a[1];
        macro_rules! rho_pi {
            ($to:literal, $by:literal) => {
                let next = a[$to];
                a[$to] = moving.rotate_left::<$by>();
                moving = next;
            };
        }
        rho_pi!(10, 1);
        rho_pi!(7, 3);
        rho_pi!(11, 6);
        rho_pi!(17, 10);
        rho_pi!(18, 15);
        rho_pi!(3, 21);
        rho_pi!(5, 28);
        rho_pi!(16, 36);
        rho_pi!(8, 45);
        rho_pi!(21, 55);
        rho_pi!(24, 2);
        rho_pi!(4, 14);
        rho_pi!(15, 27);
        rho_pi!(23, 41);
        rho_pi!(19, 56);
        rho_pi!(13, 8);
        rho_pi!(12, 25);
        rho_pi!(2, 43);
        rho_pi!(20, 62);
        rho_pi!(14, 18);
        rho_pi!(22, 39);
        rho_pi!(9, 61);
        rho_pi!(6, 20);
        rho_pi!(1, 44);
        let _ = moving;
        chi(a);
        a[0] = a[0].xor(L::splat(constant));
    }
}

#[inline(always)]
fn theta<L: Lanes>(a: &mut [L; 25]) {
    let column = |x: usize| a[x].xor3(a[x + 5], a[x + 10]).xor3(a[x + 15], a[x + 20]);
    let c = [column(0), column(1), column(2), column(3), column(4)];
    let d = |x: usize| c[(x + 4) % 5].xor(c[(x + 1) % 5].rotate_left::<1>());
    let d = [d(0), d(1), d(2), d(3), d(4)];
    for x in 0..5 {
        for y in 0..5 {
            a[x + 5 * y] = a[x + 5 * y].xor(d[x]);
        }
    }
}

#[inline(always)]
fn chi<L: Lanes>(a: &mut [L; 25]) {
    for y in 0..5 {
        let row = [a[5 * y], a[5 * y + 1], a[5 * y + 2], a[5 * y + 3], a[5 * y + 4]];
        for x in 0..5 {
            a[5 * y + x] = row[x].chi(row[(x + 1) % 5], row[(x + 2) % 5]);
        }
    }
}

/// The state of Keccak-256 that has absorbed a pair given as eight little-endian words: the pair
/// fills words 0 to 7, padding sets the first bit of word 8 and the last bit of the 136-byte block.
#[inline(always)]
pub(super) fn absorbed<L: Lanes>(pair: [L; 8]) -> [L; 25] {
    let mut state = [L::splat(0); 25];
    state[..8].copy_from_slice(&pair);
    state[8] = L::splat(1);
    state[16] = L::splat(1 << 63);
    state
}

/// Keccak-256 of one pair.
pub(super) fn hash_pair(pair: &[u8; PAIR_BYTES], hash: &mut [u8; HASH_BYTES]) {
    let words = pair.as_chunks::<8>().0;
    let mut state = absorbed(std::array::from_fn(|i| u64::from_le_bytes(words[i])));
    permute(&mut state);
    for (place, word) in hash.as_chunks_mut::<8>().0.iter_mut().zip(state) {
        *place = word.to_le_bytes();
    }
}
