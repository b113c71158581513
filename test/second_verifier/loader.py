"""The state in which a program starts (docs/spec.md, 4)."""

import struct

from merkle import LEAF, Tree
from state import State, encode

PT_LOAD = 1
SP = 29


def initial_state(elf):
    """The encoded state before step 0 of the static ELF file with these bytes."""
    entry, table = struct.unpack_from("<2I", elf, 24)
    entry_size, count = struct.unpack_from("<2H", elf, 42)
    leaves = {}
    for i in range(count):
        kind, offset, address, _, size = struct.unpack_from("<5I", elf, table + i * entry_size)
        if kind == PT_LOAD:
            place(leaves, address, elf[offset : offset + size])
    memory = Tree({index: bytes(leaf) for index, leaf in leaves.items()})
    state = State(root=memory.root, pc=entry, next_pc=(entry + 4) % 2**32)
    state.regs[SP] = 0xFFFFF000
    return encode(state)


def place(leaves, address, data):
    for i, byte in enumerate(data):
        leaf = leaves.setdefault((address + i) // LEAF, bytearray(LEAF))
        leaf[(address + i) % LEAF] = byte
