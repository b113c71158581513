//! Three registers: sums, logic, comparisons, moves; and two: counting, extending, swapping, fields.

use opml_core::mips::Trap;

use super::{
    A, B, OLD, TO, bit, check, from_bits, machine, op, pairs, set, signed, trapped, values, word,
};

/// What an instruction makes of its operands.
type Formula = fn(u32, u32) -> u32;
/// What an instruction makes of its only operand.
type Single = (&'static str, fn(u32) -> u32);

const TOTAL: [(&str, Formula); 12] = [
    ("addu", |a, b| word(i128::from(a) + i128::from(b))),
    ("subu", |a, b| word(i128::from(a) - i128::from(b))),
    ("and", |a, b| from_bits(|i| bit(a, i) && bit(b, i))),
    ("or", |a, b| from_bits(|i| bit(a, i) || bit(b, i))),
    ("xor", |a, b| from_bits(|i| bit(a, i) != bit(b, i))),
    ("nor", |a, b| from_bits(|i| !bit(a, i) && !bit(b, i))),
    ("slt", |a, b| u32::from(signed(a) < signed(b))),
    ("sltu", |a, b| u32::from(i128::from(a) < i128::from(b))),
    ("movz", |a, b| if b == 0 { a } else { OLD }),
    ("movn", |a, b| if b == 0 { OLD } else { a }),
    ("mul", |a, b| word(signed(a) * signed(b))),
    // The low words of the signed and of the unsigned product are the same.
    ("mul", |a, b| word(i128::from(a) * i128::from(b))),
];

#[test]
fn three_registers() {
    for (a, b) in pairs() {
        let before = machine(super::PC, (a, b));
        for (name, formula) in TOTAL {
            let word = op(name).rd(TO).rs(A).rt(B).word();
            check(&before, word, |want| set(want, TO, formula(a, b)));
        }
    }
}

#[test]
fn sums_that_overflow_trap() {
    for (a, b) in pairs() {
        let before = machine(super::PC, (a, b));
        for (name, exact) in [("add", signed(a) + signed(b)), ("sub", signed(a) - signed(b))] {
            let instruction = op(name).rd(TO).rs(A).rt(B).word();
            check(&before, instruction, |want| {
                if (-(1 << 31)..1 << 31).contains(&exact) {
                    set(want, TO, word(exact));
                } else {
                    trapped(want, &before, Trap::IntegerOverflow);
                }
            });
        }
    }
}

#[test]
fn conditional_traps() {
    for (a, b) in pairs() {
        let before = machine(super::PC, (a, b));
        let conditions = [
            ("tge", signed(a) >= signed(b)),
            ("tgeu", a >= b),
            ("tlt", signed(a) < signed(b)),
            ("tltu", a < b),
            ("teq", a == b),
            ("tne", a != b),
        ];
        for (name, holds) in conditions {
            check(&before, op(name).rs(A).rt(B).word(), |want| {
                if holds {
                    trapped(want, &before, Trap::ConditionalTrap);
                }
            });
        }
    }
}

#[test]
fn one_register() {
    // The source is rs, and the destination stands in both fields.
    let counting: [Single; 2] = [
        ("clz", |a| (0..32).rev().take_while(|i| !bit(a, *i)).fold(0, |count, _| count + 1)),
        ("clo", |a| (0..32).rev().take_while(|i| bit(a, *i)).fold(0, |count, _| count + 1)),
    ];
    // The source is rt.
    let others: [Single; 3] = [
        ("seb", |a| from_bits(|i| bit(a, i.min(7)))),
        ("seh", |a| from_bits(|i| bit(a, i.min(15)))),
        ("wsbh", |a| from_bits(|i| bit(a, i ^ 8))),
    ];
    for a in values() {
        let before = machine(super::PC, (a, 0));
        for (name, formula) in counting {
            let word = op(name).rd(TO).rt(TO).rs(A).word();
            check(&before, word, |want| set(want, TO, formula(a)));
        }
        for (name, formula) in others {
            check(&before, op(name).rd(TO).rt(A).word(), |want| set(want, TO, formula(a)));
        }
    }
}

#[test]
fn every_field_is_extracted_and_inserted() {
    for a in values() {
        let before = machine(super::PC, (a, 0));
        for first in 0..32 {
            for last in first..32 {
                let size = last - first + 1;
                let ext = op("ext").rt(TO).rs(A).sa(first).rd(size - 1).word();
                let taken = from_bits(|i| i < size && bit(a, first + i));
                check(&before, ext, |want| set(want, TO, taken));
                let ins = op("ins").rt(TO).rs(A).sa(first).rd(last).word();
                let put = from_bits(|i| {
                    if (first..=last).contains(&i) { bit(a, i - first) } else { bit(OLD, i) }
                });
                check(&before, ins, |want| set(want, TO, put));
            }
        }
    }
}

#[test]
fn fields_that_are_none_are_reserved() {
    let before = machine(super::PC, (1, 2));
    let reserved =
        |word| check(&before, word, |want| trapped(want, &before, Trap::ReservedInstruction));
    for position in 0..32_u32 {
        for other in 0..32_u32 {
            if position + other + 1 > 32 {
                reserved(op("ext").rt(TO).rs(A).sa(position).rd(other).word());
            }
            if other < position {
                reserved(op("ins").rt(TO).rs(A).sa(position).rd(other).word());
            }
        }
    }
}
