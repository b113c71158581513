//! Prints a digest per kernel over the first N cases, by the released image in the MIPS machine:
//! `vm-digest [N]`.

use std::process::ExitCode;

use opml_cases::{digest, machine};
use opml_operator::Kernel;

fn main() -> ExitCode {
    let count = std::env::args().nth(1).map_or(Ok(200), |count| count.parse());
    let Ok(count) = count else {
        eprintln!("usage: vm-digest [CASES]");
        return ExitCode::from(2);
    };
    for kernel in Kernel::ALL {
        let compute = |case: &_| machine::run(case).map(|run| run.output);
        match digest::of_kernel(kernel, count, compute) {
            Ok(digest) => println!("{}", digest::line(kernel, digest)),
            Err(error) => {
                eprintln!("{kernel:?}: {error}");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}
