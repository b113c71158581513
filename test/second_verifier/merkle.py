"""The Merkle memory (docs/spec.md, 1) and the proofs of a witness (2.7)."""

from keccak import keccak256
from state import WitnessRefused

LEAF = 32
LEVELS = 27
PROOF = LEAF + 32 * LEVELS


def root_of(leaf, path, address):
    """The memory's root, from the leaf that holds `address` and its 27 siblings."""
    node, index = leaf, address // LEAF
    for sibling in path:
        node = keccak256(node + sibling if index % 2 == 0 else sibling + node)
        index //= 2
    return node


class Memory:
    """The leaves a witness proves. Every call takes the witness's next proof."""

    def __init__(self, root, witness):
        self.root = root
        self.rest = witness

    def open(self, address):
        """The proof of the leaf that holds `address`, checked against the root."""
        if len(self.rest) < PROOF:
            raise WitnessRefused("too short")
        proof, self.rest = self.rest[:PROOF], self.rest[PROOF:]
        leaf = proof[:LEAF]
        path = [proof[i : i + 32] for i in range(LEAF, PROOF, 32)]
        if root_of(leaf, path, address) != self.root:
            raise WitnessRefused(f"the proof for {address:#010x} leads to another root")
        return leaf, path

    def finish(self):
        """Nothing may be left over."""
        if self.rest:
            raise WitnessRefused(f"{len(self.rest)} bytes too long")


def word_of(leaf, address):
    """The little-endian word of which `address` is a byte."""
    offset = address % LEAF & ~3
    return int.from_bytes(leaf[offset : offset + 4], "little")


def with_word(leaf, address, word):
    offset = address % LEAF & ~3
    return leaf[:offset] + word.to_bytes(4, "little") + leaf[offset + 4 :]


class Tree:
    """A whole memory that is zero but for some leaves: {leaf number: 32 bytes}."""

    def __init__(self, leaves):
        self.levels, self.zeros = [leaves], [bytes(LEAF)]
        for _ in range(LEVELS):
            below = self.levels[-1]
            parents = {index // 2 for index in below}
            self.levels.append({i: keccak256(self.node(2 * i) + self.node(2 * i + 1)) for i in parents})
            self.zeros.append(keccak256(self.zeros[-1] * 2))
        self.root = self.node(0)

    def node(self, index, level=-1):
        """A node of a level; the topmost so far unless said otherwise."""
        return self.levels[level].get(index, self.zeros[level])

    def proof(self, address):
        """The leaf that holds `address` and its path, as a witness carries them."""
        index, nodes = address // LEAF, [self.node(address // LEAF, 0)]
        for level in range(LEVELS):
            nodes.append(self.node(index ^ 1, level))
            index //= 2
        return b"".join(nodes)
