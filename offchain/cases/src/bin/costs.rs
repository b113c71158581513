//! Prints, per kernel and weight type, the case that came closest to its static cost in the MIPS
//! machine, over N cases of every flavour of numbers and 3 N of mixed ones: `costs [N]`. Then the
//! instructions of a multiply-accumulate by weight type.

#![allow(clippy::cast_precision_loss, reason = "shares are shown, not used")]

use std::collections::BTreeMap;
use std::process::ExitCode;

use opml_cases::machine::{self, RunError};
use opml_cases::{Flavor, Matrix, generate, generate_of, matmul_of};
use opml_operator::{Kernel, Operator, WeightType, cost};

/// Kernel, and weight type where it has one.
type Kind = (Kernel, Option<WeightType>);

/// The case closest to its static cost.
struct Worst {
    share: f64,
    steps: u64,
    cost: u64,
    flavor: Option<Flavor>,
    operator: Operator,
}

fn main() -> ExitCode {
    let count = std::env::args().nth(1).map_or(Ok(100), |count| count.parse());
    let Ok(count) = count else {
        eprintln!("usage: costs [CASES]");
        return ExitCode::from(2);
    };
    match worst(count).and_then(|kinds| Ok((kinds, products()?))) {
        Ok((kinds, products)) => {
            for Worst { share, steps, cost, flavor, operator } in kinds.values() {
                println!("{share:.3} {steps} of {cost}, {flavor:?} {operator:?}");
            }
            for (kind, each) in products {
                println!("{kind:?}: {each:.2} instructions a multiply-accumulate");
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn worst(count: u64) -> Result<BTreeMap<Kind, Worst>, RunError> {
    let mut kinds: BTreeMap<Kind, Worst> = BTreeMap::new();
    for kernel in Kernel::ALL {
        let flavors = Flavor::ALL.into_iter().map(Some).chain([None, None, None]).enumerate();
        let seeds = (0..count).flat_map(|seed| {
            flavors.clone().map(move |(set, flavor)| (seed + count * set as u64, flavor))
        });
        for (seed, flavor) in seeds {
            let case = match flavor {
                Some(flavor) => generate_of(kernel, flavor, seed),
                None => generate(kernel, seed),
            };
            let operator = case.tile()?.operator;
            let (steps, cost) = (machine::run(&case)?.steps, cost(&operator));
            let found = Worst { share: steps as f64 / cost as f64, steps, cost, flavor, operator };
            let worst = kinds.entry((kernel, weights(&operator)));
            let worst = worst.or_insert(Worst { share: 0.0, ..found });
            if found.share > worst.share {
                *worst = found;
            }
        }
    }
    Ok(kinds)
}

/// Instructions of a multiply-accumulate, for 64 rows of 768 usual weights.
fn products() -> Result<Vec<(WeightType, f64)>, RunError> {
    let measure = |kind| {
        let matrix = Matrix { kind, k: 768, rows: 64 };
        let case = matmul_of(matrix, Flavor::Usual, 0);
        Ok((kind, machine::run(&case)?.steps as f64 / f64::from(matrix.k * matrix.rows)))
    };
    WeightType::ALL.into_iter().map(measure).collect()
}

fn weights(operator: &Operator) -> Option<WeightType> {
    match operator {
        Operator::Matmul(matmul) => Some(matmul.matrix.kind),
        Operator::Embed(embed) => Some(embed.matrix.kind),
        _ => None,
    }
}
