//! Where things lie in the guest, and the code around a program's body.
//!
//! A program has two entries into the same bytes. The plain one sets the registers and runs the
//! body. The other one, for QEMU alone, first installs signal handlers that write the interrupted
//! registers, HI, LO, pc and the arena to fd 1, so that the state at a trap can be compared too.

use thiserror::Error;

use crate::assembler::{Assembler, Code, Label};
use crate::elf::Image;
use crate::isa::{Insn, Op, Reg};
use crate::program::{Ending, FaultWord, Program, emit_all};

/// Address of the segment and of the code: below 2 GiB, where QEMU's user mode ends, and not in the
/// lowest 256 MiB, so that the upper bits of jumps count.
pub const CODE: u32 = 0x1040_0000;
/// Size of the arena in bytes.
pub const ARENA_BYTES: u32 = 1024;
/// The middle of the arena: a page boundary, so that accesses on both sides happen.
pub const ARENA_MIDDLE: u32 = CODE + 0x4000;
/// First byte of the arena.
pub const ARENA: u32 = ARENA_MIDDLE - ARENA_BYTES / 2;

/// The epilogue stores `$1` to `$31`, HI and LO here.
const SAVED: u32 = ARENA_MIDDLE + 0x400;
/// Registers and HI, LO in a dump, in words.
pub(crate) const SAVED_WORDS: u32 = 33;
/// The handler's own words.
const SCRATCH: u32 = ARENA_MIDDLE + 0x800;
/// Stack of the signal handler.
const SIGNAL_STACK: u32 = CODE + 0x5000;
const SIGNAL_STACK_BYTES: u32 = 0x4000;
const END: u32 = SIGNAL_STACK + SIGNAL_STACK_BYTES;

/// Starts the record that the handler writes.
pub const HANDLER_MAGIC: u32 = 0x5349_474e;
/// Parts of the record: magic and signal, pc and 32 registers (64 bits each), HI and LO, arena.
pub const HANDLER_RECORD_BYTES: usize = 8 + 8 * 33 + 16 + ARENA_BYTES as usize;

/// The code does not fit under the arena.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the code ends at {end:#x}, past the arena's start at {ARENA:#x}")]
pub struct TooLong {
    /// Where the code would end.
    pub end: u32,
}

/// A program as code and files.
#[derive(Clone, Debug)]
pub struct Linked {
    /// The code.
    pub code: Code,
    /// First word of the body.
    pub body: u32,
    /// First word after the body and its fault.
    pub epilogue: u32,
    /// The word that must trap, if one must.
    pub fault: Option<u32>,
    bytes: Vec<u8>,
    handler_entry: u32,
}

impl Linked {
    /// Assembles a program.
    pub fn new(program: &Program) -> Result<Self, TooLong> {
        let mut asm = Assembler::new(CODE);
        prologue(program, &mut asm);
        let body = asm.address();
        emit_all(&program.body, &mut asm);
        let fault = fault(program, &mut asm);
        let epilogue = asm.address();
        dump_and_exit(program, &mut asm);
        let handler_entry = handlers(&mut asm);
        let end = asm.address();
        if end > ARENA {
            return Err(TooLong { end });
        }
        let code = asm.finish();
        let mut bytes: Vec<u8> = code.words.iter().flat_map(|word| word.to_le_bytes()).collect();
        bytes.resize((ARENA - CODE) as usize, 0);
        bytes.extend_from_slice(&program.arena);
        Ok(Self { code, body, epilogue, fault, bytes, handler_entry })
    }

    /// The file that starts at the prologue.
    pub fn elf(&self) -> Vec<u8> {
        self.image().to_elf()
    }

    /// The same bytes, entered where the signal handlers are installed.
    pub fn elf_with_handlers(&self) -> Vec<u8> {
        self.image_from(self.handler_entry).to_elf()
    }

    /// What is loaded, entered at the prologue.
    pub fn image(&self) -> Image {
        self.image_from(CODE)
    }

    fn image_from(&self, entry: u32) -> Image {
        Image { entry, base: CODE, bytes: self.bytes.clone(), memory_size: END - CODE }
    }
}

/// Sets HI, LO and every register; the pinned one points into the arena.
fn prologue(program: &Program, asm: &mut Assembler) {
    let scratch = Reg::V0;
    asm.load(scratch, program.hi);
    asm.insn(Insn::source(Op::Mthi, scratch));
    asm.load(scratch, program.lo);
    asm.insn(Insn::source(Op::Mtlo, scratch));
    for reg in Reg::all().skip(1) {
        let value = if reg == program.pinned { ARENA_MIDDLE } else { program.regs[reg.index()] };
        asm.load(reg, value);
    }
}

/// Emits the trap of a program that has one, and tells where it is.
fn fault(program: &Program, asm: &mut Assembler) -> Option<u32> {
    let Ending::Fault(fault) = &program.ending else { return None };
    asm.insns(&fault.setup);
    let after = asm.label();
    if let Some(transfer) = &fault.before {
        transfer.emit(asm, after);
        asm.mark_slot();
    }
    let address = asm.address();
    let low = match fault.what {
        FaultWord::Word(word) => {
            asm.word(word);
            None
        }
        FaultWord::MisalignedJump { jump, low, slot } => {
            asm.load_address(jump.rs, after, low);
            asm.insn(jump);
            asm.slot(slot);
            Some(low)
        }
    };
    // A branch to the word after its slot would not differ from one that is not taken.
    asm.insn(Insn::NOP);
    asm.bind(after);
    Some(low.map_or(address, |low| asm.address() + low))
}

/// Writes registers, HI, LO and the arena to fd 1 and exits.
fn dump_and_exit(program: &Program, asm: &mut Assembler) {
    let base = program.pinned;
    let mut place = i16::try_from(SAVED - ARENA_MIDDLE).unwrap_or_default();
    let mut save = |asm: &mut Assembler, reg| {
        asm.insn(Insn::memory(Op::Sw, reg, base, place));
        place += 4;
    };
    for reg in Reg::all().skip(1) {
        save(asm, reg);
    }
    // All are saved by now.
    let scratch = if base == Reg::V0 { Reg::A0 } else { Reg::V0 };
    for op in [Op::Mfhi, Op::Mflo] {
        asm.insn(Insn { rd: scratch, ..Insn::bare(op) });
        save(asm, scratch);
    }
    write_fixed(asm, SAVED, SAVED_WORDS * 4);
    write_fixed(asm, ARENA, ARENA_BYTES);
    if let Ending::Exit { code, number } = program.ending {
        exit(asm, number.number(), code);
    } else {
        exit(asm, 4246, 0);
    }
}

fn exit(asm: &mut Assembler, number: u32, code: u32) {
    asm.load(Reg::A0, code);
    system_call(asm, number);
}

fn system_call(asm: &mut Assembler, number: u32) {
    asm.load(Reg::V0, number);
    asm.insn(Insn::bare(Op::Syscall));
}

fn write_fixed(asm: &mut Assembler, address: u32, length: u32) {
    asm.load(Reg::A0, 1);
    asm.load(Reg::A1, address);
    asm.load(Reg::A2, length);
    system_call(asm, 4004);
}

/// Emits the handler and the code that installs it; returns the address of the latter.
fn handlers(asm: &mut Assembler) -> u32 {
    let handler = asm.here();
    handle(asm);
    let entry = asm.address();
    install(asm, handler);
    entry
}

/// Linux calls it with a0 = signal and a2 = ucontext (o32: pc, registers and HI, LO as u64).
fn handle(asm: &mut Assembler) {
    const PC: i16 = 24 + 8;
    const HI: i16 = 24 + 552;
    let context = Reg::S0;
    asm.insn(Insn::three(Op::Or, context, Reg::A2, Reg::ZERO));
    asm.load(Reg::V0, SCRATCH);
    asm.insn(Insn::memory(Op::Sw, Reg::A0, Reg::V0, 4));
    asm.load(Reg::A1, HANDLER_MAGIC);
    asm.insn(Insn::memory(Op::Sw, Reg::A1, Reg::V0, 0));
    write_fixed(asm, SCRATCH, 8);
    for (offset, length) in [(PC, 8 * 33), (HI, 16)] {
        asm.load(Reg::A0, 1);
        asm.insn(Insn::memory(Op::Addiu, Reg::A1, context, offset));
        asm.load(Reg::A2, length);
        system_call(asm, 4004);
    }
    write_fixed(asm, ARENA, ARENA_BYTES);
    exit(asm, 4246, 0);
}

/// `sigaltstack`, then `rt_sigaction` for each signal, then the plain entry.
fn install(asm: &mut Assembler, handler: Label) {
    const SIGNALS: [u32; 5] = [4, 5, 8, 10, 11];
    const SIGINFO_AND_ONSTACK: u32 = 0x0800_0008;
    let put = |asm: &mut Assembler, offset| {
        asm.insn(Insn::memory(Op::Sw, Reg::A1, Reg::A0, offset));
    };
    asm.load(Reg::A0, SCRATCH);
    for (offset, value) in [(0, SIGNAL_STACK), (4, SIGNAL_STACK_BYTES), (8, 0)] {
        asm.load(Reg::A1, value);
        put(asm, offset);
    }
    asm.load(Reg::A1, 0);
    system_call(asm, 4206);
    for signal in SIGNALS {
        asm.load(Reg::A0, SCRATCH);
        asm.load(Reg::A1, SIGINFO_AND_ONSTACK);
        put(asm, 0);
        asm.load_address(Reg::A1, handler, 0);
        put(asm, 4);
        asm.insn(Insn::three(Op::Or, Reg::A1, Reg::A0, Reg::ZERO));
        asm.load(Reg::A0, signal);
        asm.load(Reg::A2, 0);
        asm.load(Reg::A3, 16);
        system_call(asm, 4194);
    }
    // The scratch words are zero again, as the plain entry finds them.
    asm.load(Reg::A0, SCRATCH);
    for offset in [0, 4] {
        asm.insn(Insn::memory(Op::Sw, Reg::ZERO, Reg::A0, offset));
    }
    asm.insn(Insn { imm: CODE >> 2, ..Insn::bare(Op::J) });
    asm.slot(Insn::NOP);
}
