//! Perplexity of a text: `perplexity FOLDER TEXT WINDOWS TOKENS [LOGITS]`. Of pieces of the text the first 512
//! tokens each are read from an empty cache, the first of them given; they are written to the file TOKENS as 32-bit
//! numbers, little-endian, for `test/peers/candle` to read the same. All logits go to the file LOGITS, 32-bit
//! floats, 100 MB a window for a vocabulary of 49,152.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use opml_core::graph::{REQUEST_PARAMS, Request};
use opml_operator::{Descriptor, Kernel, Place, RegionSpec, Role};
use opml_runtime::executor::Settings;
use opml_runtime::text::TextProgram;
use opml_runtime::{Bundle, Executor};

const WINDOW: usize = 512;
/// Bytes of a piece; more than enough tokens, and fewer than a request may have.
const PIECE: usize = 3_500;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, text, windows, tokens, rest @ ..] = arguments.as_slice() else {
        return Err("perplexity FOLDER TEXT WINDOWS TOKENS [LOGITS]".into());
    };
    let mut kept = rest.first().map(File::create).transpose()?.map(BufWriter::new);
    let bundle = Bundle::open(Path::new(folder))?;
    let program = TextProgram::of(&bundle).ok_or("no language model")?;
    let head = head(&bundle).ok_or("no output head")?;
    let text = std::fs::read_to_string(text)?;
    let pieces = text.as_bytes().chunks(PIECE).take(windows.parse()?);
    let (mut loss, mut count, mut all) = (0.0, 0u32, Vec::new());
    for piece in pieces {
        let mut params = [0; REQUEST_PARAMS];
        params[4] = 1;
        let request = Request::new(piece, 0, params)?;
        let mut machine = Executor::new(&bundle, &request, Settings::default())?;
        let mut logits = Vec::new();
        for _ in 1..WINDOW {
            program.advance(&mut machine)?;
            logits.push(read(&machine, &head).ok_or("no logits")?);
        }
        if let Some(file) = &mut kept {
            for logit in logits.iter().flatten() {
                file.write_all(&logit.to_le_bytes())?;
            }
        }
        let prompt = prompt(&bundle, &machine).ok_or("no prompt")?;
        let window = prompt.get(..WINDOW).ok_or("a piece has too few tokens")?;
        for (logits, token) in logits.iter().zip(&window[1..]) {
            loss += surprise(logits, *token as usize);
            count += 1;
        }
        all.extend(window.iter().flat_map(|token| token.to_le_bytes()));
        println!("tokens {count} perplexity {:.4}", (loss / f64::from(count)).exp());
    }
    std::fs::write(tokens, all)?;
    Ok(())
}

/// Where the logits stand: the output of the last product.
fn head(bundle: &Bundle) -> Option<(RegionSpec, usize)> {
    let product = |operator: &Descriptor| operator.kernel == Kernel::Matmul.id();
    let all = bundle.program().operators().map(|(_, operator)| operator);
    let last = all.filter(product).last()?;
    let words = last.params[1] as usize;
    let log2_size = (words * 4).next_power_of_two().ilog2();
    Some((RegionSpec { base: last.output.base, log2_size, ..RegionSpec::default() }, words))
}

fn words(machine: &Executor, spec: &RegionSpec) -> Option<Vec<u32>> {
    let area = spec.at(Role::Output, Place { iteration: 0, row: 0, column: 0 }).ok()?;
    Some(machine.read(area).into_owned())
}

fn read(machine: &Executor, (spec, count): &(RegionSpec, usize)) -> Option<Vec<f32>> {
    let words = words(machine, spec)?;
    Some(words.get(..*count)?.iter().map(|word| f32::from_bits(*word)).collect())
}

/// Tokens of the prompt.
fn prompt(bundle: &Bundle, machine: &Executor) -> Option<Vec<u32>> {
    let (_, encode) = bundle.program().operators().next()?;
    let words = words(machine, &encode.output)?;
    Some(words.get(8..8 + *words.first()? as usize)?.to_vec())
}

/// Minus the logarithm of the probability of `token`.
fn surprise(logits: &[f32], token: usize) -> f64 {
    let greatest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f64 = logits.iter().map(|logit| f64::from(logit - greatest).exp()).sum();
    sum.ln() - f64::from(logits[token] - greatest)
}
