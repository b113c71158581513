//! Who, beside the owner, may say which programs are kept cached: a set of accounts in the storage
//! of `ArbOS`. As on Nitro it is a list with an index, and the last takes the place of one removed.

use alloy_primitives::{Address, U256, keccak256};

use super::arbos::{load, store};
use super::exec::ArbContext;

/// Most that are listed.
const LISTED: u64 = 65_536;

fn size_key() -> U256 {
    keccak256(b"cache managers").into()
}

fn place_key(place: u64) -> U256 {
    keccak256([b"cache manager at".as_slice(), &place.to_be_bytes()].concat()).into()
}

fn index_key(account: Address) -> U256 {
    keccak256([b"cache manager".as_slice(), account.as_slice()].concat()).into()
}

fn size(context: &mut ArbContext<'_>) -> u64 {
    load(context, size_key()).saturating_to()
}

/// Whether `account` is one.
pub fn contains(context: &mut ArbContext<'_>, account: Address) -> bool {
    !load(context, index_key(account)).is_zero()
}

/// All of them, in the order of their places.
pub fn all(context: &mut ArbContext<'_>) -> Vec<Address> {
    let size = size(context).min(LISTED);
    let read = |place| Address::from_word(load(context, place_key(place)).into());
    (1..=size).map(read).collect()
}

/// Adds `account`, if it is not one already.
pub fn add(context: &mut ArbContext<'_>, account: Address) {
    if contains(context, account) {
        return;
    }
    let place = size(context) + 1;
    store(context, index_key(account), U256::from(place));
    store(context, place_key(place), account.into_word().into());
    store(context, size_key(), U256::from(place));
}

/// Removes `account`; false if it is none.
pub fn remove(context: &mut ArbContext<'_>, account: Address) -> bool {
    let place: u64 = load(context, index_key(account)).saturating_to();
    if place == 0 {
        return false;
    }
    store(context, index_key(account), U256::ZERO);
    let last = size(context);
    if place < last {
        let moved = load(context, place_key(last));
        store(context, place_key(place), moved);
        store(context, index_key(Address::from_word(moved.into())), U256::from(place));
    }
    store(context, place_key(last), U256::ZERO);
    store(context, size_key(), U256::from(last - 1));
    true
}
