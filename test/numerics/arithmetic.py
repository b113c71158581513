"""Numbers: spec, "Functions". Arrays of float32 throughout; every operation is one IEEE operation."""

import numpy as np

F = np.float32
NAN = np.uint32(0x7FC00000)
MAGIC = F(12582912.0)
MAGIC_BITS = 0x4B400000


def bits(word):
    """The float32 number with these bits."""
    return np.array(word, dtype=np.uint32).view(F)


def words_of(numbers):
    """Bits of numbers, every NaN as the canonical one."""
    words = np.atleast_1d(np.asarray(numbers, dtype=F)).view(np.uint32).copy()
    words[(words & 0x7FFFFFFF) > 0x7F800000] = NAN
    return words


def half(halves):
    """Half precision to single."""
    return np.asarray(halves, dtype=np.uint16).view(np.float16).astype(F)


def nearest(x):
    """Nearest integer, ties to even, |x| <= 2^22."""
    return (x + MAGIC).view(np.uint32).astype(np.int64) - MAGIC_BITS


def power_of_two(n):
    return ((np.clip(n, -126, 127) + 127).astype(np.uint32) << np.uint32(23)).view(F)


EXP = [bits(w) for w in (0x3AB511A7, 0x3C091D36, 0x3D2AAC7A, 0x3E2AAA48, 0x3EFFFFFE)]


def horner(coefficients, x):
    total = coefficients[0]
    for coefficient in coefficients[1:]:
        total = total * x + coefficient
    return total


def exp(x):
    x = np.atleast_1d(np.asarray(x, dtype=F))
    shifted = x * bits(0x3FB8AA3B) + MAGIC
    n = shifted - MAGIC
    r = (x - n * bits(0x3F318000)) - n * bits(0xB95E8083)
    fraction = (r * r * horner(EXP, r) + r) + F(1)
    k = shifted.view(np.uint32).astype(np.int64) - MAGIC_BITS
    low = k >> 1
    y = fraction * power_of_two(low) * power_of_two(k - low)
    y = np.where(x > bits(0x42B17217), F(np.inf), y)
    y = np.where(x < F(-104), F(0), y)
    return np.where(np.isnan(x), F(np.nan), y)


def sigmoid(x):
    x = np.atleast_1d(np.asarray(x, dtype=F))
    e = exp(-np.abs(x))
    return np.where(x < 0, e, F(1)) / (F(1) + e)


NEAR = [bits(w) for w in (0x38A4B514, 0xBA51FB7E, 0x3BAA02D9, 0xBCDBFC86, 0x3DE7167C, 0xBEC0939F, 0x3E0375D4)]
FAR = [bits(w) for w in (0xB95CE02F, 0x3B50DC21, 0xBCBAC3DB, 0x3DD74723, 0x3F22C5DA, 0x3F907209)]


def erf(x):
    x = np.atleast_1d(np.asarray(x, dtype=F))
    a = np.abs(x)
    near = a * horner(NEAR, a * a) + a
    far = F(1) - exp(-(a * horner(FAR, a)))
    y = np.where(a > 4, F(1), np.where(a >= 1, far, near))
    return np.copysign(y, x)


def chunked(terms):
    """Sum over axis 0, ascending, in chunks of 512."""
    total = np.zeros(terms.shape[1:], dtype=F)
    for start in range(0, len(terms), 512):
        part = np.zeros(terms.shape[1:], dtype=F)
        for term in terms[start : start + 512]:
            part = part + term
        total = total + part
    return total


def strided(terms):
    """Sum by 16 strided partial sums and a tree."""
    padded = np.zeros((-len(terms)) % 16 + len(terms), dtype=F)
    padded[: len(terms)] = terms
    part = np.zeros(16, dtype=F)
    for row in padded.reshape(-1, 16):
        part = part + row
    for width in (8, 4, 2, 1):
        part = part[:width] + part[width : 2 * width]
    return part[0]
