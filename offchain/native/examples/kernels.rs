//! Measures the kernels: `kernels [--quick] [BACKEND]`.

use opml_native::measure::{Effort, measure};
use opml_native::{Backend, EngineError};

fn main() -> Result<(), EngineError> {
    let mut effort = Effort::Full;
    let mut backend = Backend::best();
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--quick" => effort = Effort::Quick,
            name => backend = name.parse()?,
        }
    }
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    println!("{}", measure(backend, threads, effort)?);
    Ok(())
}
