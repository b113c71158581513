//! Calls, creations and what they return.

use alloy_primitives::Bytes;

use super::accounts::part;
use super::vm::{Escape, Vm};
use crate::stylus::host::{CallKind, CreateRefused, SubCall, SubCreate};
use crate::stylus::host_price as price;

/// Status a contract sees for a callee that failed, whatever the reason.
const FAILED: u32 = 2;

/// Where a call's parameters lie in the contract's memory.
struct Pointers {
    target: u32,
    input: u32,
    input_len: u32,
    return_len: u32,
}

pub fn call_contract(
    vm: &mut Vm<'_>,
    target: u32,
    input: u32,
    input_len: u32,
    value: u32,
    gas: u64,
    return_len: u32,
) -> Result<u32, Escape> {
    let pointers = Pointers { target, input, input_len, return_len };
    call(vm, &pointers, gas, |vm| vm.read_u256(value).map(CallKind::Call))
}

pub fn delegate_call_contract(
    vm: &mut Vm<'_>,
    target: u32,
    input: u32,
    input_len: u32,
    gas: u64,
    return_len: u32,
) -> Result<u32, Escape> {
    let pointers = Pointers { target, input, input_len, return_len };
    call(vm, &pointers, gas, |_| Ok(CallKind::Delegate))
}

pub fn static_call_contract(
    vm: &mut Vm<'_>,
    target: u32,
    input: u32,
    input_len: u32,
    gas: u64,
    return_len: u32,
) -> Result<u32, Escape> {
    let pointers = Pointers { target, input, input_len, return_len };
    call(vm, &pointers, gas, |_| Ok(CallKind::Static))
}

fn call(
    vm: &mut Vm<'_>,
    pointers: &Pointers,
    gas: u64,
    kind: impl FnOnce(&Vm<'_>) -> Result<CallKind, Escape>,
) -> Result<u32, Escape> {
    vm.buy_ink(price::CALL)?;
    vm.pay_for_read(pointers.input_len)?;
    vm.pay_for_read(pointers.input_len)?;
    let gas_left = vm.gas_left()?;
    let target = vm.read_address(pointers.target)?;
    let input = vm.read_slice(pointers.input, pointers.input_len)?;
    let kind = kind(vm)?;
    let result = vm.host()?.call(SubCall {
        kind,
        target,
        input: &input,
        gas_left,
        gas_offered: gas.min(gas_left),
    });
    vm.buy_gas(result.gas)?;
    let len = returned(vm, result.output)?;
    vm.write_u32(pointers.return_len, len)?;
    let status = if result.success { 0 } else { FAILED };

    vm.note_input(target.as_slice());
    vm.note_input(&gas.to_be_bytes());
    if let CallKind::Call(value) = kind {
        vm.note_input(&value.to_be_bytes::<32>());
    }
    vm.note_input(&input);
    vm.note_output(&len.to_be_bytes());
    vm.note_output(&status.to_be_bytes()[3..]);
    Ok(status)
}

pub fn create1(
    vm: &mut Vm<'_>,
    code: u32,
    code_len: u32,
    value: u32,
    contract: u32,
    return_len: u32,
) -> Result<(), Escape> {
    vm.buy_ink(price::CREATE1)?;
    create(vm, [code, code_len, value], None, [contract, return_len])
}

pub fn create2(
    vm: &mut Vm<'_>,
    code: u32,
    code_len: u32,
    value: u32,
    salt: u32,
    contract: u32,
    return_len: u32,
) -> Result<(), Escape> {
    vm.buy_ink(price::CREATE2)?;
    create(vm, [code, code_len, value], Some(salt), [contract, return_len])
}

fn create(
    vm: &mut Vm<'_>,
    [code, code_len, value]: [u32; 3],
    salt: Option<u32>,
    [contract, return_len]: [u32; 2],
) -> Result<(), Escape> {
    vm.pay_for_read(code_len)?;
    vm.pay_for_read(code_len)?;
    let init_code = vm.read_slice(code, code_len)?;
    let value = vm.read_u256(value)?;
    let salt = salt.map(|salt| vm.read_word(salt)).transpose()?;
    let gas_left = vm.gas_left()?;
    let created = vm.host()?.create(SubCreate { init_code: &init_code, value, salt, gas_left });
    let created = created.map_err(|refused| match refused {
        CreateRefused::ReadOnly => Escape::Logical("write protection"),
        CreateRefused::OutOfGas => Escape::Logical("out of gas"),
    })?;
    vm.buy_gas(created.gas)?;
    let len = returned(vm, created.output)?;
    vm.write_u32(return_len, len)?;
    vm.write(contract, created.address.as_slice())?;

    vm.note_input(&value.to_be_bytes::<32>());
    vm.note_input(salt.as_ref().map_or(&[], |salt| salt.as_slice()));
    vm.note_input(&init_code);
    vm.note_output(created.address.as_slice());
    vm.note_output(&len.to_be_bytes());
    Ok(())
}

/// Keeps what a callee returned for [`read_return_data`]; gives its length.
fn returned(vm: &mut Vm<'_>, output: Bytes) -> Result<u32, Escape> {
    let len = u32::try_from(output.len()).map_err(|_| Escape::Memory)?;
    vm.state().return_data = output;
    Ok(len)
}

/// Copies return data from `offset`, at most `size` bytes; returns how many.
pub fn read_return_data(vm: &mut Vm<'_>, dest: u32, offset: u32, size: u32) -> Result<u32, Escape> {
    vm.buy_ink(price::READ_RETURN_DATA)?;
    let data = vm.state().return_data.clone();
    let rest = u32::try_from(data.len()).map_err(|_| Escape::Memory)?.saturating_sub(offset);
    vm.pay_for_write(size.min(rest))?;
    vm.note_input(&offset.to_be_bytes());
    vm.note_input(&size.to_be_bytes());
    if rest == 0 {
        return Ok(0);
    }
    let part = part(&data, offset, size);
    if !part.is_empty() {
        vm.write(dest, part)?;
    }
    vm.note_output(part);
    u32::try_from(part.len()).map_err(|_| Escape::Memory)
}

/// Length of the return data of the last call or creation.
pub fn return_data_size(vm: &mut Vm<'_>) -> Result<u32, Escape> {
    vm.buy_ink(price::PLAIN)?;
    let len = u32::try_from(vm.state().return_data.len()).map_err(|_| Escape::Memory)?;
    vm.note_output(&len.to_be_bytes());
    Ok(len)
}
