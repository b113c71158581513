"""The machine's state and its 192 bytes (docs/spec.md, 2.1)."""

from dataclasses import dataclass, field

from keccak import keccak256

SIZE = 192
TAG = b"opml.mips.state.v1" + bytes(14)
RUNNING, EXITED, TRAPPED = 0, 1, 2


class Refused(Exception):
    """There is no successor: the contract reverts."""


class StateRefused(Refused):
    """The bytes encode no state."""


class WitnessRefused(Refused):
    """The witness is not the one this step needs."""


@dataclass
class State:
    root: bytes = bytes(32)
    pc: int = 0
    next_pc: int = 0
    hi: int = 0
    lo: int = 0
    regs: list[int] = field(default_factory=lambda: [0] * 32)
    step: int = 0
    status: int = RUNNING
    code: int = 0


def decode(data):
    if len(data) != SIZE:
        raise StateRefused(f"{len(data)} bytes")

    def number(offset, size=4):
        return int.from_bytes(data[offset : offset + size], "big")

    state = State(
        root=data[0:32],
        pc=number(32),
        next_pc=number(36),
        hi=number(40),
        lo=number(44),
        regs=[number(48 + 4 * i) for i in range(32)],
        step=number(176, 8),
        status=number(184),
        code=number(188),
    )
    check(state)
    return state


def check(state):
    if state.regs[0] != 0:
        raise StateRefused(f"regs[0] = {state.regs[0]}")
    if state.status not in (RUNNING, EXITED, TRAPPED):
        raise StateRefused(f"status {state.status}")
    codes = {RUNNING: range(0, 1), EXITED: range(0, 256), TRAPPED: range(1, 11)}
    if state.code not in codes[state.status]:
        raise StateRefused(f"status {state.status} with code {state.code}")


def encode(state):
    words = [state.pc, state.next_pc, state.hi, state.lo, *state.regs]
    return (
        state.root
        + b"".join(word.to_bytes(4, "big") for word in words)
        + state.step.to_bytes(8, "big")
        + state.status.to_bytes(4, "big")
        + state.code.to_bytes(4, "big")
    )


def state_hash(data):
    return keccak256(TAG + data)
