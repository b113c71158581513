//! Strict decoding of arguments.
//!
//! Arguments have one encoding: offsets point where a gapless encoder puts them, padding is zero and
//! nothing follows the last one.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256};

use crate::abi::IGame::{
    ArgumentOutOfRange, CalldataTooLong, CalldataTooShort, OffsetNotCanonical, PaddingNotZero,
};
use crate::revert::Revert;

const WORD: u64 = 32;

/// Reads arguments in their order.
pub struct Reader<'a> {
    params: &'a [u8],
    /// Number of the next argument.
    argument: u64,
    /// Where the next argument of variable length has to begin.
    end: u64,
}

impl<'a> Reader<'a> {
    /// A reader of `count` arguments, encoded in `params`.
    pub const fn new(params: &'a [u8], count: u8) -> Self {
        Self { params, argument: 0, end: (count as u64).saturating_mul(WORD) }
    }

    /// Number of the next argument.
    pub const fn argument(&self) -> u64 {
        self.argument
    }

    /// A word.
    pub fn word(&mut self) -> Result<B256, Revert> {
        let word = self.word_at(self.argument.saturating_mul(WORD))?;
        self.argument = self.argument.saturating_add(1);
        Ok(word)
    }

    /// A number, if its type holds it.
    pub fn number<T: TryFrom<u64>>(&mut self) -> Result<T, Revert> {
        let out_of_range = ArgumentOutOfRange { argument: self.argument };
        let word = self.word()?;
        exact(&word).and_then(|number| T::try_from(number).ok()).ok_or(out_of_range.into())
    }

    /// An address.
    pub fn address(&mut self) -> Result<Address, Revert> {
        let out_of_range = ArgumentOutOfRange { argument: self.argument };
        let word = self.word()?;
        let (high, low) = word.split_last_chunk::<20>().unwrap_or((&[], &[0; 20]));
        if high.iter().any(|byte| *byte != 0) {
            return Err(out_of_range.into());
        }
        Ok(Address::new(*low))
    }

    /// A byte string.
    pub fn bytes(&mut self) -> Result<&'a [u8], Revert> {
        let argument = self.argument;
        let length = self.length()?;
        let padded = self.body(length.checked_next_multiple_of(WORD).unwrap_or(u64::MAX))?;
        let (data, padding) = usize::try_from(length)
            .ok()
            .and_then(|length| padded.split_at_checked(length))
            .unwrap_or((padded, &[]));
        if padding.iter().any(|byte| *byte != 0) {
            return Err(PaddingNotZero { argument }.into());
        }
        Ok(data)
    }

    /// A list of words.
    pub fn words(&mut self) -> Result<Vec<B256>, Revert> {
        let count = self.length()?;
        let body = self.body(count.saturating_mul(WORD))?;
        Ok(body.as_chunks::<32>().0.iter().map(B256::from).collect())
    }

    /// Nothing follows.
    pub fn finish(self) -> Result<(), Revert> {
        let (length, expected) = (wide(self.params.len()), self.end);
        if length > expected {
            return Err(CalldataTooLong { length, expected }.into());
        }
        Ok(())
    }

    /// The length of the next argument, which has to begin behind what was read.
    fn length(&mut self) -> Result<u64, Revert> {
        let argument = self.argument;
        let (offset, expected) = (capped(&self.word()?), self.end);
        if offset != expected {
            return Err(OffsetNotCanonical { argument, offset, expected }.into());
        }
        let length = capped(&self.word_at(expected)?);
        self.end = expected.saturating_add(WORD);
        Ok(length)
    }

    fn body(&mut self, length: u64) -> Result<&'a [u8], Revert> {
        let body = slice(self.params, self.end, length)?;
        self.end = self.end.saturating_add(length);
        Ok(body)
    }

    fn word_at(&self, at: u64) -> Result<B256, Revert> {
        Ok(B256::from_slice(slice(self.params, at, WORD)?))
    }
}

/// The first four bytes, padded with zeros where there are fewer, and the rest.
pub fn split_selector(calldata: &[u8]) -> ([u8; 4], &[u8]) {
    if let Some((selector, params)) = calldata.split_first_chunk() {
        return (*selector, params);
    }
    let mut selector = [0; 4];
    for (to, from) in selector.iter_mut().zip(calldata) {
        *to = *from;
    }
    (selector, &[])
}

/// A word as a big-endian number, if 64 bits hold it.
pub fn exact(word: &B256) -> Option<u64> {
    let (high, low) = word.split_last_chunk()?;
    high.iter().all(|byte| *byte == 0).then(|| u64::from_be_bytes(*low))
}

fn capped(word: &B256) -> u64 {
    exact(word).unwrap_or(u64::MAX)
}

#[inline(never)]
fn slice(params: &[u8], start: u64, length: u64) -> Result<&[u8], Revert> {
    let needed = start.saturating_add(length);
    let range = usize::try_from(start).ok().zip(usize::try_from(needed).ok());
    range.and_then(|(start, end)| params.get(start..end)).ok_or_else(|| {
        let length = wide(params.len());
        CalldataTooShort { length, needed }.into()
    })
}

/// The length as 64 bits.
pub fn wide(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
