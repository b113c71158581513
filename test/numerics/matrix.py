"""Weight matrices and quantized rows."""

import numpy as np

from arithmetic import F, chunked, half

F32, F16, Q8_0, Q4_0, Q4_1, Q4_K, Q6_K = range(7)


def quantized_row(words, blocks):
    """Integers (blocks, 32) and scales (blocks)."""
    integers = words[: 8 * blocks].view(np.int8).reshape(blocks, 32).astype(np.int64)
    return integers, words[8 * blocks : 9 * blocks].view(F)


class Group:
    """Sixteen rows of a matrix."""

    def __init__(self, words, kind, k):
        self.kind, blocks = kind, k // 32
        if kind == F32:
            self.values = words[: 16 * k].view(F).reshape(k, 16)
        elif kind == F16:
            self.values = half(words[: 8 * k].view(np.uint16)).reshape(k, 16)
        elif kind == Q8_0:
            self.integers = self.interleaved(words[: 128 * blocks].view(np.int8), blocks, 8)
            self.scales = self.halves(words[128 * blocks :], blocks)
        elif kind == Q6_K:
            self.integers = self.interleaved(words[: 128 * blocks].view(np.int8), blocks, 8)
            scales = words[128 * blocks : 136 * blocks].view(np.int8).reshape(blocks, 2, 16)
            self.weights = scales.astype(np.int64).transpose(0, 2, 1).repeat(16, axis=2)
            self.scales = self.shared(words[136 * blocks :], blocks)
        else:
            codes = words[: 64 * blocks].view(np.uint8)
            low, high = (self.interleaved(part, blocks, 4) for part in (codes & 15, codes >> 4))
            self.integers = np.concatenate([low, high], axis=2) - (8 if kind == Q4_0 else 0)
            if kind == Q4_K:
                scales, minimums = words[64 * blocks : 72 * blocks].view(np.uint8).reshape(2, blocks, 16).astype(F)
                self.scales = self.shared(words[72 * blocks :], blocks) * scales
                self.minimums = self.shared(words[73 * blocks :], blocks) * minimums
                return
            self.scales = self.halves(words[64 * blocks :], blocks)
            if kind == Q4_1:
                self.minimums = self.halves(words[72 * blocks :], blocks)

    @staticmethod
    def interleaved(values, blocks, quads):
        """(blocks, quads, row, 4) in memory to (blocks, row, elements)."""
        return values.reshape(blocks, quads, 16, 4).astype(np.int64).transpose(0, 2, 1, 3).reshape(blocks, 16, -1)

    @staticmethod
    def halves(words, blocks):
        return half(words[: 8 * blocks].view(np.uint16)).reshape(blocks, 16)

    @classmethod
    def shared(cls, words, blocks):
        """A half for eight blocks."""
        return cls.halves(words, blocks // 8).repeat(8, axis=0)

    def times(self, x):
        """Products of the sixteen rows with x, which is a quantized row for quantized weights."""
        if self.kind in (F32, F16):
            return chunked(self.values * x[:, None])
        acc = np.zeros(16, dtype=F)
        for b, (integers, scale) in enumerate(zip(*x)):
            weights = self.integers[b] * self.weights[b] if self.kind == Q6_K else self.integers[b]
            term = (weights @ integers).astype(F) * (self.scales[b] * scale)
            if self.kind == Q4_1:
                term = term + F(integers.sum()) * (self.minimums[b] * scale)
            if self.kind == Q4_K:
                term = term - F(integers.sum()) * (self.minimums[b] * scale)
            acc = acc + term
        return acc

    def row(self, r):
        """The numbers of one row."""
        if self.kind in (F32, F16):
            return self.values[:, r]
        scales = self.scales[:, r][:, None]
        if self.kind == Q6_K:
            scales = scales * self.weights[:, r].astype(F)
        values = self.integers[:, r].astype(F) * scales
        if self.kind == Q4_1:
            values = values + self.minimums[:, r][:, None]
        if self.kind == Q4_K:
            values = values - self.minimums[:, r][:, None]
        return values.reshape(-1)


def group_words(kind, k):
    blocks = k // 32
    sizes = {Q8_0: 136, Q4_0: 72, Q4_1: 80, Q4_K: 74, Q6_K: 137}
    return {F32: 16 * k, F16: 8 * k}[kind] if kind < Q8_0 else blocks * sizes[kind]


def group(words, kind, k, number):
    size = group_words(kind, k)
    return Group(words[number * size : (number + 1) * size], kind, k)
