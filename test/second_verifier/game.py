"""Games (docs/spec.md, section 9), written from the specification alone: positions, moves, clocks. Plain Python; what a move shows
of the machines is judged by `graph` and `verifier`."""

from dataclasses import dataclass, replace

import graph
import verifier
from keccak import keccak256
from state import Refused, state_hash

TAG = b"opml.game.position.v1" + bytes(11)
SERVER, CHALLENGER = 0, 1
GRAPH_PHASE, RUN_PHASE = 1, 2


class MoveRefused(Refused):
    """The move does not count."""


def must(holds, rule):
    if not holds:
        raise MoveRefused(rule)


def number(data):
    return int.from_bytes(data, "big")


@dataclass
class Position:
    phase: int
    moves: int
    graph_step: int
    base: int
    length: int
    hashes: list[bytes]

    @property
    def degree(self):
        return len(self.hashes) - 1

    @property
    def on_turn(self):
        return CHALLENGER if self.moves % 2 == 0 else SERVER

    def header(self):
        fields = ((self.phase, 4), (self.moves, 4), (self.graph_step, 8), (self.base, 8), (self.length, 4), (self.degree, 4))
        return b"".join(value.to_bytes(size, "big") for value, size in fields)


def position_hash(game_id, header, hashes):
    return keccak256(TAG + game_id + header + b"".join(hashes))


class Arguments:
    """Canonical ABI encoding: words first, byte strings and lists where their offsets point."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def word(self):
        must(len(self.data) >= self.at + 32, "calldata ends")
        self.at += 32
        return self.data[self.at - 32 : self.at]

    def number(self):
        return number(self.word())

    def tail(self, size):
        offset = self.number()
        count = number(self.data[offset : offset + 32])
        start = offset + 32
        must(len(self.data) >= start + count * size, "calldata ends")
        return self.data[start : start + count * size]

    def bytes(self):
        return self.tail(1)

    def words(self):
        data = self.tail(32)
        return [data[i : i + 32] for i in range(0, len(data), 32)]


SELECTORS = {
    keccak256(signature.encode())[:4]: name
    for name, signature in {
        "dissect": "dissect(bytes32,bytes32,bytes32[],uint8,bytes32[])",
        "conclude": "conclude(bytes32,bytes32,bytes32[],uint8,bytes32,bytes32,bytes,bytes)",
        "descend": "descend(bytes32,bytes32,bytes32[],uint8,bytes32,bytes32,bytes,bytes,bytes,bytes)",
        "prove": "prove(bytes32,bytes32,bytes32[],uint8,bytes,bytes)",
    }.items()
}


@dataclass
class Game:
    server: bytes
    challenger: bytes
    program: bytes
    image: bytes
    left: list[int]
    started: int
    position: Position
    over: bool = False

    def deadline(self):
        return self.started + self.left[self.position.on_turn]

    def timeout(self, now):
        """The side that has lost."""
        must(not self.over, "the game is over")
        must(now >= self.deadline(), "the side on turn may still move")
        self.over = True
        return self.position.on_turn

    def move(self, game_id, sender, now, calldata):
        """The next position, or None if the move wins."""
        name, arguments = SELECTORS.get(calldata[:4]), Arguments(calldata[4:])
        must(name is not None, "no move has this selector")
        must(not self.over, "the game is over")
        must(arguments.word() == game_id, "another game")
        header, hashes = arguments.word(), arguments.words()
        position = self.position
        answered = position_hash(game_id, header, hashes)
        must(answered == position_hash(game_id, position.header(), position.hashes), "another position")
        must(sender == (self.server, self.challenger)[position.on_turn], "not on turn")
        must(now < self.deadline(), "late")
        after = self.judge(name, arguments)
        self.left[position.on_turn] = self.deadline() - now
        self.started = now
        if after is None:
            self.over = True
        else:
            self.position = after
        return after

    def first(self, calldata):
        """The challenger's first move, whose arguments begin at the segment."""
        name = SELECTORS.get(calldata[:4])
        must(name is not None and name != "prove", "no first move has this selector")
        after = self.judge(name, Arguments(calldata[4:]))
        if after is None:
            self.over = True
        else:
            self.position = after
        return after

    def judge(self, name, arguments):
        position, segment = self.position, arguments.number()
        must(segment < position.degree, "no such segment")
        length = position.length - (position.degree.bit_length() - 1)
        base = position.base + segment * 2**length
        start, disputed = position.hashes[segment : segment + 2]
        if name == "dissect":
            ends = arguments.words()
            must(length > 0, "one step")
            must(len(ends) == 2 ** min(5, length), "another degree")
            must(ends[-1] != disputed, "the same end")
            return replace(position, moves=position.moves + 1, base=base, length=length, hashes=[start, *ends])
        must(length == 0, "many steps")
        if name == "prove":
            must(position.phase == RUN_PHASE, "no run")
            state, witness = arguments.bytes(), arguments.bytes()
            must(state_hash(state) == start, "not the agreed state")
            must(state_hash(verifier.step(state, witness)) != disputed, "the same end")
            return None
        must(position.phase == GRAPH_PHASE, "a run")
        must((arguments.word(), arguments.word()) == (self.program, self.image), "another program")
        state, witness = arguments.bytes(), arguments.bytes()
        must(graph.graph_hash(graph.decode(state)) == start, "not the agreed state")
        kind, *begun = graph.begin(state, self.program, self.image, witness)
        if name == "conclude":
            must(kind == "direct", "it has a run")
            must(graph.graph_hash(graph.decode(begun[0])) != disputed, "the same end")
            return None
        must(kind == "run", "it has no run")
        last, end_witness = arguments.bytes(), arguments.bytes()
        successor = graph.end(state, self.program, last, end_witness)
        must(graph.graph_hash(graph.decode(successor)) != disputed, "the same end")
        first, bound = begun
        hashes = [first, state_hash(last)]
        return Position(RUN_PHASE, position.moves + 1, base, 0, bound, hashes)
