//! Storage behind the call's cache, and transient storage.

use super::vm::{Escape, Vm};
use crate::stylus::host::StoreStatus;
use crate::stylus::host_price::{self as price, gas};

const WRITE_PROTECTION: Escape = Escape::Logical("write protection");

/// Reads slot `key` into `dest`; the worst case must be affordable whether or not it is cached.
pub fn storage_load_bytes32(vm: &mut Vm<'_>, key: u32, dest: u32) -> Result<(), Escape> {
    vm.buy_ink(price::STORAGE)?;
    let api_gas = price::API / u64::from(vm.state().ink_price.max(1));
    vm.require_gas(gas::COLD_SLOAD + gas::CACHE_ACCESS + api_gas)?;
    let key = vm.read_word(key)?;

    let mut gas = vm.state().storage.read_gas();
    let cached = vm.state().storage.get(&key);
    let value = if let Some(value) = cached {
        value
    } else {
        let loaded = vm.host()?.storage_load(key);
        gas += loaded.gas + api_gas;
        vm.state().storage.learn(key, loaded.value);
        loaded.value
    };
    vm.buy_gas(gas)?;
    vm.write(dest, value.as_slice())?;
    vm.note_input(key.as_slice());
    vm.note_output(value.as_slice());
    Ok(())
}

/// Holds back a write of slot `key`.
pub fn storage_cache_bytes32(vm: &mut Vm<'_>, key: u32, value: u32) -> Result<(), Escape> {
    vm.buy_ink(price::STORAGE)?;
    vm.require_gas(gas::SSTORE_SENTRY + gas::CACHE_ACCESS)?;
    let key = vm.read_word(key)?;
    let value = vm.read_word(value)?;
    let gas = vm.state().storage.write_gas();
    vm.state().storage.write(key, value);
    vm.buy_gas(gas)?;
    vm.note_input(key.as_slice());
    vm.note_input(value.as_slice());
    Ok(())
}

/// Writes back what changed; a non-zero `clear` then forgets the cache.
pub fn storage_flush_cache(vm: &mut Vm<'_>, clear: u32) -> Result<(), Escape> {
    vm.buy_ink(price::STORAGE_FLUSH)?;
    vm.require_gas(gas::SSTORE_SENTRY)?;
    // One more than there is: writes that run out take all of it, so that paying for them fails
    // and the frame ends out of ink.
    let gas_left = vm.gas_left()?.saturating_add(1);
    let dirty = vm.state().storage.flush();
    if clear != 0 {
        vm.state().storage.clear();
    }
    if !dirty.is_empty() {
        let stored = vm.host()?.storage_store(&dirty, gas_left);
        vm.buy_gas(stored.gas)?;
        match stored.value {
            StoreStatus::Done => {}
            StoreStatus::OutOfGas => return Err(Escape::Logical("out of gas")),
            StoreStatus::ReadOnly => return Err(WRITE_PROTECTION),
        }
    }
    vm.note_input(&[u8::from(clear != 0)]);
    Ok(())
}

/// Reads transient slot `key` into `dest`.
pub fn transient_load_bytes32(vm: &mut Vm<'_>, key: u32, dest: u32) -> Result<(), Escape> {
    vm.buy_ink(price::TRANSIENT)?;
    vm.buy_gas(gas::TRANSIENT)?;
    let key = vm.read_word(key)?;
    let value = vm.host()?.transient_load(key);
    vm.write(dest, value.as_slice())?;
    vm.note_input(key.as_slice());
    vm.note_output(value.as_slice());
    Ok(())
}

/// Writes transient slot `key`.
pub fn transient_store_bytes32(vm: &mut Vm<'_>, key: u32, value: u32) -> Result<(), Escape> {
    vm.buy_ink(price::TRANSIENT)?;
    vm.buy_gas(gas::TRANSIENT)?;
    let key = vm.read_word(key)?;
    let value = vm.read_word(value)?;
    vm.host()?.transient_store(key, value).map_err(|_| WRITE_PROTECTION)?;
    vm.note_input(key.as_slice());
    vm.note_input(value.as_slice());
    Ok(())
}
