//! The tokenizer's table: a region of words, all of it data of a model. Nothing in it is trusted:
//! whatever lies outside reads as zero.

/// Words of the header.
mod header {
    pub const SPLIT: usize = 0;
    pub const DEFAULT: usize = 1;
    pub const CLASSES: usize = 2;
    pub const BYTES: usize = 3;
    pub const CHARS: usize = 4;
    pub const CHAR_COUNT: usize = 5;
    pub const LEFTS: usize = 6;
    pub const LEFT_COUNT: usize = 7;
    pub const PAIRS: usize = 8;
    pub const RESULTS: usize = 9;
    pub const LISTS: usize = 10;
}

/// How a text is cut into words before tokens are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// The words of GPT-2.
    Gpt2,
    /// The same with every numeral a word of its own.
    Digits,
    /// The words of Llama 3.
    Llama3,
    /// Not at all; characters, not bytes, are what is joined.
    Whole,
}

/// No rank: a pair that is not joined.
pub const NEVER: u32 = u32::MAX;

/// What stands for a byte without a token.
pub const NO_TOKEN: u32 = u32::MAX;

/// A tokenizer.
#[derive(Clone, Copy)]
pub struct Table<'a> {
    words: &'a [u32],
}

impl<'a> Table<'a> {
    pub const fn new(words: &'a [u32]) -> Self {
        Self { words }
    }

    fn word(&self, index: usize) -> u32 {
        self.words.get(index).copied().unwrap_or(0)
    }

    /// Word `index` of the section whose start header word `section` gives.
    fn at(&self, section: usize, index: u32) -> u32 {
        match self.word(section).checked_add(index) {
            Some(place) => self.word(place as usize),
            None => 0,
        }
    }

    pub fn split(&self) -> Split {
        match self.word(header::SPLIT) {
            0 => Split::Gpt2,
            1 => Split::Digits,
            2 => Split::Llama3,
            _ => Split::Whole,
        }
    }

    /// The token of a text without any.
    pub fn default_token(&self) -> u32 {
        self.word(header::DEFAULT)
    }

    /// Class of a character, two bits each.
    pub fn class(&self, character: u32) -> u32 {
        self.at(header::CLASSES, character / 16) >> (character % 16 * 2) & 3
    }

    /// Token of a byte, or [`NO_TOKEN`].
    pub fn byte(&self, byte: u32) -> u32 {
        self.at(header::BYTES, byte)
    }

    /// Token of a character, if it has one.
    pub fn character(&self, character: u32) -> Option<u32> {
        let count = self.word(header::CHAR_COUNT);
        self.search(header::CHARS, (0, count), character)
    }

    /// How early tokens `left` and `right` are joined; [`NEVER`] if they are not.
    pub fn rank(&self, left: u32, right: u32) -> u32 {
        if left >= self.word(header::LEFT_COUNT) {
            return NEVER;
        }
        let range = (self.at(header::LEFTS, left), self.at(header::LEFTS, left + 1));
        self.search(header::PAIRS, range, right).unwrap_or(NEVER)
    }

    /// The token that a pair of this rank becomes.
    pub fn result(&self, rank: u32) -> u32 {
        self.at(header::RESULTS, rank)
    }

    /// Items of list `number`: places in the table.
    pub fn list(&self, number: u32) -> impl ExactSizeIterator<Item = u32> + use<'a> {
        let end = self.words.len() as u32;
        let [from, to] = [0, 1].map(|next| self.at(header::LISTS, number + next).min(end));
        self.words.get(from as usize..to as usize).unwrap_or_default().iter().copied()
    }

    /// The value of `key` among the pairs of ascending keys and values in `range`.
    fn search(&self, section: usize, (mut low, mut high): (u32, u32), key: u32) -> Option<u32> {
        let most = self.words.len() as u32;
        (low, high) = (low.min(most), high.min(most));
        while low < high {
            let middle = low + (high - low) / 2;
            let found = self.at(section, 2 * middle);
            if found == key {
                return Some(self.at(section, 2 * middle + 1));
            }
            if found < key {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        None
    }
}
