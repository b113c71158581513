//! Whatever `legal` accepts is computed, alike in both machines: cases with numbers of their
//! descriptors changed at random.
#![allow(clippy::unwrap_used)]

use opml_cases::{Case, Rng, generate, machine};
use opml_operator::{Kernel, PARAMS, cost};

/// Changed cases tried for each kernel.
const CASES: u64 = 2000;
/// Instructions above which a case takes too long.
const LONG: u64 = 3_000_000;

/// A number that a rule could have forgotten.
fn number(rng: &mut Rng, old: u32) -> u32 {
    match rng.below(8) {
        0 => 0,
        1 => rng.below(4),
        2 => old.wrapping_add(1),
        3 => old.wrapping_sub(1),
        4 => old.wrapping_mul(2),
        5 => rng.below(300),
        6 => 1 << rng.below(32),
        _ => rng.word(),
    }
}

fn change(case: &mut Case, rng: &mut Rng) {
    let descriptor = &mut case.descriptor;
    for _ in 0..rng.within(1, 3) {
        match rng.below(8) {
            0 => descriptor.tiles = number(rng, descriptor.tiles),
            1 => descriptor.columns = number(rng, descriptor.columns),
            2 => case.tile = number(rng, case.tile),
            3 => case.iteration = number(rng, case.iteration),
            4 => descriptor.output.log2_size = rng.within(5, 14),
            5 => {
                let input = rng.below(descriptor.input_count) as usize;
                descriptor.input_specs[input].log2_size = rng.within(5, 14);
            }
            _ => {
                let param = rng.below(8) as usize % PARAMS;
                descriptor.params[param] = number(rng, descriptor.params[param]);
            }
        }
    }
    for (input, spec) in case.inputs.iter_mut().zip(&descriptor.input_specs) {
        input.resize(1 << spec.log2_size >> 2, 0x3f80_0000);
    }
}

#[test]
fn what_is_legal_is_computed() {
    for kernel in Kernel::ALL {
        let mut computed = 0;
        for seed in 0..CASES {
            let mut case = generate(kernel, seed);
            change(&mut case, &mut Rng::new(seed));
            let Ok(tile) = case.tile() else { continue };
            if cost(&tile.operator) > LONG {
                continue;
            }
            let run =
                machine::run(&case).unwrap_or_else(|error| panic!("{seed} {tile:?}: {error}"));
            assert!(run.output == case.reference().unwrap(), "{seed} {tile:?}");
            computed += 1;
        }
        assert!(computed > CASES / 20, "{kernel:?}: {computed}");
    }
}
