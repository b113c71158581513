//! Ties the host functions to the imports of a contract.

use wasmtime::{Caller, Linker};

use super::vm::{Escape, State, TraceBuffer, Vm};
use super::{accounts, calls, context, data, math, storage};
use crate::stylus::host::HookTrace;
use crate::stylus::imports::MODULE;

/// Registers functions under their own names. Parameters are those of the import; the function
/// gets the contract's view before them.
macro_rules! register {
    ($linker:ident; $($family:ident {
        $(fn $name:ident($($arg:ident: $ty:ty),*) $(-> $ret:ty)?;)+
    })+) => {
        $($(
            $linker.func_wrap(
                MODULE,
                stringify!($name),
                |caller: Caller<'_, State>, $($arg: $ty),*| {
                    enter(caller, stringify!($name), |vm| $family::$name(vm, $($arg),*))
                },
            )?;
        )+)+
    };
}

/// Runs one host function, traced if the host wants it.
fn enter<R>(
    caller: Caller<'_, State>,
    name: &'static str,
    hook: impl FnOnce(&mut Vm<'_>) -> Result<R, Escape>,
) -> wasmtime::Result<R> {
    let mut vm = Vm::new(caller)?;
    if vm.state().trace.is_none() {
        return Ok(hook(&mut vm)?);
    }
    vm.state().trace = Some(TraceBuffer::default());
    let start_ink = vm.ink_left()?;
    let result = hook(&mut vm);
    if matches!(result, Ok(_) | Err(Escape::Exit(_))) {
        trace(&mut vm, name, start_ink)?;
    }
    Ok(result?)
}

fn trace(vm: &mut Vm<'_>, name: &'static str, start_ink: u64) -> Result<(), Escape> {
    let end_ink = vm.ink_left()?;
    let buffer = vm.state().trace.replace(TraceBuffer::default());
    let buffer = buffer.unwrap_or_default();
    vm.host()?.trace(HookTrace {
        name,
        input: &buffer.input,
        output: &buffer.output,
        start_ink,
        end_ink,
    });
    Ok(())
}

/// Registers every host function of [`crate::stylus::HOOKS`].
pub fn link(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    register! { linker;
        data {
            fn read_args(dest: u32);
            fn write_result(source: u32, len: u32);
            fn exit_early(status: u32);
            fn native_keccak256(input: u32, len: u32, output: u32);
            fn pay_for_memory_grow(pages: u32);
            fn emit_log(source: u32, len: u32, topics: u32);
        }
        storage {
            fn storage_load_bytes32(key: u32, dest: u32);
            fn storage_cache_bytes32(key: u32, value: u32);
            fn storage_flush_cache(clear: u32);
            fn transient_load_bytes32(key: u32, dest: u32);
            fn transient_store_bytes32(key: u32, value: u32);
        }
        calls {
            fn call_contract(
                target: u32, input: u32, input_len: u32, value: u32, gas: u64, return_len: u32
            ) -> u32;
            fn delegate_call_contract(
                target: u32, input: u32, input_len: u32, gas: u64, return_len: u32
            ) -> u32;
            fn static_call_contract(
                target: u32, input: u32, input_len: u32, gas: u64, return_len: u32
            ) -> u32;
            fn create1(code: u32, code_len: u32, value: u32, contract: u32, return_len: u32);
            fn create2(
                code: u32, code_len: u32, value: u32, salt: u32, contract: u32, return_len: u32
            );
            fn read_return_data(dest: u32, offset: u32, size: u32) -> u32;
            fn return_data_size() -> u32;
        }
        accounts {
            fn account_balance(account: u32, dest: u32);
            fn account_code(account: u32, offset: u32, size: u32, dest: u32) -> u32;
            fn account_code_size(account: u32) -> u32;
            fn account_codehash(account: u32, dest: u32);
        }
        context {
            fn block_basefee(dest: u32);
            fn block_coinbase(dest: u32);
            fn block_gas_limit() -> u64;
            fn block_number() -> u64;
            fn block_timestamp() -> u64;
            fn chainid() -> u64;
            fn contract_address(dest: u32);
            fn evm_gas_left() -> u64;
            fn evm_ink_left() -> u64;
            fn msg_reentrant() -> u32;
            fn msg_sender(dest: u32);
            fn msg_value(dest: u32);
            fn tx_gas_price(dest: u32);
            fn tx_ink_price() -> u32;
            fn tx_origin(dest: u32);
        }
        math {
            fn math_div(value: u32, divisor: u32);
            fn math_mod(value: u32, modulus: u32);
            fn math_pow(value: u32, exponent: u32);
            fn math_add_mod(value: u32, addend: u32, modulus: u32);
            fn math_mul_mod(value: u32, multiplier: u32, modulus: u32);
        }
    }
    Ok(())
}
