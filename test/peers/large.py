"""A GGUF model in the shape of Llama 2 7B with random weights, all matrices Q8_0: 7.2 GB.

    python large.py OUT.gguf [LAYERS]

Written tensor by tensor, so it needs little memory. Weights are scaled so that activations stay of the
size that they have in a trained model. The vocabulary is SentencePiece-like, made of letters.
"""

import itertools
import string
import sys

import gguf
import numpy as np
from gguf import GGMLQuantizationType, GGUFWriter, TokenType

WIDTH, INNER, HEADS, VOCABULARY, CONTEXT = 4096, 11008, 32, 32000, 4096
BLOCK, BLOCK_BYTES = 32, 34
# Standard deviation of uniform bytes.
BYTE_SPREAD = 255 / 12**0.5


def pieces():
    """Tokens with their types: special ones, bytes, then ever longer runs of letters."""
    yield "<unk>", TokenType.UNKNOWN
    yield "<s>", TokenType.CONTROL
    yield "</s>", TokenType.CONTROL
    for byte in range(256):
        yield f"<0x{byte:02X}>", TokenType.BYTE
    starts = ["▁", *string.ascii_letters, *string.digits, *string.punctuation]
    for piece in starts:
        yield piece, TokenType.NORMAL
    for length in itertools.count(1):
        for letters in itertools.product(string.ascii_lowercase, repeat=length):
            yield "▁" + "".join(letters), TokenType.NORMAL
            if length > 1:
                yield "".join(letters), TokenType.NORMAL


def add_vocabulary(writer):
    tokens, types = zip(*itertools.islice(pieces(), VOCABULARY))
    writer.add_tokenizer_model("llama")
    writer.add_token_list(list(tokens))
    writer.add_token_scores([float(-index) for index in range(VOCABULARY)])
    writer.add_token_types([int(kind) for kind in types])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)


def tensors(layers):
    """Names and shapes; a vector has one number."""
    yield "token_embd.weight", (VOCABULARY, WIDTH)
    for layer in range(layers):
        block = f"blk.{layer}."
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            yield f"{block}{name}.weight", (WIDTH, WIDTH)
        for name in ("ffn_gate", "ffn_up"):
            yield f"{block}{name}.weight", (INNER, WIDTH)
        yield f"{block}ffn_down.weight", (WIDTH, INNER)
        for name in ("attn_norm", "ffn_norm"):
            yield f"{block}{name}.weight", (WIDTH,)
    yield "output_norm.weight", (WIDTH,)
    yield "output.weight", (VOCABULARY, WIDTH)


def matrix(random, rows, columns):
    """Rows of blocks: a half-precision scale and 32 bytes each."""
    blocks = rows * columns // BLOCK
    data = np.frombuffer(random.bytes(blocks * BLOCK_BYTES), dtype=np.uint8).copy()
    data = data.reshape(blocks, BLOCK_BYTES)
    scale = np.float16(1 / (BYTE_SPREAD * columns**0.5))
    data[:, :2] = np.frombuffer(scale.tobytes(), dtype=np.uint8)
    return data.reshape(rows, -1)


def write(path, layers):
    writer = GGUFWriter(path, "llama")
    writer.add_name("random-7b")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(VOCABULARY)
    writer.add_file_type(7)
    add_vocabulary(writer)
    plan = list(tensors(layers))
    for name, shape in plan:
        if len(shape) == 1:
            writer.add_tensor_info(name, shape, np.dtype(np.float32), shape[0] * 4)
        else:
            stored = (shape[0], shape[1] // BLOCK * BLOCK_BYTES)
            kind = GGMLQuantizationType.Q8_0
            writer.add_tensor_info(name, stored, np.dtype(np.uint8), stored[0] * stored[1], kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    random = np.random.Generator(np.random.SFC64(7))
    for _, shape in plan:
        one = np.ones(shape, dtype=np.float32) if len(shape) == 1 else matrix(random, *shape)
        writer.write_tensor_data(one)
    writer.close()


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    write(sys.argv[1], int(sys.argv[2]) if len(sys.argv) == 3 else 32)
