//! FNV-1a over 64 bits: the checksum that all results of the workload are folded into.

const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

/// A running FNV-1a checksum.
#[derive(Clone, Copy)]
pub struct Digest(u64);

impl Digest {
    /// The checksum of no bytes.
    pub const fn new() -> Self {
        Self(OFFSET_BASIS)
    }

    /// Folds in `bytes` in order.
    pub fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(PRIME);
        }
    }

    /// Folds in a word, lowest byte first.
    pub fn word(&mut self, word: u32) {
        self.bytes(&word.to_le_bytes());
    }

    /// Folds in a doubleword, lowest byte first.
    pub fn doubleword(&mut self, word: u64) {
        self.bytes(&word.to_le_bytes());
    }

    /// The checksum so far.
    pub const fn value(self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Digest;

    #[test]
    fn published_fnv1a_vectors() {
        let of = |text: &str| {
            let mut digest = Digest::new();
            digest.bytes(text.as_bytes());
            digest.value()
        };
        assert_eq!(of(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(of("a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(of("foobar"), 0x8594_4171_f739_67e8);
    }
}
