//! Worst errors of the functions in `opml_kernels::math` over all 2^32 inputs, in units in the last
//! place of the true result, against 64-bit functions: `cargo run --release -p opml-kernels --example ulp`.
//!
//! Takes some minutes. docs/spec.md states what it prints.
#![allow(clippy::cast_possible_truncation, reason = "results are rounded on purpose")]

use std::thread;

use opml_kernels::math::{erf, exp, sigmoid, sqrt, store};

/// A function, its reference, and the inputs that count.
struct Subject {
    name: &'static str,
    function: fn(f32) -> f32,
    reference: fn(f64) -> f64,
}

/// The worst error and where it is.
#[derive(Clone, Copy, Default)]
struct Worst {
    ulps: f64,
    at: f32,
}

const SUBJECTS: [Subject; 3] = [
    Subject { name: "exp", function: exp, reference: f64::exp },
    Subject { name: "sigmoid", function: sigmoid, reference: |x| 1.0 / (1.0 + (-x).exp()) },
    Subject { name: "erf", function: erf, reference: libm::erf },
];

/// Results that are not normal numbers are listed apart: there an ulp is 2^-149.
fn main() {
    for subject in &SUBJECTS {
        let (normal, subnormal) = over_all(subject);
        println!("{}: {:.3} ulp at {:e}", subject.name, normal.ulps, normal.at);
        println!("  subnormal results: {:.3} ulp at {:e}", subnormal.ulps, subnormal.at);
    }
    println!("sqrt: {} of 2^32 inputs differ from the processor's", square_roots());
}

fn over_all(subject: &Subject) -> (Worst, Worst) {
    let threads = thread::available_parallelism().map_or(1, |count| count.get() as u32);
    thread::scope(|scope| {
        let part = |first| scope.spawn(move || every(subject, first, threads));
        let parts: Vec<_> = (0..threads).map(part).collect();
        parts
            .into_iter()
            .filter_map(|part| part.join().ok())
            .fold(<(Worst, Worst)>::default(), |a, b| (worse(a.0, b.0), worse(a.1, b.1)))
    })
}

fn worse(a: Worst, b: Worst) -> Worst {
    if b.ulps > a.ulps { b } else { a }
}

/// Inputs `first`, `first + step` and so on.
fn every(subject: &Subject, first: u32, step: u32) -> (Worst, Worst) {
    let mut worst = (Worst::default(), Worst::default());
    let mut word = first;
    loop {
        let x = f32::from_bits(word);
        let expected = (subject.reference)(f64::from(x));
        let actual = f64::from((subject.function)(x));
        if expected.abs() > f64::from(f32::MAX) || actual.is_infinite() {
            // Rounds to infinity from half an ulp above the largest number on.
            let limit = f64::from(f32::MAX) * (1.0 - 2_f64.powi(-22));
            assert!(actual.is_infinite() && expected.abs() > limit, "{} {x:e}", subject.name);
        } else if expected.is_nan() {
            assert!(actual.is_nan(), "{} {x:e}", subject.name);
        } else {
            let exponent = ((expected.abs().to_bits() >> 52) as i32 - 1023).max(-126);
            let ulps = (actual - expected).abs() * 2_f64.powi(23 - exponent);
            let found = Worst { ulps, at: x };
            if expected.abs() < f64::from(f32::MIN_POSITIVE) {
                worst.1 = worse(worst.1, found);
            } else {
                worst.0 = worse(worst.0, found);
            }
        }
        match word.checked_add(step) {
            Some(next) => word = next,
            None => return worst,
        }
    }
}

/// Inputs whose root differs from the instruction's.
fn square_roots() -> u64 {
    (0..=u32::MAX).map(f32::from_bits).filter(|x| store(sqrt(*x)) != store(x.sqrt())).count() as u64
}
