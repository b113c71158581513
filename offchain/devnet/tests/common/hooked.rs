//! Contracts that exercise host functions.
#![allow(dead_code, clippy::unwrap_used, clippy::format_collect)]

use opml_devnet::stylus::HOOKS;
use opml_devnet::stylus::engine::{self, Call, Finished};
use opml_devnet::stylus::entry::StylusParams;
use opml_devnet::stylus::host::{Context, Host};

use super::{GAS, contract, program};

/// Bytes of memory a hooked contract returns.
pub const DUMP: usize = 1024;

/// A contract that imports every host function under its own name, holds `data` (hex) from
/// address 0, runs `body` and returns the first [`DUMP`] bytes of its memory.
pub fn hooked(data: &str, body: &str) -> Vec<u8> {
    let body =
        format!("{body} (call $write_result (i32.const 0) (i32.const {DUMP})) (i32.const 0)");
    bare(data, &body)
}

/// Like [`hooked`], without returning anything.
pub fn bare(data: &str, body: &str) -> Vec<u8> {
    let imports: String = HOOKS
        .iter()
        .filter(|hook| hook.name != "pay_for_memory_grow")
        .map(|hook| {
            let list =
                |types: &[_]| -> String { types.iter().map(|ty| format!(" {ty}")).collect() };
            format!(
                r#"(import "vm_hooks" "{0}" (func ${0} (param{1}) (result{2})))"#,
                hook.name,
                list(hook.params),
                list(hook.results)
            )
        })
        .collect();
    let bytes: String = data
        .as_bytes()
        .chunks(2)
        .map(|pair| format!("\\{}", std::str::from_utf8(pair).unwrap()))
        .collect();
    let data = format!(r#"(data (i32.const 0) "{bytes}")"#);
    contract(&imports, &data, body)
}

/// Calls `wasm` on `host` with [`GAS`].
pub fn call(wasm: &[u8], host: &mut dyn Host, input: &[u8], context: Context) -> Finished {
    call_with(wasm, host, &Call { input, gas: GAS, context })
}

/// Calls `wasm` on `host`.
pub fn call_with(wasm: &[u8], host: &mut dyn Host, call: &Call<'_>) -> Finished {
    engine::run(&program(wasm), host, call, &StylusParams::default())
}
