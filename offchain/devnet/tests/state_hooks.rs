//! Host functions that touch storage, other accounts and other contracts.
#![allow(clippy::unwrap_used, clippy::format_collect)]

mod common;

use alloy_primitives::{Address, B256, Bytes, U256, hex};
use common::hooked::{bare, call, call_with, hooked};
use common::host::{Asked, STORE_GAS, TestHost};
use common::{GAS, success};
use opml_devnet::stylus::engine::{Call, Failure, Finished, Outcome};
use opml_devnet::stylus::host::{CallKind, Context, CreateRefused, CreateReturn, Priced};

const GAS_INK: u64 = 10_000;

fn read_ink(bytes: u64) -> u64 {
    16_381 + 55 * bytes.saturating_sub(32)
}
fn write_ink(bytes: u64) -> u64 {
    5040 + 30 * bytes.saturating_sub(32)
}

fn memory_after(host: &mut TestHost, data: &str, body: &str) -> Vec<u8> {
    success(call(&hooked(data, body), host, &[], Context::default()))
}

fn word(byte: u8) -> B256 {
    B256::repeat_byte(byte)
}

/// Words 0x11.., 0x22.., 0x33.. at 0, 32 and 64.
fn three_words() -> String {
    ["11", "22", "33"].map(|byte| byte.repeat(32)).concat()
}

/// Calls `wasm` on an empty chain.
fn with_gas(wasm: &[u8], gas: u64) -> Finished {
    let call = Call { input: &[], gas, context: Context::default() };
    call_with(wasm, &mut TestHost::new(), &call)
}

const LOAD: &str = "(call $storage_load_bytes32 (i32.const 0) (i32.const 96))";

#[test]
fn a_read_costs_the_slot_once_and_is_then_cached() {
    let mut host = TestHost::new();
    host.storage.insert(word(0x11), word(0x77));
    let memory = memory_after(&mut host, &three_words(), &LOAD.repeat(2));
    assert_eq!(memory[96..128], word(0x77)[..]);
    // Cold: 2100 gas and 5 for asking, then nothing.
    let expected = [18_480 + (2100 + 5) * GAS_INK, 18_480];
    assert_eq!(host.inks("storage_load_bytes32"), expected);

    let mut warm = TestHost::new();
    warm.warm.insert(word(0x11));
    memory_after(&mut warm, &three_words(), LOAD);
    let expected = [18_480 + (100 + 5) * GAS_INK];
    assert_eq!(warm.inks("storage_load_bytes32"), expected);
}

#[test]
fn reads_beyond_32_and_128_cost_2_and_10_gas() {
    let mut host = TestHost::new();
    memory_after(&mut host, &three_words(), &LOAD.repeat(130));
    let inks = host.inks("storage_load_bytes32");
    let extra = |number: usize| (inks[number - 1] - 18_480) / GAS_INK;
    assert_eq!([extra(2), extra(32), extra(33)], [0, 0, 2]);
    assert_eq!([extra(128), extra(129), extra(130)], [2, 10, 10]);
}

#[test]
fn a_read_needs_the_worst_case_even_if_cached() {
    // 2115 gas must be left after the base price; 2105 are taken the first time.
    let wasm = bare(&three_words(), &format!("{LOAD} (i32.const 0)"));
    let base = (2450 + 2 + 3800 + 18_480u64).div_ceil(GAS_INK);
    let run = |gas| with_gas(&wasm, gas).outcome;
    assert!(matches!(run(base + 2114), Outcome::OutOfInk));
    assert!(matches!(run(base + 2116), Outcome::Success(_)));
}

#[test]
fn writes_are_held_back_until_flushed_in_key_order() {
    let write =
        |key, value| format!("(call $storage_cache_bytes32 (i32.const {key}) (i32.const {value}))");
    let body = write(64, 0)
        + &write(0, 32)
        + &write(0, 64)
        + LOAD
        + "(call $storage_flush_cache (i32.const 0)) (call $storage_flush_cache (i32.const 1))";
    let mut host = TestHost::new();
    let memory = memory_after(&mut host, &three_words(), &body);
    assert_eq!(memory[96..128], word(0x33)[..], "a read sees the held-back write");
    let expected = vec![vec![(word(0x11), word(0x33)), (word(0x33), word(0x11))]];
    assert_eq!(host.stores, expected, "the second flush finds nothing");
    assert_eq!(host.inks("storage_cache_bytes32"), [18_480; 3]);
    assert_eq!(host.inks("storage_load_bytes32"), [18_480]);
    let flush = 68_073 + 2 * STORE_GAS * GAS_INK;
    assert_eq!(host.inks("storage_flush_cache"), [flush, 68_073]);
}

#[test]
fn writes_beyond_8_and_64_cost_7_and_10_gas() {
    let body = "(call $storage_cache_bytes32 (i32.const 0) (i32.const 32))".repeat(66);
    let mut host = TestHost::new();
    memory_after(&mut host, &three_words(), &body);
    let inks = host.inks("storage_cache_bytes32");
    let extra = |number: usize| (inks[number - 1] - 18_480) / GAS_INK;
    assert_eq!([extra(1), extra(8), extra(9)], [0, 0, 7]);
    assert_eq!([extra(64), extra(65), extra(66)], [7, 10, 10]);
}

#[test]
fn a_value_written_back_unchanged_is_not_stored() {
    let mut host = TestHost::new();
    host.storage.insert(word(0x11), word(0x22));
    let body = format!(
        "{LOAD} (call $storage_cache_bytes32 (i32.const 0) (i32.const 32))
         (call $storage_flush_cache (i32.const 1))"
    );
    memory_after(&mut host, &three_words(), &body);
    assert!(host.stores.is_empty());
}

#[test]
fn clearing_the_cache_makes_reads_ask_again() {
    let body = format!("{LOAD} (call $storage_flush_cache (i32.const 1)) {LOAD}");
    let mut host = TestHost::new();
    memory_after(&mut host, &three_words(), &body);
    let cold = 18_480 + 2105 * GAS_INK;
    let warm = 18_480 + 105 * GAS_INK;
    assert_eq!(host.inks("storage_load_bytes32"), [cold, warm]);
}

#[test]
fn writes_need_the_sentry_and_flushes_that_run_out_take_all() {
    let cache = "(call $storage_cache_bytes32 (i32.const 0) (i32.const 32))";
    let wasm = bare(&three_words(), &format!("{cache} (i32.const 0)"));
    let base = (2450 + 2 + 3800 + 18_480u64).div_ceil(GAS_INK);
    let run = |wasm: &[u8], gas| with_gas(wasm, gas);
    assert!(matches!(run(&wasm, base + 2309).outcome, Outcome::OutOfInk));
    assert!(matches!(run(&wasm, base + 2311).outcome, Outcome::Success(_)));

    let flush = format!("{cache} (call $storage_flush_cache (i32.const 1)) (i32.const 0)");
    let finished = run(&bare(&three_words(), &flush), STORE_GAS);
    assert!(matches!(finished.outcome, Outcome::OutOfInk));
    assert_eq!((finished.ink_used, finished.gas_left), (STORE_GAS * GAS_INK, 0));
}

#[test]
fn transient_slots_are_written_at_once() {
    let body = "(call $transient_store_bytes32 (i32.const 0) (i32.const 32))
                (call $transient_load_bytes32 (i32.const 0) (i32.const 96))
                (call $transient_load_bytes32 (i32.const 64) (i32.const 128))";
    let mut host = TestHost::new();
    let memory = memory_after(&mut host, &three_words(), body);
    assert_eq!(memory[96..128], word(0x22)[..]);
    assert_eq!(memory[128..160], [0; 32]);
    assert_eq!(host.transient[&word(0x11)], word(0x22));
    let ink = 78_153 + 100 * GAS_INK;
    assert_eq!(host.inks("transient_store_bytes32"), [ink]);
    assert_eq!(host.inks("transient_load_bytes32"), [ink; 2]);
}

#[test]
fn balances_and_code_hashes_cost_the_account() {
    let mut host = TestHost::new();
    let balance = U256::from(1u64 << 40);
    host.balance = Priced { value: balance, gas: 2600 };
    host.code_hash = Priced { value: word(0x99), gas: 100 };
    let body = "(call $account_balance (i32.const 0) (i32.const 96))
                (call $account_codehash (i32.const 0) (i32.const 128))";
    let memory = memory_after(&mut host, &three_words(), body);
    assert_eq!(memory[96..128], balance.to_be_bytes::<32>());
    assert_eq!(memory[128..160], word(0x99)[..]);
    assert_eq!(host.inks("account_balance"), [78_153 + 2600 * GAS_INK]);
    assert_eq!(host.inks("account_codehash"), [78_153 + 100 * GAS_INK]);
    assert_eq!(host.traces[0].input, Address::repeat_byte(0x11).as_slice());
}

#[test]
fn code_is_cut_not_padded_and_charged_whole() {
    let mut host = TestHost::new();
    host.code = Priced {
        value: Bytes::from_static(b"0123456789012345678901234567890123456789"),
        gas: 3300,
    };
    let code = |offset: u32, size: u32, dest: u32| {
        format!(
            "(call $account_code (i32.const 0) (i32.const {offset}) (i32.const {size}) (i32.const {dest}))"
        )
    };
    let body = format!(
        "(i32.store (i32.const 96) {}) (i32.store (i32.const 100) {})
         (i32.store (i32.const 104) {}) (i32.store (i32.const 108) (call $account_code_size (i32.const 0)))",
        code(0, 4, 128),
        code(38, 10, 160),
        code(41, 1, 192)
    );
    let memory = memory_after(&mut host, &three_words(), &body);
    let number = |at: usize| u32::from_le_bytes(memory[at..at + 4].try_into().unwrap());
    assert_eq!([number(96), number(100), number(104), number(108)], [4, 2, 0, 40]);
    assert_eq!(memory[128..133], *b"0123\0");
    assert_eq!(memory[160..163], *b"89\0");
    // The code loaded last is free.
    let written = write_ink(40);
    let expected = [68_073 + written + 3300 * GAS_INK, 68_073 + written, 68_073 + written];
    assert_eq!(host.inks("account_code"), expected);
    assert_eq!(host.inks("account_code_size"), [68_073]);
    assert_eq!(host.code_loads, 1);
}

#[test]
fn empty_code_is_asked_for_each_time() {
    let mut host = TestHost::new();
    host.code.gas = 3300;
    let body = "(drop (call $account_code_size (i32.const 0)))".repeat(2);
    memory_after(&mut host, &three_words(), &body);
    assert_eq!(host.inks("account_code_size"), [68_073 + 3300 * GAS_INK; 2]);
    assert_eq!(host.code_loads, 2);
}

#[test]
fn calls_pass_everything_on_and_charge_what_they_cost() {
    let args = "(i32.const 0) (i32.const 32) (i32.const 40)";
    let tail = "(i64.const 5000) (i32.const 100)";
    let kinds = [
        ("call_contract", "(i32.const 96)", CallKind::Call(U256::from(6))),
        ("delegate_call_contract", "", CallKind::Delegate),
        ("static_call_contract", "", CallKind::Static),
    ];
    // The value 6 as a word at 96, over the return length written later.
    let data = three_words() + &hex::encode(U256::from(6).to_be_bytes::<32>());
    for (name, value, kind) in kinds {
        for success in [true, false] {
            let mut host = TestHost::new();
            host.call_return.success = success;
            host.call_return.output = Bytes::from_static(b"returned");
            host.call_return.gas = 3333;
            let body = format!(
                "(i32.store (i32.const 200) (call ${name} {args} {value} {tail}))
                 (i32.store (i32.const 204) (call $return_data_size))
                 (i32.store (i32.const 208) (call $read_return_data (i32.const 216) (i32.const 2) (i32.const 99)))
                 (i32.store (i32.const 212) (call $read_return_data (i32.const 0) (i32.const 9) (i32.const 9)))"
            );
            let memory = memory_after(&mut host, &data, &body);
            let number = |at: usize| u32::from_le_bytes(memory[at..at + 4].try_into().unwrap());
            assert_eq!(number(200), if success { 0 } else { 2 }, "{name}");
            assert_eq!([number(100), number(204), number(208), number(212)], [8, 8, 6, 0]);
            assert_eq!(memory[216..223], *b"turned\0");
            let Asked::Call { kind: asked, target, input, gas_left, gas_offered } = &host.asked[0]
            else {
                panic!("{:?}", host.asked)
            };
            assert_eq!((*asked, *target), (kind, Address::repeat_byte(0x11)));
            assert_eq!(input[..], data_bytes(&data)[32..72]);
            assert_eq!(*gas_offered, 5000);
            assert!(*gas_left > GAS - 100);
            let ink = 83_193 + 2 * read_ink(40) + 3333 * GAS_INK;
            assert_eq!(host.inks(name), [ink]);
            let read = [68_073 + write_ink(6), 68_073 + write_ink(0)];
            assert_eq!(host.inks("read_return_data"), read);
        }
    }
}

fn data_bytes(data: &str) -> Vec<u8> {
    hex::decode(data).unwrap()
}

#[test]
fn a_call_cannot_offer_more_gas_than_there_is() {
    let mut host = TestHost::new();
    let body = "(drop (call $static_call_contract (i32.const 0) (i32.const 0) (i32.const 0)
                 (i64.const -1) (i32.const 100)))";
    memory_after(&mut host, "", body);
    let Asked::Call { gas_left, gas_offered, .. } = host.asked[0] else {
        panic!("{:?}", host.asked)
    };
    assert_eq!(gas_left, gas_offered);
}

#[test]
fn a_call_that_costs_more_than_there_is_runs_out() {
    let mut host = TestHost::new();
    host.call_return.gas = GAS;
    let body = "(drop (call $static_call_contract (i32.const 0) (i32.const 0) (i32.const 0)
                 (i64.const 1) (i32.const 100))) (i32.const 0)";
    let finished = call(&bare("", body), &mut host, &[], Context::default());
    assert!(matches!(finished.outcome, Outcome::OutOfInk));
}

#[test]
fn creations_give_the_address_or_zero_and_the_revert_data() {
    let created =
        [(Address::repeat_byte(0xcc), Bytes::new()), (Address::ZERO, Bytes::from_static(b"why"))];
    let calls =
        [("create1", "", None, 83_193), ("create2", "(i32.const 32)", Some(word(0x22)), 88_233)];
    for (address, output) in created {
        for (name, salt_pointer, salt, base) in calls {
            let mut host = TestHost::new();
            host.create_return = Ok(CreateReturn { address, output: output.clone(), gas: 32_000 });
            let body = format!(
                "(call ${name} (i32.const 0) (i32.const 50) (i32.const 64) {salt_pointer} (i32.const 96) (i32.const 120))
                 (i32.store (i32.const 124) (call $return_data_size))"
            );
            let memory = memory_after(&mut host, &three_words(), &body);
            assert_eq!(memory[96..116], address[..]);
            let number = |at: usize| u32::from_le_bytes(memory[at..at + 4].try_into().unwrap());
            assert_eq!([number(120) as usize, number(124) as usize], [output.len(); 2]);
            let Asked::Create { init_code, value, salt: asked_salt, .. } = &host.asked[0] else {
                panic!("{:?}", host.asked)
            };
            assert_eq!(init_code[..], data_bytes(&three_words())[..50]);
            assert_eq!((*value, *asked_salt), (U256::from_be_bytes(word(0x33).0), salt));
            assert_eq!(host.inks(name), [base + 2 * read_ink(50) + 32_000 * GAS_INK]);
        }
    }
}

#[test]
fn a_refused_creation_fails_the_frame() {
    let mut host = TestHost::new();
    host.create_return = Err(CreateRefused::OutOfGas);
    let body =
        "(call $create1 (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 32))
                (i32.const 0)";
    let finished = call(&bare("", body), &mut host, &[], Context::default());
    assert!(matches!(finished.outcome, Outcome::Failure(Failure::Hook(_))));
}
