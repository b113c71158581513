"""One instruction: docs/spec.md, 2.3 to 2.6. `verifier.step` calls `execute`."""

import operations
from merkle import root_of, with_word, word_of
from state import EXITED

(RESERVED, MISALIGNED_FETCH, MISALIGNED_LOAD, MISALIGNED_STORE, OVERFLOW) = range(1, 6)
(BRANCH_IN_SLOT, CONDITIONAL_TRAP, BREAKPOINT, UNKNOWN_SYSCALL, BAD_DESCRIPTOR) = range(6, 11)
V0, A0, A2, A3, RA = 2, 4, 6, 7, 31
ALIGNMENT = {"lh": 2, "lhu": 2, "sh": 2, "lw": 4, "ll": 4, "sw": 4, "sc": 4}


class Trap(Exception):
    """The instruction traps with this code."""


def u32(value):
    return value & 0xFFFFFFFF


def execute(state, memory, name, f):
    """Changes `state` as instruction `name` with fields `f` says, or raises Trap."""
    rs, rt = state.regs[f.rs], state.regs[f.rt]
    if name in operations.BRANCHES:
        return branch(state, name, f, rs, rt)
    if name in ("j", "jal", "jr", "jalr"):
        return jump(state, name, f, rs)
    if name == "syscall":
        return syscall(state)
    if name in operations.LOADS:
        load(state, memory, name, f, rt)
    elif name in operations.STORES:
        store(state, memory, name, f, rt)
    else:
        compute(state, name, f, rs, rt)
    advance(state)


def advance(state):
    state.pc, state.next_pc = state.next_pc, u32(state.next_pc + 4)


def set_register(state, index, value):
    if index != 0:
        state.regs[index] = u32(value)


def compute(state, name, f, rs, rt):
    """Everything that neither jumps nor touches memory."""
    if name in operations.CONDITIONS:
        second = u32(operations.signed(f.imm, 16)) if name.endswith(("i", "iu")) else rt
        if operations.CONDITIONS[name](rs, second):
            raise Trap(CONDITIONAL_TRAP)
    elif name == "break":
        raise Trap(BREAKPOINT)
    elif name in operations.TO_RD:
        set_register(state, f.rd, operations.TO_RD[name](f, rs, rt))
    elif name in operations.TO_RT:
        set_register(state, f.rt, operations.TO_RT[name](f, rs, rt))
    elif name in operations.CHECKED:
        register = f.rt if name == "addi" else f.rd
        result = operations.CHECKED[name](f, rs, rt)
        if not -(2**31) <= result < 2**31:
            raise Trap(OVERFLOW)
        set_register(state, register, result)
    elif name in operations.TO_HI_LO:
        both = operations.TO_HI_LO[name](rs, rt, state.hi << 32 | state.lo)
        state.hi, state.lo = u32(both >> 32), u32(both)
    elif name in ("mfhi", "mflo"):
        set_register(state, f.rd, state.hi if name == "mfhi" else state.lo)
    elif name in ("movz", "movn"):
        if (rt == 0) == (name == "movz"):
            set_register(state, f.rd, rs)
    elif name not in ("sync", "synci", "pref"):
        raise NotImplementedError(name)


def check_slot(state):
    if state.next_pc != u32(state.pc + 4):
        raise Trap(BRANCH_IN_SLOT)


def branch(state, name, f, rs, rt):
    check_slot(state)
    slot = state.next_pc
    if name in ("bltzal", "bgezal", "bltzall", "bgezall"):
        set_register(state, RA, state.pc + 8)
    if operations.BRANCHES[name](rs, rt):
        state.pc, state.next_pc = slot, u32(slot + 4 * operations.signed(f.imm, 16))
    elif name in operations.LIKELY:
        state.pc, state.next_pc = u32(slot + 4), u32(slot + 8)
    else:
        advance(state)


def jump(state, name, f, rs):
    check_slot(state)
    slot = state.next_pc
    target = rs if name in ("jr", "jalr") else (slot & 0xF0000000) + 4 * f.target
    if name in ("jal", "jalr"):
        set_register(state, RA if name == "jal" else f.rd, slot + 4)
    state.pc, state.next_pc = slot, target


def syscall(state):
    number, a0 = state.regs[V0], state.regs[A0]
    if number in (4001, 4246):
        state.status, state.code = EXITED, a0 % 256
    elif number != 4004:
        raise Trap(UNKNOWN_SYSCALL)
    elif a0 not in (1, 2):
        raise Trap(BAD_DESCRIPTOR)
    else:
        state.regs[V0], state.regs[A3] = state.regs[A2], 0
        advance(state)


def data_address(state, name, f, trap):
    address = u32(state.regs[f.rs] + operations.signed(f.imm, 16))
    if address % ALIGNMENT.get(name, 1) != 0:
        raise Trap(trap)
    return address


def load(state, memory, name, f, rt):
    address = data_address(state, name, f, MISALIGNED_LOAD)
    leaf, _ = memory.open(address)
    set_register(state, f.rt, operations.LOADS[name](word_of(leaf, address), 8 * (address & 3), rt))


def store(state, memory, name, f, rt):
    address = data_address(state, name, f, MISALIGNED_STORE)
    leaf, path = memory.open(address)
    word = operations.STORES[name](word_of(leaf, address), 8 * (address & 3), rt)
    state.root = root_of(with_word(leaf, address, u32(word)), path, address)
    if name == "sc":
        set_register(state, f.rt, 1)
