//! Strict decoding of arguments.
//!
//! A call has one encoding: offsets point where a gapless encoder puts them, padding is zero and
//! nothing follows the last argument. Nothing is copied.

use alloy_primitives::B256;

use crate::abi::IStepVerifier::{
    ArgumentOutOfRange, CalldataTooLong, CalldataTooShort, IStepVerifierErrors as Revert,
    OffsetNotCanonical, PaddingNotZero,
};

const WORD: u64 = 32;

/// The arguments that `params` (calldata behind the selector) consists of: `M` words, then `N` byte
/// strings.
pub fn arguments<const M: usize, const N: usize>(
    params: &[u8],
) -> Result<([B256; M], [&[u8]; N]), Revert> {
    let mut words = [B256::ZERO; M];
    let mut strings: [&[u8]; N] = [&[]; N];
    read(params, &mut words, &mut strings)?;
    Ok((words, strings))
}

/// One copy for all numbers of arguments.
#[inline(never)]
fn read<'a>(params: &'a [u8], words: &mut [B256], strings: &mut [&'a [u8]]) -> Result<(), Revert> {
    let (first_string, count) = (wide(words.len()), wide(strings.len()));
    for (argument, word) in (0_u64..).zip(words) {
        *word = word_at(params, argument.saturating_mul(WORD))?;
    }
    let mut end = first_string.saturating_add(count).saturating_mul(WORD);
    for (argument, string) in (first_string..).zip(strings) {
        let offset = number_at(params, argument.saturating_mul(WORD))?;
        if offset != end {
            let expected = end;
            return Err(Revert::OffsetNotCanonical(OffsetNotCanonical {
                argument,
                offset,
                expected,
            }));
        }
        let length = number_at(params, end)?;
        let start = end.saturating_add(WORD);
        let padded = length.checked_next_multiple_of(WORD).unwrap_or(u64::MAX);
        let body = slice(params, start, padded)?;
        *string = unpadded(body, length, argument)?;
        end = start.saturating_add(padded);
    }
    if wide(params.len()) > end {
        let (length, expected) = (wide(params.len()), end);
        return Err(Revert::CalldataTooLong(CalldataTooLong { length, expected }));
    }
    Ok(())
}

/// The `N` byte strings that `params` consists of.
pub fn byte_strings<const N: usize>(params: &[u8]) -> Result<[&[u8]; N], Revert> {
    let ([], strings) = arguments(params)?;
    Ok(strings)
}

/// The number in the word of argument `argument`, if its type holds it.
pub fn number<T: TryFrom<u64>>(word: &B256, argument: u64) -> Result<T, Revert> {
    exact(word)
        .and_then(|number| T::try_from(number).ok())
        .ok_or(Revert::ArgumentOutOfRange(ArgumentOutOfRange { argument }))
}

/// The first `length` bytes of `body`; the rest must be zero.
fn unpadded(body: &[u8], length: u64, argument: u64) -> Result<&[u8], Revert> {
    let data = slice(body, 0, length)?;
    let padding = body.get(data.len()..).unwrap_or_default();
    if padding.iter().any(|byte| *byte != 0) {
        return Err(Revert::PaddingNotZero(PaddingNotZero { argument }));
    }
    Ok(data)
}

/// The number at byte `at`, capped at `u64::MAX`.
fn number_at(params: &[u8], at: u64) -> Result<u64, Revert> {
    Ok(exact(&word_at(params, at)?).unwrap_or(u64::MAX))
}

/// The word at byte `at`.
fn word_at(params: &[u8], at: u64) -> Result<B256, Revert> {
    Ok(B256::from_slice(slice(params, at, WORD)?))
}

/// A word as a big-endian number, if 64 bits hold it.
fn exact(word: &B256) -> Option<u64> {
    let (high, low) = word.split_last_chunk()?;
    high.iter().all(|byte| *byte == 0).then(|| u64::from_be_bytes(*low))
}

fn slice(params: &[u8], start: u64, length: u64) -> Result<&[u8], Revert> {
    let needed = start.saturating_add(length);
    let range = usize::try_from(start).ok().zip(usize::try_from(needed).ok());
    range.and_then(|(start, end)| params.get(start..end)).ok_or_else(|| {
        let length = wide(params.len());
        Revert::CalldataTooShort(CalldataTooShort { length, needed })
    })
}

/// The length as 64 bits.
pub fn wide(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
