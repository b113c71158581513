//! What the chain calls.
#![allow(unexpected_cfgs, reason = "the SDK's macro asks for a feature of its own")]

use alloc::vec::Vec;

use alloy_primitives::B256;
use alloy_sol_types::SolInterface;
use opml_core::keccak::Keccak;
use stylus_sdk::ArbResult;
use stylus_sdk::host::{VM, WasmVM};
use stylus_sdk::prelude::*;
use stylus_sdk::stylus_core::{CryptographyAccess, MessageAccess};

use crate::abi::IStepVerifier::{IStepVerifierErrors as Revert, ValueNotAccepted};

/// The host's hash function.
struct HostKeccak;

impl Keccak for HostKeccak {
    fn keccak256(bytes: &[u8]) -> B256 {
        WasmVM::default().native_keccak256(bytes)
    }
}

#[entrypoint]
fn answer(calldata: Vec<u8>, vm: VM) -> ArbResult {
    let value = vm.msg_value();
    let outcome = if value.is_zero() {
        crate::call::<HostKeccak>(&calldata)
    } else {
        Err(Revert::ValueNotAccepted(ValueNotAccepted { value }))
    };
    outcome.map_err(|revert| revert.abi_encode())
}
