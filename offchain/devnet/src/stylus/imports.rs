//! The host functions a contract may import, with their types.

use wasmparser::ValType::{self, I32, I64};

/// Module name of every host import.
pub const MODULE: &str = "vm_hooks";

/// Name of the hook that a growing memory has to import.
pub const PAY_FOR_MEMORY_GROW: &str = "pay_for_memory_grow";

/// Type of one host function. Pointers, lengths, booleans and small integers are `i32`;
/// gas, ink, block and chain numbers are `i64`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Name inside the module `vm_hooks`.
    pub name: &'static str,
    /// Parameters in order.
    pub params: &'static [ValType],
    /// Results (none or one).
    pub results: &'static [ValType],
}

const fn hook(
    name: &'static str,
    params: &'static [ValType],
    results: &'static [ValType],
) -> Signature {
    Signature { name, params, results }
}

/// Every host function, in alphabetical order.
pub const HOOKS: [Signature; 42] = [
    hook("account_balance", &[I32, I32], &[]),
    hook("account_code", &[I32, I32, I32, I32], &[I32]),
    hook("account_code_size", &[I32], &[I32]),
    hook("account_codehash", &[I32, I32], &[]),
    hook("block_basefee", &[I32], &[]),
    hook("block_coinbase", &[I32], &[]),
    hook("block_gas_limit", &[], &[I64]),
    hook("block_number", &[], &[I64]),
    hook("block_timestamp", &[], &[I64]),
    hook("call_contract", &[I32, I32, I32, I32, I64, I32], &[I32]),
    hook("chainid", &[], &[I64]),
    hook("contract_address", &[I32], &[]),
    hook("create1", &[I32, I32, I32, I32, I32], &[]),
    hook("create2", &[I32, I32, I32, I32, I32, I32], &[]),
    hook("delegate_call_contract", &[I32, I32, I32, I64, I32], &[I32]),
    hook("emit_log", &[I32, I32, I32], &[]),
    hook("evm_gas_left", &[], &[I64]),
    hook("evm_ink_left", &[], &[I64]),
    hook("exit_early", &[I32], &[]),
    hook("math_add_mod", &[I32, I32, I32], &[]),
    hook("math_div", &[I32, I32], &[]),
    hook("math_mod", &[I32, I32], &[]),
    hook("math_mul_mod", &[I32, I32, I32], &[]),
    hook("math_pow", &[I32, I32], &[]),
    hook("msg_reentrant", &[], &[I32]),
    hook("msg_sender", &[I32], &[]),
    hook("msg_value", &[I32], &[]),
    hook("native_keccak256", &[I32, I32, I32], &[]),
    hook(PAY_FOR_MEMORY_GROW, &[I32], &[]),
    hook("read_args", &[I32], &[]),
    hook("read_return_data", &[I32, I32, I32], &[I32]),
    hook("return_data_size", &[], &[I32]),
    hook("static_call_contract", &[I32, I32, I32, I64, I32], &[I32]),
    hook("storage_cache_bytes32", &[I32, I32], &[]),
    hook("storage_flush_cache", &[I32], &[]),
    hook("storage_load_bytes32", &[I32, I32], &[]),
    hook("transient_load_bytes32", &[I32, I32], &[]),
    hook("transient_store_bytes32", &[I32, I32], &[]),
    hook("tx_gas_price", &[I32], &[]),
    hook("tx_ink_price", &[], &[I32]),
    hook("tx_origin", &[I32], &[]),
    hook("write_result", &[I32, I32], &[]),
];

/// The hook called `name`, if there is one.
pub fn find(name: &str) -> Option<&'static Signature> {
    HOOKS.binary_search_by_key(&name, |hook| hook.name).ok().map(|index| &HOOKS[index])
}
