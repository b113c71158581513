"""Landscapes against onnxruntime's, from the same noise: PSNR for each seed, and onnxruntime's time.

    compare.py NETWORK.onnx PICTURES [DIFFICULTY]

PICTURES is a folder of SEED.grey files as `cargo run --release -p opml-import --example picture` writes them. Nothing
here is shared with the programs that are compared: noise is made as docs/spec.md says (kernel Noise), with quantiles
of Python's own normal distribution.
"""

import pathlib
import statistics
import sys
import time

import numpy
import onnxruntime

SIDE = 128
SIGMA = numpy.float32(80)


def gaussian():
    normal = statistics.NormalDist()
    return numpy.array([normal.inv_cdf((i + 0.5) / 65536) for i in range(65536)], numpy.float32)


def noise(seed, table):
    u64 = numpy.uint64
    z = u64(seed) + numpy.arange(1, SIDE * SIDE + 1, dtype=u64) * u64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> u64(30))) * u64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> u64(27))) * u64(0x94D049BB133111EB)
    z = z ^ (z >> u64(31))
    return table[(z >> u64(48)).astype(int)].reshape(1, 1, SIDE, SIDE)


def session(path, threads):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def main():
    network, pictures = sys.argv[1], pathlib.Path(sys.argv[2])
    difficulty = int(sys.argv[3]) if len(sys.argv) > 3 else 60
    table = gaussian()

    def inputs(seed):
        return {
            "noisy": noise(seed, table) * SIGMA,
            "sigma": numpy.array([SIGMA]),
            "difficulty": numpy.array([(difficulty - 1) / 99], numpy.float32),
        }

    run = session(network, 2)
    decibels = []
    for path in sorted(pictures.glob("*.grey"), key=lambda path: int(path.stem)):
        ours = numpy.frombuffer(path.read_bytes(), numpy.uint8).astype(float)
        theirs = (run.run(None, inputs(int(path.stem)))[0].ravel().astype(float) + 1) * 127.5
        decibels.append(10 * numpy.log10(255**2 / numpy.mean((ours - theirs) ** 2)))
        print(f"seed {path.stem}: {decibels[-1]:.2f} dB")
    if decibels:
        print(f"least {min(decibels):.2f} dB, mean {statistics.mean(decibels):.2f} dB of {len(decibels)}")
    for threads in (1, 2):
        run, given, times = session(network, threads), inputs(7), []
        for _ in range(11):
            start = time.perf_counter()
            run.run(None, given)
            times.append(time.perf_counter() - start)
        print(f"onnxruntime, {threads} threads: median {statistics.median(times) * 1e3:.1f} ms")


if __name__ == "__main__":
    main()
