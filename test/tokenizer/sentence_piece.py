"""Compares the tokenizer kernel with SentencePiece, as Llama 2 and Mistral use it.

    pip install gguf numpy sentencepiece
    cargo build --release -p opml-import --example tokens --example generate
    python3 test/tokenizer/sentence_piece.py target/release/examples WORK TRAINING FILE ...

A vocabulary of 4,000 pieces is trained on the file TRAINING with Llama 2's settings and put into a GGUF file of a tiny
model in the folder WORK. Then every FILE is cut into pieces of 1 to 2,048 characters at random places.
"""

import random
import struct
import subprocess
import sys
from pathlib import Path

import gguf
import numpy
import sentencepiece

WIDTH, PIECES = 64, 4000


def train(text, folder):
    sentencepiece.SentencePieceTrainer.train(
        input=text,
        model_prefix=str(folder / "pieces"),
        model_type="bpe",
        vocab_size=PIECES,
        byte_fallback=True,
        split_digits=True,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        allow_whitespace_only_pieces=True,
        minloglevel=2,
    )
    return sentencepiece.SentencePieceProcessor(model_file=str(folder / "pieces.model"))


def kind(pieces, number):
    if pieces.is_unknown(number):
        return gguf.TokenType.UNKNOWN
    if pieces.is_control(number):
        return gguf.TokenType.CONTROL
    return gguf.TokenType.BYTE if pieces.is_byte(number) else gguf.TokenType.NORMAL


def write(pieces, path):
    """A model of one layer with zero weights around the vocabulary."""
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_context_length(64)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(1)
    writer.add_feed_forward_length(WIDTH)
    writer.add_head_count(1)
    writer.add_head_count_kv(1)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_tokenizer_model("llama")
    count = pieces.get_piece_size()
    writer.add_token_list([pieces.id_to_piece(number) for number in range(count)])
    writer.add_token_scores([pieces.get_score(number) for number in range(count)])
    writer.add_token_types([kind(pieces, number) for number in range(count)])
    writer.add_bos_token_id(pieces.bos_id())
    writer.add_eos_token_id(pieces.eos_id())
    writer.add_add_bos_token(True)
    square = numpy.zeros((WIDTH, WIDTH), dtype=numpy.float32)
    row = numpy.ones(WIDTH, dtype=numpy.float32)
    writer.add_tensor("token_embd.weight", numpy.zeros((count, WIDTH), dtype=numpy.float32))
    for name in ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"):
        writer.add_tensor(f"blk.0.{name}.weight", square)
    for name in ("blk.0.attn_norm", "blk.0.ffn_norm", "output_norm"):
        writer.add_tensor(f"{name}.weight", row)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def parts(text, rng):
    at = 0
    while at < len(text):
        size = rng.randint(1, 1 << rng.randint(0, 11))
        yield text[at : at + size]
        at += size


def main(programs, work, training, *files):
    folder = Path(work)
    folder.mkdir(parents=True)
    pieces = train(training, folder)
    model, bundle = folder / "model.gguf", folder / "bundle"
    write(pieces, model)
    subprocess.run([f"{programs}/generate", model, bundle, "a", "1"], check=True, capture_output=True)
    rng = random.Random(1)
    texts = [part for file in files for part in parts(Path(file).read_text(errors="replace"), rng)]
    # Spaces in a row, digits, characters without a piece, the sign for a space itself, names of special tokens.
    texts += ["   a", "a   ", " ", "1234567", "é漢字🙂", "a▁b", "<s> </s><0x41>", "\n\n\t"]
    records = [text.encode() for text in texts]
    records = b"".join(struct.pack("<I", len(record)) + record for record in records)
    result = subprocess.run([f"{programs}/tokens", bundle], input=records, capture_output=True, check=True)
    lines = result.stdout.decode().splitlines()
    assert len(lines) == len(texts)
    total, different = 0, 0
    for text, line in zip(texts, lines):
        ids, expected = [int(word) for word in line.split()], pieces.encode(text, add_bos=True)
        total += len(ids)
        if ids != expected:
            different += 1
            print("different:", repr(text[:80]), ids[:20], expected[:20], file=sys.stderr)
    print(f"{len(records)} bytes, {len(texts)} pieces of text, {total} tokens: {different} differ")
    sys.exit(different > 0)


if __name__ == "__main__":
    if len(sys.argv) < 5:
        sys.exit(__doc__)
    main(*sys.argv[1:])
