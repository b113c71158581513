//! ELF files byte by byte, as the System V ABI lays them out.

/// A loadable segment.
#[derive(Clone, Debug)]
pub struct Load {
    pub address: u32,
    pub bytes: Vec<u8>,
    /// `p_memsz`; at least the bytes.
    pub in_memory: u32,
}

impl Load {
    pub fn new(address: u32, bytes: &[u8]) -> Self {
        let in_memory = u32::try_from(bytes.len()).unwrap();
        Self { address, bytes: bytes.to_vec(), in_memory }
    }

    pub const fn with_memory(mut self, in_memory: u32) -> Self {
        self.in_memory = in_memory;
        self
    }
}

/// Offsets of fields in the file header.
pub const CLASS: usize = 4;
pub const DATA: usize = 5;
pub const KIND: usize = 16;
pub const MACHINE: usize = 18;
pub const ENTRY: usize = 24;
pub const FLAGS: usize = 36;
/// The first program header, and offsets in a program header.
pub const PROGRAM: usize = 52;
pub const P_TYPE: usize = 0;
pub const P_OFFSET: usize = 4;
pub const P_FILESZ: usize = 16;
/// Length of a program header.
pub const P_LEN: usize = 32;

/// `EF_MIPS_ARCH_32R2 | EF_MIPS_ABI_O32 | EF_MIPS_NOREORDER`.
pub const MIPS32R2_O32: u32 = 0x7000_1001;

/// A static MIPS32 release 2 executable: header, program headers, then the segments' bytes.
pub fn elf(entry: u32, segments: &[Load]) -> Vec<u8> {
    let count = u16::try_from(segments.len()).unwrap();
    let mut file = b"\x7fELF\x01\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    let half = |file: &mut Vec<u8>, value: u16| file.extend(value.to_le_bytes());
    let word = |file: &mut Vec<u8>, value: u32| file.extend(value.to_le_bytes());
    half(&mut file, 2);
    half(&mut file, 8);
    for value in [1, entry, 52, 0, MIPS32R2_O32] {
        word(&mut file, value);
    }
    for value in [52, 32, count, 40, 0, 0] {
        half(&mut file, value);
    }
    let mut offset = 52 + 32 * u32::from(count);
    for load in segments {
        let in_file = u32::try_from(load.bytes.len()).unwrap();
        let fields = [1, offset, load.address, load.address, in_file, load.in_memory, 7, 4];
        for value in fields {
            word(&mut file, value);
        }
        offset += in_file;
    }
    for load in segments {
        file.extend(&load.bytes);
    }
    file
}

/// With a little-endian word put at `offset`.
pub fn with_word(mut file: Vec<u8>, offset: usize, value: u32) -> Vec<u8> {
    file[offset..offset + 4].copy_from_slice(&value.to_le_bytes());
    file
}

/// With a little-endian half put at `offset`.
pub fn with_half(mut file: Vec<u8>, offset: usize, value: u16) -> Vec<u8> {
    file[offset..offset + 2].copy_from_slice(&value.to_le_bytes());
    file
}
