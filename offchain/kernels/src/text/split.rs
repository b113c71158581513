//! Where words end. Rules look at characters, which are UTF-8 sequences of the stream; a byte that
//! belongs to none is a character of its own, of class "other".

use super::stream::SPECIAL;
use super::table::{Split, Table};

/// Classes of characters.
const OTHER: u32 = 0;
const LETTER: u32 = 1;
const NUMBER: u32 = 2;
const SPACE: u32 = 3;
/// Not in the table: the end of the stream, or a special token.
const NONE: u32 = 4;

/// What is no code point stands for a byte that is no character.
pub const NO_CODE: u32 = u32::MAX;

/// A character of the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Character {
    /// Code point, or [`NO_CODE`].
    pub code: u32,
    /// Bytes in it.
    pub len: usize,
}

/// The character at `at`, which is a byte.
pub fn character(stream: &[u32], at: usize) -> Character {
    let first = stream[at];
    let (len, low, code) = match first {
        0..=0x7f => return Character { code: first, len: 1 },
        0xc2..=0xdf => (2, 0x80, first & 0x1f),
        0xe0..=0xef => (3, 0x800, first & 0x0f),
        0xf0..=0xf4 => (4, 0x1_0000, first & 0x07),
        _ => return Character { code: NO_CODE, len: 1 },
    };
    let mut code = code;
    for next in at + 1..at + len {
        match stream.get(next) {
            Some(byte @ 0x80..=0xbf) => code = code << 6 | (byte & 0x3f),
            _ => return Character { code: NO_CODE, len: 1 },
        }
    }
    if code < low || code > 0x10_ffff || (0xd800..0xe000).contains(&code) {
        return Character { code: NO_CODE, len: 1 };
    }
    Character { code, len }
}

/// A stream with the rules by which it is cut.
#[derive(Clone, Copy)]
pub struct Words<'a> {
    pub table: Table<'a>,
    pub split: Split,
    pub stream: &'a [u32],
}

impl Words<'_> {
    /// End of the word that begins at `at`, where there is a byte.
    pub fn end(self, at: usize) -> usize {
        match self.split {
            Split::Whole => self.before_special(at),
            Split::Gpt2 | Split::Digits => self.gpt2(at),
            Split::Llama3 => self.llama3(at),
        }
    }

    fn before_special(self, at: usize) -> usize {
        let rest = &self.stream[at..];
        at + rest.iter().position(|word| word & SPECIAL != 0).unwrap_or(rest.len())
    }

    /// Class and code of the character at `at`, and where the next one begins.
    fn look(self, at: usize) -> (u32, u32, usize) {
        match self.stream.get(at) {
            Some(word) if word & SPECIAL == 0 => {
                let Character { code, len } = character(self.stream, at);
                let class = match code {
                    NO_CODE => OTHER,
                    // The rules name it: were it of another class, some would find no word at it.
                    0x20 => SPACE,
                    code => self.table.class(code),
                };
                (class, code, at + len)
            }
            _ => (NONE, NO_CODE, at),
        }
    }

    /// Behind the characters of `class` from `at` on.
    fn run(self, mut at: usize, class: u32) -> usize {
        while let (found, _, next) = self.look(at)
            && found == class
        {
            at = next;
        }
        at
    }

    /// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
    fn gpt2(self, at: usize) -> usize {
        if let Some(end) = self.contraction(at, 0) {
            return end;
        }
        let digits = self.split == Split::Digits;
        let (first, code, behind) = self.look(at);
        let (class, start) = match (code, self.look(behind).0) {
            (0x20, NUMBER) if digits => (SPACE, at),
            (0x20, class @ (LETTER | NUMBER | OTHER)) => (class, behind),
            _ => (first, at),
        };
        match class {
            SPACE => self.spaces(at),
            NUMBER if digits => behind,
            class => self.run(start, class),
        }
    }

    /// `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|
    /// \s*[\r\n]+|\s+(?!\S)|\s+`
    fn llama3(self, at: usize) -> usize {
        if let Some(end) = self.contraction(at, 0x20) {
            return end;
        }
        let (first, code, behind) = self.look(at);
        let second = self.look(behind).0;
        match first {
            LETTER => return self.run(at, LETTER),
            NUMBER => {
                let mut end = behind;
                for _ in 1..3 {
                    if let (NUMBER, _, next) = self.look(end) {
                        end = next;
                    }
                }
                return end;
            }
            _ if second == LETTER && !is_line_end(code) => return self.run(behind, LETTER),
            _ => {}
        }
        let start = if code == 0x20 { behind } else { at };
        if self.look(start).0 == OTHER {
            let mut end = self.run(start, OTHER);
            while let (_, code, next) = self.look(end)
                && is_line_end(code)
            {
                end = next;
            }
            return end;
        }
        self.last_line_end(at).unwrap_or_else(|| self.spaces(at))
    }

    /// Behind the last line end of the white space at `at`.
    fn last_line_end(self, mut at: usize) -> Option<usize> {
        let mut end = None;
        while let (SPACE, code, next) = self.look(at) {
            if is_line_end(code) {
                end = Some(next);
            }
            at = next;
        }
        end
    }

    /// White space: all of it at the end of a text, else all but the last character, if there are two.
    fn spaces(self, at: usize) -> usize {
        let (mut last, mut end) = (at, at);
        while let (SPACE, _, next) = self.look(end) {
            (last, end) = (end, next);
        }
        let follows = self.look(end).0;
        let whole = follows == NONE || self.split == Split::Digits && follows == NUMBER;
        if whole || last == at { end } else { last }
    }

    /// End of an English contraction; letters are compared without the bits in `ignored`.
    fn contraction(self, at: usize, ignored: u32) -> Option<usize> {
        let letter = |index: usize| self.stream.get(at + index).map_or(0, |word| word | ignored);
        if self.stream[at] != 0x27 {
            return None;
        }
        match [letter(1), letter(2)].map(char::from_u32) {
            [Some('s' | 't' | 'm' | 'd'), _] => Some(at + 2),
            [Some('r' | 'v'), Some('e')] | [Some('l'), Some('l')] => Some(at + 3),
            _ => None,
        }
    }
}

const fn is_line_end(code: u32) -> bool {
    code == 0x0a || code == 0x0d
}
