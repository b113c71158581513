#!/usr/bin/env python3
"""Prints steps from arbitrary states, one JSON object a line, with what the second verifier says of them.

    cases.py SEED COUNT

Fields: `state`, `witness`, and `result`: the hash of the successor, or the class of the refusal. Every second case is
the one before it, damaged. No program leads to most of these states; the contract must judge them all the same.
"""

import json
import random
import sys

import operations
from decoder import NAMES, OTHER, TABLES, Fields, decode
from merkle import LEAF, Tree, with_word
from state import EXITED, RUNNING, TRAPPED, State, encode
from verifier import Refused, state_hash, step

EDGES = [0, 1, 2, 3, 4, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0xFFFF8000]
EDGES += [0x7FFFFFFF, 0x80000000, 0x80000001, 0xFFFFFFFC, 0xFFFFFFFE, 0xFFFFFFFF]
SYSCALLS = [4001, 4004, 4246, 4003, 0]
SHIFT = {"opcode": 26, "rs": 21, "rt": 16, "rd": 11, "sa": 6, "function": 0}


def number(rng):
    return rng.choice(EDGES) if rng.random() < 0.5 else rng.getrandbits(32)


def with_field(word, key, value):
    mask = 63 if key in ("opcode", "function") else 31
    return word & ~(mask << SHIFT[key]) | value << SHIFT[key]


def word_of_a_row(rng, name):
    """An encoding of instruction `name` with any operands."""
    tables = [*((opcode, key, rows) for opcode, (key, rows) in TABLES.items()), (None, "opcode", OTHER)]
    opcode, key, (deciding, _, required) = next(
        (opcode, key, row) for opcode, key, rows in tables for row in rows if row[1] == name
    )
    word = rng.getrandbits(32)
    if opcode is not None:
        word = with_field(word, "opcode", opcode)
    for field, value in {key: deciding, **required}.items():
        word = with_field(word, field, value)
    return with_field(word, "rd", Fields(word).rt) if name in ("clz", "clo") else word


def some_word(rng):
    word = rng.getrandbits(32) if rng.random() < 0.1 else word_of_a_row(rng, rng.choice(NAMES))
    # One bit away from an instruction is where decoders err.
    return word ^ 1 << rng.randrange(32) if rng.random() < 0.1 else word


def some_state(rng):
    pc = number(rng) & ~3 if rng.random() < 0.97 else number(rng)
    state = State(pc=pc, next_pc=(pc + 4) % 2**32 if rng.random() < 0.8 else number(rng))
    state.hi, state.lo = number(rng), number(rng)
    state.regs = [0] + [number(rng) for _ in range(31)]
    if rng.random() < 0.9:
        state.regs[2] = rng.choice(SYSCALLS)
        state.regs[4] = rng.choice([1, 2, state.regs[4]])
    state.step = rng.choice([0, 2**32 - 1, 2**64 - 1, rng.getrandbits(64)])
    if rng.random() < 0.04:
        state.status = rng.choice([EXITED, TRAPPED])
        state.code = rng.randrange(256) if state.status == EXITED else rng.randrange(1, 11)
    return state


def some_case(rng):
    """A state about to execute some word, and its witness."""
    state, word = some_state(rng), some_word(rng)
    name, f = decode(word), Fields(word)
    data = (state.regs[f.rs] + operations.sext(f)) % 2**32
    leaves = {data // LEAF: rng.randbytes(LEAF)}
    leaves[state.pc // LEAF] = with_word(rng.randbytes(LEAF), state.pc, word)
    memory = Tree(leaves)
    state.root = memory.root
    if state.status != RUNNING or state.pc % 4 != 0:
        return encode(state), b""
    fetch = memory.proof(state.pc)
    touches_data = name in operations.LOADS or name in operations.STORES
    both = fetch + memory.proof(data)
    # A step that traps before it touches the data word takes the shorter witness.
    return encode(state), both if touches_data and not refused(encode(state), both) else fetch


def refused(state, witness):
    try:
        step(state, witness)
    except Refused:
        return True
    return False


def damaged(state, witness, rng):
    """One of the two with a bit flipped, bytes cut off or added, or a status and code that may not go together."""
    match rng.randrange(6):
        case 0:
            return flip(state, rng), witness
        case 1:
            return resize(state, rng), witness
        case 2:
            return state[:184] + bytes([0, 0, 0, rng.randrange(4), 0, 0, rng.randrange(2), rng.randrange(13)]), witness
        case 3:
            return state, resize(witness, rng)
        case _:
            return (state, flip(witness, rng)) if witness else (flip(state, rng), witness)


def flip(data, rng):
    changed = bytearray(data)
    changed[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def resize(data, rng):
    """Shorter or longer by 1, 32 or 896 bytes."""
    by = rng.choice([1, 32, 896])
    return data[:-by] if data and rng.random() < 0.5 else data + rng.randbytes(by)


def result(state, witness):
    try:
        return "0x" + state_hash(step(state, witness)).hex()
    except Refused as refusal:
        return type(refusal).__name__


def main():
    seed, count = map(int, sys.argv[1:])
    rng = random.Random(seed)
    for i in range(count):
        case = some_case(rng) if i % 2 == 0 else damaged(*case, rng)
        state, witness = ("0x" + data.hex() for data in case)
        print(json.dumps({"state": state, "witness": witness, "result": result(*case)}))


if __name__ == "__main__":
    main()
