//! Kernels that compute the exponential, over all arguments.
#![allow(clippy::unwrap_used)]

use opml_native::{Backend, Columns, Engine};
use opml_operator::geometry::{Map, Softmax};
use opml_operator::{Operator, Place};

const PART: u32 = 1 << 16;

/// Compares the functions for arguments `0, step, 2 step ...`.
fn compare(step: usize) {
    let engines: Vec<Engine> =
        Backend::available().skip(1).map(|backend| Engine::new(backend, 1).unwrap()).collect();
    let map = Map { n: PART, width: PART };
    let operators = [Operator::Silu(map), Operator::Gelu(map), Operator::GeluTanh(map)];
    let mut arguments = (0..=u32::MAX).step_by(step).peekable();
    while arguments.peek().is_some() {
        let mut x: Vec<u32> = arguments.by_ref().take(PART as usize).collect();
        x.resize(PART as usize, 0);
        for operator in operators {
            let place = Place { iteration: 0, row: 0, column: 0 };
            let mut expected = vec![0; x.len()];
            opml_kernels::run(&operator, place, &[&x], &mut expected);
            for engine in &engines {
                let mut actual = vec![0; x.len()];
                engine.run_columns(&Columns::one(operator, place), &[&x], &mut actual);
                let at = (0..x.len()).find(|at| actual[*at] != expected[*at]);
                let argument = at.map(|at| x[at]);
                assert_eq!(argument, None, "{operator:?} {}", engine.backend());
            }
        }
    }
}

#[test]
fn functions_agree() {
    compare(4093);
}

#[test]
#[ignore = "all 2^32 arguments: a quarter of an hour"]
fn functions_agree_for_all_arguments() {
    compare(1);
}

/// Softmax of `[+0, x]` for negative `x`: the exponential of every negative number.
#[test]
fn softmax_agrees() {
    let operator = Operator::Softmax(Softmax { n: 34 });
    let place = Place { iteration: 0, row: 0, column: 0 };
    let engines: Vec<Engine> =
        Backend::available().map(|backend| Engine::new(backend, 1).unwrap()).collect();
    let arguments: Vec<u32> = (0x8000_0000..=0xff80_0000_u32).step_by(4093).collect();
    for arguments in arguments.chunks_exact(33) {
        for zero in [0, 0x8000_0000] {
            let x: Vec<u32> = arguments.iter().copied().chain([zero]).collect();
            let mut expected = vec![0; 34];
            opml_kernels::run(&operator, place, &[&x], &mut expected);
            for engine in &engines {
                let mut actual = vec![0; 34];
                engine.run_columns(&Columns::one(operator, place), &[&x], &mut actual);
                assert_eq!(actual, expected, "{}", engine.backend());
            }
        }
    }
}
