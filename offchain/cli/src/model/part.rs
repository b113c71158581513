//! `opml model prove-part`.

use alloy_primitives::{B256, Bytes};
use anyhow::{Context as _, Result, bail};
use opml_runtime::bundle::manifest::ResultKind;
use opml_runtime::part::{OutputTree, Part, PartError, Runs, Size, Tile};
use serde::Serialize;

use super::request::Question;
use super::source::Model;
use crate::output::Format;

/// Arguments.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    model: Model,
    #[command(flatten)]
    question: Question,
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    format: Format,
}

/// Which part.
#[derive(clap::Args)]
#[group(required = true, multiple = false)]
struct Which {
    /// A row of a picture, from 0 at the top.
    #[arg(long, value_name = "Y")]
    row: Option<u32>,
    /// A rectangle of a picture: first column, first row, columns, rows.
    #[arg(long, value_name = "X,Y,WIDTH,HEIGHT", value_parser = numbers::<4>)]
    tile: Option<[u32; 4]>,
    /// A pixel of a picture: column and row.
    #[arg(long, value_name = "X,Y", value_parser = numbers::<2>)]
    pixel: Option<[u32; 2]>,
    /// Bytes of any output: the first one, and how many.
    #[arg(long, value_name = "OFFSET,LENGTH", value_parser = numbers::<2>)]
    bytes: Option<[u32; 2]>,
}

/// Numbers with commas between them.
fn numbers<const N: usize>(text: &str) -> Result<[u32; N]> {
    let numbers = text.split(',').map(|part| part.trim().parse::<u32>());
    let numbers: Vec<u32> = numbers.collect::<Result<_, _>>()?;
    let count = numbers.len();
    <[u32; N]>::try_from(numbers).ok().with_context(|| format!("{count} numbers, not {N}"))
}

#[derive(Serialize)]
struct Report {
    root: B256,
    length: usize,
    log2_size: u8,
    offset: usize,
    run: usize,
    stride: usize,
    count: usize,
    bytes: Bytes,
    proof: Proof,
}

/// As the contracts take it.
#[derive(Serialize)]
struct Proof {
    leaves: Bytes,
    siblings: Vec<B256>,
}

impl Args {
    /// Runs the model natively; prints a part of its output with the proof that contracts take.
    pub fn execute(&self) -> Result<()> {
        let bundle = self.model.open()?;
        let manifest = bundle.manifest();
        let mut machine = self.question.start(&bundle)?;
        machine.run(1 << manifest.steps_log2)?;
        let Some(output) = machine.output(manifest.output) else {
            bail!("the run ends without an output");
        };
        let runs = self.which.runs(&manifest.result)?;
        let tree = OutputTree::new(&output, manifest.output.log2_size)?;
        let part = tree.part(runs)?;
        let report = Report {
            root: tree.root(),
            length: output.len(),
            log2_size: manifest.output.log2_size,
            offset: runs.offset,
            run: runs.length,
            stride: runs.stride,
            count: runs.count,
            bytes: part.bytes.clone().into(),
            proof: Proof::of(part),
        };
        self.format.print(&report, Report::text)
    }
}

impl Which {
    fn runs(&self, kind: &ResultKind) -> Result<Runs, PartError> {
        let (row, tile, pixel) = (self.row, self.tile, self.pixel);
        if let Some([offset, length]) = self.bytes {
            let [offset, length] = [offset, length].map(|number| number as usize);
            return Ok(Runs { offset, length, stride: length, count: 1 });
        }
        let size = Size::of(kind).ok_or(PartError::NoPicture)?;
        let tile = row.map(|y| [0, y, size.width, 1]).or(tile);
        let tile = tile.or_else(|| pixel.map(|[x, y]| [x, y, 1, 1]));
        let [x, y, width, height] = tile.unwrap_or_default();
        size.runs(Tile { x, y, width, height })
    }
}

impl Proof {
    fn of(part: Part) -> Self {
        Self { leaves: part.leaves.into(), siblings: part.siblings }
    }

    /// As tools for the command line take tuples.
    fn tuple(&self) -> String {
        let siblings: Vec<String> = self.siblings.iter().map(ToString::to_string).collect();
        format!("({},[{}])", self.leaves, siblings.join(","))
    }
}

impl Report {
    fn text(&self) -> String {
        format!(
            "root   {} of {} bytes in 2^{}\nbytes  {}\nproof  {}",
            self.root,
            self.length,
            self.log2_size,
            self.bytes,
            self.proof.tuple(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_numbers_have_as_many_as_are_asked_for() {
        assert_eq!(numbers::<2>("3, 4").expect("two numbers"), [3, 4]);
        for wrong in ["3", "3,4,5", "3,", "", "-1,2", "a,b"] {
            assert!(numbers::<2>(wrong).is_err(), "{wrong}");
        }
    }
}
