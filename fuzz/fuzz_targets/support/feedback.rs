//! What a contract does is machine code without counters: the fuzzer learns of it by what comes out. Each kind of outcome, and each
//! doubling of an amount, is a counter of its own.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU8, Ordering};

const COUNTERS: usize = 1 << 15;

#[unsafe(link_section = "__libfuzzer_extra_counters")]
static SEEN: [AtomicU8; COUNTERS] = [const { AtomicU8::new(0) }; COUNTERS];

/// Notes an outcome of some kind, and how large it was.
pub fn seen((kind, name): (u8, &[u8]), amount: u64) {
    let start = 0xcbf2_9ce4_8422_2325 ^ u64::from(kind);
    let hash = name
        .iter()
        .fold(start, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    let size = u64::from(64 - amount.leading_zeros());
    let place = (hash ^ size.wrapping_mul(0x9e37_79b9_7f4a_7c15)) >> 20;
    SEEN[place as usize % COUNTERS].store(1, Ordering::Relaxed);
}

/// Where the built contracts are.
pub fn contracts() -> PathBuf {
    let target = std::env::var_os("OPML_CONTRACTS").map(PathBuf::from);
    target.unwrap_or_else(|| {
        PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../target/contracts"))
    })
}
