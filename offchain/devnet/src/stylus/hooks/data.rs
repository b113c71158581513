//! Calldata, result, exit, hashing, logs and memory growth.

use alloy_primitives::{B256, keccak256};

use super::vm::{Escape, Vm};
use crate::stylus::host_price::{self as price, gas};

/// Copies the calldata to `dest`.
pub fn read_args(vm: &mut Vm<'_>, dest: u32) -> Result<(), Escape> {
    vm.buy_ink(price::PLAIN)?;
    let len = length(vm.state().calldata.len())?;
    vm.pay_for_write(len)?;
    vm.write_from(dest, |state| &state.calldata)?;
    vm.note_calldata();
    Ok(())
}

/// Sets what the contract returns or reverts with. Charged twice, once for the chain's own copy.
pub fn write_result(vm: &mut Vm<'_>, source: u32, len: u32) -> Result<(), Escape> {
    vm.buy_ink(price::PLAIN)?;
    vm.pay_for_read(len)?;
    vm.pay_for_read(len)?;
    let output = vm.read_slice(source, len)?;
    vm.note_input(&output);
    vm.state().output = output;
    Ok(())
}

/// Ends the contract with `status`; free, as the chain has it.
pub fn exit_early(vm: &mut Vm<'_>, status: u32) -> Result<(), Escape> {
    vm.note_input(&status.to_be_bytes());
    Err(Escape::Exit(status))
}

/// Hashes `len` bytes at `input` into 32 at `output`.
pub fn native_keccak256(vm: &mut Vm<'_>, input: u32, len: u32, output: u32) -> Result<(), Escape> {
    vm.buy_ink(price::keccak(len))?;
    let digest = vm.with_slice(input, len, |bytes| keccak256(bytes))?;
    vm.note_input_at(input, len)?;
    vm.write(output, digest.as_slice())?;
    vm.note_output(digest.as_slice());
    Ok(())
}

/// Pays for pages about to be opened. Only the low 16 bits count.
pub fn pay_for_memory_grow(vm: &mut Vm<'_>, pages: u32) -> Result<(), Escape> {
    let [low, high, ..] = pages.to_le_bytes();
    let pages = u16::from_le_bytes([low, high]);
    vm.note_input(&pages.to_be_bytes());
    if pages == 0 {
        return vm.buy_ink(price::PLAIN);
    }
    let gas = vm.host()?.open_pages(pages);
    vm.buy_gas(gas)
}

/// Emits a log: `topics` words, then data, `len` bytes in all.
pub fn emit_log(vm: &mut Vm<'_>, source: u32, len: u32, topics: u32) -> Result<(), Escape> {
    vm.buy_ink(price::EMIT_LOG)?;
    let topic_bytes = topics.saturating_mul(32);
    let data_len = match len.checked_sub(topic_bytes) {
        Some(data_len) if topics <= 4 => data_len,
        _ => return Err(Escape::Logical("bad topic data")),
    };
    vm.pay_for_read(len)?;
    let topic_gas = (1 + u64::from(topics)) * gas::LOG_TOPIC;
    vm.buy_gas(topic_gas + u64::from(data_len) * gas::LOG_BYTE)?;

    let bytes = vm.read_slice(source, len)?;
    let (words, data) = bytes.split_at(topic_bytes as usize);
    let words: Vec<B256> = words.chunks_exact(32).map(B256::from_slice).collect();
    vm.host()?.log(&words, data).map_err(|_| Escape::Logical("write protection"))?;
    vm.note_input(&topics.to_be_bytes());
    vm.note_input(&bytes);
    Ok(())
}

/// Length of call data as the prices take it.
fn length(len: usize) -> Result<u32, Escape> {
    u32::try_from(len).map_err(|_| Escape::Memory)
}
