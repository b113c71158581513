//! A minimal executable: one loadable segment, nothing else.

/// A static little-endian MIPS32 release 2 executable with one readable, writable and executable segment.
#[derive(Clone, Debug)]
pub struct Image {
    /// Address of the first instruction.
    pub entry: u32,
    /// Address of the segment, a multiple of the page size.
    pub base: u32,
    /// Bytes of the segment.
    pub bytes: Vec<u8>,
    /// Size of the segment in memory; bytes past the file's are zero.
    pub memory_size: u32,
}

const FILE_HEADER: u16 = 52;
const PROGRAM_HEADER: u16 = 32;
/// Offset of the segment in the file, congruent to its address modulo the page size.
const SEGMENT_OFFSET: u32 = 0x1000;
const MACHINE_MIPS: u16 = 8;
/// `EF_MIPS_ARCH_32R2 | EF_MIPS_ABI_O32 | EF_MIPS_NOREORDER`.
const FLAGS: u32 = 0x7000_0000 | 0x1000 | 1;

impl Image {
    /// The ELF file.
    ///
    /// # Panics
    /// If the segment is larger than 4 GiB.
    pub fn to_elf(&self) -> Vec<u8> {
        let file_size = u32::try_from(self.bytes.len()).expect("a segment fits the address space");
        let mut elf = Vec::with_capacity(SEGMENT_OFFSET as usize + self.bytes.len());
        // ELFCLASS32, ELFDATA2LSB, EV_CURRENT
        elf.extend_from_slice(b"\x7fELF\x01\x01\x01\0\0\0\0\0\0\0\0\0");
        let (executable, version, align) = (2_u16, 1_u32, 0x1000_u32);
        push16(&mut elf, &[executable, MACHINE_MIPS]);
        push32(&mut elf, &[version, self.entry, u32::from(FILE_HEADER), 0, FLAGS]);
        push16(&mut elf, &[FILE_HEADER, PROGRAM_HEADER, 1, 0, 0, 0]);
        let (load, read_write_execute) = (1, 7);
        push32(&mut elf, &[load, SEGMENT_OFFSET, self.base, self.base]);
        push32(&mut elf, &[file_size, self.memory_size.max(file_size), read_write_execute, align]);
        elf.resize(SEGMENT_OFFSET as usize, 0);
        elf.extend_from_slice(&self.bytes);
        elf
    }
}

fn push16(to: &mut Vec<u8>, values: &[u16]) {
    to.extend(values.iter().flat_map(|value| value.to_le_bytes()));
}

fn push32(to: &mut Vec<u8>, values: &[u32]) {
    to.extend(values.iter().flat_map(|value| value.to_le_bytes()));
}
