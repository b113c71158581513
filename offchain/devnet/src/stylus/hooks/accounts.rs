//! Other accounts' balance and code.

use alloy_primitives::{Address, Bytes};

use super::vm::{Escape, Vm};
use crate::stylus::host_price::{self as price, gas};

/// Writes the balance of `account` to `dest`.
pub fn account_balance(vm: &mut Vm<'_>, account: u32, dest: u32) -> Result<(), Escape> {
    vm.buy_ink(price::ACCOUNT_WORD)?;
    vm.require_gas(gas::COLD_ACCOUNT)?;
    let account = vm.read_address(account)?;
    let balance = vm.host()?.balance(account);
    vm.buy_gas(balance.gas)?;
    vm.write_u256(dest, balance.value)?;
    vm.note_input(account.as_slice());
    vm.note_output(&balance.value.to_be_bytes::<32>());
    Ok(())
}

/// Writes the code hash of `account` to `dest`.
pub fn account_codehash(vm: &mut Vm<'_>, account: u32, dest: u32) -> Result<(), Escape> {
    vm.buy_ink(price::ACCOUNT_WORD)?;
    vm.require_gas(gas::COLD_ACCOUNT)?;
    let account = vm.read_address(account)?;
    let hash = vm.host()?.code_hash(account);
    vm.buy_gas(hash.gas)?;
    vm.write(dest, hash.value.as_slice())?;
    vm.note_input(account.as_slice());
    vm.note_output(hash.value.as_slice());
    Ok(())
}

/// Copies code of `account` from `offset`, at most `size` bytes and without padding; returns how
/// many. The write is charged for the whole code.
pub fn account_code(
    vm: &mut Vm<'_>,
    account: u32,
    offset: u32,
    size: u32,
    dest: u32,
) -> Result<u32, Escape> {
    let (account, code) = load(vm, account)?;
    let len = u32::try_from(code.len()).map_err(|_| Escape::Memory)?;
    vm.pay_for_write(len)?;
    let part = part(&code, offset, size);
    vm.write(dest, part)?;
    vm.note_input(account.as_slice());
    vm.note_input(&offset.to_be_bytes());
    vm.note_input(&size.to_be_bytes());
    vm.note_output(part);
    u32::try_from(part.len()).map_err(|_| Escape::Memory)
}

/// Length of the code of `account` in bytes.
pub fn account_code_size(vm: &mut Vm<'_>, account: u32) -> Result<u32, Escape> {
    let (account, code) = load(vm, account)?;
    let len = u32::try_from(code.len()).map_err(|_| Escape::Memory)?;
    vm.note_input(account.as_slice());
    vm.note_output(&len.to_be_bytes());
    Ok(len)
}

/// The code, free if it was the last one loaded and is not empty.
fn load(vm: &mut Vm<'_>, account: u32) -> Result<(Address, Bytes), Escape> {
    vm.buy_ink(price::ACCOUNT_CODE)?;
    vm.require_gas(gas::COLD_ACCOUNT)?;
    let account = vm.read_address(account)?;
    let gas_left = vm.gas_left()?;
    if let Some((last, code)) = &vm.state().last_code
        && *last == account
    {
        return Ok((account, code.clone()));
    }
    let code = vm.host()?.code(account, gas_left);
    if !code.value.is_empty() {
        vm.state().last_code = Some((account, code.value.clone()));
    }
    vm.buy_gas(code.gas)?;
    Ok((account, code.value))
}

/// `size` bytes from `offset`, cut where `bytes` end.
pub fn part(bytes: &[u8], offset: u32, size: u32) -> &[u8] {
    let start = bytes.len().min(offset as usize);
    let end = bytes.len().min(offset.saturating_add(size) as usize);
    bytes.get(start..end).unwrap_or_default()
}
