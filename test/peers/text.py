"""A real English text as tokens: the first COUNT tokens of a text file, 32-bit little-endian each.

    python text.py MODEL.gguf TEXT OUT COUNT

The tokenizer is made from the model's own metadata by the `tokenizers` package.
"""

import struct
import sys

import gguf
from tokenizers import Tokenizer, decoders, models, pre_tokenizers


def tokenizer(path):
    fields = gguf.GGUFReader(path).fields
    tokens = fields["tokenizer.ggml.tokens"].contents()
    merges = [tuple(merge.split(" ")) for merge in fields["tokenizer.ggml.merges"].contents()]
    result = Tokenizer(models.BPE({token: number for number, token in enumerate(tokens)}, merges))
    # SmolLM's: every digit by itself, then GPT-2's.
    digits = pre_tokenizers.Digits(individual_digits=True)
    result.pre_tokenizer = pre_tokenizers.Sequence([digits, pre_tokenizers.ByteLevel(add_prefix_space=False)])
    result.decoder = decoders.ByteLevel()
    return result


def main(model, text, out, count):
    with open(text, encoding="utf-8", errors="replace") as file:
        ids = tokenizer(model).encode(file.read(), add_special_tokens=False).ids[: int(count)]
    with open(out, "wb") as file:
        file.write(struct.pack(f"<{len(ids)}I", *ids))
    print(f"{len(ids)} tokens")


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    main(*sys.argv[1:])
