//! Block, transaction and call.

use alloy_primitives::U256;

use super::vm::{Escape, Vm};
use crate::stylus::host::Context;
use crate::stylus::host_price as price;

fn word(vm: &mut Vm<'_>, dest: u32, value: impl Fn(&Context) -> U256) -> Result<(), Escape> {
    bytes(vm, dest, |context| value(context).to_be_bytes::<32>())
}

fn bytes<const N: usize>(
    vm: &mut Vm<'_>,
    dest: u32,
    value: impl Fn(&Context) -> [u8; N],
) -> Result<(), Escape> {
    vm.buy_ink(price::ONE_POINTER)?;
    let value = value(vm.context());
    vm.write(dest, &value)?;
    vm.note_output(&value);
    Ok(())
}

fn number(vm: &mut Vm<'_>, value: impl Fn(&Context) -> u64) -> Result<u64, Escape> {
    vm.buy_ink(price::PLAIN)?;
    let value = value(vm.context());
    vm.note_output(&value.to_be_bytes());
    Ok(value)
}

pub fn block_basefee(vm: &mut Vm<'_>, dest: u32) -> Result<(), Escape> {
    word(vm, dest, |context| context.block_basefee)
}

pub fn block_coinbase(vm: &mut Vm<'_>, dest: u32) -> Result<(), Escape> {
    bytes(vm, dest, |context| context.block_coinbase.into_array())
}

pub fn block_gas_limit(vm: &mut Vm<'_>) -> Result<u64, Escape> {
    number(vm, |context| context.block_gas_limit)
}

pub fn block_number(vm: &mut Vm<'_>) -> Result<u64, Escape> {
    number(vm, |context| context.block_number)
}

pub fn block_timestamp(vm: &mut Vm<'_>) -> Result<u64, Escape> {
    number(vm, |context| context.block_timestamp)
}

pub fn chainid(vm: &mut Vm<'_>) -> Result<u64, Escape> {
    number(vm, |context| context.chain_id)
}

pub fn contract_address(vm: &mut Vm<'_>, dest: u32) -> Result<(), Escape> {
    bytes(vm, dest, |context| context.contract.into_array())
}

/// Gas left after this call is paid.
pub fn evm_gas_left(vm: &mut Vm<'_>) -> Result<u64, Escape> {
    vm.buy_ink(price::PLAIN)?;
    let left = vm.gas_left()?;
    vm.note_output(&left.to_be_bytes());
    Ok(left)
}

/// Ink left after this call is paid.
pub fn evm_ink_left(vm: &mut Vm<'_>) -> Result<u64, Escape> {
    vm.buy_ink(price::PLAIN)?;
    let left = vm.ink_left()?;
    vm.note_output(&left.to_be_bytes());
    Ok(left)
}

pub fn msg_reentrant(vm: &mut Vm<'_>) -> Result<u32, Escape> {
    vm.buy_ink(price::PLAIN)?;
    let reentrant = u32::from(vm.context().reentrant);
    vm.note_output(&reentrant.to_be_bytes());
    Ok(reentrant)
}

pub fn msg_sender(vm: &mut Vm<'_>, dest: u32) -> Result<(), Escape> {
    bytes(vm, dest, |context| context.caller.into_array())
}

pub fn msg_value(vm: &mut Vm<'_>, dest: u32) -> Result<(), Escape> {
    word(vm, dest, |context| context.value)
}

pub fn tx_gas_price(vm: &mut Vm<'_>, dest: u32) -> Result<(), Escape> {
    word(vm, dest, |context| context.tx_gas_price)
}

pub fn tx_ink_price(vm: &mut Vm<'_>) -> Result<u32, Escape> {
    vm.buy_ink(price::PLAIN)?;
    let price = vm.state().ink_price;
    vm.note_output(&price.to_be_bytes());
    Ok(price)
}

pub fn tx_origin(vm: &mut Vm<'_>, dest: u32) -> Result<(), Escape> {
    bytes(vm, dest, |context| context.tx_origin.into_array())
}
