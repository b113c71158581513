"""Compares the tokenizer kernel with SentencePiece, as Llama 2 and Mistral use it.

    pip install gguf numpy protobuf sentencepiece
    cargo build --release -p opml && cargo build --release -p opml-import --example tokens
    python3 test/tokenizer/sentence_piece.py target/release WORK VOCABULARY FILE ...

VOCABULARY is a model of SentencePiece (Mistral's lie in the package `mistral-common` under `data`); a GGUF file with a
vocabulary (Llama 2's is in the source archive of `llama-cpp-python`, `ggml-vocab-llama-spm.gguf`), of which such a
model is made; or a text, on which 4,000 pieces are trained with Llama 2's settings. It is put into a GGUF file of a tiny
model in the folder WORK, which `opml model import` imports. Compared are the texts of every FILE cut at random, every
piece that is a text by itself, and mixtures of all of them.
"""

import sys
from pathlib import Path

import gguf
import sentencepiece
from sentencepiece.sentencepiece_model_pb2 import ModelProto

from common import compare, imported, read_texts, tokens, write_model

PIECES = 4000


def train(text, path):
    sentencepiece.SentencePieceTrainer.train(
        input=text,
        model_prefix=str(path.with_suffix("")),
        model_type="bpe",
        vocab_size=PIECES,
        byte_fallback=True,
        split_digits=True,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        allow_whitespace_only_pieces=True,
        minloglevel=2,
    )
    return path.read_bytes()


def from_gguf(path):
    """A model with the vocabulary of a GGUF file and Llama 2's settings."""
    fields = gguf.GGUFReader(path).fields
    contents = lambda key: fields[f"tokenizer.ggml.{key}"].contents()
    model = ModelProto()
    for piece, score, kind in zip(contents("tokens"), contents("scores"), contents("token_type")):
        model.pieces.add(piece=piece, score=score, type=kind)
    model.trainer_spec.model_type = 2
    model.trainer_spec.byte_fallback = True
    model.normalizer_spec.name = "identity"
    model.normalizer_spec.remove_extra_whitespaces = False
    return model.SerializeToString()


def read(path, folder):
    model = ModelProto()
    match Path(path).suffix:
        case ".txt":
            model.ParseFromString(train(path, folder / "pieces.model"))
        case ".gguf":
            model.ParseFromString(from_gguf(path))
        case _:
            model.ParseFromString(Path(path).read_bytes())
    return model


def reference(model):
    """SentencePiece, to which pieces that a user defined are no words of a text: here they never are."""
    other = ModelProto()
    other.CopyFrom(model)
    for piece in other.pieces:
        if piece.type == gguf.TokenType.USER_DEFINED:
            piece.type = gguf.TokenType.CONTROL
    return sentencepiece.SentencePieceProcessor(model_proto=other.SerializeToString())


def add(model, pieces, writer):
    writer.add_tokenizer_model("llama")
    writer.add_token_list([piece.piece for piece in model.pieces])
    writer.add_token_scores([piece.score for piece in model.pieces])
    writer.add_token_types([gguf.TokenType(piece.type) for piece in model.pieces])
    writer.add_bos_token_id(pieces.bos_id())
    writer.add_eos_token_id(pieces.eos_id())
    writer.add_add_bos_token(True)


def main(programs, work, vocabulary, *files):
    folder = Path(work)
    folder.mkdir(parents=True, exist_ok=True)
    model = read(vocabulary, folder)
    pieces = reference(model)
    path = folder / f"{Path(vocabulary).stem}.gguf"
    write_model(path, len(model.pieces), lambda writer: add(model, pieces, writer))
    bundle = imported(programs, path)
    words = [piece.piece for piece in model.pieces if piece.type == gguf.TokenType.NORMAL]
    texts = read_texts(files, [word.replace("▁", " ") for word in words])
    # Spaces in a row, digits, characters without a piece, the sign for a space itself, names of special tokens.
    texts += ["   a", "a   ", " ", "1234567", "é漢字🙂", "a▁b", "<s> </s><0x41>", "\n\n\t"]
    texts += [piece.piece for piece in model.pieces if piece.type != gguf.TokenType.NORMAL]
    expected = [pieces.encode(text, add_bos=True) for text in texts]
    sys.exit(compare("sentencepiece", texts, tokens(programs, bundle, texts), expected) > 0)


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
