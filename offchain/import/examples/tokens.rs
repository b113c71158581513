//! Tokens of texts by the kernel: `tokens FOLDER [LAYOUT] < RECORDS`. A record is a length (32 bits,
//! little-endian) and as many bytes; a line of tokens is printed for each. The layout is a request's: 1, a
//! text that is continued, unless it is given. `test/tokenizer` compares them.

use std::io::{Read as _, Write as _};
use std::path::Path;

use opml_kernels::encode;
use opml_operator::geometry::Encode;
use opml_runtime::Bundle;

/// Words of a request's header; word 8 is the text's layout.
const HEADER: usize = 32;
const LAYOUT: usize = 8;
/// Most bytes and special tokens around the texts of a record.
const FRAME: u32 = 256;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).ok_or("tokens FOLDER [LAYOUT]")?;
    let layout = std::env::args().nth(2).map_or(Ok(1), |layout| layout.parse())?;
    let bundle = Bundle::open(Path::new(&folder))?;
    let tensors = bundle.manifest().tensors.iter().zip(bundle.weights());
    let table = tensors.into_iter().find(|(tensor, _)| tensor.name == "tokenizer");
    let table = table.ok_or("no tokenizer")?.1.words();
    let mut input = Vec::new();
    std::io::stdin().read_to_end(&mut input)?;
    let mut rest = input.as_slice();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    while let Some((length, more)) = rest.split_first_chunk::<4>() {
        let length = u32::from_le_bytes(*length);
        let (text, more) = more.split_at_checked(length as usize).ok_or("a record is cut off")?;
        rest = more;
        let n = length + FRAME;
        let mut request = vec![0; HEADER + n as usize / 4 + 1];
        request[0] = length;
        request[LAYOUT] = layout;
        for (index, byte) in text.iter().enumerate() {
            request[HEADER + index / 4] |= u32::from(*byte) << (index % 4 * 8);
        }
        let mut tokens = vec![0; 8 + 7 * n as usize];
        let shape = Encode { n, table: u32::try_from(table.len())? };
        encode(&shape, [&request, table], &mut tokens);
        let words: Vec<String> =
            tokens[8..][..tokens[0] as usize].iter().map(u32::to_string).collect();
        writeln!(out, "{}", words.join(" "))?;
    }
    Ok(())
}
