//! `opml vm disasm`.

use anyhow::{Context as _, Result};
use opml_vm::disasm::Disassembly;
use opml_vm::elf::Image;
use serde::Serialize;

use super::Program;
use crate::output::Format;

/// Arguments.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    program: Program,
    /// First address, as a number or 0x...; by default the entry point.
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    start: Option<u32>,
    /// Number of instructions.
    #[arg(long, value_name = "N", default_value_t = 32)]
    count: u32,
    #[command(flatten)]
    format: Format,
}

/// A number in decimal or, with 0x, in hexadecimal.
fn address(text: &str) -> Result<u32, std::num::ParseIntError> {
    match text.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => text.parse(),
    }
}

/// An instruction of the listing.
#[derive(Serialize)]
struct Line {
    address: u32,
    word: u32,
    text: String,
}

impl Args {
    /// Prints the listing.
    pub fn execute(&self) -> Result<()> {
        let file = self.program.read()?;
        let image = Image::parse(&file).with_context(|| format!("{}", self.program.name()))?;
        let mut machine = self.program.machine()?;
        let start = self.start.unwrap_or(image.entry) & !3;
        let lines: Vec<Line> = (0..self.count)
            .map(|i| {
                let address = start.wrapping_add(i.wrapping_mul(4));
                let mut bytes = [0; 4];
                machine.read(address, &mut bytes)?;
                let word = u32::from_le_bytes(bytes);
                let text = Disassembly { address, word }.to_string();
                Ok(Line { address, word, text })
            })
            .collect::<Result<_>>()?;
        self.format.print(&lines, |lines| {
            let lines = lines.iter();
            let texts: Vec<String> = lines
                .map(|Line { address, word, text }| format!("{address:08x}: {word:08x}  {text}"))
                .collect();
            texts.join("\n")
        })
    }
}
