//! What each instruction does.

use super::instruction::{Access, Instruction, Pair, Reg, TrapImm};
use super::memory::GuestOutput;
use super::{Cpu, Memory, Trap, WORD_BYTES, WordAddr, alu, partial};

/// Why the machine does not go on to the next instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop<E> {
    /// The guest did what the machine cannot do.
    Trap(Trap),
    /// The guest exited with this code.
    Exit(u8),
    /// The memory could not answer; not the guest's doing.
    Memory(E),
}

impl<E> From<Trap> for Stop<E> {
    fn from(trap: Trap) -> Self {
        Self::Trap(trap)
    }
}

/// What happens to the delay slot of a branch that is not taken.
#[derive(Clone, Copy)]
enum Slot {
    Run,
    Skip,
}

/// Executes `instruction` at `cpu.pc`: registers, memory and both program counters.
///
/// Leaves `step` and `status` to the caller, and on `Err` everything as it was.
#[inline(always)]
#[allow(clippy::inline_always, reason = "the body of the emulator's loop")]
#[allow(clippy::too_many_lines, reason = "one line an instruction")]
pub fn execute<M: Memory>(
    cpu: &mut Cpu,
    instruction: Instruction,
    memory: &mut M,
) -> Result<(), Stop<M::Error>> {
    use Instruction as I;
    match instruction {
        I::Add(r) => cpu.set(r.rd, alu::add(cpu.get(r.rs), cpu.get(r.rt))?),
        I::Addu(r) => cpu.set(r.rd, cpu.get(r.rs).wrapping_add(cpu.get(r.rt))),
        I::Sub(r) => cpu.set(r.rd, alu::sub(cpu.get(r.rs), cpu.get(r.rt))?),
        I::Subu(r) => cpu.set(r.rd, cpu.get(r.rs).wrapping_sub(cpu.get(r.rt))),
        I::And(r) => cpu.set(r.rd, cpu.get(r.rs) & cpu.get(r.rt)),
        I::Or(r) => cpu.set(r.rd, cpu.get(r.rs) | cpu.get(r.rt)),
        I::Xor(r) => cpu.set(r.rd, cpu.get(r.rs) ^ cpu.get(r.rt)),
        I::Nor(r) => cpu.set(r.rd, !(cpu.get(r.rs) | cpu.get(r.rt))),
        I::Slt(r) => cpu.set(r.rd, alu::less(cpu.get(r.rs), cpu.get(r.rt))),
        I::Sltu(r) => cpu.set(r.rd, u32::from(cpu.get(r.rs) < cpu.get(r.rt))),
        I::Movz(r) if cpu.get(r.rt) == 0 => cpu.set(r.rd, cpu.get(r.rs)),
        I::Movn(r) if cpu.get(r.rt) != 0 => cpu.set(r.rd, cpu.get(r.rs)),
        I::Movz(_) | I::Movn(_) | I::Hint => {}
        I::Mul(r) => cpu.set(r.rd, cpu.get(r.rs).wrapping_mul(cpu.get(r.rt))),

        I::Addi(r) => cpu.set(r.rt, alu::add(cpu.get(r.rs), alu::sext(r.imm))?),
        I::Addiu(r) => cpu.set(r.rt, cpu.get(r.rs).wrapping_add(alu::sext(r.imm))),
        I::Slti(r) => cpu.set(r.rt, alu::less(cpu.get(r.rs), alu::sext(r.imm))),
        I::Sltiu(r) => cpu.set(r.rt, u32::from(cpu.get(r.rs) < alu::sext(r.imm))),
        I::Andi(r) => cpu.set(r.rt, cpu.get(r.rs) & u32::from(r.imm)),
        I::Ori(r) => cpu.set(r.rt, cpu.get(r.rs) | u32::from(r.imm)),
        I::Xori(r) => cpu.set(r.rt, cpu.get(r.rs) ^ u32::from(r.imm)),
        I::Lui(r) => cpu.set(r.rt, u32::from(r.imm) << 16),

        I::Sll(s) => cpu.set(s.rd, cpu.get(s.rt).wrapping_shl(s.sa.into())),
        I::Srl(s) => cpu.set(s.rd, cpu.get(s.rt).wrapping_shr(s.sa.into())),
        I::Sra(s) => cpu.set(s.rd, alu::shift_arithmetic(cpu.get(s.rt), s.sa.into())),
        I::Rotr(s) => cpu.set(s.rd, cpu.get(s.rt).rotate_right(s.sa.into())),
        I::Sllv(s) => cpu.set(s.rd, cpu.get(s.rt).wrapping_shl(cpu.get(s.rs))),
        I::Srlv(s) => cpu.set(s.rd, cpu.get(s.rt).wrapping_shr(cpu.get(s.rs))),
        I::Srav(s) => cpu.set(s.rd, alu::shift_arithmetic(cpu.get(s.rt), cpu.get(s.rs))),
        I::Rotrv(s) => cpu.set(s.rd, cpu.get(s.rt).rotate_right(cpu.get(s.rs) & 31)),

        I::Mult(p) => cpu.set_hi_lo(alu::product(cpu.get(p.rs), cpu.get(p.rt))),
        I::Multu(p) => cpu.set_hi_lo(alu::product_unsigned(cpu.get(p.rs), cpu.get(p.rt))),
        I::Div(p) => alu::div(cpu, cpu.get(p.rs), cpu.get(p.rt)),
        I::Divu(p) => alu::divu(cpu, cpu.get(p.rs), cpu.get(p.rt)),
        I::Madd(p) => accumulate(cpu, u64::wrapping_add, alu::product, p),
        I::Maddu(p) => accumulate(cpu, u64::wrapping_add, alu::product_unsigned, p),
        I::Msub(p) => accumulate(cpu, u64::wrapping_sub, alu::product, p),
        I::Msubu(p) => accumulate(cpu, u64::wrapping_sub, alu::product_unsigned, p),
        I::Mfhi(rd) => cpu.set(rd, cpu.hi),
        I::Mflo(rd) => cpu.set(rd, cpu.lo),
        I::Mthi(rs) => cpu.hi = cpu.get(rs),
        I::Mtlo(rs) => cpu.lo = cpu.get(rs),

        I::Clz(u) => cpu.set(u.rd, cpu.get(u.source).leading_zeros()),
        I::Clo(u) => cpu.set(u.rd, cpu.get(u.source).leading_ones()),
        I::Seb(u) => cpu.set(u.rd, alu::sign_extend_byte(cpu.get(u.source))),
        I::Seh(u) => cpu.set(u.rd, alu::sign_extend_half(cpu.get(u.source))),
        I::Wsbh(u) => cpu.set(u.rd, alu::swap_half_bytes(cpu.get(u.source))),
        I::Ext(f) => cpu.set(f.rt, alu::extract(cpu.get(f.rs), f)),
        I::Ins(f) => cpu.set(f.rt, alu::insert(cpu.get(f.rt), cpu.get(f.rs), f)),

        I::J(index) => return Ok(jump(cpu, absolute(cpu, index), None)?),
        I::Jal(index) => return Ok(jump(cpu, absolute(cpu, index), Some(Reg::RA))?),
        I::Jr(rs) => return Ok(jump(cpu, cpu.get(rs), None)?),
        I::Jalr(u) => return Ok(jump(cpu, cpu.get(u.source), Some(u.rd))?),

        I::Beq(b) => return Ok(branch(cpu, cpu.get(b.rs) == cpu.get(b.rt), b.offset, Slot::Run)?),
        I::Bne(b) => return Ok(branch(cpu, cpu.get(b.rs) != cpu.get(b.rt), b.offset, Slot::Run)?),
        I::Beql(b) => {
            return Ok(branch(cpu, cpu.get(b.rs) == cpu.get(b.rt), b.offset, Slot::Skip)?);
        }
        I::Bnel(b) => {
            return Ok(branch(cpu, cpu.get(b.rs) != cpu.get(b.rt), b.offset, Slot::Skip)?);
        }
        I::Blez(b) => return Ok(branch(cpu, signed(cpu, b.rs) <= 0, b.offset, Slot::Run)?),
        I::Bgtz(b) => return Ok(branch(cpu, signed(cpu, b.rs) > 0, b.offset, Slot::Run)?),
        I::Bltz(b) => return Ok(branch(cpu, signed(cpu, b.rs) < 0, b.offset, Slot::Run)?),
        I::Bgez(b) => return Ok(branch(cpu, signed(cpu, b.rs) >= 0, b.offset, Slot::Run)?),
        I::Blezl(b) => return Ok(branch(cpu, signed(cpu, b.rs) <= 0, b.offset, Slot::Skip)?),
        I::Bgtzl(b) => return Ok(branch(cpu, signed(cpu, b.rs) > 0, b.offset, Slot::Skip)?),
        I::Bltzl(b) => return Ok(branch(cpu, signed(cpu, b.rs) < 0, b.offset, Slot::Skip)?),
        I::Bgezl(b) => return Ok(branch(cpu, signed(cpu, b.rs) >= 0, b.offset, Slot::Skip)?),
        I::Bltzal(b) => return Ok(link(cpu, signed(cpu, b.rs) < 0, b.offset, Slot::Run)?),
        I::Bgezal(b) => return Ok(link(cpu, signed(cpu, b.rs) >= 0, b.offset, Slot::Run)?),
        I::Bltzall(b) => return Ok(link(cpu, signed(cpu, b.rs) < 0, b.offset, Slot::Skip)?),
        I::Bgezall(b) => return Ok(link(cpu, signed(cpu, b.rs) >= 0, b.offset, Slot::Skip)?),

        I::Lb(a) => {
            let address = effective(cpu, a);
            let word = load(memory, address)?;
            cpu.set(a.rt, alu::sign_extend_byte(partial::byte(word, address)));
        }
        I::Lbu(a) => {
            let address = effective(cpu, a);
            cpu.set(a.rt, partial::byte(load(memory, address)?, address));
        }
        I::Lh(a) => {
            let address = aligned_half(effective(cpu, a), Trap::MisalignedLoad)?;
            let word = load(memory, address)?;
            cpu.set(a.rt, alu::sign_extend_half(partial::half(word, address)));
        }
        I::Lhu(a) => {
            let address = aligned_half(effective(cpu, a), Trap::MisalignedLoad)?;
            cpu.set(a.rt, partial::half(load(memory, address)?, address));
        }
        I::Lw(a) | I::Ll(a) => {
            let address = aligned_word(effective(cpu, a), Trap::MisalignedLoad)?;
            cpu.set(a.rt, memory.load(address).map_err(Stop::Memory)?);
        }
        I::Lwl(a) => {
            let address = effective(cpu, a);
            let word = load(memory, address)?;
            cpu.set(a.rt, partial::load_left(cpu.get(a.rt), word, address));
        }
        I::Lwr(a) => {
            let address = effective(cpu, a);
            let word = load(memory, address)?;
            cpu.set(a.rt, partial::load_right(cpu.get(a.rt), word, address));
        }
        I::Sb(a) => update(memory, effective(cpu, a), cpu.get(a.rt), partial::with_byte)?,
        I::Sh(a) => {
            let address = aligned_half(effective(cpu, a), Trap::MisalignedStore)?;
            update(memory, address, cpu.get(a.rt), partial::with_half)?;
        }
        I::Sw(a) => {
            let address = aligned_word(effective(cpu, a), Trap::MisalignedStore)?;
            memory.store(address, cpu.get(a.rt)).map_err(Stop::Memory)?;
        }
        I::Sc(a) => {
            let address = aligned_word(effective(cpu, a), Trap::MisalignedStore)?;
            memory.store(address, cpu.get(a.rt)).map_err(Stop::Memory)?;
            cpu.set(a.rt, 1);
        }
        I::Swl(a) => update(memory, effective(cpu, a), cpu.get(a.rt), partial::swl)?,
        I::Swr(a) => update(memory, effective(cpu, a), cpu.get(a.rt), partial::swr)?,

        I::Tge(p) => trap_if(signed(cpu, p.rs) >= signed(cpu, p.rt))?,
        I::Tgeu(p) => trap_if(cpu.get(p.rs) >= cpu.get(p.rt))?,
        I::Tlt(p) => trap_if(signed(cpu, p.rs) < signed(cpu, p.rt))?,
        I::Tltu(p) => trap_if(cpu.get(p.rs) < cpu.get(p.rt))?,
        I::Teq(p) => trap_if(cpu.get(p.rs) == cpu.get(p.rt))?,
        I::Tne(p) => trap_if(cpu.get(p.rs) != cpu.get(p.rt))?,
        I::Tgei(t) => trap_if(signed(cpu, t.rs) >= i32::from(t.imm))?,
        I::Tgeiu(t) => trap_if(cpu.get(t.rs) >= extended(t))?,
        I::Tlti(t) => trap_if(signed(cpu, t.rs) < i32::from(t.imm))?,
        I::Tltiu(t) => trap_if(cpu.get(t.rs) < extended(t))?,
        I::Teqi(t) => trap_if(cpu.get(t.rs) == extended(t))?,
        I::Tnei(t) => trap_if(cpu.get(t.rs) != extended(t))?,

        I::Syscall => syscall(cpu, memory)?,
        I::Break => return Err(Stop::Trap(Trap::Breakpoint)),
        I::Reserved => return Err(Stop::Trap(Trap::ReservedInstruction)),
    }
    advance(cpu);
    Ok(())
}

/// On to the next instruction.
#[inline]
const fn advance(cpu: &mut Cpu) {
    cpu.pc = cpu.next_pc;
    cpu.next_pc = cpu.next_pc.wrapping_add(WORD_BYTES);
}

/// Value of a register as a signed number.
#[inline]
const fn signed(cpu: &Cpu, reg: Reg) -> i32 {
    cpu.get(reg).cast_signed()
}

/// Sign-extended immediate of a conditional trap.
#[inline]
fn extended(trap: TrapImm) -> u32 {
    i32::from(trap.imm).cast_unsigned()
}

#[inline]
fn trap_if(condition: bool) -> Result<(), Trap> {
    if condition { Err(Trap::ConditionalTrap) } else { Ok(()) }
}

/// `HI:LO = combine(HI:LO, multiply(rs, rt))`.
#[inline]
fn accumulate(cpu: &mut Cpu, combine: fn(u64, u64) -> u64, multiply: fn(u32, u32) -> u64, p: Pair) {
    let product = multiply(cpu.get(p.rs), cpu.get(p.rt));
    cpu.set_hi_lo(combine(cpu.hi_lo(), product));
}

/// Branches and jumps must not stand in a delay slot, which shows in `next_pc` alone: the slot of
/// a branch that was not taken, or that leads to the instruction after its slot, is not one.
#[inline]
fn outside_delay_slot(cpu: &Cpu) -> Result<(), Trap> {
    if cpu.next_pc == cpu.pc.wrapping_add(WORD_BYTES) {
        Ok(())
    } else {
        Err(Trap::BranchInDelaySlot)
    }
}

/// Target of `j` and `jal`: the upper four bits are the delay slot's.
#[inline]
const fn absolute(cpu: &Cpu, index: u32) -> u32 {
    (cpu.pc.wrapping_add(WORD_BYTES) & 0xf000_0000) | (index << 2)
}

#[inline]
fn jump(cpu: &mut Cpu, target: u32, link: Option<Reg>) -> Result<(), Trap> {
    outside_delay_slot(cpu)?;
    if let Some(reg) = link {
        cpu.set(reg, cpu.next_pc.wrapping_add(WORD_BYTES));
    }
    cpu.pc = cpu.next_pc;
    cpu.next_pc = target;
    Ok(())
}

#[inline]
fn branch(cpu: &mut Cpu, taken: bool, offset: i16, slot: Slot) -> Result<(), Trap> {
    outside_delay_slot(cpu)?;
    if taken {
        let distance = i32::from(offset).cast_unsigned().wrapping_shl(2);
        cpu.pc = cpu.next_pc;
        cpu.next_pc = cpu.next_pc.wrapping_add(distance);
        return Ok(());
    }
    if matches!(slot, Slot::Skip) {
        advance(cpu);
    }
    advance(cpu);
    Ok(())
}

/// A branch that leaves its return address in `ra`, taken or not.
#[inline]
fn link(cpu: &mut Cpu, taken: bool, offset: i16, slot: Slot) -> Result<(), Trap> {
    let return_address = cpu.next_pc.wrapping_add(WORD_BYTES);
    branch(cpu, taken, offset, slot)?;
    cpu.set(Reg::RA, return_address);
    Ok(())
}

/// Address of a load or store, modulo 2^32.
#[inline]
fn effective(cpu: &Cpu, access: Access) -> u32 {
    cpu.get(access.base).wrapping_add(i32::from(access.offset).cast_unsigned())
}

#[inline]
fn aligned_half(address: u32, trap: Trap) -> Result<u32, Trap> {
    if address & 1 == 0 { Ok(address) } else { Err(trap) }
}

#[inline]
fn aligned_word(address: u32, trap: Trap) -> Result<WordAddr, Trap> {
    WordAddr::new(address).ok_or(trap)
}

/// The word around `address`.
#[inline]
fn load<M: Memory>(memory: &mut M, address: u32) -> Result<u32, Stop<M::Error>> {
    memory.load(WordAddr::containing(address)).map_err(Stop::Memory)
}

/// Replaces part of the word around `address`: `part(word, address, value)` is the new word.
#[inline]
fn update<M: Memory>(
    memory: &mut M,
    address: u32,
    value: u32,
    part: fn(u32, u32, u32) -> u32,
) -> Result<(), Stop<M::Error>> {
    let word = load(memory, address)?;
    let word = part(word, address, value);
    memory.store(WordAddr::containing(address), word).map_err(Stop::Memory)
}

/// System calls: `exit` 4001, `write` 4004, `exit_group` 4246.
#[cold]
fn syscall<M: Memory>(cpu: &mut Cpu, memory: &mut M) -> Result<(), Stop<M::Error>> {
    let argument = cpu.get(Reg::A0);
    match cpu.get(Reg::V0) {
        // As on Linux, the low byte is the code.
        4001 | 4246 => Err(Stop::Exit(argument.to_le_bytes()[0])),
        4004 => {
            if !matches!(argument, 1 | 2) {
                return Err(Stop::Trap(Trap::BadFileDescriptor));
            }
            let (address, length) = (cpu.get(Reg::A1), cpu.get(Reg::A2));
            let output = GuestOutput { descriptor: argument, address, length };
            memory.guest_wrote(output);
            cpu.set(Reg::V0, length);
            cpu.set(Reg::A3, 0);
            Ok(())
        }
        _ => Err(Stop::Trap(Trap::UnknownSyscall)),
    }
}
