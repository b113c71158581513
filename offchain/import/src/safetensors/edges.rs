//! The first pass over a text: what stands between its words.
//!
//! CLIP cuts a text at spaces, around every digit, around runs of punctuation, and in front of English
//! contractions. The text kernel joins tokens and never adds one, so the text is written anew, byte by
//! byte: digits and contractions with spaces around them, punctuation between two bytes [`EDGE`], of which
//! the second pass makes the end of a word or nothing, and of other spaces one behind every word. The text
//! is put where a request has its own.

use opml_operator::{Kernel, REQUEST_BASE};

use super::DiffusionError;
use super::tokenizer::{Joins, Lists, SPECIAL, Tokenizer, table, word};
use crate::image::{Graph, Home, Image, Step, View};

/// Stands on both sides of punctuation.
pub const EDGE: u8 = 1;
/// The token in front of a text: what a request has between length and text.
const FRAME: u32 = 256;
/// Bytes of it: the text's layout, then nothing.
const FRAME_BYTES: usize = 96;
/// The layout of a text that is no conversation.
const PLAIN: u8 = 1;
/// What contractions begin with.
const QUOTE: u8 = b'\'';
/// Most bytes that a byte becomes.
const GROWTH: u32 = 3;
/// Bytes of a slot of a token's history, as a power of two.
const SLOT_LOG2: u32 = 6;
/// Bytes of a request in front of its text.
const REQUEST_BYTES: u64 = 128;

/// A text as the second pass reads it.
pub struct Text {
    /// Laid out as a request.
    pub request: View,
    /// Most bytes in it.
    pub bytes: u32,
}

/// Adds the pass over a request's text of at most `bytes` bytes.
pub fn cut(graph: &mut Graph, bytes: u32) -> Result<Text, DiffusionError> {
    let alphabet = Alphabet::new();
    // The frame, and a space behind the text.
    let count = bytes.saturating_add(2);
    let most = count.saturating_mul(GROWTH).saturating_add(word(FRAME_BYTES));
    let mut words = |name: &str, words: &[u32]| -> Result<(View, u32), DiffusionError> {
        let vector = graph.builder().words(name, words)?;
        Ok((View::fixed(vector.place.whole()), vector.n))
    };
    let (encoder, encoder_words) = words("bytes", &alphabet.encoder())?;
    let (decoder, decoder_words) = words("words", &alphabet.decoder())?;
    let (end, _) = words("end of bytes", &[FRAME])?;
    let (none, _) = words("no prompt", &[0; 8])?;

    let request = Home::Fixed(REQUEST_BASE);
    let asked = request.view(log2(u64::from(bytes) + REQUEST_BYTES));
    let tokens = memory(graph, (8 + 7 * u64::from(count)) * 4)?;
    let params = [count, encoder_words];
    let step = Step::one(Kernel::Encode, &params, &[asked, encoder], tokens.whole());
    graph.push("bytes of a text", step)?;

    let history = memory(graph, u64::from(count) << SLOT_LOG2)?;
    graph.begin_loop(count);
    let slot = history.home.view(SLOT_LOG2).by_iterations(1 << SLOT_LOG2);
    // Behind the last byte comes what ends the history.
    let params = [count, count, FRAME, u32::MAX, u32::MAX, u32::MAX];
    let inputs = [tokens.whole(), end, request.view(log2(REQUEST_BYTES))];
    graph.push("a byte", Step::one(Kernel::Next, &params, &inputs, slot))?;
    graph.end_loop();

    // It is read as a request of so many bytes: the last ones, as many as the frame has, are zeros.
    let text = memory(graph, u64::from(most) + 2 + REQUEST_BYTES)?;
    let params = [count, decoder_words, most];
    let step = Step::one(Kernel::Decode, &params, &[history.whole(), none, decoder], text.whole());
    graph.push("words of a text", step)?;
    Ok(Text { request: text.whole(), bytes: most })
}

/// Tokens of a text.
pub struct Tokens {
    /// Their number in word 0; they begin at word 8.
    pub view: View,
    /// Most of them.
    pub n: u32,
}

impl Text {
    /// Adds the second pass.
    pub fn encode(
        &self,
        graph: &mut Graph,
        tokenizer: &Tokenizer,
    ) -> Result<Tokens, DiffusionError> {
        let table = graph.builder().words("tokenizer", &tokenizer.table)?;
        // Two special tokens stand around the text.
        let n = self.bytes.saturating_add(2);
        let view = memory(graph, (8 + 7 * u64::from(n)) * 4)?.whole();
        let inputs = [self.request, View::fixed(table.place.whole())];
        let step = Step::one(Kernel::Encode, &[n, table.n], &inputs, view);
        graph.push("tokens of a text", step)?;
        Ok(Tokens { view, n })
    }
}

fn log2(bytes: u64) -> u32 {
    bytes.next_power_of_two().ilog2()
}

/// Working memory of so many bytes.
fn memory(graph: &mut Graph, bytes: u64) -> Result<Image, DiffusionError> {
    let words = u32::try_from(bytes.div_ceil(4)).unwrap_or(u32::MAX);
    Ok(graph.image((1, 1), words)?)
}

/// Bytes as tokens of their own numbers, the frame, and English contractions.
struct Alphabet {
    joins: Joins,
    /// What tokens behind the frame become.
    texts: Vec<Vec<u8>>,
}

impl Alphabet {
    fn new() -> Self {
        let mut alphabet = Self { joins: Joins::default(), texts: Vec::new() };
        let quote = u32::from(QUOTE);
        // Behind other punctuation it begins nothing.
        for mark in (0..=u8::MAX).filter(|byte| is_mark(*byte)) {
            let both = [text(mark), text(QUOTE)].concat();
            let token = alphabet.join(u32::from(mark), quote, both.clone());
            alphabet.end(token, &both);
        }
        for letter in b"stdm".iter().copied().flat_map(cases) {
            alphabet.join(quote, u32::from(letter), vec![b' ', QUOTE, letter, b' ']);
        }
        for [first, second] in [*b"re", *b"ve", *b"ll"] {
            for first in cases(first) {
                let apart = vec![EDGE, QUOTE, EDGE, first];
                let start = alphabet.join(quote, u32::from(first), apart.clone());
                alphabet.end(start, &apart);
                for second in cases(second) {
                    let text = vec![b' ', QUOTE, first, second, b' '];
                    alphabet.join(start, u32::from(second), text);
                }
            }
        }
        for byte in (0..=u8::MAX).filter(|byte| !is_space(*byte) && !byte.is_ascii_digit()) {
            alphabet.end(u32::from(byte), &text(byte));
        }
        alphabet
    }

    /// A token keeps one space behind it. All others vanish, so that none is left where there is no word.
    fn end(&mut self, token: u32, text: &[u8]) {
        let text = [text, b" "].concat();
        let mut spaces = (0..=u8::MAX).filter(|byte| is_space(*byte)).map(u32::from);
        let Some(first) = spaces.next() else { return };
        let result = self.join(token, first, text);
        for space in spaces {
            self.joins.push(token, space, result);
        }
    }

    /// Makes a token of two.
    fn join(&mut self, left: u32, right: u32, text: Vec<u8>) -> u32 {
        let token = FRAME + 1 + word(self.texts.len());
        self.joins.push(left, right, token);
        self.texts.push(text);
        token
    }

    fn encoder(&self) -> Vec<u32> {
        let bytes: Vec<u32> = (0..FRAME).collect();
        let tokens = FRAME + 1 + word(self.texts.len());
        let frame = [FRAME | SPECIAL];
        let lists = Lists { before: &frame, after: &[u32::from(b' ')] };
        table((&bytes, tokens), &self.joins, (FRAME, lists))
    }

    /// The number of tokens, where their texts begin and where the last one ends, and the texts.
    fn decoder(&self) -> Vec<u32> {
        let mut frame = vec![0; FRAME_BYTES];
        frame[0] = PLAIN;
        let texts = (0..=u8::MAX).map(text).chain([frame]).chain(self.texts.iter().cloned());
        let texts: Vec<Vec<u8>> = texts.collect();
        let mut table = vec![word(texts.len())];
        let mut end = (texts.len() + 2) * 4;
        for length in [0].into_iter().chain(texts.iter().map(Vec::len)) {
            end += length;
            table.push(word(end));
        }
        let bytes = texts.concat();
        let number =
            |four: &[u8]| four.iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte));
        table.extend(bytes.chunks(4).map(number));
        table
    }
}

/// A letter in lower and in upper case.
fn cases(letter: u8) -> [u8; 2] {
    [letter, letter.to_ascii_uppercase()]
}

/// What becomes of a byte that is no part of a contraction.
fn text(byte: u8) -> Vec<u8> {
    match byte {
        _ if is_space(byte) => Vec::new(),
        b'0'..=b'9' => vec![b' ', byte, b' '],
        _ if is_mark(byte) => vec![EDGE, byte, EDGE],
        _ => vec![byte],
    }
}

/// White space, and what the two passes use for themselves.
pub const fn is_space(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, 0 | EDGE | 0x0b)
}

/// Punctuation, and whatever else is neither letter nor digit nor white space. All bytes outside of ASCII
/// count as letters.
pub const fn is_mark(byte: u8) -> bool {
    byte.is_ascii() && !byte.is_ascii_alphanumeric() && !is_space(byte)
}
