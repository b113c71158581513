//! Text to tokens and back.

mod join;
mod split;
mod stream;
mod table;

use opml_operator::geometry::{Decode, Encode, Next};

use crate::request::header;
use join::Joiner;
use split::{NO_CODE, Words, character};
use stream::SPECIAL;
use table::{NO_TOKEN, Split, Table};

/// Words in front of a row of tokens.
const HEADER: usize = 8;

/// Word 0 of `out` = number of tokens; words 8 on: the tokens of the request's text in the tokenizer's
/// format. Inputs: request, table.
pub fn encode(shape: &Encode, inputs: [&[u32]; 2], out: &mut [u32]) {
    let [request, table] = inputs;
    let n = shape.n as usize;
    let table = Table::new(&table[..shape.table as usize]);
    let (head, rest) = out.split_at_mut(HEADER);
    let (tokens, rest) = rest.split_at_mut(n);
    let len = stream::assemble(table, request, tokens);
    let mut joiner = Joiner::new(table, &mut *rest, n);
    let (mut at, mut count) = (0, 0);
    while at < len {
        let word = tokens[at];
        if word & SPECIAL != 0 {
            tokens[count] = word & !SPECIAL;
            (at, count) = (at + 1, count + 1);
            continue;
        }
        let split = table.split();
        let end = Words { table, split, stream: &tokens[..len] }.end(at);
        let symbols = symbols(table, tokens, at, end);
        count = joiner.join(tokens, at..symbols, count);
        at = end;
    }
    if count == 0 {
        (tokens[0], count) = (table.default_token(), 1);
    }
    head[0] = count as u32;
    // What is left of the work behind the tokens.
    tokens[count..].fill(0);
    rest[..6 * n].fill(0);
}

/// Turns the bytes `at..end` of the stream into tokens in place, and returns where they end. Bytes
/// without a token are dropped.
fn symbols(table: Table<'_>, stream: &mut [u32], at: usize, end: usize) -> usize {
    let whole = table.split() == Split::Whole;
    let (mut from, mut place) = (at, at);
    while from < end {
        let mut behind = from + 1;
        let mut known = None;
        if whole {
            let found = character(&stream[..end], from);
            behind = from + found.len;
            known = table.character(found.code).filter(|_| found.code != NO_CODE);
        }
        if let Some(token) = known {
            stream[place] = token;
            place += 1;
            from = behind;
        }
        while from < behind {
            let token = table.byte(stream[from]);
            stream[place] = token;
            place += usize::from(token != NO_TOKEN);
            from += 1;
        }
    }
    place
}

/// The history's slot of position `iteration`. Word 0: 0 if the text goes on, 1 if the token ends it and
/// is no part of it, 2 if the token is the last one. Word 8: the token. Inputs: prompt, choice, request.
pub fn next(shape: &Next, iteration: u32, inputs: [&[u32]; 3], out: &mut [u32]) {
    let [prompt, choice, request] = inputs;
    let length = prompt[0];
    if let Some(before) = iteration.checked_sub(length) {
        let most = request[header::MOST_NEW];
        let last = before >= most.wrapping_sub(1) || iteration >= shape.capacity - 1;
        out[0] = if shape.stops.contains(&choice[0]) { 1 } else { u32::from(last) * 2 };
        out[HEADER] = choice[0];
    } else if iteration < shape.n {
        out[HEADER] = prompt[HEADER + iteration as usize];
    }
}

/// Words of a slot of the history.
const SLOT: usize = 16;

/// The output: length, and bytes of the tokens behind the prompt. Inputs: history, prompt, table.
pub fn decode(shape: &Decode, inputs: [&[u32]; 3], out: &mut [u32]) {
    let [history, prompt, table] = inputs;
    let table = Vocabulary { words: &table[..shape.table as usize] };
    let out_bytes = &mut out[HEADER..];
    let mut len = 0;
    let slots = history.chunks_exact(SLOT).take(shape.capacity as usize);
    for slot in slots.skip(prompt[0] as usize) {
        if slot[0] == 1 {
            break;
        }
        for byte in table.bytes(slot[HEADER]).take((shape.bytes - len) as usize) {
            out_bytes[len as usize / 4] |= byte << (len % 4 * 8);
            len += 1;
        }
        if slot[0] != 0 {
            break;
        }
    }
    out[0] = len;
}

/// The vocabulary's table: the number of tokens, where each one's bytes begin and where the last one's
/// end (bytes of the table), and bytes.
struct Vocabulary<'a> {
    words: &'a [u32],
}

impl<'a> Vocabulary<'a> {
    fn word(&self, index: u32) -> u32 {
        self.words.get(index as usize).copied().unwrap_or(0)
    }

    fn bytes(&self, token: u32) -> impl Iterator<Item = u32> + use<'a> {
        let (from, to) = if token < self.word(0).min(u32::MAX - 2) {
            (self.word(token + 1), self.word(token + 2))
        } else {
            (0, 0)
        };
        let words = self.words;
        let word = move |index: u32| words.get(index as usize).copied().unwrap_or(0);
        (from..to).map(move |index| word(index / 4) >> (index % 4 * 8) & 0xff)
    }
}
