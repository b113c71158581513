//! Ink prices of host functions.

/// Every host function, at least.
pub const HOSTIO: u64 = 8400;
/// Each pointer that is followed.
pub const POINTER: u64 = 13_440 - HOSTIO;
/// Asking the chain something.
pub const API: u64 = 59_673;
/// 256-bit division or remainder.
pub const DIV: u64 = 20_000;
/// 256-bit modular addition.
pub const ADD_MOD: u64 = 21_000;
/// 256-bit modular multiplication.
pub const MUL_MOD: u64 = 24_100;

/// Hosts that take no pointer: block and transaction numbers, gas left and the like.
pub const PLAIN: u64 = HOSTIO;
/// Hosts that write one value through a pointer.
pub const ONE_POINTER: u64 = HOSTIO + POINTER;
/// Storage reads and cached writes.
pub const STORAGE: u64 = HOSTIO + 2 * POINTER;
/// Writing the storage cache back.
pub const STORAGE_FLUSH: u64 = HOSTIO + API;
/// Transient storage, both ways.
pub const TRANSIENT: u64 = HOSTIO + 2 * POINTER + API;
/// Calls of any kind.
pub const CALL: u64 = HOSTIO + 3 * POINTER + API;
/// `create1`.
pub const CREATE1: u64 = HOSTIO + 3 * POINTER + API;
/// `create2`.
pub const CREATE2: u64 = HOSTIO + 4 * POINTER + API;
/// `read_return_data`.
pub const READ_RETURN_DATA: u64 = HOSTIO + API;
/// `emit_log`.
pub const EMIT_LOG: u64 = HOSTIO + API;
/// Balance and code hash.
pub const ACCOUNT_WORD: u64 = HOSTIO + 2 * POINTER + API;
/// Code and code size.
pub const ACCOUNT_CODE: u64 = HOSTIO + API;
/// `math_div` and `math_mod`.
pub const MATH_DIV: u64 = HOSTIO + 3 * POINTER + DIV;
/// `math_pow`, without its exponent.
pub const MATH_POW: u64 = HOSTIO + 3 * POINTER;
/// `math_add_mod`.
pub const MATH_ADD_MOD: u64 = HOSTIO + 4 * POINTER + ADD_MOD;
/// `math_mul_mod`.
pub const MATH_MUL_MOD: u64 = HOSTIO + 4 * POINTER + MUL_MOD;

/// Writing `bytes` into the contract's memory.
pub const fn write(bytes: u32) -> u64 {
    5040 + 30 * (bytes.saturating_sub(32) as u64)
}

/// Reading `bytes` from the contract's memory.
pub const fn read(bytes: u32) -> u64 {
    16_381 + 55 * (bytes.saturating_sub(32) as u64)
}

/// Hashing `bytes`, reading and writing included.
pub const fn keccak(bytes: u32) -> u64 {
    121_800 + 21_000 * (bytes.div_ceil(32).saturating_sub(2) as u64)
}

/// Raising to a power; each significant byte of the big-endian exponent costs.
pub fn pow(exponent: &[u8; 32]) -> u64 {
    let zeros = exponent.iter().take_while(|byte| **byte == 0).count() as u64;
    3000 + 17_500 * (33 - zeros)
}

/// EVM gas that host functions charge or require.
pub mod gas {
    /// Storage slot not touched before.
    pub const COLD_SLOAD: u64 = 2100;
    /// Account not touched before.
    pub const COLD_ACCOUNT: u64 = 2600;
    /// `TLOAD` and `TSTORE`.
    pub const TRANSIENT: u64 = 100;
    /// Gas that must be left for `SSTORE`.
    pub const SSTORE_SENTRY: u64 = 2300;
    /// Each log, and each of its topics.
    pub const LOG_TOPIC: u64 = 375;
    /// Each byte of a log's data.
    pub const LOG_BYTE: u64 = 8;
    /// Most that one access of the storage cache costs; must be left.
    pub const CACHE_ACCESS: u64 = 10;
}
