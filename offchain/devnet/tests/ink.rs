//! Ink of instructions, computed by hand from the published prices.
#![allow(clippy::unwrap_used, clippy::format_collect)]

mod common;

use common::{GAS, run_body};
use opml_devnet::stylus::engine::Outcome;

/// Published price of a block's check.
const HEADER: u64 = 2450;
/// `i32.const` and `end`, the least an entry point consists of.
const CONST_AND_END: u64 = 1 + 1;

fn ink(extra: &str, body: &str) -> u64 {
    let finished = run_body(extra, body, GAS);
    assert!(matches!(finished.outcome, Outcome::Success(_)), "{body}: {:?}", finished.outcome);
    finished.ink_used
}

/// Ink of `body` beyond the smallest entry point, when it ends no block of its own.
fn straight(body: &str) -> u64 {
    let body = format!("(local $x i32) (local $y i64) {body} (i32.const 0)");
    ink("(global $g (mut i32) (i32.const 0))", &body) - HEADER - CONST_AND_END
}

#[test]
fn the_smallest_contract_costs_one_block() {
    assert_eq!(ink("", "(i32.const 0)"), 2452);
}

#[test]
fn each_instruction_without_control_flow_has_its_price() {
    // Two constants and a drop around an operator: 1 + 1 + 9.
    let binary = [
        ("add", 70, 100),
        ("sub", 70, 100),
        ("mul", 160, 160),
        ("div_s", 1120, 1270),
        ("div_u", 1120, 1270),
        ("rem_s", 1120, 1270),
        ("rem_u", 1120, 1270),
        ("and", 70, 100),
        ("or", 70, 100),
        ("xor", 70, 100),
        ("shl", 70, 100),
        ("shr_s", 70, 100),
        ("shr_u", 70, 100),
        ("rotl", 70, 100),
        ("rotr", 70, 100),
        ("eq", 170, 225),
        ("ne", 170, 225),
        ("lt_s", 170, 225),
        ("lt_u", 170, 225),
        ("gt_s", 170, 225),
        ("gt_u", 170, 225),
        ("le_s", 170, 225),
        ("le_u", 170, 225),
        ("ge_s", 170, 225),
        ("ge_u", 170, 225),
    ];
    for (name, narrow, wide) in binary {
        for (ty, price) in [("i32", narrow), ("i64", wide)] {
            let body = format!("(drop ({ty}.{name} ({ty}.const 7) ({ty}.const 3)))");
            assert_eq!(straight(&body), price + 11, "{ty}.{name}");
        }
    }
    let unary = [
        ("i32.eqz", "i32", 170),
        ("i64.eqz", "i64", 225),
        ("i32.clz", "i32", 210),
        ("i32.ctz", "i32", 210),
        ("i32.popcnt", "i32", 2650),
        ("i64.clz", "i64", 210),
        ("i64.ctz", "i64", 210),
        ("i64.popcnt", "i64", 6000),
        ("i32.wrap_i64", "i64", 100),
        ("i64.extend_i32_s", "i32", 100),
        ("i64.extend_i32_u", "i32", 100),
        ("i32.extend8_s", "i32", 100),
        ("i32.extend16_s", "i32", 100),
        ("i64.extend8_s", "i64", 100),
        ("i64.extend16_s", "i64", 100),
        ("i64.extend32_s", "i64", 100),
    ];
    for (name, ty, price) in unary {
        let body = format!("(drop ({name} ({ty}.const 7)))");
        assert_eq!(straight(&body), price + 10, "{name}");
    }
}

#[test]
fn loads_and_stores_have_their_prices() {
    let loads = [
        ("i32.load", 670),
        ("i32.load8_s", 670),
        ("i32.load8_u", 670),
        ("i32.load16_s", 670),
        ("i32.load16_u", 670),
        ("i64.load", 680),
        ("i64.load8_s", 680),
        ("i64.load8_u", 680),
        ("i64.load16_s", 680),
        ("i64.load16_u", 680),
        ("i64.load32_s", 680),
        ("i64.load32_u", 680),
    ];
    for (name, price) in loads {
        let body = format!("(drop ({name} (i32.const 8)))");
        assert_eq!(straight(&body), price + 10, "{name}");
    }
    let stores = [
        ("i32.store", "i32", 825),
        ("i32.store8", "i32", 825),
        ("i32.store16", "i32", 825),
        ("i64.store", "i64", 950),
        ("i64.store8", "i64", 950),
        ("i64.store16", "i64", 950),
        ("i64.store32", "i64", 950),
    ];
    for (name, ty, price) in stores {
        let body = format!("({name} (i32.const 8) ({ty}.const 1))");
        assert_eq!(straight(&body), price + 2, "{name}");
    }
}

#[test]
fn variables_parameters_and_the_rest_have_their_prices() {
    assert_eq!(straight("(nop)"), 1);
    assert_eq!(straight("(drop (i32.const 1))"), 10);
    assert_eq!(straight("(drop (local.get $x))"), 75 + 9);
    assert_eq!(straight("(local.set $x (i32.const 1))"), 210 + 1);
    assert_eq!(straight("(drop (local.tee $x (i32.const 1)))"), 75 + 10);
    assert_eq!(straight("(drop (global.get $g))"), 225 + 9);
    assert_eq!(straight("(global.set $g (i32.const 1))"), 575 + 1);
    assert_eq!(straight("(drop (memory.size))"), 3000 + 9);
    let select = "(drop (select (i32.const 1) (i32.const 2) (i32.const 0)))";
    assert_eq!(straight(select), 1250 + 3 + 9);
}

#[test]
fn bulk_memory_is_paid_by_the_byte() {
    for bytes in [0, 1, 100, 4096] {
        let fill = format!("(memory.fill (i32.const 0) (i32.const 1) (i32.const {bytes}))");
        assert_eq!(straight(&fill), 950 + 3 + 100 * bytes);
        let copy = format!("(memory.copy (i32.const 0) (i32.const 9) (i32.const {bytes}))");
        assert_eq!(straight(&copy), 950 + 3 + 100 * bytes);
    }
}

#[test]
fn a_block_opens_no_basic_block_but_its_end_closes_one() {
    // block(1) nop(1) end(1) | const(1) end(1)
    assert_eq!(ink("", "(block (nop)) (i32.const 0)"), 2 * HEADER + 5);
}

#[test]
fn branches_end_basic_blocks() {
    // block br(765) | end | const end: what follows the branch is not charged.
    let br = ink("", "(block (br 0) (nop) (nop)) (i32.const 0)");
    assert_eq!(br, HEADER + 1 + 765 + HEADER + 2);
    // block const br_if(765) | nop end | const end
    let not_taken = ink("", "(block (br_if 0 (i32.const 0)) (nop)) (i32.const 0)");
    assert_eq!(not_taken, HEADER + 1 + 1 + 765 + HEADER + 2 + HEADER + 2);
    let taken = ink("", "(block (br_if 0 (i32.const 1)) (nop)) (i32.const 0)");
    assert_eq!(taken, HEADER + 1 + 1 + 765 + HEADER + 2);
}

#[test]
fn both_arms_of_an_if_are_charged_apart() {
    let text = |condition: u32| {
        format!("(if (i32.const {condition}) (then (nop)) (else (nop) (nop))) (i32.const 0)")
    };
    // const if(765) | nop else(1) | nop nop end | const end
    let start = HEADER + 1 + 765;
    let end = HEADER + 2;
    assert_eq!(ink("", &text(1)), start + HEADER + 2 + end);
    assert_eq!(ink("", &text(0)), start + HEADER + 3 + end);
}

#[test]
fn a_loop_is_charged_each_time_round() {
    let text = |rounds: u32| {
        format!(
            "(local $i i32) (local.set $i (i32.const {rounds}))
             (loop (br_if 0 (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
             (i32.const 0)"
        )
    };
    // const set loop(1) | [get const sub tee br_if] x rounds | end | const end
    let once = HEADER + 1 + 210 + 1;
    let round = HEADER + 75 + 1 + 70 + 75 + 765;
    for rounds in [1, 2, 1000] {
        let expected = once + u64::from(rounds) * round + (HEADER + 1) + (HEADER + 2);
        assert_eq!(ink("", &text(rounds)), expected);
    }
}

#[test]
fn br_table_is_paid_by_its_targets() {
    for targets in 0..5u64 {
        let listed = "0 ".repeat(usize::try_from(targets).unwrap());
        let body = format!("(block (br_table {listed} 0 (i32.const 9))) (i32.const 0)");
        // block const br_table | end not reached | const end
        let expected = HEADER + 1 + 1 + 2400 + 325 * targets + HEADER + 2;
        assert_eq!(ink("", &body), expected, "{targets} targets");
    }
}

#[test]
fn calls_end_blocks_and_callees_are_charged_alike() {
    // call(3800) | [end] | const end
    let callee = "(func $f)";
    assert_eq!(ink(callee, "(call $f) (i32.const 0)"), HEADER + 3800 + (HEADER + 1) + (HEADER + 2));
    // A return ends the block before the end that is never reached: [return] instead of [end].
    let returning = "(func $f (return) (nop))";
    assert_eq!(
        ink(returning, "(call $f) (i32.const 0)"),
        HEADER + 3800 + (HEADER + 1) + (HEADER + 2)
    );
}

#[test]
fn call_indirect_is_paid_by_the_parameters() {
    for params in 0..4u64 {
        let count = usize::try_from(params).unwrap();
        let ty = format!("(type $t (func (param {})))", "i32 ".repeat(count));
        let extra = format!("{ty} (func $f (type $t)) (table 1 funcref) (elem (i32.const 0) $f)");
        let args = "(i32.const 1) ".repeat(count);
        let body = format!("{args} (call_indirect (type $t) (i32.const 0)) (i32.const 0)");
        let call = params + 1 + 13_610 + 650 * params;
        let expected = HEADER + call + (HEADER + 1) + (HEADER + 2);
        assert_eq!(ink(&extra, &body), expected, "{params} parameters");
    }
}

#[test]
fn growing_by_nothing_costs_the_instruction_and_the_hook() {
    // memory.grow 8050, const, drop 9; the hook takes 8400 for zero pages.
    let grown = straight("(drop (memory.grow (i32.const 0)))");
    assert_eq!(grown, 8050 + 1 + 9 + 8400);
}

#[test]
fn one_ink_too_little_is_too_little() {
    let body = "(i32.const 0)";
    // 2452 ink are one gas of 10,000 ink; nothing costs exactly a gas, so count by a loop.
    let finished = run_body("", body, 0);
    assert!(matches!(finished.outcome, Outcome::OutOfInk));
    assert_eq!((finished.ink_used, finished.gas_left), (0, 0));
    let finished = run_body("", body, 1);
    assert!(matches!(finished.outcome, Outcome::Success(_)));
    assert_eq!((finished.ink_used, finished.gas_left), (2452, 0));
    let finished = run_body("", body, 2);
    assert_eq!((finished.ink_used, finished.gas_left), (2452, 1));
}

#[test]
fn bulk_memory_beyond_the_ink_runs_out_of_it() {
    let body = "(memory.fill (i32.const 0) (i32.const 1) (i32.const 65536)) (i32.const 0)";
    // 6,557,505 ink: 656 gas.
    let cost = HEADER + 950 + 3 + 2 + 100 * 65_536;
    assert!(matches!(run_body("", body, 655).outcome, Outcome::OutOfInk));
    let paid = run_body("", body, 656);
    assert!(matches!(paid.outcome, Outcome::Success(_)));
    assert_eq!(paid.ink_used, cost);
}
