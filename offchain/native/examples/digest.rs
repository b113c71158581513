//! Prints what `cargo xtask kernel-targets` prints of the reference, a digest of each kernel's results,
//! for a backend of this processor: `digest CASES [BACKEND]`.

use std::process::ExitCode;

use opml_cases::{Case, digest};
use opml_native::{Backend, Columns, Engine};
use opml_operator::{Illegal, Kernel};

fn compute(engine: &Engine, case: &Case) -> Result<Vec<u32>, Illegal> {
    let tile = case.tile()?;
    let inputs: Vec<&[u32]> = case.inputs.iter().map(Vec::as_slice).collect();
    let mut output = vec![0; case.output_words()];
    engine.run_columns(&Columns::one(tile.operator, tile.place), &inputs, &mut output);
    Ok(output)
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let count = arguments.next().and_then(|count| count.parse().ok());
    let backend = arguments.next().map_or(Ok(Backend::best()), |name| name.parse());
    let (Some(count), Ok(backend)) = (count, backend) else {
        eprintln!("usage: digest CASES [scalar|portable|neon|avx2|avx512]");
        return ExitCode::from(2);
    };
    let engine = match Engine::new(backend, 1) {
        Ok(engine) => engine,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    eprintln!("{backend}");
    for kernel in Kernel::ALL {
        match digest::of_kernel(kernel, count, |case| compute(&engine, case)) {
            Ok(digest) => println!("{}", digest::line(kernel, digest)),
            Err(error) => {
                eprintln!("{kernel:?}: {error}");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}
