"""What a kernel asks of its descriptor, and its static cost (docs/spec.md, 8.4, 8.10 and 8.11)."""

# Inputs and parameters of the kernels 1 to 22.
INPUTS = [1, 2, 2, 2, 1, 1, 1, 1, 2, 3, 1, 2, 2, 2, 2, 1, 2, 1, 1, 2, 3, 3]
PARAMS = [1, 3, 1, 1, 1, 1, 1, 1, 2, 2, 2, 3, 6, 5, 3, 1, 1, 3, 1, 2, 6, 3]
(
    QUANTIZE, MATMUL, ADD, MUL, RELU, SILU, GELU, GELU_TANH, RMS_NORM, LAYER_NORM,
    SOFTMAX, ROPE, SCORES, MIX, EMBED, ARG_MAX, SAMPLE, FROM_BYTES, EMIT,
    ENCODE, NEXT, DECODE,
) = range(1, 23)  # fmt: skip
F32, F16, Q8_0, Q4_0, Q4_1, Q4_K, Q6_K = range(7)
HALF = 2**16


def blocks(n):
    return -(-n // 32)


def quantized(n):
    return 36 * blocks(n)


def length(n):
    return 1 <= n <= 2**26


def group_bytes(kind, k):
    if kind < Q8_0:
        return {F32: 64 * k, F16: 32 * k}[kind]
    return blocks(k) * {Q8_0: 544, Q4_0: 288, Q4_1: 320, Q4_K: 296, Q6_K: 548}[kind]


class Geometry:
    """A descriptor's fields under the names of the specification."""

    def __init__(self, kernel, params, grid, regions, iteration):
        self.kernel, self.params, self.iteration = kernel, params, iteration
        self.tiles, self.columns = grid
        self.output, *self.inputs = regions
        self.words = 2**self.output // 4

    def holds(self, *needed):
        """The output and the inputs have at least these bytes."""
        return all(2**log2 >= need for log2, need in zip([self.output, *self.inputs], needed))

    def matrix(self):
        k, rows, kind = self.params[:3]
        if kind > Q6_K or not 1 <= k <= 2**20 or not 1 <= rows <= 2**24:
            return None
        if k % (1 if kind < Q8_0 else 32 if kind < Q4_K else 256):
            return None
        return -(-rows // 16) * group_bytes(kind, k)


def fits(g):
    """Rule 8 of 5.3."""
    n, one_column = g.params[0], g.columns == 1
    kernel = g.kernel
    if kernel in (MATMUL, EMBED):
        weights = g.matrix()
        if weights is None or not g.holds(0, weights):
            return False
        vector = quantized(n) if g.params[2] >= Q8_0 else 4 * n
        return kernel == EMBED or g.holds(64, weights, vector)
    if kernel in (SCORES, MIX):
        return attention_fits(g)
    if kernel == ROPE:
        d, heads, mode = g.params[:3]
        shapes = 2 <= d <= HALF and d % 2 == 0 and length(heads) and mode <= 1
        return shapes and one_column and g.holds(4 * d * heads, 4 * d * heads, 4 * d)
    if not length(n):
        return False
    if kernel == QUANTIZE:
        return one_column and g.holds(quantized(n), 4 * n)
    if ADD <= kernel <= GELU_TANH:
        return all(log2 == g.output for log2 in g.inputs)
    if kernel in (RMS_NORM, LAYER_NORM):
        return one_column and g.holds(*[4 * n] * 4)
    if kernel == SOFTMAX:
        mode = g.params[1]
        return one_column and mode <= 1 and (mode == 0 or g.iteration < n) and g.holds(4 * n, 4 * n)
    if kernel == FROM_BYTES:
        return g.holds(0, g.params[1] + n)
    if kernel == EMIT:
        return one_column and g.holds(n + 32, n)
    m = g.params[1]
    if kernel == ENCODE:
        return one_column and length(m) and g.holds(4 * (8 + 7 * n), 128 + n, 4 * m)
    if kernel == NEXT:
        return one_column and length(m) and g.holds(64, 4 * (8 + n), 0, 128)
    if kernel == DECODE:
        most = g.params[2]
        return one_column and length(m) and length(most) and g.holds(most + 32, 64 * n, 0, 4 * m)
    return one_column and g.holds(0, 4 * n, 128)


def attention_fits(g):
    d, heads, kv_heads, row_log2, capacity = g.params[:5]
    shapes = 32 <= d <= HALF and d % 32 == 0 and 1 <= heads <= HALF and kv_heads and heads % kv_heads == 0
    if not shapes or row_log2 > 28 or quantized(d * kv_heads) > 2**row_log2:
        return False
    if not length(capacity) or g.iteration >= capacity or g.tiles != heads * g.columns:
        return False
    return g.holds(0, quantized(d * heads) if g.kernel == SCORES else 4 * capacity, capacity * 2**row_log2)


def cost(g):
    """Rule 9 of 5.3; of a kernel that fits."""
    n, t = g.params[0], g.words
    fixed = 10_000 + t
    if g.kernel == MATMUL:
        per_row = [240 * n, 360 * n, 650 * blocks(n), 660 * blocks(n), 1000 * blocks(n)]
        per_row = [*per_row, 1300 * blocks(n), 900 * blocks(n)][g.params[2]]
        return fixed + t * (per_row + 300)
    if g.kernel == SOFTMAX:
        return fixed + 2600 * (n if g.params[1] == 0 else g.iteration + 1)
    work = {
        QUANTIZE: 7000 * blocks(n), ADD: 140 * t, MUL: 140 * t, RELU: 20 * t, SILU: 2700 * t, GELU: 3800 * t,
        GELU_TANH: 3000 * t, ROPE: 350 * n * g.params[1], SCORES: t * (600 * blocks(n) + 300),
        MIX: (g.iteration + 1) * (250 * t + 400 * blocks(t)), EMBED: 700 * t, ARG_MAX: 21 * n,
        SAMPLE: 400 * n + 800_000, FROM_BYTES: 160 * t, EMIT: 6 * n, ENCODE: 4000 * n, NEXT: 0,
        DECODE: 100 * n + 60 * g.params[2], RMS_NORM: 480 * n, LAYER_NORM: 1000 * n,
    }  # fmt: skip
    return fixed + work[g.kernel]
