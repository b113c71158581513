//! Strict decoding of `bytes` arguments.
//!
//! A call has one encoding: offsets point where a gapless encoder puts them, padding is zero and
//! nothing follows the last argument. Nothing is copied.

use crate::abi::IStepVerifier::{
    CalldataTooLong, CalldataTooShort, IStepVerifierErrors as Revert, OffsetNotCanonical,
    PaddingNotZero,
};

const WORD: u64 = 32;

/// The `N` byte strings that `params` (calldata behind the selector) consists of.
pub fn byte_strings<const N: usize>(params: &[u8]) -> Result<[&[u8]; N], Revert> {
    let mut strings: [&[u8]; N] = [&[]; N];
    let mut end = wide(N).saturating_mul(WORD);
    for (argument, string) in (0_u64..).zip(&mut strings) {
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
    Ok(strings)
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

/// The big-endian word at byte `at`, capped at `u64::MAX`.
fn number_at(params: &[u8], at: u64) -> Result<u64, Revert> {
    let word = slice(params, at, WORD)?;
    let (high, low) = word.split_at(24);
    if high.iter().any(|byte| *byte != 0) {
        return Ok(u64::MAX);
    }
    Ok(low.iter().fold(0, |number, byte| (number << 8) | u64::from(*byte)))
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
