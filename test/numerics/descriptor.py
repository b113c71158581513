"""A line of input: descriptor, place and regions."""

import numpy as np


class Tile:
    """Parameters, coordinates and the words of the input regions."""

    def __init__(self, line):
        fields = line.split()
        head = np.frombuffer(bytes.fromhex(fields[0]), dtype="<u4")
        assert len(head) == 128
        self.kernel = int(head[0])
        columns = int(head[3])
        self.params = [int(p) for p in head[8:24]]
        self.width = 1 << (int(head[32]) - 2)
        self.iteration, tile = int(fields[1], 16), int(fields[2], 16)
        self.row, self.column = divmod(tile, columns)
        self.inputs = [np.frombuffer(bytes.fromhex(f), dtype="<u4").copy() for f in fields[3:]]
        assert len(self.inputs) == int(head[1])

    @property
    def first(self):
        """First element of this column."""
        return self.column * self.width

    def cut(self, n):
        """Slice of the elements of this column that are below n."""
        return slice(min(self.first, n), min(self.first + self.width, n))

    def floats(self, number):
        return self.inputs[number].view(np.float32)

    def bytes(self, number):
        return self.inputs[number].view(np.uint8)
