//! What the contract asks of its host.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, U256};
use opml_core::keccak::Keccak;
use stylus_sdk::call::RawCall;
use stylus_sdk::call::transfer::transfer_eth;
use stylus_sdk::host::WasmVM;
use stylus_sdk::stylus_core::{
    AccountAccess, BlockAccess, CalldataAccess, ChainAccess, CryptographyAccess, MemoryAccess,
    MessageAccess, MeteringAccess, RawLogAccess, StorageAccess,
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
    transfer_eth(&vm(), to, U256::from(amount)).is_ok()
}

/// What a view of another contract returns, or reverts with. Only before anything is stored: what is cached
/// is not seen there.
#[inline(never)]
pub fn query(to: Address, calldata: &[u8]) -> Answer<Vec<u8>> {
    // SAFETY: nothing in the cache differs from the storage.
    unsafe { RawCall::new_static(&vm()).call(to, calldata) }.map_err(Refusal)
}

/// Calls a contract; what it reverts with is passed on. What was read before may have changed behind it.
pub fn call(to: Address, calldata: &[u8]) -> Answer<Vec<u8>> {
    call_with_value(to, 0, calldata)
}

/// Calls a contract, sending wei along; what it reverts with is passed on. What was read before may have
/// changed behind it.
#[inline(never)]
pub fn call_with_value(to: Address, value: u128, calldata: &[u8]) -> Answer<Vec<u8>> {
    vm().flush_cache(true);
    // SAFETY: the cache is flushed and cleared.
    unsafe { RawCall::new_with_value(&vm(), U256::from(value)).call(to, calldata) }.map_err(Refusal)
}

/// Gas that is left.
pub fn gas_left() -> u64 {
    vm().evm_gas_left()
}

/// Writes to storage what was stored so far, so that it costs nothing later.
pub fn flush() {
    vm().flush_cache(true);
}

/// Calls a contract with so much gas, or with 63/64 of what is left if that is less. Whether it returned;
/// what it returned is not looked at. Only behind [`flush`].
pub fn call_blindly(to: Address, gas: u64, calldata: &[u8]) -> bool {
    // SAFETY: the cache is flushed and cleared.
    unsafe { RawCall::new(&vm()).gas(gas).skip_return_data().call(to, calldata) }.is_ok()
}

/// Whether this contract is being called from inside a call of its own.
pub fn reentrant() -> bool {
    vm().msg_reentrant()
}

/// Calldata of `length` bytes. For contracts that answer re-entrant calls: the SDK's entry point does not.
pub fn enter(length: usize) -> Vec<u8> {
    // What the chain puts into a contract that grows calls this import.
    vm().pay_for_memory_grow(0);
    vm().read_args(length)
}

/// Ends a call of such a contract.
pub fn leave(data: &[u8]) {
    vm().flush_cache(false);
    vm().write_result(data);
}
