//! What the tests of this crate share.
#![allow(dead_code, clippy::unwrap_used, clippy::format_collect)]

pub mod hooked;
pub mod host;

use opml_devnet::stylus::activate::{self, Activation};
use opml_devnet::stylus::engine::{Engine, Finished, Outcome, Program, PureRunner};
use opml_devnet::stylus::entry::StylusParams;

/// Gas that no test runs out of by accident.
pub const GAS: u64 = 1_000_000_000;

/// A module with memory, the hook that pays for it, and an entry point with this `body`. `extra`
/// holds further fields; imports go into `imports`.
pub fn contract(imports: &str, extra: &str, body: &str) -> Vec<u8> {
    let text = format!(
        r#"(module
            (import "vm_hooks" "pay_for_memory_grow" (func $pay (param i32)))
            {imports}
            (memory (export "memory") 1)
            {extra}
            (func $main (export "user_entrypoint") (param $len i32) (result i32) {body}))"#
    );
    wat::parse_str(text).unwrap()
}

pub fn activate(wasm: &[u8]) -> Activation {
    activate::activate(wasm, activate::DEFAULT_PAGE_LIMIT).unwrap()
}

pub fn program(wasm: &[u8]) -> Program {
    Engine::new().unwrap().compile(&activate(wasm)).unwrap()
}

/// Runs `body` as the whole entry point on an empty chain.
pub fn run_body(extra: &str, body: &str, gas: u64) -> Finished {
    run_pure(&contract("", extra, body), &[], gas)
}

pub fn run_pure(wasm: &[u8], input: &[u8], gas: u64) -> Finished {
    PureRunner::new(program(wasm), StylusParams::default()).unwrap().call(input, gas)
}

/// The result of a run that succeeded.
pub fn success(finished: Finished) -> Vec<u8> {
    match finished.outcome {
        Outcome::Success(output) => output,
        other => panic!("not a success: {other:?}"),
    }
}
