//! Activation rules: for each a module that breaks only it.
#![allow(clippy::unwrap_used, clippy::format_collect)]

mod common;

use common::contract;
use opml_devnet::stylus::activate::activate;
use opml_devnet::stylus::{ActivationError as E, HOOKS, Limited, Proposal};

const PAGE_LIMIT: u16 = 128;
const MEMORY: &str = r#"(memory (export "memory") 1 1)"#;
const MAIN: &str = r#"(func (export "user_entrypoint") (param i32) (result i32) (i32.const 0))"#;

fn reject_bytes(wasm: &[u8]) -> E {
    match activate(wasm, PAGE_LIMIT) {
        Ok(_) => panic!("activated"),
        Err(error) => error,
    }
}

/// The reason a module with these fields is rejected.
fn reject(fields: &str) -> E {
    reject_bytes(&wat::parse_str(format!("(module {fields})")).unwrap())
}

/// The reason a complete contract with these further fields is rejected.
fn reject_with(fields: &str) -> E {
    reject(&format!("{fields} {MEMORY} {MAIN}"))
}

/// The reason a contract with a function of this body is rejected.
fn reject_body(body: &str) -> E {
    reject_with(&format!("(func {body})"))
}

fn accept(fields: &str) {
    let wasm = wat::parse_str(format!("(module {fields} {MEMORY} {MAIN})")).unwrap();
    if let Err(error) = activate(&wasm, PAGE_LIMIT) {
        panic!("{fields}: {error}");
    }
}

fn assert_proposal(error: &E, expected: Proposal) {
    match error {
        E::Proposal { proposal, .. } => assert_eq!(*proposal, expected, "{error}"),
        other => panic!("{other}"),
    }
}

fn assert_limit(error: &E, expected: (Limited, u64, u64)) {
    match error {
        E::Limit { what, count, limit } => assert_eq!((*what, *count, *limit), expected),
        other => panic!("{other}"),
    }
}

#[test]
fn the_allowed_proposals_activate() {
    accept("");
    accept("(global (mut i32) (i32.const 1))");
    accept("(func (param i32) (result i32) (i32.extend8_s (local.get 0)))");
    accept("(func (memory.copy (i32.const 0) (i32.const 0) (i32.const 0)))");
    accept("(func (memory.fill (i32.const 0) (i32.const 0) (i32.const 0)))");
    accept("(func (result i32 i32) (i32.const 1) (i32.const 2))");
    accept("(table 4096 funcref) (func $f) (elem (i32.const 4095) $f)");
    accept("(func (block (result i64) (i64.const 1)) drop)");
}

#[test]
fn every_hook_activates_with_its_type_and_no_other() {
    let list = |types: &[_]| -> String { types.iter().map(|ty| format!(" {ty}")).collect() };
    for hook in HOOKS {
        let import = |params: &str| {
            format!(
                r#"(import "vm_hooks" "{}" (func (param{params}) (result{})))"#,
                hook.name,
                list(hook.results)
            )
        };
        let params = list(hook.params);
        accept(&import(&params));
        let error = reject_with(&import(&format!("{params} i32")));
        assert!(matches!(error, E::ImportType { name } if name == hook.name));
    }
}

#[test]
fn the_hooks_are_those_the_sdk_declares() {
    // Names and types as stylus-sdk 0.10.10 declares them, written down by hand.
    let declared = "account_balance ii; account_code iiii:i; account_code_size i:i;
        account_codehash ii; storage_load_bytes32 ii; storage_cache_bytes32 ii;
        storage_flush_cache i; block_basefee i; chainid :I; block_coinbase i;
        block_gas_limit :I; block_number :I; block_timestamp :I; call_contract iiiiIi:i;
        contract_address i; create1 iiiii; create2 iiiiii; delegate_call_contract iiiIi:i;
        emit_log iii; evm_gas_left :I; evm_ink_left :I; pay_for_memory_grow i;
        msg_reentrant :i; msg_sender i; msg_value i; native_keccak256 iii; read_args i;
        read_return_data iii:i; write_result ii; return_data_size :i;
        static_call_contract iiiIi:i; tx_gas_price i; tx_ink_price :i; tx_origin i";
    let letter = |ty: &_| if format!("{ty}") == "i32" { 'i' } else { 'I' };
    for line in declared.split(';') {
        let (name, ty) = line.trim().split_once(' ').unwrap();
        let (params, results) = ty.split_once(':').unwrap_or((ty, ""));
        let hook = HOOKS.iter().find(|hook| hook.name == name).unwrap();
        assert_eq!(hook.params.iter().map(letter).collect::<String>(), params, "{name}");
        assert_eq!(hook.results.iter().map(letter).collect::<String>(), results, "{name}");
    }
}

#[test]
fn other_proposals_are_named() {
    let reference = reject_body("(drop (ref.is_null (ref.null func)))");
    assert_proposal(&reference, Proposal::ReferenceTypes);
    let typed_select =
        reject_body("(drop (select (result i32) (i32.const 1) (i32.const 2) (i32.const 0)))");
    assert_proposal(&typed_select, Proposal::ReferenceTypes);
    let two_tables = reject_with("(table 1 funcref) (table 1 funcref)");
    assert_proposal(&two_tables, Proposal::ReferenceTypes);
    assert_proposal(&reject_body("(drop (v128.const i64x2 0 0))"), Proposal::Simd);
    assert_proposal(&reject_body("(atomic.fence)"), Proposal::Threads);
    let shared = reject(&format!(r#"(memory (export "memory") 1 1 shared) {MAIN}"#));
    assert_proposal(&shared, Proposal::Threads);
    let tail_call = reject_with("(func $f return_call $f)");
    assert_proposal(&tail_call, Proposal::TailCalls);
    assert_proposal(&reject_with("(tag) (func (throw 0))"), Proposal::Exceptions);
    let wide = reject(&format!(r#"(memory (export "memory") i64 1 1) {MAIN}"#));
    assert_proposal(&wide, Proposal::Memory64);
    assert_proposal(&reject_with("(memory 1 1)"), Proposal::MultiMemory);
    let extended = reject_with("(global i32 (i32.add (i32.const 1) (i32.const 2)))");
    assert_proposal(&extended, Proposal::ExtendedConst);
    assert_proposal(&reject_with("(type (struct))"), Proposal::Gc);
    let mul_wide = reject_body("(i64.mul_wide_u (i64.const 1) (i64.const 2)) drop drop");
    assert_proposal(&mul_wide, Proposal::WideArithmetic);
    let two = reject_body("(atomic.fence) (drop (v128.const i64x2 0 0))");
    assert_proposal(&two, Proposal::Several);
    let small_pages = reject(&format!(r#"(memory (export "memory") 1 1 (pagesize 1)) {MAIN}"#));
    assert_proposal(&small_pages, Proposal::CustomPageSizes);
}

/// A contract that calls through table 0, its index encoded as `table`.
fn indirect_call(table: &[u8]) -> Vec<u8> {
    let section = |id: u8, body: &[u8]| {
        let len = u8::try_from(body.len()).unwrap();
        [&[id, len], body].concat()
    };
    // Locals none; i32.const 0; call_indirect type 1; i32.const 0; end.
    let main = [&[0, 0x41, 0, 0x11, 1], table, &[0x41, 0, 0x0b]].concat();
    let code = [&[1, u8::try_from(main.len()).unwrap()], &main[..]].concat();
    [
        b"\0asm\x01\0\0\0".to_vec(),
        section(1, &[2, 0x60, 1, 0x7f, 1, 0x7f, 0x60, 0, 0]),
        section(3, &[1, 0]),
        section(4, &[1, 0x70, 0, 1]),
        section(5, &[1, 1, 1, 1]),
        section(7, b"\x02\x06memory\x02\x00\x0fuser_entrypoint\x00\x00"),
        section(10, &code),
    ]
    .concat()
}

#[test]
fn a_padded_table_index_is_reference_types() {
    assert!(activate(&indirect_call(&[0]), PAGE_LIMIT).is_ok());
    let error = reject_bytes(&indirect_call(&[0x80, 0x80, 0x80, 0x80, 0]));
    assert_proposal(&error, Proposal::ReferenceTypes);
}

#[test]
fn what_is_no_module_is_invalid() {
    assert!(matches!(reject_bytes(b""), E::Invalid(_)));
    assert!(matches!(reject_bytes(b"\0asm\x02\0\0\0"), E::Invalid(_)));
    assert!(matches!(reject_body("(i32.const 1)"), E::Invalid(_)));
}

#[test]
fn a_data_count_section_is_rejected() {
    let body = "(memory.init 0 (i32.const 0) (i32.const 0) (i32.const 0))";
    let error = reject_with(&format!(r#"(data "x") (func {body})"#));
    assert!(matches!(error, E::Section { id: 12 }), "{error}");
}

#[test]
fn bulk_table_instructions_are_rejected() {
    let bodies = [
        "(table.copy (i32.const 0) (i32.const 0) (i32.const 0))",
        "(table.init 0 (i32.const 0) (i32.const 0) (i32.const 0))",
        "(elem.drop 0)",
    ];
    for body in bodies {
        let error = reject_with(&format!("(table 1 funcref) (elem func) (func {body})"));
        assert!(matches!(error, E::Instruction(_)), "{body}: {error}");
    }
}

#[test]
fn float_arithmetic_is_rejected_but_moving_floats_is_not() {
    let arithmetic = [
        "(drop (f32.add (f32.const 1) (f32.const 2)))",
        "(drop (f64.sqrt (f64.const 1)))",
        "(drop (f64.lt (f64.const 1) (f64.const 2)))",
        "(drop (i32.trunc_f32_s (f32.const 1)))",
        "(drop (i64.trunc_sat_f64_u (f64.const 1)))",
        "(drop (f64.convert_i64_u (i64.const 1)))",
        "(drop (f64.promote_f32 (f32.const 1)))",
        "(drop (f32.copysign (f32.const 1) (f32.const 2)))",
    ];
    for body in arithmetic {
        let error = reject_body(body);
        assert!(matches!(error, E::Float(_)), "{body}: {error}");
    }
    accept("(func (param f32) (local f64) (drop (local.get 0)))");
    accept("(func (f32.store (i32.const 0) (f32.load (i32.const 4))))");
    accept("(func (drop (i64.reinterpret_f64 (f64.const 1))))");
    accept("(global f64 (f64.const 1))");
}

#[test]
fn only_known_host_functions_can_be_imported() {
    let unknown = reject_with(r#"(import "vm_hooks" "selfdestruct" (func))"#);
    assert!(matches!(unknown, E::UnknownImport { name, .. } if name == "selfdestruct"));
    let module = reject_with(r#"(import "env" "read_args" (func (param i32)))"#);
    assert!(matches!(module, E::UnknownImport { module, .. } if module == "env"));
    // Only debug chains have these.
    let console = reject_with(r#"(import "console" "log_txt" (func (param i32 i32)))"#);
    assert!(matches!(console, E::UnknownImport { module, .. } if module == "console"));
}

#[test]
fn only_functions_can_be_imported() {
    let imports = [
        r#"(import "vm_hooks" "memory" (global i32))"#,
        r#"(import "vm_hooks" "table" (table 1 funcref))"#,
    ];
    for import in imports {
        assert!(matches!(reject_with(import), E::ImportKind { .. }));
    }
    let memory =
        format!(r#"(import "env" "memory" (memory 1 1)) (export "memory" (memory 0)) {MAIN}"#);
    assert!(matches!(reject(&memory), E::ImportKind { .. }));
}

#[test]
fn an_import_may_be_repeated_only_with_the_same_type() {
    let import =
        |param: &str| format!(r#"(import "vm_hooks" "msg_sender" (func (param {param})))"#);
    accept(&import("i32").repeat(2));
    let error = reject_with(&(import("i32") + &import("i64")));
    assert!(matches!(error, E::InconsistentImport { name, .. } if name == "msg_sender"));
}

#[test]
fn an_export_may_not_have_the_name_of_an_import() {
    let import = r#"(import "vm_hooks" "msg_sender" (func (param i32)))"#;
    for name in ["msg_sender", "vm_hooks__msg_sender", "a__b__msg_sender"] {
        let error = reject_with(&format!(r#"{import} (func (export "{name}"))"#));
        assert!(matches!(error, E::ExportsImport { .. }), "{name}");
    }
    accept(&format!(r#"{import} (func (export "msg_sender_"))"#));
}

#[test]
fn names_starting_with_stylus_are_reserved() {
    for name in ["stylus_ink_left", "stylus", "x__stylus_y"] {
        let error = reject_with(&format!(r#"(func (export "{name}"))"#));
        assert!(matches!(error, E::Reserved { .. }), "{name}");
    }
    let import = reject_with(r#"(import "vm_hooks" "stylus_x" (func))"#);
    assert!(matches!(import, E::Reserved { .. }));
    accept(r#"(func (export "not_stylus"))"#);
}

#[test]
fn start_functions_are_rejected() {
    assert!(matches!(reject_with("(func $s) (start $s)"), E::Start));
}

#[test]
fn the_memory_must_be_exported_by_its_name() {
    assert!(matches!(reject(MAIN), E::NoMemory));
    assert!(matches!(reject(&format!("(memory 1 1) {MAIN}")), E::NoMemory));
    let misnamed = format!(r#"(memory (export "mem") 1 1) {MAIN}"#);
    assert!(matches!(reject(&misnamed), E::NoMemory));
    let no_memory = format!(r#"(memory 1 1) (func (export "memory")) {MAIN}"#);
    assert!(matches!(reject(&no_memory), E::NoMemory));
}

#[test]
fn a_growing_memory_needs_the_hook_that_pays() {
    for limits in ["1", "1 2", "0"] {
        let fields = format!(r#"(memory (export "memory") {limits}) {MAIN}"#);
        assert!(matches!(reject(&fields), E::NoMemoryPayment), "{limits}");
        let hook = r#"(import "vm_hooks" "pay_for_memory_grow" (func (param i32)))"#;
        let wasm = wat::parse_str(format!("(module {hook} {fields})")).unwrap();
        assert!(activate(&wasm, PAGE_LIMIT).is_ok(), "{limits}");
    }
}

#[test]
fn the_initial_memory_must_fit_what_is_left() {
    let wasm = |pages: u32| {
        wat::parse_str(format!(r#"(module (memory (export "memory") {pages} {pages}) {MAIN})"#))
            .unwrap()
    };
    assert!(activate(&wasm(128), PAGE_LIMIT).is_ok());
    let error = activate(&wasm(129), u16::MAX).unwrap_err();
    assert!(matches!(error, E::MemoryTooLarge { pages: 129, limit: 128 }));
    assert!(activate(&wasm(5), 5).is_ok());
    let error = activate(&wasm(6), 5).unwrap_err();
    assert!(matches!(error, E::MemoryTooLarge { pages: 6, limit: 5 }));
}

#[test]
fn the_entry_point_must_take_and_return_an_i32() {
    assert!(matches!(reject(MEMORY), E::NoEntrypoint));
    let named = |ty: &str| {
        let body = "unreachable";
        format!(r#"{MEMORY} (func (export "user_entrypoint") {ty} {body})"#)
    };
    for ty in [
        "",
        "(param i32)",
        "(param i64) (result i32)",
        "(param i32) (result i64)",
        "(param i32 i32) (result i32)",
    ] {
        assert!(matches!(reject(&named(ty)), E::EntrypointType), "{ty}");
    }
    let global = format!(r#"{MEMORY} (global (export "user_entrypoint") i32 (i32.const 0))"#);
    assert!(matches!(reject(&global), E::EntrypointType));
}

#[test]
fn counts_are_limited() {
    let repeat = |text: &str, count: usize| text.repeat(count);
    let data = r#"(data (i32.const 0) "")"#;
    accept(&repeat(data, 128));
    assert_limit(&reject_with(&repeat(data, 129)), (Limited::DataSegments, 129, 128));

    let elements =
        |count| format!("(table 1 funcref) {}", repeat("(elem (i32.const 0) func)", count));
    accept(&elements(128));
    assert_limit(&reject_with(&elements(129)), (Limited::ElementSegments, 129, 128));

    // The entry point is one of them.
    accept(&repeat("(func)", 4095));
    assert_limit(&reject_with(&repeat("(func)", 4096)), (Limited::Functions, 4097, 4096));

    // The meter adds four.
    let global = "(global i32 (i32.const 0))";
    accept(&repeat(global, 32_764));
    let error = reject_with(&repeat(global, 32_765));
    assert_limit(&error, (Limited::Globals, 32_769, 32_768));

    let import = r#"(import "vm_hooks" "msg_sender" (func (param i32)))"#;
    accept(&repeat(import, 513));
    assert_limit(&reject_with(&repeat(import, 514)), (Limited::Imports, 514, 513));

    assert_limit(&reject_with("(table 4097 funcref)"), (Limited::TableEntries, 4097, 4096));

    let named = |len: usize| format!("(module ${} {MEMORY} {MAIN})", "n".repeat(len));
    assert!(activate(&wat::parse_str(named(512)).unwrap(), PAGE_LIMIT).is_ok());
    let error = reject_bytes(&wat::parse_str(named(513)).unwrap());
    assert_limit(&error, (Limited::NameBytes, 513, 512));
}

#[test]
fn element_segments_are_limited_by_their_bytes() {
    // Flags, i32.const 0, end, a count of two bytes, one byte a function: 6 bytes of head.
    let elements = |count: usize| {
        format!("(table 4096 funcref) (func $f) (elem (i32.const 0) func {})", "$f ".repeat(count))
    };
    accept(&elements(4090));
    assert_limit(&reject_with(&elements(4091)), (Limited::ElementBytes, 4097, 4096));
}

#[test]
fn locals_are_limited_parameters_are_not_counted() {
    accept(&format!("(func (param{0}) (local{0}))", " i64".repeat(348)));
    let error = reject_with(&format!("(func (local{}))", " i64".repeat(349)));
    assert_limit(&error, (Limited::Locals, 349, 348));
}

#[test]
fn instructions_are_limited_after_instrumentation() {
    // end, 12 of the meter, 16 of the stack check and a return stand around the nops.
    let nops = |count: usize| format!("(func {})", "nop ".repeat(count));
    accept(&nops(65_536 - 30));
    let error = reject_with(&nops(65_536 - 29));
    assert_limit(&error, (Limited::Instructions, 65_537, 65_536));
}

#[test]
fn values_at_once_are_limited_with_those_of_the_meter() {
    let values = |count: usize| {
        format!("(func {} {})", "(i32.const 0) ".repeat(count), "drop ".repeat(count))
    };
    accept(&values(4096));
    let error = reject_with(&values(4097));
    assert!(
        matches!(error, E::TooManyValues { function: 0, values: 4097, limit: 4096 }),
        "{error}"
    );
    // Before a call the meter's check stands ahead of the block, on an empty stack; after it two
    // values more are on top of those that are left.
    let held = |count: usize| {
        format!(
            "(func $f) (func {} (call $f) {})",
            "(i32.const 0) ".repeat(count),
            "drop ".repeat(count)
        )
    };
    accept(&held(4094));
    let error = reject_with(&held(4095));
    assert!(
        matches!(error, E::TooManyValues { function: 1, values: 4097, limit: 4096 }),
        "{error}"
    );
}

#[test]
fn frames_are_limited_in_words() {
    // Two values of the meter and four words of overhead; above it the locals' own limit is met.
    let locals = |count: usize| format!("(func (local{}))", " i64".repeat(count));
    let error = reject_with(&locals(10_240 - 6));
    assert_limit(&error, (Limited::Locals, 10_234, 348));
    let error = reject_with(&locals(10_240 - 5));
    assert!(
        matches!(error, E::FrameTooLarge { function: 0, words: 10_241, limit: 10_240 }),
        "{error}"
    );
}

#[test]
fn segments_must_lie_inside() {
    accept(r#"(data (i32.const 65535) "x")"#);
    let data = reject_with(r#"(data (i32.const 65535) "xy")"#);
    assert!(matches!(data, E::DataOutOfBounds { index: 0 }));
    let negative = reject_with(r#"(data (i32.const -1) "")"#);
    assert!(matches!(negative, E::DataOutOfBounds { index: 0 }));
    let elements = reject_with("(table 1 funcref) (func $f) (elem (i32.const 1) $f)");
    assert!(matches!(elements, E::ElementOutOfBounds { index: 0 }));
    accept(r#"(data "passive")"#);
}

#[test]
fn no_module_makes_activation_panic() {
    // Cut and flipped copies of a real contract: an error or an activation, never a panic.
    let wasm = contract("", r#"(data (i32.const 3) "abc") (table 2 funcref)"#, "(i32.const 0)");
    for len in 0..wasm.len() {
        let _ = activate(&wasm[..len], PAGE_LIMIT);
    }
    for at in 0..wasm.len() {
        for bit in 0..8 {
            let mut flipped = wasm.clone();
            flipped[at] ^= 1 << bit;
            let _ = activate(&flipped, PAGE_LIMIT);
        }
    }
}
