//! Shifts by every amount.

use super::{A, B, TO, check, machine, op, set, signed, values, word};

/// What a shift by 0 to 31 makes of a word.
type Formula = fn(u32, u32) -> u32;

/// Names of the forms, immediate and variable.
const SHIFTS: [(&str, &str, Formula); 4] = [
    ("sll", "sllv", |a, by| word(i128::from(a) * (1 << by))),
    ("srl", "srlv", |a, by| word(i128::from(a).div_euclid(1 << by))),
    ("sra", "srav", |a, by| word(signed(a).div_euclid(1 << by))),
    ("rotr", "rotrv", |a, by| {
        // Twice the word, one behind the other.
        let twice = i128::from(a) * ((1 << 32) + 1);
        word(twice.div_euclid(1 << by))
    }),
];

#[test]
fn every_amount() {
    for a in values() {
        for (immediate, variable, formula) in SHIFTS {
            for amount in 0..32 {
                let before = machine(super::PC, (a, 0));
                let word = op(immediate).rd(TO).rt(A).sa(amount).word();
                check(&before, word, |want| set(want, TO, formula(a, amount)));
                for more in [0, 32, 1 << 31, u32::MAX - 31] {
                    let before = machine(super::PC, (a, amount + more));
                    let word = op(variable).rd(TO).rt(A).rs(B).word();
                    check(&before, word, |want| set(want, TO, formula(a, amount)));
                }
            }
        }
    }
}
