//! Who acts.

use alloy_primitives::{Address, address};

/// Owns the models.
pub const OWNER: Address = address!("00000000000000000000000000000000000a0000");
/// Hostile or careless, all of them: any may be requester, server and challenger at once.
pub const CROWD: [Address; 5] = [
    OWNER,
    address!("00000000000000000000000000000000000a0001"),
    address!("00000000000000000000000000000000000a0002"),
    address!("00000000000000000000000000000000000a0003"),
    address!("00000000000000000000000000000000000a0004"),
];
/// Tells the truth, challenges what is not true, and moves before any second passes.
pub const HONEST: Address = address!("00000000000000000000000000000000000b0001");

/// Everybody.
pub fn all() -> impl Iterator<Item = Address> {
    CROWD.into_iter().chain([HONEST])
}

/// A person by number.
pub fn person(number: u32) -> Address {
    all().nth(number as usize % 6).unwrap_or(HONEST)
}
