//! Prints a digest per kernel over the first N cases, by the scalar reference on this machine:
//! `digest [N]`.

use std::process::ExitCode;

use opml_cases::{Case, digest};
use opml_operator::Kernel;

fn main() -> ExitCode {
    let count = std::env::args().nth(1).map_or(Ok(200), |count| count.parse());
    let Ok(count) = count else {
        eprintln!("usage: digest [CASES]");
        return ExitCode::from(2);
    };
    for kernel in Kernel::ALL {
        match digest::of_kernel(kernel, count, Case::reference) {
            Ok(digest) => println!("{}", digest::line(kernel, digest)),
            Err(error) => {
                eprintln!("{kernel:?}: {error}");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}
