"""Reads tiles, a line each, and prints the bytes of their output regions."""

import sys

import numpy as np

from descriptor import Tile
from kernels import KERNELS


def main():
    np.seterr(all="ignore")
    for line in sys.stdin:
        tile = Tile(line)
        out = np.zeros(tile.width, dtype=np.uint32)
        KERNELS[tile.kernel](tile, out)
        print(out.astype("<u4").tobytes().hex())


main()
