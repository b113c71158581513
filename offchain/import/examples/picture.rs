//! Imports the terrain model and draws: `picture FILE.onnx FOLDER OUT SEED ...`. An existing folder is used
//! as it is; the bytes of each seed's picture go to `OUT/SEED.grey`. With `OPML_PLAIN` set every tile is
//! computed by itself, by the reference; `OPML_THREADS` and `OPML_BACKEND` choose threads and instructions.

use std::path::Path;
use std::time::Instant;

use opml_core::graph::{REQUEST_PARAMS, Request};
use opml_import::onnx::terrain;
use opml_runtime::executor::Settings;
use opml_runtime::{Bundle, Executor};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, folder, out, seeds @ ..] = arguments.as_slice() else {
        return Err("picture FILE.onnx FOLDER OUT SEED ...".into());
    };
    let (folder, out) = (Path::new(folder), Path::new(out));
    if !folder.exists() {
        let start = Instant::now();
        terrain::bundle(Path::new(file), folder, &mut |_, _| {})?;
        eprintln!("imported in {:.2} s", start.elapsed().as_secs_f64());
    }
    let bundle = Bundle::open(folder)?;
    eprintln!("2^{} steps", bundle.manifest().steps_log2);
    let threads = std::env::var("OPML_THREADS").ok().and_then(|count| count.parse().ok());
    let mut settings = Settings { threads, ..Settings::default() };
    if std::env::var_os("OPML_PLAIN").is_some() {
        settings.kernels = opml_kernels::run;
    }
    std::fs::create_dir_all(out)?;
    for seed in seeds {
        let request = Request::new(&[], seed.parse()?, [0; REQUEST_PARAMS])?;
        let mut machine = Executor::new(&bundle, &request, settings)?;
        let start = Instant::now();
        let status = machine.run(1 << bundle.manifest().steps_log2)?;
        let seconds = start.elapsed().as_secs_f64();
        let pixels = machine.output(bundle.manifest().output).ok_or("no picture")?;
        let start = Instant::now();
        let root = machine.state().memory_root;
        let hashing = start.elapsed().as_secs_f64();
        println!(
            "seed {seed}: {status:?}, {} steps, {:.1} ms and {:.1} ms for the root {root}",
            machine.step_count(),
            seconds * 1e3,
            hashing * 1e3
        );
        std::fs::write(out.join(format!("{seed}.grey")), pixels)?;
    }
    Ok(())
}
