//! What the chain calls.
#![allow(unexpected_cfgs, reason = "the SDK's macro asks for a feature of its own")]

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolError;
use opml_core::keccak::Keccak;
use stylus_sdk::ArbResult;
use stylus_sdk::call::{call, static_call};
use stylus_sdk::host::{VM, WasmVM};
use stylus_sdk::prelude::*;
use stylus_sdk::stylus_core::calls::Call;
use stylus_sdk::stylus_core::{
    BlockAccess, CryptographyAccess, MessageAccess, RawLogAccess, StorageAccess,
};

use crate::abi::IGame::ValueNotAccepted;
use crate::host::Host;

/// The chain, as Stylus shows it.
struct Chain {
    vm: VM,
}

impl Keccak for Chain {
    fn keccak256(bytes: &[u8]) -> B256 {
        WasmVM::default().native_keccak256(bytes)
    }
}

impl Host for Chain {
    fn sender(&self) -> Address {
        self.vm.msg_sender()
    }

    fn now(&self) -> u64 {
        self.vm.block_timestamp()
    }

    fn load(&self, slot: U256) -> B256 {
        self.vm.storage_load_bytes32(slot)
    }

    fn store(&mut self, slot: U256, word: B256) {
        // SAFETY: unsafe in the SDK because its storage types keep copies of words. There are none here.
        unsafe { self.vm.storage_cache_bytes32(slot, word) }
    }

    fn log(&mut self, topics: &[B256], data: &[u8]) {
        // Refused are more than four topics only; the contract's events have at most that.
        let _ = self.vm.raw_log(topics, data);
    }

    fn query(&self, to: Address, calldata: &[u8]) -> Result<Vec<u8>, Vec<u8>> {
        static_call(&self.vm, Call::new(), to, calldata).map_err(Vec::from)
    }

    fn call(&mut self, to: Address, calldata: &[u8]) -> Result<(), Vec<u8>> {
        let context = Call::new().value(U256::ZERO);
        call(&self.vm, context, to, calldata).map(|_| ()).map_err(Vec::from)
    }
}

#[entrypoint]
fn enter(calldata: Vec<u8>, vm: VM) -> ArbResult {
    let value = vm.msg_value();
    if !value.is_zero() {
        return Err(ValueNotAccepted { value }.abi_encode());
    }
    crate::call(&calldata, &mut Chain { vm }).map_err(|revert| revert.0)
}
