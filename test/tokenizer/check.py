"""Compares the tokenizer kernel with the `tokenizers` package on files of text.

    pip install gguf tokenizers
    cargo build --release -p opml-import --example tokens
    python3 test/tokenizer/check.py MODEL.gguf BUNDLE target/release/examples/tokens FILE ...

Every file is cut into pieces of 1 to 4,096 bytes at random places; pieces that are not UTF-8 are given to the
kernel as they are, and checked by what their tokens say. Bytes without a token are left out by both.
"""

import random
import struct
import subprocess
import sys

import gguf
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def reference(fields):
    """The tokenizer of a GGUF file, made of the package's parts."""
    tokens = fields["tokenizer.ggml.tokens"].contents()
    vocabulary = {token: index for index, token in enumerate(tokens)}
    merges = [tuple(m.split(" ")) for m in fields["tokenizer.ggml.merges"].contents()]
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
    kind = fields["tokenizer.ggml.pre"].contents()
    bytes_only = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.pre_tokenizer = {
        "smollm": lambda: pre_tokenizers.Sequence(
            [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
        ),
        "gpt-2": lambda: pre_tokenizers.ByteLevel(add_prefix_space=False),
        "llama-bpe": lambda: pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(LLAMA3), "isolated"), bytes_only]),
    }[kind]()
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer, tokens


def letters():
    """Bytes by GPT-2's letters."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [b for b in range(256) if b not in plain]
    return {chr(b): b for b in plain} | {chr(256 + i): b for i, b in enumerate(hidden)}


def pieces(data, rng):
    at = 0
    while at < len(data):
        size = rng.randint(1, 1 << rng.randint(0, 12))
        yield data[at : at + size]
        at += size


def main(model, bundle, program, *files):
    tokenizer, tokens = reference(gguf.GGUFReader(model).fields)
    bytes_of = letters()
    known = {bytes_of[t] for t in tokens if t in bytes_of}
    rng = random.Random(1)
    parts = [part for file in files for part in pieces(open(file, "rb").read(), rng)]
    records = b"".join(struct.pack("<I", len(part)) + part for part in parts)
    result = subprocess.run([program, bundle], input=records, capture_output=True, check=True)
    lines = result.stdout.decode().splitlines()
    assert len(lines) == len(parts)
    total, broken, different = 0, 0, 0
    for part, line in zip(parts, lines):
        ids = [int(i) for i in line.split()]
        total += len(ids)
        text = b"".join(bytes(bytes_of[c] for c in tokens[i]) for i in ids)
        assert text == bytes(b for b in part if b in known), ("tokens say", text, "not", part)
        try:
            expected = tokenizer.encode(part.decode(), add_special_tokens=False).ids
        except UnicodeDecodeError:
            broken += 1
            continue
        if ids != expected:
            different += 1
            print("different:", part.decode()[:200], ids[:40], expected[:40], file=sys.stderr)
    size = sum(map(len, parts))
    print(f"{size} bytes, {len(parts)} pieces, {total} tokens: {different} differ; {broken} pieces are not UTF-8")
    sys.exit(different > 0)


main(*sys.argv[1:])
