//! HI and LO: products, quotients, accumulation.

use super::{A, B, check, machine, op, pairs, signed, values, word};

/// HI and LO that hold a number modulo 2^64.
fn halves(number: i128) -> (u32, u32) {
    let number = number.rem_euclid(1 << 64);
    (word(number >> 32), word(number))
}

fn unsigned(word: u32) -> i128 {
    i128::from(word)
}

/// Quotient toward zero and rest, as LO and HI; the open cases divide by one.
fn divided(a: i128, b: i128, open: bool) -> (u32, u32) {
    let (quotient, rest) = if open { (a, 0) } else { (a / b, a % b) };
    (word(rest), word(quotient))
}

#[test]
fn products_and_quotients() {
    for (a, b) in pairs() {
        let before = machine(super::PC, (a, b));
        let open = b == 0 || (a == 1 << 31 && b == u32::MAX);
        let results = [
            ("mult", halves(signed(a) * signed(b))),
            ("multu", halves(unsigned(a) * unsigned(b))),
            ("div", divided(signed(a), signed(b), open)),
            ("divu", divided(unsigned(a), unsigned(b), b == 0)),
        ];
        for (name, result) in results {
            check(&before, op(name).rs(A).rt(B).word(), |want| (want.hi, want.lo) = result);
        }
    }
}

#[test]
fn accumulation_is_modulo_2_to_the_64() {
    const ENDS: [u64; 7] = [0, 1, u32::MAX as u64, 1 << 32, i64::MAX as u64, 1 << 63, u64::MAX];
    for (a, b) in pairs() {
        for start in ENDS {
            let mut before = machine(super::PC, (a, b));
            (before.hi, before.lo) = halves(start.into());
            let start = i128::from(start);
            let results = [
                ("madd", start + signed(a) * signed(b)),
                ("maddu", start + unsigned(a) * unsigned(b)),
                ("msub", start - signed(a) * signed(b)),
                ("msubu", start - unsigned(a) * unsigned(b)),
            ];
            for (name, result) in results {
                let word = op(name).rs(A).rt(B).word();
                check(&before, word, |want| (want.hi, want.lo) = halves(result));
            }
        }
    }
}

#[test]
fn moves_between_registers_and_hi_and_lo() {
    for a in values() {
        let mut before = machine(super::PC, (a, 0));
        check(&before, op("mthi").rs(A).word(), |want| want.hi = a);
        check(&before, op("mtlo").rs(A).word(), |want| want.lo = a);
        (before.hi, before.lo) = (a, !a);
        check(&before, op("mfhi").rd(B).word(), |want| super::set(want, B, a));
        check(&before, op("mflo").rd(B).word(), |want| super::set(want, B, !a));
    }
}
