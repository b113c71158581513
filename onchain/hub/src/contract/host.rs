//! What the contract asks of its host.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256};
use opml_core::keccak::Keccak;
use stylus_sdk::call::RawCall;
use stylus_sdk::call::transfer::transfer_eth;
use stylus_sdk::host::WasmVM;
use stylus_sdk::stylus_core::{
    AccountAccess, BlockAccess, ChainAccess, CryptographyAccess, MessageAccess, RawLogAccess,
    StorageAccess,
};

use super::{Answer, Refusal};
use crate::ids::Place;

/// The host's hash function.
pub struct HostKeccak;

impl Keccak for HostKeccak {
    #[inline(never)]
    fn keccak256(bytes: &[u8]) -> B256 {
        vm().native_keccak256(bytes)
    }
}

fn vm() -> WasmVM {
    WasmVM::default()
}

/// Who calls.
#[inline(never)]
pub fn sender() -> Address {
    vm().msg_sender()
}

/// Wei sent along.
#[inline(never)]
pub fn value() -> u128 {
    vm().msg_value().saturating_to()
}

/// The block's time in seconds since 1970.
pub fn now() -> u64 {
    vm().block_timestamp()
}

/// Where this contract is.
#[inline(never)]
pub fn place() -> Place {
    Place { chain: vm().chain_id(), hub: vm().contract_address() }
}

#[inline(never)]
pub fn load(slot: B256) -> B256 {
    vm().storage_load_bytes32(slot.into())
}

#[inline(never)]
pub fn store(slot: B256, word: B256) {
    // SAFETY: the contract's only storage; what is cached is written when the call ends or calls.
    unsafe { vm().storage_cache_bytes32(slot.into(), word) }
}

#[inline(never)]
pub fn log(topics: &[B256], data: &[u8]) {
    // An event has at most four topics.
    let _ = vm().raw_log(topics, data);
}

/// Sends wei, as the last thing a call does; false if they are not taken.
pub fn send(to: Address, amount: u128) -> bool {
    transfer_eth(&vm(), to, alloy_primitives::U256::from(amount)).is_ok()
}

/// What a view of another contract returns, if it does. Only before anything is stored: what is cached is
/// not seen there.
#[inline(never)]
pub fn query(to: Address, calldata: &[u8]) -> Option<Vec<u8>> {
    // SAFETY: nothing in the cache differs from the storage.
    unsafe { RawCall::new_static(&vm()).call(to, calldata) }.ok()
}

/// Calls a contract, as the last thing a call does; what it reverts with is passed on.
pub fn call(to: Address, calldata: &[u8]) -> Answer<Vec<u8>> {
    vm().flush_cache(true);
    // SAFETY: the cache is flushed and cleared.
    unsafe { RawCall::new(&vm()).call(to, calldata) }.map_err(Refusal)
}
