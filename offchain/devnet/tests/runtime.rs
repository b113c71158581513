//! How runs end, and that they do not disturb one another.
#![allow(clippy::unwrap_used, clippy::format_collect)]

mod common;

use common::hooked::{bare, call};
use common::host::TestHost;
use common::{GAS, contract, program, run_body, run_pure, success};
use opml_devnet::stylus::engine::{Failure, Outcome, PureRunner};
use opml_devnet::stylus::entry::StylusParams;
use opml_devnet::stylus::host::Context;

#[test]
fn traps_revert_and_return_the_gas() {
    let traps = [
        "unreachable",
        "(drop (i32.div_u (i32.const 1) (i32.const 0))) (i32.const 0)",
        "(drop (i32.div_s (i32.const 0x80000000) (i32.const -1))) (i32.const 0)",
        "(drop (i32.load (i32.const 65533))) (i32.const 0)",
        "(memory.fill (i32.const 65000) (i32.const 0) (i32.const 1000)) (i32.const 0)",
        "(memory.copy (i32.const 0) (i32.const 65000) (i32.const 1000)) (i32.const 0)",
    ];
    for body in traps {
        let finished = run_body("", body, GAS);
        assert!(
            matches!(finished.outcome, Outcome::Failure(Failure::Trap(_))),
            "{body}: {:?}",
            finished.outcome
        );
        assert!(finished.gas_left >= GAS - 20, "{body}");
    }
    let table = "(table 2 funcref) (func $f) (elem (i32.const 0) $f) (type $t (func (param i64)))";
    for index in [0, 1, 2] {
        let body =
            format!("(call_indirect (type $t) (i64.const 0) (i32.const {index})) (i32.const 0)");
        let finished = run_body(table, &body, GAS);
        assert!(matches!(finished.outcome, Outcome::Failure(Failure::Trap(_))), "{index}");
    }
}

#[test]
fn an_endless_loop_runs_out_of_ink() {
    let finished = run_body("", "(loop (br 0)) unreachable", 1000);
    assert!(matches!(finished.outcome, Outcome::OutOfInk));
    assert_eq!((finished.ink_used, finished.gas_left), (1000 * 10_000, 0));
}

#[test]
fn a_float_that_is_reached_takes_all_ink() {
    let moves = "(f32.store (i32.const 0) (f32.load (i32.const 4))) (i32.const 0)";
    let finished = run_body("", moves, GAS);
    assert!(matches!(finished.outcome, Outcome::OutOfInk));
    assert_eq!(finished.gas_left, 0);
    // Not reached, not paid.
    let skipped = "(if (i32.const 0) (then (drop (f64.const 1)))) (i32.const 0)";
    assert!(matches!(run_body("", skipped, GAS).outcome, Outcome::Success(_)));
}

#[test]
fn endless_recursion_runs_out_of_stack_and_takes_all_gas() {
    let recursions = [
        "(func $f (call $f))".to_owned(),
        // Wide frames: locals kept alive over the call.
        format!(
            "(func $f (param i64) (result i64) (local {}) {} (local.get 0) (call $f (local.get 0)) i64.add)",
            "i64 ".repeat(300),
            (1..=300)
                .map(|i| format!("(local.set {i} (i64.load (i32.const {i})))"))
                .collect::<String>(),
        ),
        // Many parameters and results.
        format!(
            "(func $f (param {0}) (result {0}) {1} (call $f))",
            "i64 ".repeat(60),
            (0..60).map(|i| format!("(local.get {i})")).collect::<String>(),
        ),
    ];
    for extra in recursions {
        let args = extra.matches("i64").count();
        let (args, drops) = match args {
            0 => (0, 0),
            120 => (60, 60),
            _ => (1, 1),
        };
        let body = format!(
            "{} (call $f) {} (i32.const 0)",
            "(i64.const 1)".repeat(args),
            "drop ".repeat(drops)
        );
        let finished = run_body(&extra, &body, GAS);
        assert!(
            matches!(finished.outcome, Outcome::OutOfStack),
            "{extra:.40}: {:?}",
            finished.outcome
        );
        assert_eq!(finished.gas_left, 0);
    }
}

/// Depth that a function of 262,144 stack words and frames of `frame` reaches before the limit.
fn deepest(frame: u64, entry: u64) -> u64 {
    // A frame fits if more than its words are left.
    (262_144 - entry - 1) / frame
}

#[test]
fn the_stack_is_counted_in_words() {
    // $f: get, sub, tee, if, call: the most values are two of its own or the meter's; one
    // declared local; four words of overhead.
    let extra = "(func $f (param $n i32) (local i32)
        (if (local.tee $n (i32.sub (local.get $n) (i32.const 1)))
            (then (call $f (local.get $n)))))";
    let run = |depth: u64| {
        let body = format!("(call $f (i32.const {depth})) (i32.const 0)");
        run_body(extra, &body, GAS).outcome
    };
    // Values: at the second block's check the stack is empty, so two; locals one: 2 + 1 + 4.
    let frame = 7;
    // The entry point: two values (the meter's) and no locals.
    let depth = deepest(frame, 6);
    assert!(matches!(run(depth), Outcome::Success(_)));
    assert!(matches!(run(depth + 1), Outcome::OutOfStack));
}

#[test]
fn returning_gives_the_stack_back() {
    // Each call returns, by either way, so any number of them fits.
    let extra = "(func $f (param i32) (if (local.get 0) (then (return))))";
    let body = "(local $i i32) (local.set $i (i32.const 300000))
        (loop (call $f (i32.and (local.get $i) (i32.const 1)))
            (br_if 0 (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
        (i32.const 0)";
    assert!(matches!(run_body(extra, body, GAS).outcome, Outcome::Success(_)));
}

#[test]
fn a_thread_with_a_small_stack_is_no_danger() {
    let run = || run_body("(func $f (call $f))", "(call $f) (i32.const 0)", GAS).outcome;
    let thread = std::thread::Builder::new().stack_size(256 << 10).spawn(run);
    let outcome = thread.unwrap().join().unwrap();
    assert!(matches!(outcome, Outcome::OutOfStack));
}

/// Counts its calls in memory and a global and returns both counts; grows when the calldata is
/// not empty.
fn counter() -> Vec<u8> {
    let imports = r#"(import "vm_hooks" "write_result" (func $write_result (param i32 i32)))"#;
    contract(
        imports,
        "(global $g (mut i32) (i32.const 5))",
        "(if (local.get $len) (then (drop (memory.grow (i32.const 1)))))
         (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1)))
         (global.set $g (i32.add (global.get $g) (i32.const 1)))
         (i32.store (i32.const 4) (global.get $g))
         (i32.store (i32.const 8) (memory.size))
         (call $write_result (i32.const 0) (i32.const 12)) (i32.const 0)",
    )
}

#[test]
fn a_kept_instance_remembers_nothing() {
    let mut runner = PureRunner::new(program(&counter()), StylusParams::default()).unwrap();
    let mut inks = Vec::new();
    for input in [&[][..], &[], &[1], &[], &[1], &[1], &[]] {
        let finished = runner.call(input, GAS);
        inks.push((input.len(), finished.ink_used));
        let pages = u8::try_from(input.len()).unwrap() + 1;
        assert_eq!(success(finished), [1, 0, 0, 0, 6, 0, 0, 0, pages, 0, 0, 0]);
    }
    inks.sort_unstable();
    inks.dedup();
    assert_eq!(inks.len(), 2, "equal calls cost the same: {inks:?}");
}

#[test]
fn a_kept_instance_recovers_from_every_end() {
    let imports = r#"(import "vm_hooks" "exit_early" (func $exit_early (param i32)))"#;
    let wasm = contract(
        imports,
        "(func $f (call $f))",
        "(if (i32.eq (local.get $len) (i32.const 1)) (then unreachable))
         (if (i32.eq (local.get $len) (i32.const 2)) (then (call $f)))
         (if (i32.eq (local.get $len) (i32.const 3)) (then (loop (br 0))))
         (if (i32.eq (local.get $len) (i32.const 4)) (then (call $exit_early (i32.const 1))))
         (i32.const 0)",
    );
    let mut runner = PureRunner::new(program(&wasm), StylusParams::default()).unwrap();
    let gas = 1_000_000;
    let clean = runner.call(&[], gas).ink_used;
    for _ in 0..3 {
        let outcome = |runner: &mut PureRunner, len| runner.call(&vec![0; len], gas).outcome;
        assert!(matches!(outcome(&mut runner, 1), Outcome::Failure(Failure::Trap(_))));
        assert!(matches!(outcome(&mut runner, 2), Outcome::OutOfStack));
        assert!(matches!(outcome(&mut runner, 3), Outcome::OutOfInk));
        assert!(matches!(outcome(&mut runner, 4), Outcome::Revert(_)));
        assert_eq!(runner.call(&[], gas).ink_used, clean);
    }
}

#[test]
fn the_pure_host_is_a_static_frame_on_an_empty_chain() {
    let write = "(call $transient_store_bytes32 (i32.const 0) (i32.const 0)) (i32.const 0)";
    let finished = run_pure(&bare("", write), &[], GAS);
    assert!(matches!(finished.outcome, Outcome::Failure(Failure::Hook(_))));
    let read = "(call $storage_load_bytes32 (i32.const 0) (i32.const 0))
                (call $write_result (i32.const 0) (i32.const 32)) (i32.const 0)";
    let output = success(run_pure(&bare(&"ff".repeat(32), read), &[], GAS));
    assert_eq!(output, [0; 32]);
}

#[test]
fn both_ways_of_running_agree() {
    let wasm = counter();
    let fresh = call(&wasm, &mut TestHost::new(), &[1], Context::default());
    let pure = run_pure(&wasm, &[1], GAS);
    assert_eq!(fresh.ink_used, pure.ink_used);
    assert_eq!(success(fresh), success(pure));
}

#[test]
fn gas_that_no_ink_can_express_saturates() {
    let finished = run_body("", "(i32.const 0)", u64::MAX);
    assert!(matches!(finished.outcome, Outcome::Success(_)));
    assert_eq!(finished.ink_used, 2452);
}
