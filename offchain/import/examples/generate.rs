//! Imports a GGUF file and continues a text: `generate FILE.gguf FOLDER PROMPT [TOKENS] [FORMAT]`. An
//! existing folder is used as it is. Format 0 is a message, 1 a text to continue. With `OPML_PLAIN` set every
//! tile is computed by itself, by the reference; `OPML_THREADS` and `OPML_BACKEND` choose threads and instructions.

use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

use opml_core::graph::{GraphStatus, REQUEST_PARAMS, Request};
use opml_runtime::executor::Settings;
use opml_runtime::text::TextProgram;
use opml_runtime::{Bundle, Executor};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, folder, prompt, rest @ ..] = arguments.as_slice() else {
        return Err("generate FILE.gguf FOLDER PROMPT [TOKENS] [FORMAT]".into());
    };
    let number = |index: usize| rest.get(index).map_or(Ok(0), |text| text.parse::<u32>());
    let folder = Path::new(folder);
    if !folder.exists() {
        let start = Instant::now();
        opml_import::import(
            Path::new(file),
            folder,
            &opml_import::Options::default(),
            &mut |_| {},
        )?;
        eprintln!("imported in {:.2} s", start.elapsed().as_secs_f64());
    }
    let bundle = Bundle::open(folder)?;
    let text = TextProgram::of(&bundle).ok_or("no language model")?;
    let mut params = [0; REQUEST_PARAMS];
    [params[2], params[4]] = [number(0)?, number(1)?];
    let request = Request::new(prompt.as_bytes(), 0, params)?;
    let threads = std::env::var("OPML_THREADS").ok().and_then(|count| count.parse().ok());
    let mut settings = Settings { threads, ..Settings::default() };
    if std::env::var_os("OPML_PLAIN").is_some() {
        settings.kernels = opml_kernels::run;
    }
    let mut machine = Executor::new(&bundle, &request, settings)?;
    let (start, mut shown) = (Instant::now(), 0);
    let read = text.read_prompt(&mut machine)?;
    for position in read + 1.. {
        let status = text.advance(&mut machine)?;
        let answer = text.answer(&machine, position);
        std::io::stdout().write_all(answer.text.get(shown..).unwrap_or_default())?;
        std::io::stdout().flush()?;
        shown = answer.text.len();
        if status != GraphStatus::Running {
            println!();
            let seconds = start.elapsed().as_secs_f64();
            eprintln!(
                "{status:?}: {} + {} tokens, {} steps of {} a position, {seconds:.2} s, {:.1} positions/s",
                answer.prompt,
                answer.tokens.len(),
                machine.step_count(),
                text.steps(),
                f64::from(position) / seconds,
            );
            eprintln!("{:?}\nmemory root {}", answer.tokens, machine.state().memory_root);
            let output = machine.output(bundle.manifest().output).unwrap_or_default();
            assert_eq!(output, answer.text, "the output region holds the text");
            return Ok(());
        }
    }
    Ok(())
}
