"""The kernels: spec, "Kernels". Each takes a tile and fills the words of its output, zero before."""

import numpy as np

import choice
import image
import text
from matrix import group, quantized_row
from arithmetic import F, bits, chunked, erf, exp, nearest, sigmoid, strided, words_of


def put(out, numbers):
    words = words_of(numbers)
    out[: len(words)] = words


def quantize(tile, out):
    n = tile.params[0]
    blocks = -(-n // 32)
    x = np.zeros(32 * blocks, dtype=np.uint32)
    x[:n] = tile.inputs[0][:n]
    x = x.reshape(blocks, 32)
    integers, scales = np.zeros((blocks, 32), dtype=np.int8), np.zeros(blocks, dtype=np.uint32)
    for b in range(blocks):
        amax = (x[b] & 0x7FFFFFFF).max()
        if amax >= 0x7F800000:
            scales[b] = 0x7FC00000
        elif amax >= (17 << 23):
            inverse = F(127) / bits(amax)
            integers[b] = nearest(x[b].view(F) * inverse)
            scales[b] = words_of(bits(amax) / F(127))[0]
    out[: 8 * blocks] = integers.reshape(-1).view(np.uint32)
    out[8 * blocks : 9 * blocks] = scales


def matmul(tile, out):
    k, rows, kind = tile.params[:3]
    x = tile.floats(1)[:k] if kind < 2 else quantized_row(tile.inputs[1], k // 32)
    for first in range(tile.first, min(tile.first + tile.width, rows), 16):
        sums = group(tile.inputs[0], kind, k, first // 16).times(x)
        put(out[first - tile.first :], sums[: rows - first])


def elementwise(function):
    def kernel(tile, out):
        count = len(range(*tile.cut(tile.params[0]).indices(1 << 40)))
        put(out, function(*(tile.floats(i)[:count] for i in range(len(tile.inputs)))))

    return kernel


def relu(x):
    return np.where(np.isnan(x) | (x > 0), x, F(0))


def gelu(x):
    return (F(0.5) * x) * (F(1) + erf(x * bits(0x3F3504F3)))


def gelu_tanh(x):
    return x * sigmoid(x * (bits(0x3FCC422A) + bits(0x3D922279) * (x * x)))


def rms_norm(tile, out):
    n = tile.params[0]
    x, g = tile.floats(0)[:n], tile.floats(1)[:n]
    inverse = F(1) / np.sqrt(strided(x * x) / F(n) + bits(tile.params[1]))
    put(out, (x * inverse) * g)


def layer_norm(tile, out):
    n = tile.params[0]
    x, g, b = (tile.floats(i)[:n] for i in range(3))
    d = x - strided(x) / F(n)
    inverse = F(1) / np.sqrt(strided(d * d) / F(n) + bits(tile.params[1]))
    put(out, (d * inverse) * g + b)


def softmax(tile, out):
    n = tile.params[0] if tile.params[1] == 0 else tile.iteration + 1
    x = tile.floats(0)[:n]
    numbers = x[~np.isnan(x)]
    greatest = numbers.max() if len(numbers) else F(-np.inf)
    e = exp(x - greatest)
    put(out, e * (F(1) / strided(e)))


def rope(tile, out):
    head, heads, mode = tile.params[:3]
    x = tile.floats(0)[: head * heads].reshape(heads, head)
    c, s = tile.floats(1)[:head].reshape(2, -1)
    y = np.zeros_like(x)
    first, second = (slice(0, None, 2), slice(1, None, 2)) if mode == 0 else (slice(0, head // 2), slice(head // 2, head))
    y[:, first] = x[:, first] * c - x[:, second] * s
    y[:, second] = x[:, first] * s + x[:, second] * c
    put(out, y.reshape(-1))


def cached(tile, position):
    """Blocks of the cached row that the tile's head reads."""
    head, heads, kv_heads, row_log2 = tile.params[:4]
    start = position << (row_log2 - 2)
    integers, scales = quantized_row(tile.inputs[1][start:], head // 32 * kv_heads)
    kv = tile.row // (heads // kv_heads)
    part = slice(kv * head // 32, (kv + 1) * head // 32)
    return integers[part], scales[part]


def scores(tile, out):
    head, heads = tile.params[:2]
    q, dq = quantized_row(tile.inputs[0], head // 32 * heads)
    part = slice(tile.row * head // 32, (tile.row + 1) * head // 32)
    scale, results = bits(tile.params[5]), []
    for position in range(*tile.cut(tile.iteration + 1).indices(1 << 40)):
        k, dk = cached(tile, position)
        acc = F(0)
        for isum, d in zip((k * q[part]).sum(axis=1), dk * dq[part]):
            acc = acc + F(isum) * d
        results.append(acc * scale)
    put(out, np.array(results, dtype=F))


def mix(tile, out):
    head, n = tile.params[0], tile.iteration + 1
    p, terms = tile.floats(0)[:n], []
    for position in range(n):
        v, d = cached(tile, position)
        terms.append(((p[position] * d)[:, None] * v.astype(F)).reshape(-1))
    put(out, chunked(np.array(terms, dtype=F))[tile.cut(head)])


def embed(tile, out):
    k, rows, kind = tile.params[:3]
    token = int(tile.inputs[1][0]) - tile.row * rows
    if 0 <= token < rows:
        put(out, group(tile.inputs[0], kind, k, token // 16).row(token % 16)[tile.cut(k)])


def from_bytes(tile, out):
    n, offset, scale = tile.params[:3]
    values = tile.bytes(0)[offset : offset + n][tile.cut(n)]
    put(out, values.astype(F) * bits(scale))


def emit(tile, out):
    n = tile.params[0]
    out[0] = n
    out.view(np.uint8)[32 : 32 + n] = tile.bytes(0)[:n]


KERNELS = {
    1: quantize,
    2: matmul,
    3: elementwise(lambda a, b: a + b),
    4: elementwise(lambda a, b: a * b),
    5: elementwise(relu),
    6: elementwise(lambda x: x * sigmoid(x)),
    7: elementwise(gelu),
    8: elementwise(gelu_tanh),
    9: rms_norm,
    10: layer_norm,
    11: softmax,
    12: rope,
    13: scores,
    14: mix,
    15: embed,
    16: choice.argmax,
    17: choice.sample,
    18: from_bytes,
    19: emit,
    20: text.encode,
    21: text.next_token,
    22: text.decode,
    **image.KERNELS,
}
