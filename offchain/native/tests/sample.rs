//! Choices from rows of a vocabulary's length, which backends look at in parts.
#![allow(clippy::unwrap_used)]

use opml_cases::{Flavor, Rng};
use opml_native::{Backend, Columns, Engine};
use opml_operator::geometry::{ArgMax, Sample};
use opml_operator::{Operator, Place};

fn check(x: &[u32], request: &[u32], iteration: u32) {
    let shape = Sample { n: u32::try_from(x.len()).unwrap() };
    let place = Place { iteration, row: 0, column: 0 };
    let mut expected = [0; 8];
    opml_kernels::sample(&shape, iteration, [x, request], &mut expected);
    for backend in Backend::available() {
        let engine = Engine::new(backend, 1).unwrap();
        let mut actual = [1; 8];
        let tiles = Columns::one(Operator::Sample(shape), place);
        engine.run_columns(&tiles, &[x, request], &mut actual);
        assert_eq!(actual, expected, "{backend}, {:?}, iteration {iteration}", &request[4..8]);
    }
}

fn check_greatest(x: &[u32]) {
    let shape = ArgMax { n: u32::try_from(x.len()).unwrap() };
    let mut expected = [0; 8];
    opml_kernels::argmax(&shape, x, &mut expected);
    for backend in Backend::available() {
        let engine = Engine::new(backend, 1).unwrap();
        let mut actual = [1; 8];
        let place = Place { iteration: 0, row: 0, column: 0 };
        engine.run_columns(&Columns::one(Operator::ArgMax(shape), place), &[x], &mut actual);
        assert_eq!(actual, expected, "{backend}");
    }
}

#[test]
fn long_rows() {
    let rng = &mut Rng::new(3);
    for case in 0..400 {
        let n = rng.within(10_000, 50_000);
        let flavor = Flavor::ALL[case % Flavor::ALL.len()];
        let mut x = flavor.numbers(rng, n);
        if rng.one_in(3) {
            // Few different elements: many are equal to the last candidate.
            let few = Flavor::Usual.numbers(rng, 40);
            x.fill_with(|| few[rng.below(40) as usize]);
        }
        if rng.one_in(3) {
            // All of the greatest in one part of the row.
            x.sort_by(|a, b| f32::from_bits(*a).total_cmp(&f32::from_bits(*b)));
        }
        let mut request = vec![0; 32];
        request[2] = rng.word();
        request[4] = [0, 0x3f80_0000, 0x3f00_0000, 0x42c8_0000][rng.below(4) as usize];
        request[5] = [0, 1, 2, 40, 255, 256, 257, 1_000][rng.below(8) as usize];
        request[7] = [0, 0x3f66_6666, 0x3f80_0000][rng.below(3) as usize];
        check(&x, &request, rng.word());
        check_greatest(&x);
    }
}
