"""Choosing an element."""

import numpy as np

from arithmetic import F, exp, words_of


def order(x):
    """Indices by descending value, lower index first; NaN last."""
    key = np.where(np.isnan(x), F(-np.inf), x)
    return np.lexsort((np.arange(len(x)), -key, np.isnan(x)))


def argmax(tile, out):
    x = tile.floats(0)[: tile.params[0]]
    best = order(x)[0]
    out[0], out[1] = best, words_of(x[best])[0]


def splitmix64(state):
    mask = (1 << 64) - 1
    z = state & mask
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
    return z ^ (z >> 31)


def sample(tile, out):
    x, header = tile.floats(0)[: tile.params[0]], tile.inputs[1]
    temperature, top_p = header[4:5].view(F)[0], header[7:8].view(F)[0]
    k = min(int(header[5]), 256, len(x))
    ranked = order(x)
    best = x[ranked[0]]
    if not temperature > 0 or k == 0 or not np.isfinite(best):
        out[0] = ranked[0]
        return
    candidates = ranked[:k]
    weights = exp((x[candidates] - best) / temperature)
    weights = np.where(weights > 0, weights, F(0))
    sums, total = [], F(0)
    for weight in weights:
        total = total + weight
        sums.append(total)
    if 0 < top_p < 1:
        limit = top_p * sums[-1]
        sums = sums[: 1 + next(i for i, c in enumerate(sums) if c >= limit)]
    seed = int(header[2]) | int(header[3]) << 32
    z = splitmix64(seed + (tile.iteration + 1) * 0x9E3779B97F4A7C15)
    threshold = F(z >> 40) * F(2.0**-24) * sums[-1]
    out[0] = candidates[next(i for i, c in enumerate(sums) if threshold < c)]
