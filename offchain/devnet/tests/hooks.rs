//! Host functions: what they do, and their ink from the published prices.
#![allow(clippy::unwrap_used, clippy::format_collect)]

mod common;

use alloy_primitives::{Address, B256, U256, address, b256, keccak256};
use common::hooked::{DUMP, bare, call, call_with, hooked};
use common::host::TestHost;
use common::{GAS, success};
use opml_devnet::stylus::engine::{Call, Failure, Outcome};
use opml_devnet::stylus::host::Context;

/// Published prices: writing and reading so many bytes of the contract's memory.
fn write_ink(bytes: u64) -> u64 {
    5040 + 30 * bytes.saturating_sub(32)
}
fn read_ink(bytes: u64) -> u64 {
    16_381 + 55 * bytes.saturating_sub(32)
}
/// Ink a unit of gas buys.
const GAS_INK: u64 = 10_000;

fn context() -> Context {
    Context {
        block_basefee: U256::from(0x0102_0304u32),
        block_coinbase: address!("a4b000000000000000000073657175656e636572"),
        block_gas_limit: 1 << 50,
        block_number: 19_000_000,
        block_timestamp: 1_700_000_000,
        chain_id: 412_346,
        tx_origin: address!("1111111111111111111111111111111111111111"),
        tx_gas_price: U256::MAX,
        contract: address!("2222222222222222222222222222222222222222"),
        caller: address!("3333333333333333333333333333333333333333"),
        value: U256::from(7),
        reentrant: true,
    }
}

/// Runs `body` on `host` in the test context; gives the memory it leaves.
fn memory_after(host: &mut TestHost, data: &str, body: &str) -> Vec<u8> {
    let output = success(call(&hooked(data, body), host, &[], context()));
    assert_eq!(output.len(), DUMP);
    output
}

#[test]
fn context_hooks_write_words_and_addresses() {
    let cases: [(&str, Vec<u8>); 8] = [
        ("block_basefee", U256::from(0x0102_0304u32).to_be_bytes_vec()),
        ("block_coinbase", context().block_coinbase.to_vec()),
        ("contract_address", context().contract.to_vec()),
        ("msg_sender", context().caller.to_vec()),
        ("msg_value", U256::from(7).to_be_bytes_vec()),
        ("tx_gas_price", U256::MAX.to_be_bytes_vec()),
        ("tx_origin", context().tx_origin.to_vec()),
        ("msg_value", U256::from(7).to_be_bytes_vec()),
    ];
    for (name, expected) in cases {
        let mut host = TestHost::new();
        let memory = memory_after(&mut host, "", &format!("(call ${name} (i32.const 64))"));
        assert_eq!(&memory[64..64 + expected.len()], expected, "{name}");
        assert!(memory[64 + expected.len()..].iter().all(|byte| *byte == 0));
        assert_eq!(host.inks(name), [13_440], "{name}");
        assert_eq!(host.traces[0].output, expected, "{name}");
    }
}

#[test]
fn context_hooks_return_numbers() {
    let cases = [
        ("block_gas_limit", "i64", 1u64 << 50),
        ("block_number", "i64", 19_000_000),
        ("block_timestamp", "i64", 1_700_000_000),
        ("chainid", "i64", 412_346),
        ("msg_reentrant", "i32", 1),
        ("tx_ink_price", "i32", 10_000),
        ("return_data_size", "i32", 0),
    ];
    for (name, ty, expected) in cases {
        let mut host = TestHost::new();
        let body = format!("({ty}.store (i32.const 0) (call ${name}))");
        let memory = memory_after(&mut host, "", &body);
        let value = u64::from_le_bytes(memory[..8].try_into().unwrap());
        assert_eq!(value, expected, "{name}");
        assert_eq!(host.inks(name), [8400], "{name}");
    }
}

#[test]
fn gas_and_ink_left_are_those_after_paying() {
    // One block up to the first call: header, constant, call. Then one up to the second: store,
    // constant, call.
    let body = "(i64.store (i32.const 0) (call $evm_ink_left))
                (i64.store (i32.const 8) (call $evm_gas_left))";
    let memory = memory_after(&mut TestHost::new(), "", body);
    let number = |at: usize| u64::from_le_bytes(memory[at..at + 8].try_into().unwrap());
    let ink = GAS * GAS_INK - (2450 + 1 + 3800) - 8400;
    assert_eq!(number(0), ink);
    assert_eq!(number(8), (ink - (2450 + 950 + 1 + 3800) - 8400) / GAS_INK);
}

#[test]
fn read_args_copies_the_calldata() {
    for len in [0u64, 1, 32, 33, 100] {
        let input = vec![0xab; usize::try_from(len).unwrap()];
        let mut host = TestHost::new();
        let wasm = hooked("", "(call $read_args (i32.const 5))");
        let memory = success(call(&wasm, &mut host, &input, context()));
        assert_eq!(memory[5..5 + input.len()], input);
        assert_eq!(memory[5 + input.len()], 0);
        assert_eq!(host.inks("read_args"), [8400 + write_ink(len)]);
    }
}

#[test]
fn the_entry_point_gets_the_length_of_the_calldata() {
    let wasm = hooked("", "(i32.store (i32.const 0) (local.get $len))");
    let memory = success(call(&wasm, &mut TestHost::new(), &[0; 77], context()));
    assert_eq!(memory[..4], 77u32.to_le_bytes());
}

#[test]
fn write_result_is_charged_twice_and_the_last_one_counts() {
    for len in [0u64, 32, 200] {
        let body = format!(
            "(call $write_result (i32.const 0) (i32.const 3))
             (call $write_result (i32.const 1) (i32.const {len})) (i32.const 0)"
        );
        let mut host = TestHost::new();
        let output = success(call(&bare("0102030405", &body), &mut host, &[], context()));
        assert_eq!(output.len() as u64, len);
        assert!(output.is_empty() || output[..4] == [2, 3, 4, 5]);
        let expected = [8400 + 2 * read_ink(3), 8400 + 2 * read_ink(len)];
        assert_eq!(host.inks("write_result"), expected);
    }
}

#[test]
fn a_nonzero_status_reverts_with_the_result() {
    let body = "(call $write_result (i32.const 0) (i32.const 2)) (i32.const 9)";
    let finished = call(&bare("c0de", body), &mut TestHost::new(), &[], context());
    assert!(matches!(finished.outcome, Outcome::Revert(data) if data == [0xc0, 0xde]));
}

#[test]
fn exit_early_ends_with_its_status_and_costs_nothing() {
    for (status, reverts) in [(0, false), (1, true), (7, true)] {
        let body = format!(
            "(call $write_result (i32.const 0) (i32.const 1))
             (call $exit_early (i32.const {status})) unreachable"
        );
        let mut host = TestHost::new();
        match call(&bare("2a", &body), &mut host, &[], context()).outcome {
            Outcome::Success(data) => assert!(!reverts && data == [42]),
            Outcome::Revert(data) => assert!(reverts && data == [42]),
            other => panic!("{other:?}"),
        }
        assert_eq!(host.inks("exit_early"), [0]);
    }
}

#[test]
fn keccak_hashes_at_121800_and_21000_a_word_beyond_two() {
    for (len, ink) in [
        (0, 121_800),
        (32, 121_800),
        (64, 121_800),
        (65, 142_800),
        (96, 142_800),
        (97, 163_800),
        (1000, 121_800 + 30 * 21_000),
    ] {
        let mut host = TestHost::new();
        let body =
            format!("(call $native_keccak256 (i32.const 0) (i32.const {len}) (i32.const 512))");
        let memory = memory_after(&mut host, "616263", &body);
        let mut preimage = vec![0; len];
        let known = preimage.len().min(3);
        preimage[..known].copy_from_slice(&b"abc"[..known]);
        assert_eq!(memory[512..544], keccak256(&preimage)[..], "{len}");
        assert_eq!(host.inks("native_keccak256"), [ink], "{len}");
    }
    let abc = b256!("4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45");
    let body = "(call $native_keccak256 (i32.const 0) (i32.const 3) (i32.const 0))";
    assert_eq!(memory_after(&mut TestHost::new(), "616263", body)[..32], abc[..]);
}

#[test]
fn logs_carry_topics_and_data() {
    let topic = "11".repeat(32) + &"22".repeat(32) + "abcdef";
    for topics in 0..=2u64 {
        let mut host = TestHost::new();
        let body = format!("(call $emit_log (i32.const 0) (i32.const 67) (i32.const {topics}))");
        memory_after(&mut host, &topic, &body);
        let (words, data) = &host.logs[0];
        let expected = [B256::repeat_byte(0x11), B256::repeat_byte(0x22)];
        assert_eq!(words[..], expected[..usize::try_from(topics).unwrap()]);
        assert_eq!(data.len() as u64, 67 - 32 * topics);
        assert!(data.ends_with(&[0xab, 0xcd, 0xef]));
        let gas = 375 * (1 + topics) + 8 * (67 - 32 * topics);
        let ink = 68_073 + read_ink(67) + gas * GAS_INK;
        assert_eq!(host.inks("emit_log"), [ink]);
    }
}

#[test]
fn logs_with_bad_topics_fail_and_return_the_gas() {
    for (len, topics) in [(200, 5), (31, 1), (0, 1), (100, u32::MAX)] {
        let body = format!(
            "(call $emit_log (i32.const 0) (i32.const {len}) (i32.const {topics})) (i32.const 0)"
        );
        let finished = call(&bare("", &body), &mut TestHost::new(), &[], context());
        assert!(matches!(finished.outcome, Outcome::Failure(Failure::Hook(_))));
        assert!(finished.gas_left > GAS - 10);
    }
}

#[test]
fn a_static_frame_cannot_write() {
    let writes = [
        "(call $emit_log (i32.const 0) (i32.const 0) (i32.const 0))",
        "(call $transient_store_bytes32 (i32.const 0) (i32.const 0))",
        "(call $storage_cache_bytes32 (i32.const 0) (i32.const 0))
         (call $storage_flush_cache (i32.const 0))",
        "(call $create1 (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))",
    ];
    for write in writes {
        let mut host = TestHost::new();
        host.read_only = true;
        let wasm = bare("", &format!("{write} (i32.const 0)"));
        match call(&wasm, &mut host, &[], context()).outcome {
            Outcome::Failure(Failure::Hook(reason)) => assert_eq!(reason, "write protection"),
            other => panic!("{write}: {other:?}"),
        }
    }
}

#[test]
fn pointers_outside_memory_fail_and_return_the_gas() {
    let accesses = [
        "(call $msg_sender (i32.const 65517))",
        "(call $msg_value (i32.const -1))",
        "(call $write_result (i32.const 65530) (i32.const 7))",
        "(call $write_result (i32.const 1) (i32.const -1))",
        "(call $native_keccak256 (i32.const 0) (i32.const 8) (i32.const 65505))",
        "(call $read_args (i32.const 65535))",
        "(call $storage_load_bytes32 (i32.const 65505) (i32.const 0))",
        "(call $math_div (i32.const 0) (i32.const 65505))",
    ];
    for access in accesses {
        let wasm = bare("", &format!("{access} (i32.const 0)"));
        // Enough for the pointer to be looked at, whatever length it comes with.
        let call = Call { input: &[1, 2], gas: 100_000_000, context: context() };
        let finished = call_with(&wasm, &mut TestHost::new(), &call);
        assert!(
            matches!(&finished.outcome, Outcome::Failure(Failure::Hook(_))),
            "{access}: {:?}",
            finished.outcome
        );
        assert!(finished.gas_left > 0, "{access}");
    }
    // The last byte is inside.
    let wasm = bare("", "(call $msg_sender (i32.const 65516)) (i32.const 0)");
    success(call(&wasm, &mut TestHost::new(), &[], context()));
}

#[test]
fn math_follows_the_evm() {
    let word = |value: U256| alloy_primitives::hex::encode(value.to_be_bytes::<32>());
    let (a, b, m) = (U256::MAX, U256::from(3), U256::from(1000));
    let data = word(a) + &word(b) + &word(m);
    let (p0, p1, p2) = ("(i32.const 0)", "(i32.const 32)", "(i32.const 64)");
    let zero = "(i32.const 96)";
    let cases = [
        ("math_div", format!("{p0} {p1}"), a / b, 43_520),
        ("math_div", format!("{p0} {zero}"), U256::ZERO, 43_520),
        ("math_mod", format!("{p0} {p2}"), a % m, 43_520),
        ("math_mod", format!("{p0} {zero}"), U256::ZERO, 43_520),
        ("math_add_mod", format!("{p0} {p1} {p2}"), a.add_mod(b, m), 49_560),
        ("math_add_mod", format!("{p0} {p1} {zero}"), U256::ZERO, 49_560),
        ("math_mul_mod", format!("{p0} {p1} {p2}"), a.mul_mod(b, m), 52_660),
        ("math_mul_mod", format!("{p0} {p1} {zero}"), U256::ZERO, 52_660),
        // (2^256 - 1)^3 = 2^256 - 1 modulo 2^256, an exponent of one byte.
        ("math_pow", format!("{p0} {p1}"), U256::MAX, 23_520 + 3000 + 2 * 17_500),
        // An exponent of zero, and one of 32 bytes.
        ("math_pow", format!("{p0} {zero}"), U256::ONE, 23_520 + 3000 + 17_500),
        ("math_pow", format!("{p1} {p0}"), b.wrapping_pow(a), 23_520 + 3000 + 33 * 17_500),
    ];
    for (name, args, expected, ink) in cases {
        let mut host = TestHost::new();
        let memory = memory_after(&mut host, &data, &format!("(call ${name} {args})"));
        let at = if args.starts_with(p1) { 32 } else { 0 };
        assert_eq!(memory[at..at + 32], expected.to_be_bytes::<32>(), "{name} {args}");
        assert_eq!(host.inks(name), [ink], "{name} {args}");
    }
}

#[test]
fn paying_for_no_pages_costs_the_hook_and_for_pages_their_gas() {
    // One page is open: a second is free, the next two cost 1000 gas each, and more to come.
    let body = "(call $pay (i32.const 0)) (call $pay (i32.const 1)) (call $pay (i32.const 2))
                (call $pay (i32.const 65536))";
    let mut host = TestHost::new();
    memory_after(&mut host, "", body);
    // Only the low 16 bits are looked at: 65536 is 0.
    let expected = [8400, 0, 2000 * GAS_INK, 8400];
    assert_eq!(host.inks("pay_for_memory_grow"), expected);
    assert_eq!((host.pages.open, host.pages.ever), (4, 4));
}

#[test]
fn tracing_changes_nothing() {
    let body = "(call $msg_sender (i32.const 0))
                (call $native_keccak256 (i32.const 0) (i32.const 20) (i32.const 0))
                (call $storage_load_bytes32 (i32.const 0) (i32.const 0))";
    let wasm = hooked("", body);
    let mut loud = TestHost::new();
    let mut quiet = TestHost::new();
    quiet.tracing = false;
    let traced = call(&wasm, &mut loud, &[], context());
    let untraced = call(&wasm, &mut quiet, &[], context());
    assert_eq!(traced.ink_used, untraced.ink_used);
    assert_eq!(success(traced), success(untraced));
    assert!(quiet.traces.is_empty());
    let names: Vec<_> = loud.traces.iter().map(|trace| trace.name.as_str()).collect();
    let expected = ["msg_sender", "native_keccak256", "storage_load_bytes32", "write_result"];
    assert_eq!(names, expected);
    assert_eq!(loud.traces[1].input, context().caller.as_slice());
    assert_eq!(Address::from_slice(&loud.traces[0].output), context().caller);
}
