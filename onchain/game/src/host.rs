//! What the contract asks of the chain.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, U256};
use opml_core::keccak::Keccak;

/// The chain as one call of the contract sees it.
pub trait Host: Keccak {
    /// Who calls.
    fn sender(&self) -> Address;

    /// Timestamp of the block, in seconds.
    fn now(&self) -> u64;

    /// A word of storage.
    fn load(&self, slot: U256) -> B256;

    /// Writes a word of storage.
    fn store(&mut self, slot: U256, word: B256);

    /// Emits an event.
    fn log(&mut self, topics: &[B256], data: &[u8]);

    /// What a static call returns, or reverts with.
    fn query(&self, to: Address, calldata: &[u8]) -> Result<Vec<u8>, Vec<u8>>;

    /// Calls without ether; what the call reverts with.
    fn call(&mut self, to: Address, calldata: &[u8]) -> Result<(), Vec<u8>>;
}
