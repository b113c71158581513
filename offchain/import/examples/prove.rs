//! Tiles of a model natively and in the MIPS machine: `prove FOLDER PROMPT`. The last tile of an operator of
//! every kind and shape is compared, in a position of the prompt and one of the answer.

use std::collections::BTreeSet;
use std::path::Path;

use opml_core::graph::{GraphStep, REQUEST_PARAMS, Request};
use opml_runtime::executor::Settings;
use opml_runtime::text::TextProgram;
use opml_runtime::tile::{KernelImage, TileRun};
use opml_runtime::{Bundle, Executor};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, prompt] = arguments.as_slice() else { return Err("prove FOLDER PROMPT".into()) };
    let bundle = Bundle::open(Path::new(folder))?;
    let text = TextProgram::of(&bundle).ok_or("no language model")?;
    let image = KernelImage::released()?;
    let mut params = [0; REQUEST_PARAMS];
    params[..4].copy_from_slice(&[0.8f32.to_bits(), 40, 3, 0.95f32.to_bits()]);
    let request = Request::new(prompt.as_bytes(), 7, params)?;
    let mut machine = Executor::new(&bundle, &request, Settings::default())?;
    let (mut seen, mut checked, mut instructions) = (BTreeSet::new(), 0, 0);
    let mut skipped = false;
    while let GraphStep::Tile(tile) = machine.next_step() {
        let kind = format!("{:?}", tile.operator);
        if tile.last && seen.insert(kind) {
            let finished = TileRun::new(&mut machine, &image, 256 << 20)?.finish()?;
            machine.step()?;
            let equal = machine.read(tile.output) == finished.output;
            assert!(equal, "{:?} differs: {:?}", tile.operator, finished.status);
            checked += 1;
            instructions += finished.instructions;
            println!("{} of 2^{}: {:?}", finished.instructions, tile.bound, tile.operator);
        } else {
            machine.step()?;
        }
        if tile.place.iteration == 1 && !skipped {
            skipped = true;
            text.read_prompt(&mut machine)?;
        }
    }
    println!("{checked} tiles alike, {instructions} instructions");
    Ok(())
}
