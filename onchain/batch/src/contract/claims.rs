//! Claims in one transaction.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256};
use alloy_sol_types::{SolCall, SolError};
use opml_host::host::{self, HostKeccak};
use opml_host::{
    Answer, Arguments, Refusal, concat, refusal, require, size, with_bytes, with_strings, words,
};

use super::setup::{self, Configuration};
use crate::abi::IBatch::{BadCount, BadItem, Batched, NoHub, WrongValue};
use crate::abi::hub::IHub::claimForCall;
use crate::{Item, MAX_ITEMS, root};
use alloy_sol_types::SolEvent;

pub fn claim_many(arguments: Arguments<'_>) -> Answer<Vec<u8>> {
    let configuration = setup::kept();
    require!(!configuration.hub.is_zero(), NoHub, configuration.hub);
    let items = items(arguments.tail(0)?)?;
    require_value(configuration.bond, items.len())?;
    let hashes: Vec<B256> = items.iter().map(Item::hash::<HostKeccak>).collect();
    let root = root::<HostKeccak>(&hashes);
    let (server, mut claims) = (host::sender(), Vec::new());
    for (index, item) in items.iter().enumerate() {
        let claimed = claim(configuration, server, item);
        claims.push(claimed.map_err(|reason| bad_item(index, &reason))?);
    }
    host::log(&words![Batched::SIGNATURE_HASH, root, server], &with_array(&[], &claims));
    Ok(with_array(&[root], &claims))
}

/// The items of an array, as many as a batch can have.
fn items(array: Arguments<'_>) -> Answer<Vec<Item<'_>>> {
    let (count, most) = (array.number::<u128>(0)?, 32_u8);
    require!(count != 0 && count <= u128::from(most), BadCount, count, most);
    let elements = array.rest()?;
    (0..usize::try_from(count).unwrap_or(MAX_ITEMS))
        .map(|index| item(elements.tail(index)?))
        .collect()
}

fn item(fields: Arguments<'_>) -> Answer<Item<'_>> {
    Ok(Item {
        request: fields.word(0)?,
        final_state: fields.bytes(1)?,
        output: fields.bytes(2)?,
        path: fields.bytes(3)?,
    })
}

/// Nothing stays here, and nothing is taken out of a credit: the value is what the hub takes.
fn require_value(bond: u128, items: usize) -> Answer<()> {
    // At most 32 bonds below 2^96.
    let want = bond.saturating_mul(u128::try_from(items).unwrap_or(u128::MAX));
    let have = host::value();
    require!(have == want, WrongValue, have, want);
    Ok(())
}

fn claim(configuration: Configuration, server: Address, item: &Item<'_>) -> Answer<B256> {
    let mut calldata = claimForCall::SELECTOR.to_vec();
    let strings = [item.final_state, item.output, item.path];
    calldata.extend(with_strings(&words![server, item.request], &strings));
    let claimed = host::call_with_value(configuration.hub, configuration.bond, &calldata)?;
    Arguments(&claimed).word(0)
}

fn bad_item(index: usize, reason: &Refusal) -> Refusal {
    let mut error = refusal(BadItem::SELECTOR, &[]);
    error.0.extend(with_bytes(&[size(index)], &reason.0));
    error
}

/// Words, then an array of words.
fn with_array(words: &[B256], array: &[B256]) -> Vec<u8> {
    let head = words.len().saturating_add(1).saturating_mul(32);
    let mut data = concat(words);
    data.extend(concat(&[size(head), size(array.len())]));
    data.extend(concat(array));
    data
}
