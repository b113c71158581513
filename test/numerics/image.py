"""Kernels of images: spec, "Images". An image is an array (pixels, channels), whatever the distance of rows."""

import numpy as np

from arithmetic import F, bits, erf, exp, nearest, sigmoid, strided, words_of
from choice import splitmix64
from matrix import group, quantized_row


def quantized(numbers):
    """Bytes and scales of blocks of 32 numbers, an array (blocks, 32)."""
    blocks = numbers.view(np.uint32)
    integers, scales = np.zeros(blocks.shape, dtype=np.int8), np.zeros(len(blocks), dtype=np.uint32)
    for b, block in enumerate(blocks):
        amax = (block & 0x7FFFFFFF).max()
        if amax >= 0x7F800000:
            scales[b] = 0x7FC00000
        elif amax >= (17 << 23):
            integers[b] = nearest(block.view(F) * (F(127) / bits(amax)))
            scales[b] = words_of(bits(amax) / F(127))[0]
    return integers, scales


def pixel_words(words, count, log2, used):
    """The first `used` words of every row."""
    return words[: count << (log2 - 2)].reshape(count, -1)[:, :used]


def numbers(tile, number, count, log2, channels):
    return np.ascontiguousarray(pixel_words(tile.inputs[number], count, log2, channels)).view(F)


def each(tile, out, function, words=False):
    """Writes function(pixel), numbers or words, for every pixel that the tile has a part of."""
    count, _, log2 = tile.params[:3]
    pitch, first = 1 << (log2 - 2), tile.row * tile.width
    pixels = range(min(first // pitch, count), min(-(-(first + tile.width) // pitch), count))
    image = np.zeros((len(pixels), pitch), dtype=np.uint32)
    for row, p in zip(image, pixels):
        values = function(p)
        values = values if words else words_of(values)
        row[: len(values)] = values
    part = image.reshape(-1)[first - pixels.start * pitch :][: tile.width] if pixels else []
    out[: len(part)] = part


def conv(tile, out):
    _, outputs, log2, kind, channels, x_log2, width, height, out_width, size, stride, padding = tile.params[:12]
    blocks = -(-channels // 32)
    used = channels if kind < 2 else 9 * blocks
    x = pixel_words(tile.inputs[1], width * height, x_log2, used)
    k = size * size * (channels if kind < 2 else 32 * blocks)
    bias = tile.floats(2)[:outputs]

    def pixel(p):
        taps = []
        for t in range(size * size):
            row = p // out_width * stride + t // size - padding
            column = p % out_width * stride + t % size - padding
            inside = 0 <= row < height and 0 <= column < width
            taps.append(x[row * width + column].copy() if inside else np.zeros(used, dtype=np.uint32))
        if kind < 2:
            window = np.concatenate(taps).view(F)
        else:
            rows = [quantized_row(tap, blocks) for tap in taps]
            window = tuple(np.concatenate([row[i] for row in rows]) for i in (0, 1))
        sums = np.concatenate([group(tile.inputs[0], kind, k, g).times(window) for g in range(-(-outputs // 16))])
        y = sums[:outputs] + bias
        if tile.kernel == 24:
            y = y + tile.floats(3)[p << (log2 - 2) :][:outputs]
        return y

    each(tile, out, pixel)


def attend(tile, out):
    _, channels, _, heads, positions, mode, scale = tile.params[:7]
    q_blocks, q_log2, kv_blocks, kv_log2, *first = tile.params[7:14]
    blocks = channels // heads // 32

    def row(number, position, width, log2, head):
        integers, scales = quantized_row(tile.inputs[number][position << (log2 - 2) :], width)
        part = slice(first[number] + head * blocks, first[number] + (head + 1) * blocks)
        return integers[part], scales[part]

    def cached(number, head):
        return [row(number, t, kv_blocks, kv_log2, head) for t in range(positions)]

    keys, values = ([cached(number, head) for head in range(heads)] for number in (1, 2))

    def one(p, head):
        q, dq = row(0, p, q_blocks, q_log2, head)
        count = min(positions, p + 1) if mode else positions
        scores = []
        for k, dk in keys[head][:count]:
            acc = F(0)
            for isum, d in zip((k * q).sum(axis=1), dk * dq):
                acc = acc + F(isum) * d
            scores.append(acc * bits(scale))
        scores = np.array(scores, dtype=F)
        known = scores[~np.isnan(scores)]
        y = exp(scores - (known.max() if len(known) else F(-np.inf)))
        inverse = F(1) / strided(y)
        result = []
        for b in range(blocks):
            weights = np.zeros(-(-count // 32) * 32, dtype=F)
            weights[:count] = y * np.array([d[b] for _, d in values[head][:count]], dtype=F)
            integers, scales = quantized(weights.reshape(-1, 32))
            acc = np.zeros(32, dtype=F)
            for number, (u, d) in enumerate(zip(integers.astype(np.int64), scales.view(F))):
                part = [v[b] for v, _ in values[head][32 * number : min(32 * number + 32, count)]]
                acc = acc + (u[: len(part)] @ np.array(part)).astype(F) * d
            result.append(acc * inverse)
        return np.concatenate(result)

    each(tile, out, lambda p: np.concatenate([one(p, head) for head in range(heads)]))


def total(terms):
    """Sum from +0 over axis 0."""
    acc = np.zeros(np.shape(terms)[1:], dtype=F)
    for term in terms:
        acc = acc + term
    return acc


def moments(tile, out):
    pixels, channels, size, log2 = tile.params[:4]
    x = numbers(tile, 0, pixels, log2, channels)[tile.row * size : (tile.row + 1) * size]
    if len(x):
        s = total(x)
        d = x - s / F(len(x))
        out[: 2 * channels] = np.concatenate([words_of(s), words_of(total(d * d))])


def group_affine(tile, out):
    pixels, channels, size, log2, groups, epsilon = tile.params[:6]
    blocks = -(-pixels // size)
    rows = numbers(tile, 0, blocks, log2, 2 * channels)
    s, squares = rows[:, :channels], rows[:, channels:]
    gamma, beta = tile.floats(1)[:channels], tile.floats(2)[:channels]
    n = [F(min(size, pixels - b * size)) for b in range(blocks)]
    members = channels // groups
    count = F(pixels * members)
    for g in range(groups):
        part = slice(g * members, (g + 1) * members)
        mean = total(total(s[:, part])) / count
        spread = []
        for b in range(blocks):
            d = s[b, part] / n[b] - mean
            spread.append(squares[b, part] + n[b] * (d * d))
        inverse = F(1) / np.sqrt(total(total(spread)) / count + bits(epsilon))
        gains = inverse * gamma[part]
        out[part] = words_of(gains)
        out[channels + part.start : channels + part.stop] = words_of(beta[part] - mean * gains)


def activated(x, activation):
    if activation == 1:
        return x * sigmoid(x)
    if activation == 2:
        return (F(0.5) * x) * (F(1) + erf(x * bits(0x3F3504F3)))
    return x


def affine(tile, out):
    count, channels, _, x_log2, activation = tile.params[:5]
    x = numbers(tile, 0, count, x_log2, channels)
    if tile.kernel != 29:
        gains, offsets = tile.floats(1)[: 2 * channels].reshape(2, -1)
        x = np.array([activated(row * gains + offsets, activation) for row in x])
    if tile.kernel == 28:
        each(tile, out, lambda p: x[p])
        return
    blocks = -(-channels // 32)

    def row(p):
        padded = np.zeros(32 * blocks, dtype=F)
        padded[:channels] = x[p]
        integers, scales = quantized(padded.reshape(blocks, 32))
        return np.concatenate([integers.reshape(-1).view(np.uint32), scales])

    each(tile, out, row, words=True)


def norm_rows(tile, out):
    count, channels, _, x_log2, epsilon = tile.params[:5]
    x = numbers(tile, 0, count, x_log2, channels)
    g, b = tile.floats(1)[:channels], tile.floats(2)[:channels]

    def row(p):
        d = x[p] - strided(x[p]) / F(channels)
        return (d * (F(1) / np.sqrt(strided(d * d) / F(channels) + bits(epsilon)))) * g + b

    each(tile, out, row)


def between(at, a, b):
    return F(0.25) * a + F(0.75) * b if at % 2 == 0 else F(0.75) * a + F(0.25) * b


def resample(tile, out):
    _, channels, _, x_log2, width, height, mode, factor = tile.params[:8]
    words = pixel_words(tile.inputs[0], width * height, x_log2, channels).reshape(height, width, channels)
    x, out_width = np.ascontiguousarray(words).view(F), width // factor if mode == 1 else width * factor

    def row(p):
        y, c = divmod(p, out_width)
        if mode == 0:
            return words[y // factor, c // factor]
        if mode == 1:
            square = x[y * factor : (y + 1) * factor, c * factor : (c + 1) * factor].reshape(-1, channels)
            return words_of(total(square) * (F(1) / F(factor * factor)))
        lines, columns = (
            (max((at + 1) // 2 - 1, 0), min((at + 1) // 2, most - 1)) for at, most in ((y, height), (c, width))
        )
        above, below = (between(c, x[line, columns[0]], x[line, columns[1]]) for line in lines)
        return words_of(between(y, above, below))

    each(tile, out, row, words=True)


def concat(tile, out):
    count, channels, _, a_log2, b_log2, split = tile.params[:6]
    a = pixel_words(tile.inputs[0], count, a_log2, split)
    b = pixel_words(tile.inputs[1], count, b_log2, channels - split)
    each(tile, out, lambda p: np.concatenate([a[p], b[p]]), words=True)


def elements(tile, n):
    """Those of a vector that the tile has."""
    return slice(min(tile.row * tile.width, n), min((tile.row + 1) * tile.width, n))


def blend(tile, out):
    n, terms = tile.params[:2]
    a, b, c = (tile.floats(i)[elements(tile, n)] for i in range(3))
    k = tile.floats(3)[:3]
    if terms == 0:
        y = a + k[0] * (b - a)
    else:
        y = k[0] * a
        y = y + k[1] * b if terms > 1 else y
        y = y + k[2] * c if terms > 2 else y
    if len(y):
        out[: len(y)] = words_of(y)


def noise(tile, out):
    n, stream = tile.params[:2]
    header, part = tile.inputs[0], elements(tile, n)
    seed = int(header[2]) | int(header[3]) << 32
    for at, e in enumerate(range(part.start, part.stop)):
        counter = ((stream + tile.iteration) << 32) + e + 1
        out[at] = tile.inputs[1][splitmix64(seed + counter * 0x9E3779B97F4A7C15) >> 48]


def to_bytes(tile, out):
    count, channels, log2, scale, offset = tile.params[:5]
    x = numbers(tile, 0, count, log2, channels).reshape(-1)
    y = x * bits(scale) + bits(offset)
    y = nearest(np.where(y > 0, np.where(y < 255, y, F(255)), F(0)).astype(F)).astype(np.uint8)
    part = y[4 * tile.row * tile.width :][: 4 * tile.width]
    out.view(np.uint8)[: len(part)] = part


KERNELS = {
    23: conv,
    24: conv,
    25: attend,
    26: moments,
    27: group_affine,
    28: affine,
    29: affine,
    30: affine,
    31: norm_rows,
    32: resample,
    33: concat,
    34: blend,
    35: noise,
    36: to_bytes,
}
