//! Memory pages: what they cost and when they are refused.
#![allow(clippy::unwrap_used, clippy::format_collect)]

mod common;

use common::{GAS, activate, run_body, run_pure};
use opml_devnet::stylus::engine::Outcome;
use opml_devnet::stylus::entry::{Cached, Pages, StylusParams, return_data_floor};
use opml_devnet::stylus::memory_model::MemoryModel;

#[test]
fn two_pages_are_free_and_the_next_cost_1000_gas_each() {
    let model = MemoryModel::default();
    assert_eq!(model.gas(1, 0, 0), 0);
    assert_eq!(model.gas(2, 0, 0), 0);
    assert_eq!(model.gas(3, 0, 0), 1000);
    assert_eq!(model.gas(1, 2, 2), 1000);
    // 31,874,000^(10/128) = 3.85.., less 1 for no pages.
    assert_eq!(model.gas(10, 0, 0), 8 * 1000 + 2);
}

#[test]
fn all_128_pages_cost_32_million_gas_however_they_are_opened() {
    // 126 pages at 1000 gas and 31,873,999 - 1 for the peak.
    let model = MemoryModel::default();
    for step in 1..=128u16 {
        let (mut pages, mut gas) = (0, 0);
        while pages < 128 {
            let new = step.min(128 - pages);
            gas += model.gas(new, pages, pages);
            pages += new;
        }
        assert_eq!(gas, 31_999_998, "in steps of {step}");
    }
}

#[test]
fn reopening_pages_costs_no_new_peak() {
    let model = MemoryModel::default();
    assert_eq!(model.gas(64, 0, 64), 62 * 1000);
    assert_eq!(model.gas(64, 64, 128), 64 * 1000);
}

#[test]
fn more_than_128_pages_cannot_be_paid() {
    let model = MemoryModel::default();
    assert_eq!(model.gas(129, 0, 0), u64::MAX);
    assert_eq!(model.gas(u16::MAX, 1, 1), u64::MAX);
}

#[test]
fn the_curve_is_the_published_one() {
    // 31,874,000^(n/128), independently by logarithms.
    let model = MemoryModel { free_pages: 0, page_gas: 0 };
    for pages in 1..128u16 {
        let exact = (31_874_000f64.ln() * f64::from(pages) / 128.0).exp();
        let gas = model.gas(pages, 0, 0) + 1;
        #[allow(clippy::cast_precision_loss, reason = "below 2^53")]
        let difference = exact - gas as f64;
        assert!((-1e-6..1.0).contains(&difference), "{pages} pages: {gas} for {exact}");
    }
}

/// Gas a contract takes to grow from its one page, beyond its instructions.
fn growth_gas(pages: u32) -> u64 {
    let body = format!("(drop (memory.grow (i32.const {pages}))) (i32.const 0)");
    let finished = run_body("", &body, GAS);
    assert!(matches!(finished.outcome, Outcome::Success(_)), "{:?}", finished.outcome);
    assert_eq!(finished.pages, u64::from(pages) + 1);
    // Instructions: header, const 1, grow 8050, drop 9, const and end 2.
    let instructions = 2450 + 1 + 8050 + 9 + 2;
    (finished.ink_used - instructions) / 10_000
}

#[test]
fn growing_memory_is_paid_by_the_page() {
    assert_eq!(growth_gas(1), 0);
    assert_eq!(growth_gas(2), 1000);
    assert_eq!(growth_gas(9), 8 * 1000 + 2);
    assert_eq!(growth_gas(127), 31_999_998);
}

#[test]
fn growing_beyond_128_pages_takes_all_gas() {
    let body = "(drop (memory.grow (i32.const 128))) (i32.const 0)";
    let finished = run_body("", body, GAS);
    assert!(matches!(finished.outcome, Outcome::OutOfInk));
    assert_eq!(finished.gas_left, 0);
}

#[test]
fn a_fixed_memory_needs_no_payment_and_cannot_grow() {
    let text = r#"(module
        (memory (export "memory") 1 1)
        (func (export "user_entrypoint") (param i32) (result i32)
            (i32.add (memory.grow (i32.const 1)) (i32.const 1))))"#;
    let finished = run_pure(&wat::parse_str(text).unwrap(), &[], GAS);
    // memory.grow says -1, so the status is zero; no hook was charged.
    assert!(matches!(finished.outcome, Outcome::Success(_)));
    assert_eq!(finished.ink_used, 2450 + 1 + 8050 + 1 + 70 + 1);
    assert_eq!(finished.pages, 1);
}

#[test]
fn a_maximum_below_the_limit_is_kept() {
    let text = r#"(module
        (import "vm_hooks" "pay_for_memory_grow" (func (param i32)))
        (memory (export "memory") 1 2)
        (func (export "user_entrypoint") (param i32) (result i32)
            (i32.add (memory.grow (i32.const 2)) (i32.const 1))))"#;
    let finished = run_pure(&wat::parse_str(text).unwrap(), &[], GAS);
    assert!(matches!(finished.outcome, Outcome::Success(_)));
    // The pages are paid for although growing fails: 1000 gas for the third.
    assert_eq!(finished.ink_used, 2450 + 1 + 8050 + 1 + 70 + 1 + 1000 * 10_000);
}

#[test]
fn entering_costs_the_footprint_and_initialization() {
    let text = r#"(module
        (import "vm_hooks" "pay_for_memory_grow" (func (param i32)))
        (memory (export "memory") 5)
        (func (export "user_entrypoint") (param i32) (result i32) (i32.const 0)))"#;
    let wasm = wat::parse_str(text).unwrap();
    let facts = activate(&wasm).facts;
    let params = StylusParams::default();
    assert_eq!(facts.footprint, 5);

    // One function, types of two words, four added globals, no data.
    let len = wasm.len() as u64;
    let init = 8252 / 1000 + 2 * 1059 / 1000 + len * 1286 / 10_000;
    // A single function is too little to show here.
    let cached = len * 122 / 100_000 + 4 * 1628 / 1000 + 5 * 5;
    assert_eq!(u64::from(facts.init_cost), init);
    assert_eq!(u64::from(facts.cached_init_cost), cached);
    assert_eq!(params.init_gas(&facts), 8832 + init);
    assert_eq!(params.cached_init_gas(&facts), 352 + cached);

    let first = Pages::default();
    let memory = 3 * 1000;
    assert_eq!(params.entry_gas(&facts, first, Cached::Yes), memory + 352 + cached);
    let uncached = memory + 352 + cached + 8832 + init;
    assert_eq!(params.entry_gas(&facts, first, Cached::No), uncached);
    // In a transaction that already has pages open, none of the five are free.
    let nested = Pages { open: 2, ever: 2 };
    assert_eq!(params.entry_gas(&facts, nested, Cached::Yes), 5 * 1000 + 1 + 352 + cached);
}

#[test]
fn activation_gas_follows_the_size_of_the_module() {
    let text = r#"(module
        (memory (export "memory") 3 3)
        (data (i32.const 0) "0123456789")
        (func (export "user_entrypoint") (param i32) (result i32) (i32.const 0)))"#;
    let wasm = wat::parse_str(text).unwrap();
    let activation = activate(&wasm);
    // const end, 12 of the meter, 12 + 4 of the stack check, one return.
    assert_eq!(activation.instrumented.instructions, 2 + 12 + 16 + 1);
    let microseconds = [
        wasm.len() as u64 * 31_733 / 100_000,
        17_263 / 100_000,
        10 * 17_376 / 100_000,
        3 * 2217,
        31 * 535 / 1000,
    ];
    let gas: u64 = microseconds.iter().map(|us| us * 28).sum();
    assert_eq!(activation.gas, gas);
    let asm = 512_000 + 996_829 / 1000 + 2 * 11_416 / 1000 + wasm.len() as u64 * 62_628 / 10_000;
    assert_eq!(u64::from(activation.facts.asm_estimate), asm);
}

#[test]
fn return_data_costs_at_least_what_evm_memory_does() {
    assert_eq!(return_data_floor(0), 0);
    assert_eq!(return_data_floor(1), 3);
    assert_eq!(return_data_floor(1024), 32 * 3 + 2);
    assert_eq!(return_data_floor(32 * 1024), 1024 * 3 + 2048);
}
