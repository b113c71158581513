//! The stream of a prompt: its bytes and special tokens, a word each, put together from the request's
//! text and the lists of the tokenizer's table.

use super::table::Table;
use crate::request::{header, input_byte};

/// Marks a special token among bytes.
pub const SPECIAL: u32 = 1 << 31;

/// Lists stand between turns: number 4 x what ends + what begins. What ends: the start of the text 0, a
/// system's turn 1, a user's 2, an assistant's 3. What begins: a turn 0 to 2, or the answer 3.
const fn between(ends: u32, begins: u32) -> u32 {
    ends * 4 + begins
}

const START: u32 = 0;
const AFTER_USER: u32 = 2;
const USER: u32 = 1;
const ANSWER: u32 = 3;
/// Lists around a text that is no conversation.
const BEFORE: u32 = 16;
const AFTER: u32 = 17;

/// Bytes of the request's text.
#[derive(Clone, Copy)]
struct Text<'a> {
    request: &'a [u32],
    /// Bytes in it.
    len: u32,
}

impl Text<'_> {
    fn byte(&self, index: u32) -> u32 {
        input_byte(self.request, index)
    }

    /// Four bytes as a number.
    fn number(&self, index: u32) -> u32 {
        (0..4).fold(0, |number, byte| number | self.byte(index + byte) << (8 * byte))
    }
}

/// Where the stream is written; what is past its end is dropped.
struct Stream<'a> {
    words: &'a mut [u32],
    len: usize,
    limit: usize,
}

impl Stream<'_> {
    fn push(&mut self, word: u32) {
        if self.len < self.limit {
            self.words[self.len] = word;
            self.len += 1;
        }
    }

    fn text(&mut self, text: Text<'_>, from: u32, to: u32) {
        let to = to.min(from.saturating_add((self.limit - self.len) as u32));
        for index in from..to {
            self.push(text.byte(index));
        }
    }

    fn list(&mut self, table: Table<'_>, number: u32) {
        let room = self.limit - self.len;
        table.list(number).take(room).for_each(|item| self.push(item));
    }

    /// The last list stands at the end whatever was dropped.
    fn end(&mut self, table: Table<'_>, number: u32) {
        self.limit = self.words.len();
        self.list(table, number);
    }
}

/// Writes the stream of `request` and returns its length.
pub fn assemble(table: Table<'_>, request: &[u32], words: &mut [u32]) -> usize {
    let text = Text { request, len: request[header::LENGTH].min(words.len() as u32) };
    let format = request[header::FORMAT];
    // Room for the last list; which one that is, a conversation shows only at its end.
    let kept = match format {
        1 => table.list(AFTER).len(),
        2 => (0..=3).map(|ends| table.list(between(ends, ANSWER)).len()).max().unwrap_or(0),
        _ => table.list(between(AFTER_USER, ANSWER)).len(),
    };
    let limit = words.len().saturating_sub(kept);
    let mut stream = Stream { words, len: 0, limit };
    match format {
        1 => {
            stream.list(table, BEFORE);
            stream.text(text, 0, text.len);
            stream.end(table, AFTER);
        }
        2 => conversation(table, text, &mut stream),
        _ => {
            stream.list(table, between(START, USER));
            stream.text(text, 0, text.len);
            stream.end(table, between(AFTER_USER, ANSWER));
        }
    }
    stream.len
}

/// Turns, each a byte for its speaker, a length of four bytes, and the text.
fn conversation(table: Table<'_>, text: Text<'_>, stream: &mut Stream<'_>) {
    let (mut at, mut before) = (0_u32, START);
    while let Some(body) = at.checked_add(5)
        && body <= text.len
    {
        let speaker = text.byte(at).min(2);
        let end = body.saturating_add(text.number(at + 1)).min(text.len);
        stream.list(table, between(before, speaker));
        stream.text(text, body, end);
        (at, before) = (end, speaker + 1);
    }
    stream.end(table, between(before, ANSWER));
}
