"""A second verifier of one machine step, written from docs/spec.md alone and sharing no code with the first.

Plain Python, no dependencies, made to be read next to the specification. `step` is the contract's function:
the same two byte strings in, the successor's bytes out, or `Refused` where the contract reverts.
"""

from dataclasses import replace

import machine
from decoder import Fields, decode
from merkle import Memory, word_of
from state import RUNNING, TRAPPED, Refused, StateRefused, WitnessRefused, state_hash
from state import decode as decode_state
from state import encode as encode_state

__all__ = ["Refused", "StateRefused", "WitnessRefused", "instruction", "state_hash", "step"]


def step(state_bytes, witness):
    """The encoding of the successor of `state_bytes`. Raises StateRefused or WitnessRefused."""
    before = decode_state(state_bytes)
    memory = Memory(before.root, witness)
    after = before if before.status != RUNNING else successor(before, memory)
    memory.finish()
    return encode_state(after)


def successor(before, memory):
    after = replace(before, regs=before.regs[:])
    try:
        fetch_and_execute(after, memory)
    except machine.Trap as trap:
        # Whatever the instruction had done is dropped.
        after = replace(before, status=TRAPPED, code=trap.args[0])
    after.step = (before.step + 1) % 2**64
    return after


def fetch_and_execute(state, memory):
    if state.pc % 4 != 0:
        raise machine.Trap(machine.MISALIGNED_FETCH)
    leaf, _ = memory.open(state.pc)
    word = word_of(leaf, state.pc)
    name = decode(word)
    if name is None:
        raise machine.Trap(machine.RESERVED)
    machine.execute(state, memory, name, Fields(word))


def instruction(state_bytes, witness):
    """What the step executes: a row's name, "reserved", or None where nothing is fetched."""
    state = decode_state(state_bytes)
    if state.status != RUNNING or state.pc % 4 != 0:
        return None
    return decode(word_of(witness[:32], state.pc)) or "reserved"
