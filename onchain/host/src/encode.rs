//! Results, events and errors as words.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256};

/// What a call reverts with: an error of the ABI, or what another contract reverted with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal(pub Vec<u8>);

/// What a function of the contract gives.
pub type Answer<T> = Result<T, Refusal>;

/// What is encoded as one word.
pub trait Word {
    /// The word.
    fn word(self) -> B256;
}

impl Word for B256 {
    #[inline]
    fn word(self) -> B256 {
        self
    }
}

impl Word for Address {
    #[inline]
    fn word(self) -> B256 {
        self.into_word()
    }
}

impl Word for u128 {
    #[inline]
    fn word(self) -> B256 {
        B256::left_padding_from(&self.to_be_bytes())
    }
}

macro_rules! numbers {
    ($($number:ty)*) => {$(
        impl Word for $number {
            #[inline]
            fn word(self) -> B256 {
                u128::from(self).word()
            }
        }
    )*};
}

numbers!(bool u8 u16 u32 u64);

/// Reverts with an error of the ABI, its arguments given as words, unless the condition holds.
#[macro_export]
macro_rules! require {
    ($condition:expr, $error:ident $(, $argument:expr)* $(,)?) => {
        if !$condition {
            return Err($crate::refusal(
                <$error as $crate::SolError>::SELECTOR,
                &[$($crate::Word::word($argument)),*],
            ));
        }
    };
}

/// An array of words.
#[macro_export]
macro_rules! words {
    ($($value:expr),* $(,)?) => { [$($crate::Word::word($value)),*] };
}

/// Emits an event of the ABI: indexed arguments, then the others, which are all words.
#[macro_export]
macro_rules! emit {
    ($event:ident [$($indexed:expr),*] $(, $argument:expr)* $(,)?) => {
        $crate::host::log(
            &$crate::words![
                <$event as $crate::SolEvent>::SIGNATURE_HASH, $($indexed),*
            ],
            &$crate::concat(&$crate::words![$($argument),*]),
        )
    };
}

/// An error with arguments that are words.
#[inline(never)]
pub fn refusal(selector: [u8; 4], arguments: &[B256]) -> Refusal {
    let mut data = selector.to_vec();
    data.extend(concat(arguments));
    Refusal(data)
}

/// Words one behind the other.
#[inline(never)]
pub fn concat(words: &[B256]) -> Vec<u8> {
    words.iter().flat_map(|word| word.0).collect()
}

/// Words, then a byte string, whose offset stands behind the words, counted from the first word.
pub fn with_bytes(words: &[B256], string: &[u8]) -> Vec<u8> {
    with_strings(words, &[string])
}

/// Words, then byte strings, whose offsets stand behind the words, counted from the first word.
#[inline(never)]
pub fn with_strings(words: &[B256], strings: &[&[u8]]) -> Vec<u8> {
    let mut data = concat(words);
    let mut end = words.len().saturating_add(strings.len()).saturating_mul(32);
    for string in strings {
        data.extend(size(end));
        end = end.saturating_add(32).saturating_add(string.len().next_multiple_of(32));
    }
    for string in strings {
        data.extend(size(string.len()));
        data.extend(*string);
        data.resize(data.len().next_multiple_of(32), 0);
    }
    data
}

/// A size in memory as a word.
#[inline]
pub fn size(bytes: usize) -> B256 {
    u128::try_from(bytes).unwrap_or(u128::MAX).word()
}
