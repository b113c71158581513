//! Tokens that joining never forms. Some tokenizers look for a word as a whole before they join anything
//! (`ignore_merges`), which makes no difference where every token comes out of its own bytes.

use opml_kernels::encode;
use opml_operator::geometry::Encode;

use super::{HEADER, Source, Split, kind, word};
use crate::ImportError;

/// Words of a request's header; word 8 is the text's format, of which 1 is no conversation.
const REQUEST: usize = 32;
const FORMAT: usize = 8;
/// Words in front of a row of tokens.
const ROW: usize = 8;

/// An error if the encoder does not form a normal token of its own text. `before` tokens stand in front of
/// every text.
pub fn check(source: &Source<'_>, table: &[u32], before: usize) -> Result<(), ImportError> {
    let mut table = table.to_vec();
    debug_assert!(table.len() >= HEADER);
    // A token lies within a word: there is nothing to cut.
    if let Some(split) = table.first_mut() {
        *split = Split::Whole as u32;
    }
    let normal = (0..source.tokens.len()).filter(|id| source.kind(*id) == kind::NORMAL);
    let formed = |id: &usize| {
        let tokens = tokens(&table, &source.text(*id), before);
        tokens.get(before..) == Some(&[word(*id)])
    };
    let unreached: Vec<usize> = normal.filter(|id| !formed(id)).collect();
    match unreached.first() {
        None => Ok(()),
        Some(first) => Err(ImportError::Unreached {
            token: String::from_utf8_lossy(&source.text(*first)).into_owned(),
            count: unreached.len(),
        }),
    }
}

/// Tokens of a text.
fn tokens(table: &[u32], text: &[u8], before: usize) -> Vec<u32> {
    let n = text.len() + before;
    let mut request = vec![0; REQUEST + n / 4 + 1];
    request[0] = word(text.len());
    request[FORMAT] = 1;
    for (index, byte) in text.iter().enumerate() {
        request[REQUEST + index / 4] |= u32::from(*byte) << (index % 4 * 8);
    }
    let mut out = vec![0; ROW + 7 * n];
    let shape = Encode { n: word(n), table: word(table.len()) };
    encode(&shape, [&request, table], &mut out);
    let count = out.first().map_or(0, |count| *count as usize);
    out.get(ROW..ROW + count).unwrap_or_default().to_vec()
}
