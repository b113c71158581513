//! Bytes of the fuzzer as choices; zeros once they are used up, so that shorter means simpler.

/// Bytes to draw from.
pub struct Draw<'a> {
    bytes: &'a [u8],
}

impl<'a> Draw<'a> {
    /// Draws from `bytes`.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// Whether all bytes are used up.
    pub const fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// What is left.
    pub fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.bytes)
    }

    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        self.take(1).first().copied().unwrap_or(0)
    }

    /// One of `0..bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        let byte = usize::from(self.byte());
        if bound <= 256 {
            return byte % bound.max(1);
        }
        (byte | usize::from(self.byte()) << 8 | usize::from(self.byte()) << 16) % bound
    }

    /// One of a list that is not empty.
    pub fn pick<'l, T>(&mut self, list: &'l [T]) -> &'l T {
        &list[self.below(list.len())]
    }

    /// A number at which something happens, a small one, or any.
    pub fn number(&mut self) -> u64 {
        match self.byte() {
            kind @ 0..64 => 1 << kind,
            kind @ 64..128 => (1 << (kind - 64)) - 1,
            128..132 => u64::MAX,
            132..136 => 1 << 32,
            136..200 => self.byte().into(),
            200..224 => u64::from(u32::MAX) - u64::from(self.byte()),
            _ => self.any(),
        }
    }

    /// The next eight bytes.
    pub fn any(&mut self) -> u64 {
        (0..8).fold(0, |sum, _| sum << 8 | u64::from(self.byte()))
    }

    /// At most `count` bytes.
    pub fn take(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.bytes.split_at(count.min(self.bytes.len()));
        self.bytes = rest;
        taken
    }

    /// A few edits of bytes: single ones, numbers of four or eight bytes, what is cut off, put in or moved.
    pub fn edit(&mut self, bytes: &mut Vec<u8>) {
        let at = self.below(bytes.len() + 1);
        match self.below(8) {
            0 => bytes.truncate(at),
            1 => drop(bytes.splice(at..at, self.take(8).iter().copied())),
            2 => bytes.rotate_left(at),
            3 => self.write(bytes, at, 4),
            4 => self.write(bytes, at, 8),
            5 => drop(bytes.drain(at..bytes.len().min(at + 8))),
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= self.byte();
                }
            }
        }
    }

    fn write(&mut self, bytes: &mut [u8], at: usize, length: usize) {
        let number = self.number().to_le_bytes();
        for (place, byte) in bytes.iter_mut().skip(at).zip(&number[..length]) {
            *place = *byte;
        }
    }
}
