//! What a step needs of a memory.

/// Address of a word: a multiple of four.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WordAddr(u32);

impl WordAddr {
    /// `address`, if it is a multiple of four.
    #[inline]
    pub const fn new(address: u32) -> Option<Self> {
        if address & 3 == 0 { Some(Self(address)) } else { None }
    }

    /// The word that holds the byte at `address`.
    #[inline]
    pub const fn containing(address: u32) -> Self {
        Self(address & !3)
    }

    /// The address in bytes.
    #[inline]
    pub const fn get(self) -> u32 {
        self.0
    }
}

/// A memory of 2^32 bytes, read and written by words (little-endian).
///
/// A step makes at most one `fetch`, then at most one `load` and one `store`, both of the same word.
/// Errors are the memory's own (a wrong proof, a page out of reach); the guest cannot cause one.
pub trait Memory {
    /// Why an access has no answer.
    type Error;

    /// The instruction word at `address`.
    fn fetch(&mut self, address: WordAddr) -> Result<u32, Self::Error>;

    /// The data word at `address`.
    fn load(&mut self, address: WordAddr) -> Result<u32, Self::Error>;

    /// Replaces the data word at `address`.
    fn store(&mut self, address: WordAddr, value: u32) -> Result<(), Self::Error>;

    /// Told of a `write` by the guest, for people to read. The step neither reads the bytes nor
    /// waits for them: whatever this does, the successor is the same.
    fn guest_wrote(&mut self, _output: GuestOutput) {}
}

/// Bytes that the guest writes to a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GuestOutput {
    /// 1 or 2.
    pub descriptor: u32,
    /// First byte.
    pub address: u32,
    /// Number of bytes; the range wraps at 2^32.
    pub length: u32,
}
