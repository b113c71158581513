//! Price of WebAssembly memory in gas.
//!
//! A transaction has a few pages for free. Beyond them every open page costs a fixed amount, and
//! the most pages it ever had open cost an exponentially growing amount on top, 31,873,999 gas at
//! 128 pages.

/// Prices of memory pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryModel {
    /// Open pages that cost nothing.
    pub free_pages: u16,
    /// Gas a page beyond the free ones.
    pub page_gas: u16,
}

impl Default for MemoryModel {
    fn default() -> Self {
        Self { free_pages: 2, page_gas: 1000 }
    }
}

/// Most pages the exponential part is defined for; more are not affordable.
const MAX_PAGES: u16 = 128;

impl MemoryModel {
    /// Gas of opening `new` pages while `open` are open and at most `ever` have been open at once.
    pub fn gas(&self, new: u16, open: u16, ever: u16) -> u64 {
        let now_open = open.saturating_add(new);
        let now_ever = ever.max(now_open);
        if now_ever <= self.free_pages {
            return 0;
        }
        let beyond_free = |pages: u16| pages.saturating_sub(self.free_pages);
        let added = beyond_free(now_open).saturating_sub(beyond_free(open));
        let linear = u64::from(added) * u64::from(self.page_gas);
        linear.saturating_add(exponential(now_ever).saturating_sub(exponential(ever)))
    }
}

/// floor(31,874,000 ^ (pages / 128)).
fn exponential(pages: u16) -> u64 {
    if pages > MAX_PAGES {
        return u64::MAX;
    }
    EXPONENTIAL[usize::from(pages)]
}

/// The curve was published as a table of f64 results; its last entry is one less than the exact
/// power.
#[rustfmt::skip]
const EXPONENTIAL: [u64; 129] = [
    1, 1, 1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5, 5, 6, 7, 8, 9, 11, 12, 14, 17, 19, 22, 25, 29, 33, 38,
    43, 50, 57, 65, 75, 85, 98, 112, 128, 147, 168, 193, 221, 253, 289, 331, 379, 434, 497, 569,
    651, 745, 853, 976, 1_117, 1_279, 1_463, 1_675, 1_917, 2_194, 2_511, 2_874, 3_290, 3_765,
    4_309, 4_932, 5_645, 6_461, 7_395, 8_464, 9_687, 11_087, 12_689, 14_523, 16_621, 19_024,
    21_773, 24_919, 28_521, 32_642, 37_359, 42_758, 48_938, 56_010, 64_104, 73_368, 83_971,
    96_106, 109_994, 125_890, 144_082, 164_904, 188_735, 216_010, 247_226, 282_953, 323_844,
    370_643, 424_206, 485_509, 555_672, 635_973, 727_880, 833_067, 953_456, 1_091_243, 1_248_941,
    1_429_429, 1_636_000, 1_872_423, 2_143_012, 2_452_704, 2_807_151, 3_212_820, 3_677_113,
    4_208_502, 4_816_684, 5_512_756, 6_309_419, 7_221_210, 8_264_766, 9_459_129, 10_826_093,
    12_390_601, 14_181_199, 16_230_562, 18_576_084, 21_260_563, 24_332_984, 27_849_408,
    31_873_999,
];
