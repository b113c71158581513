//! Classes of all characters: letters, numerals, white space, others.

use std::sync::LazyLock;

use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory as _};

/// Code points.
const CODES: u32 = 0x11_0000;

/// Two bits a code point, sixteen a word: 0 other, 1 letter (`\p{L}`), 2 numeral (`\p{N}`), 3 white space.
pub fn table() -> Vec<u32> {
    // A million look-ups: once a process.
    static TABLE: LazyLock<Vec<u32>> = LazyLock::new(|| {
        let word =
            |first: u32| (0..16).fold(0, |word, index| word | class(first + index) << (2 * index));
        (0..CODES).step_by(16).map(word).collect()
    });
    TABLE.clone()
}

fn class(code: u32) -> u32 {
    let Some(character) = char::from_u32(code) else { return 0 };
    match character.general_category_group() {
        GeneralCategoryGroup::Letter => 1,
        GeneralCategoryGroup::Number => 2,
        _ if character.is_whitespace() => 3,
        _ => 0,
    }
}
