//! Prints, per kernel, the largest share of its static cost that a case took in the MIPS machine,
//! over N cases of every flavour of numbers: `costs [N]`.

#![allow(clippy::cast_precision_loss, reason = "shares are shown, not used")]

use std::process::ExitCode;

use opml_cases::machine::{self, RunError};
use opml_cases::{Case, Flavor, generate_of};
use opml_operator::{Kernel, Operator, cost};

/// The case closest to its static cost.
struct Worst {
    share: f64,
    steps: u64,
    cost: u64,
    flavor: Flavor,
    operator: Operator,
}

fn main() -> ExitCode {
    let count = std::env::args().nth(1).map_or(Ok(100), |count| count.parse());
    let Ok(count) = count else {
        eprintln!("usage: costs [CASES]");
        return ExitCode::from(2);
    };
    for kernel in Kernel::ALL {
        match worst(kernel, count) {
            Ok(Some(Worst { share, steps, cost, flavor, operator })) => {
                println!("{share:.3} {steps} of {cost}, {flavor:?} {operator:?}");
            }
            Ok(None) => println!("{kernel:?}: no case"),
            Err(error) => {
                eprintln!("{kernel:?}: {error}");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}

fn worst(kernel: Kernel, count: u64) -> Result<Option<Worst>, RunError> {
    let mut worst: Option<Worst> = None;
    for flavor in Flavor::ALL {
        for seed in 0..count {
            let case: Case = generate_of(kernel, flavor, seed);
            let operator = case.tile()?.operator;
            let (steps, cost) = (machine::run(&case)?.steps, cost(&operator));
            let share = steps as f64 / cost as f64;
            if worst.as_ref().is_none_or(|worst| share > worst.share) {
                worst = Some(Worst { share, steps, cost, flavor, operator });
            }
        }
    }
    Ok(worst)
}
