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

use crate::{Answer, Refusal, created_address, require};

alloy_sol_types::sol! {
    /// Every contract's ABI has it that is initialised.
    error NotCreator(address sender, uint64 nonce);
}

/// The host's hash function.
#[derive(Clone, Copy, Debug)]
pub struct HostKeccak;

impl Keccak for HostKeccak {
    #[inline(never)]
    fn keccak256(bytes: &[u8]) -> B256 {
        vm().native_keccak256(bytes)
    }
}

#[inline]
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
#[inline]
pub fn now() -> u64 {
    vm().block_timestamp()
}

/// Which chain this is.
#[inline]
pub fn chain_id() -> u64 {
    vm().chain_id()
}

/// This contract's address.
#[inline(never)]
pub fn this() -> Address {
    vm().contract_address()
}

/// Whether there is a contract at an address.
#[inline]
pub fn has_code(account: Address) -> bool {
    vm().code_size(account) != 0
}

/// Refuses everybody but the account that has created this contract by CREATE with this nonce.
#[inline]
pub fn require_creator(nonce: u64) -> Answer<()> {
    let sender = sender();
    let created = created_address::<HostKeccak>(sender, nonce);
    require!(created == this(), NotCreator, sender, nonce);
    Ok(())
}

/// A word of storage.
#[inline(never)]
pub fn load(slot: B256) -> B256 {
    vm().storage_load_bytes32(slot.into())
}

/// Writes a word of storage.
#[inline(never)]
pub fn store(slot: B256, word: B256) {
    // SAFETY: the contract's only storage; what is cached is written when the call ends or calls.
    unsafe { vm().storage_cache_bytes32(slot.into(), word) }
}

/// Emits an event.
#[inline(never)]
pub fn log(topics: &[B256], data: &[u8]) {
    // An event has at most four topics.
    let _ = vm().raw_log(topics, data);
}

/// Sends wei, as the last thing a call does; false if they are not taken.
#[inline]
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
#[inline]
pub fn call(to: Address, calldata: &[u8]) -> Answer<Vec<u8>> {
    vm().flush_cache(true);
    // SAFETY: the cache is flushed and cleared.
    unsafe { RawCall::new(&vm()).call(to, calldata) }.map_err(Refusal)
}
