"""keccak-256 as the EVM computes it: rate 136, padding byte 0x01."""

from functools import lru_cache

RATE = 136
LANE = (1 << 64) - 1


def rotate_left(lane, bits):
    return ((lane << bits) | (lane >> (64 - bits))) & LANE


def round_constants():
    """The 24 constants of iota: their bits come out of a linear shift register of 8 bits."""
    register, constants = 1, []
    for _ in range(24):
        constant = 0
        for j in range(7):
            if register & 1:
                constant |= 1 << ((1 << j) - 1)
            register = (register << 1) ^ (0x171 if register & 0x80 else 0)
        constants.append(constant)
    return constants


def rho_pi_walk():
    """The lanes in the order in which pi visits them, with the rotation rho gives to each."""
    x, y, walk = 1, 0, []
    for t in range(24):
        walk.append((x + 5 * y, (t + 1) * (t + 2) // 2 % 64))
        x, y = y, (2 * x + 3 * y) % 5
    return walk


CONSTANTS = round_constants()
WALK = rho_pi_walk()
# Each step of the walk: lane, where pi puts it, and by how much rho turns it.
MOVES = [(lane, target, bits) for (lane, bits), (target, _) in zip(WALK, WALK[1:] + WALK[:1])]


def permute(lanes):
    """Keccak-f[1600]; lane (x, y) is lanes[x + 5 * y]."""
    for constant in CONSTANTS:
        # theta
        columns = [lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20] for x in range(5)]
        parities = [columns[(x + 4) % 5] ^ rotate_left(columns[(x + 1) % 5], 1) for x in range(5)]
        lanes = [lane ^ parities[i % 5] for i, lane in enumerate(lanes)]
        # rho and pi
        moved = lanes[:]
        for lane, target, bits in MOVES:
            moved[target] = rotate_left(lanes[lane], bits)
        # chi
        lanes = [
            moved[x + y] ^ (~moved[(x + 1) % 5 + y] & moved[(x + 2) % 5 + y])
            for y in range(0, 25, 5)
            for x in range(5)
        ]
        # iota
        lanes[0] ^= constant
    return lanes


# The nodes near the root come up again in step after step; a cached digest changes no result.
@lru_cache(maxsize=1 << 17)
def keccak256(message):
    padding = bytearray(RATE - len(message) % RATE)
    padding[0] |= 0x01
    padding[-1] |= 0x80
    padded = message + bytes(padding)
    lanes = [0] * 25
    for block in range(0, len(padded), RATE):
        for i in range(RATE // 8):
            lanes[i] ^= int.from_bytes(padded[block + 8 * i : block + 8 * i + 8], "little")
        lanes = permute(lanes)
    return b"".join(lane.to_bytes(8, "little") for lane in lanes[:4])
