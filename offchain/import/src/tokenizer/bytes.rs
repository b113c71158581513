//! Bytes as the letters that GPT-2 writes them with.

/// How `SentencePiece` writes a space.
pub const SPACE: char = '\u{2581}';

/// Whether a byte is written as the character of its number.
const fn is_plain(byte: u8) -> bool {
    matches!(byte, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff)
}

/// The letter of a byte: its own, or one from U+0100 on for those that cannot be seen.
pub fn letter(byte: u8) -> char {
    if is_plain(byte) {
        return char::from(byte);
    }
    let hidden = (0..byte).filter(|other| !is_plain(*other)).count();
    u32::try_from(hidden).ok().and_then(|hidden| char::from_u32(0x100 + hidden)).unwrap_or_default()
}

/// The bytes of a letter: the one that it stands for, or its own in UTF-8.
pub fn bytes_of(character: char) -> Vec<u8> {
    match (0..=u8::MAX).find(|byte| letter(*byte) == character) {
        Some(byte) => vec![byte],
        None => character.to_string().into_bytes(),
    }
}
