//! ELF files of freestanding MIPS32 programs.

use object::LittleEndian as Le;
use object::elf::{self, FileHeader32, ProgramHeader32};
use object::read::elf::{FileHeader as _, ProgramHeader as _};
use thiserror::Error;

use crate::memory::MemoryError;

/// What a file loads, borrowed from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image<'f> {
    /// Address of the first instruction.
    pub entry: u32,
    /// Bytes to copy; all other memory is zero. In address order, without overlaps.
    pub segments: Vec<Segment<'f>>,
}

/// Bytes at an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment<'f> {
    /// Where the first byte goes.
    pub address: u32,
    /// The bytes that the file holds; the rest of the segment is zero.
    pub bytes: &'f [u8],
}

/// Why a file is not a program for this machine.
#[derive(Debug, Error)]
pub enum ElfError {
    /// Not a 32-bit little-endian ELF file, or cut short.
    #[error("not a 32-bit little-endian ELF file")]
    Malformed(#[from] object::read::Error),
    /// Another processor.
    #[error("the file is for machine {machine}, not for MIPS (8)")]
    Machine {
        /// `e_machine`.
        machine: u16,
    },
    /// Not a static executable.
    #[error("the file has ELF type {kind}; only static executables (ET_EXEC, 2) can be loaded")]
    Kind {
        /// `e_type`.
        kind: u16,
    },
    /// It wants a loader.
    #[error("the file is dynamically linked (segment of type {kind:#x})")]
    Dynamic {
        /// `p_type`.
        kind: u32,
    },
    /// 64-bit, release 6, microMIPS or MIPS16 code, or the n32 ABI.
    #[error("the file's flags {flags:#010x} ask for more than MIPS32 release 2 with the o32 ABI")]
    Flags {
        /// `e_flags`.
        flags: u32,
    },
    /// A segment's sizes do not fit the file or the address space.
    #[error("segment {index} at {address:#010x} does not fit the file or the address space")]
    Segment {
        /// Position among the program headers.
        index: usize,
        /// `p_vaddr`.
        address: u32,
    },
    /// Two segments claim the same address.
    #[error("the segments at {first:#010x} and {second:#010x} overlap")]
    Overlap {
        /// `p_vaddr` of one.
        first: u32,
        /// `p_vaddr` of the other.
        second: u32,
    },
    /// The first instruction's address is not a multiple of four.
    #[error("entry point {entry:#010x} is not a multiple of four")]
    Entry {
        /// `e_entry`.
        entry: u32,
    },
    /// The machine's memory refused a segment.
    #[error(transparent)]
    Memory(#[from] MemoryError),
}

/// Flags that change the instruction set or the ABI beyond MIPS32 release 2, o32: n32, microMIPS
/// and MIPS16 (the last two are not named by the `object` crate).
const FOREIGN_FLAGS: u32 = elf::EF_MIPS_ABI2.0 | 0x0200_0000 | 0x0400_0000;
/// Architecture levels that are subsets of MIPS32 release 2.
const ARCHITECTURES: [elf::FileFlags; 4] =
    [elf::EF_MIPS_ARCH_1, elf::EF_MIPS_ARCH_2, elf::EF_MIPS_ARCH_32, elf::EF_MIPS_ARCH_32R2];

impl<'f> Image<'f> {
    /// Reads what `file` loads; nothing of the machine is needed for it.
    pub fn parse(file: &'f [u8]) -> Result<Self, ElfError> {
        let header = FileHeader32::<Le>::parse(file)?;
        let endian = header.endian()?;
        check_header(header, endian)?;
        let mut spans = Vec::new();
        for (index, program) in header.program_headers(endian, file)?.iter().enumerate() {
            match program.p_type(endian) {
                elf::PT_LOAD => spans.extend(Span::read(program, index, file)?),
                kind @ (elf::PT_INTERP | elf::PT_DYNAMIC) => {
                    return Err(ElfError::Dynamic { kind: kind.0 });
                }
                _ => {}
            }
        }
        spans.sort_by_key(|span| span.segment.address);
        for pair in spans.windows(2) {
            let (first, second) = (pair[0].segment.address, pair[1].segment.address);
            if pair[0].end > u64::from(second) {
                return Err(ElfError::Overlap { first, second });
            }
        }
        let segments = spans.into_iter().map(|span| span.segment).collect();
        Ok(Self { entry: header.e_entry(endian), segments })
    }
}

fn check_header(header: &FileHeader32<Le>, endian: Le) -> Result<(), ElfError> {
    let machine = header.e_machine(endian);
    if machine != elf::EM_MIPS {
        return Err(ElfError::Machine { machine: machine.0 });
    }
    let kind = header.e_type(endian);
    if kind != elf::ET_EXEC {
        return Err(ElfError::Kind { kind: kind.0 });
    }
    let flags = header.e_flags(endian);
    if flags.0 & FOREIGN_FLAGS != 0 || !ARCHITECTURES.contains(&flags.mips_arch()) {
        return Err(ElfError::Flags { flags: flags.0 });
    }
    let entry = header.e_entry(endian);
    if !entry.is_multiple_of(4) {
        return Err(ElfError::Entry { entry });
    }
    Ok(())
}

/// A segment and where it ends in memory.
struct Span<'f> {
    segment: Segment<'f>,
    end: u64,
}

impl<'f> Span<'f> {
    /// The span of a loadable segment; `None` if it is empty.
    fn read(
        program: &ProgramHeader32<Le>,
        index: usize,
        file: &'f [u8],
    ) -> Result<Option<Self>, ElfError> {
        let address = program.p_vaddr(Le);
        let unfit = || ElfError::Segment { index, address };
        let (in_file, in_memory) = (program.p_filesz(Le), program.p_memsz(Le));
        let end = u64::from(address) + u64::from(in_memory);
        if in_file > in_memory || end > 1 << 32 {
            return Err(unfit());
        }
        let bytes = program.data(Le, file).map_err(|()| unfit())?;
        Ok((in_memory > 0).then_some(Self { segment: Segment { address, bytes }, end }))
    }
}
