//! What AVX2 and AVX-512 have in common.

use core::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};

/// Bytes by which weights are fetched into the second-level cache before they are needed.
///
/// Products are so dense that few loads fit the window of out-of-order execution: without this a
/// core gets half of the memory's speed (Zen 4; 8 to 16 KiB were best, 4 KiB as slow as none).
const AHEAD: usize = 16 << 10;

/// Asks for the cache line that lies [`AHEAD`] bytes behind `words`.
#[inline(always)]
pub fn fetch_ahead(words: &[u32]) {
    fetch(words.as_ptr().wrapping_byte_add(AHEAD));
}

/// Asks for a cache line, for the second-level cache.
#[inline(always)]
pub fn fetch(line: *const u32) {
    // SAFETY: prefetching an address is a hint; it is not accessed and may be any.
    unsafe { _mm_prefetch::<_MM_HINT_T1>(line.cast()) }
}
