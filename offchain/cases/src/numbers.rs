//! Numbers, kind and unkind, as words.

use crate::rng::Rng;

/// What the numbers of a tensor are like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavor {
    /// As activations are: magnitudes around 1.
    Usual,
    /// Numbers below the smallest normal one, and both zeros: the slow path of soft-float.
    Subnormal,
    /// Magnitudes from 2^-126 to 2^127.
    Wide,
    /// One number everywhere, of any other flavour.
    Equal,
    /// Usual numbers with infinities, NaN and zeros among them.
    Special,
    /// Any bits.
    Raw,
    /// Around the smallest normal number, where results become subnormal.
    Edge,
}

/// Numbers that rules are about.
const SPECIAL: [u32; 12] = [
    0,
    0x8000_0000,
    0x7f80_0000,
    0xff80_0000,
    0x7fc0_0000,
    0xffc0_0000,
    0x7f80_0001,
    0xffff_ffff,
    1,
    0x8000_0001,
    0x7f7f_ffff,
    0x0080_0000,
];

const FRACTION: u32 = 0x007f_ffff;
const SIGN: u32 = 0x8000_0000;

impl Flavor {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Usual,
        Self::Subnormal,
        Self::Wide,
        Self::Equal,
        Self::Special,
        Self::Raw,
        Self::Edge,
    ];

    /// One of them, the usual one more often than the others.
    pub fn any(rng: &mut Rng) -> Self {
        let chosen = Self::ALL.get(rng.below(14) as usize).copied().unwrap_or(Self::Usual);
        rng.flavor.unwrap_or(chosen)
    }

    /// One number.
    pub fn number(self, rng: &mut Rng) -> u32 {
        let word = rng.word();
        match self {
            Self::Usual => with_exponent(word, rng.within(120, 129)),
            Self::Equal => Self::other(rng).number(rng),
            Self::Subnormal => word & (FRACTION | SIGN),
            Self::Wide => with_exponent(word, rng.within(1, 254)),
            Self::Special if rng.one_in(16) => SPECIAL[rng.below(12) as usize],
            Self::Special => with_exponent(word, rng.within(120, 129)),
            Self::Raw => word,
            Self::Edge => with_exponent(word, rng.within(0, 4)),
        }
    }

    /// `count` numbers.
    pub fn numbers(self, rng: &mut Rng, count: u32) -> Vec<u32> {
        if self == Self::Equal {
            return vec![self.number(rng); count as usize];
        }
        (0..count).map(|_| self.number(rng)).collect()
    }

    /// A half-precision number: the same flavours by that format's exponents.
    pub fn half(self, rng: &mut Rng) -> u32 {
        let word = rng.word() & 0xffff;
        let exponent = |low, high, rng: &mut Rng| (word & 0x83ff) | (rng.within(low, high) << 10);
        match self {
            Self::Usual => exponent(8, 15, rng),
            Self::Equal => Self::other(rng).half(rng),
            Self::Subnormal => word & 0x83ff,
            Self::Wide => exponent(1, 30, rng),
            Self::Special if rng.one_in(16) => {
                [0, 0x8000, 0x7c00, 0xfc00, 0x7e00, 0xfe01, 0x7c01, 1][rng.below(8) as usize]
            }
            Self::Special => exponent(8, 15, rng),
            Self::Raw => word,
            Self::Edge => exponent(0, 2, rng),
        }
    }

    /// Any but [`Self::Equal`].
    fn other(rng: &mut Rng) -> Self {
        let others =
            [Self::Usual, Self::Subnormal, Self::Wide, Self::Special, Self::Raw, Self::Edge];
        others[rng.below(6) as usize]
    }

    /// `count` pairs of half-precision numbers.
    pub fn half_pairs(self, rng: &mut Rng, count: u32) -> Vec<u32> {
        if self == Self::Equal {
            let half = self.half(rng);
            return vec![half | half << 16; count as usize];
        }
        (0..count).map(|_| self.half(rng) | (self.half(rng) << 16)).collect()
    }
}

fn with_exponent(word: u32, exponent: u32) -> u32 {
    word & (FRACTION | SIGN) | exponent << 23
}
