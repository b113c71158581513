//! Arguments as words and byte strings.

use alloy_primitives::{Address, B256};
use alloy_sol_types::SolError;

use crate::encode::refusal;
use crate::{Answer, Refusal, require};

alloy_sol_types::sol! {
    /// Every contract's ABI has it.
    error BadCalldata();
}

/// Calldata behind the selector.
#[derive(Clone, Copy)]
pub struct Arguments<'a>(pub &'a [u8]);

impl<'a> Arguments<'a> {
    /// The word at position `index`.
    #[inline(never)]
    pub fn word(self, index: usize) -> Answer<B256> {
        let at = index.saturating_mul(32);
        Ok(B256::from_slice(self.slice(at, 32)?))
    }

    /// The word at `index` as a number, if it is below 2^128 and its type holds it.
    pub fn number<T: TryFrom<u128>>(self, index: usize) -> Answer<T> {
        match T::try_from(self.wide(index)?) {
            Ok(number) => Ok(number),
            Err(_) => Err(bad_calldata()),
        }
    }

    #[inline(never)]
    fn wide(self, index: usize) -> Answer<u128> {
        let word = self.word(index)?;
        let (high, low) = word.split_at(16);
        require!(high == [0; 16], BadCalldata);
        Ok(low.try_into().map(u128::from_be_bytes).unwrap_or_default())
    }

    /// The word at `index` as an address.
    #[inline(never)]
    pub fn address(self, index: usize) -> Answer<Address> {
        let word = self.word(index)?;
        require!(word.starts_with(&[0; 12]), BadCalldata);
        Ok(Address::from_word(word))
    }

    /// The byte string whose offset is the word at `index`.
    #[inline(never)]
    pub fn bytes(self, index: usize) -> Answer<&'a [u8]> {
        let offset = self.size(index.saturating_mul(32))?;
        let length = self.size(offset)?;
        let start = offset.saturating_add(32);
        self.slice(start, length)
    }

    /// What the offset in the word at `index` points to: an array, or a structure that is not all words.
    pub fn tail(self, index: usize) -> Answer<Self> {
        let offset = self.size(index.saturating_mul(32))?;
        self.0.get(offset..).map(Arguments).ok_or_else(bad_calldata)
    }

    /// What is behind the first word: the elements of an array.
    pub fn rest(self) -> Answer<Self> {
        self.0.get(32..).map(Arguments).ok_or_else(bad_calldata)
    }

    /// The word at byte `at` as a size in memory.
    #[inline]
    fn size(self, at: usize) -> Answer<usize> {
        let (high, low) = self.slice(at, 32)?.split_at(28);
        let number = low.try_into().map_or(u32::MAX, u32::from_be_bytes);
        require!(high.iter().all(|byte| *byte == 0), BadCalldata);
        Ok(usize::try_from(number).unwrap_or(usize::MAX))
    }

    #[inline]
    fn slice(self, start: usize, length: usize) -> Answer<&'a [u8]> {
        let found = self.0.get(start..start.saturating_add(length));
        require!(found.is_some(), BadCalldata);
        Ok(found.unwrap_or_default())
    }
}

#[inline]
fn bad_calldata() -> Refusal {
    refusal(BadCalldata::SELECTOR, &[])
}
