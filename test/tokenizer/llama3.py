"""Compares the tokenizer kernel with tiktoken and `tokenizers` on the vocabulary of Llama 3.

    pip install gguf jinja2 numpy tiktoken tokenizers
    pip download --no-deps llama-models==0.3.0 && unzip llama_models-*.whl llama_models/llama3/tokenizer.model
    cargo build --release -p opml && cargo build --release -p opml-import --example tokens
    python3 test/tokenizer/llama3.py target/release WORK llama_models/llama3/tokenizer.model FILE ...

Vocabulary and merges are made of the file's ranks, as the published conversion makes them, and put into a GGUF file of
a tiny model in the folder WORK, which `opml model import --split-words` imports. Compared are the texts of every FILE
cut at random, every token that is a text by itself, and mixtures of all of them: as they are, and with tokens that no
merges form (the others take them where they are a whole word) split by merges.

Characters that became letters or numerals with a later version of Unicode than the other libraries know are cut
otherwise by the kernel; texts with them are left out, and counted.
"""

import base64
import sys
from pathlib import Path

import gguf
import jinja2
import tiktoken
from tokenizers import Regex, Tokenizer, models, pre_tokenizers

from common import compare, imported, read_texts, tokens, write_model

PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
SPECIAL = {0: "begin_of_text", 1: "end_of_text", 6: "start_header_id", 7: "end_header_id", 8: "eom_id", 9: "eot_id"}
SPECIALS = 256
TEMPLATE = (
    "{% for m in messages %}{{ bos_token if loop.first else '' }}<|start_header_id|>{{ m['role'] }}<|end_header_id|>\n\n"
    "{{ m['content'] }}<|eot_id|>{% endfor %}"
    "{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}"
)


def read_ranks(path):
    lines = [line.split() for line in Path(path).read_bytes().splitlines() if line]
    return {base64.b64decode(token): int(rank) for token, rank in lines}


def letters():
    """GPT-2's letters by bytes."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(256) if byte not in plain]
    return {byte: chr(byte) for byte in plain} | {byte: chr(256 + place) for place, byte in enumerate(hidden)}


def joined(ranks, token, below):
    """Parts of a token after all merges of a rank below `below`, the least first."""
    found = [token[at : at + 1] for at in range(len(token))]
    while len(found) > 1:
        pairs = [ranks.get(left + right, below) for left, right in zip(found, found[1:])]
        least = min(pairs)
        if least >= below:
            break
        at = pairs.index(least)
        found[at : at + 2] = [found[at] + found[at + 1]]
    return found


def merges(ranks):
    """Pairs in the order in which they are joined: all ways to put a token together from two."""
    for token, _ in sorted(ranks.items(), key=lambda item: item[1]):
        splits = [(token[:at], token[at:]) for at in range(1, len(token))]
        splits = [split for split in splits if split[0] in ranks and split[1] in ranks]
        yield from sorted(splits, key=lambda split: (ranks[split[0]], ranks[split[1]]))


def unsettled(programs, bundle, encoding):
    """Characters that the kernel takes for another class than tiktoken does."""
    characters = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    # The sign behind it is part of its word if it is one too; numerals are cut three by three.
    probes = [f"{character}\\u1 1{character}12345" for character in characters]
    found = tokens(programs, bundle, probes)
    pairs = zip(characters, probes, found)
    return {character for character, probe, ids in pairs if ids[1:] != encoding.encode_ordinary(probe)}


class Vocabulary:
    def __init__(self, path):
        self.ranks = read_ranks(path)
        letter = letters()
        written = lambda token: "".join(letter[byte] for byte in token)
        self.words = [written(token) for token in self.ranks]
        self.merges = [(written(left), written(right)) for left, right in merges(self.ranks)]
        names = [SPECIAL.get(place, f"reserved_special_token_{place}") for place in range(SPECIALS)]
        self.specials = {f"<|{name}|>": len(self.ranks) + place for place, name in enumerate(names)}
        count = len(self.ranks)
        parts = {number: joined(self.ranks, token, count) for token, number in self.ranks.items()}
        self.split = {number: [self.ranks[part] for part in found] for number, found in parts.items() if len(found) > 1}
        print(f"{count} tokens, {len(self.merges)} merges; {len(self.split)} tokens that merges do not form")

    def without_whole_words(self, ids):
        return [part for number in ids for part in self.split.get(number, [number])]

    def add(self, writer):
        writer.add_tokenizer_model("gpt2")
        writer.add_tokenizer_pre("llama-bpe")
        writer.add_token_list(self.words + list(self.specials))
        control = [gguf.TokenType.CONTROL] * SPECIALS
        writer.add_token_types([gguf.TokenType.NORMAL] * len(self.words) + control)
        writer.add_token_merges([f"{left} {right}" for left, right in self.merges])
        writer.add_bos_token_id(self.specials["<|begin_of_text|>"])
        writer.add_eos_token_id(self.specials["<|eot_id|>"])
        writer.add_chat_template(TEMPLATE)

    def tiktoken(self):
        return tiktoken.Encoding("llama3", pat_str=PATTERN, mergeable_ranks=self.ranks, special_tokens=self.specials)

    def tokenizers(self):
        vocabulary = {word: number for number, word in enumerate(self.words)}
        result = Tokenizer(models.BPE(vocab=vocabulary, merges=self.merges, ignore_merges=True))
        whole = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
        result.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(PATTERN), "isolated"), whole])
        return result


def conversations(vocabulary, encoding, texts):
    """Records of conversations, and their tokens by the rendered template."""
    template = jinja2.Environment(trim_blocks=True, lstrip_blocks=True).from_string(TEMPLATE)
    roles = ("system", "user", "assistant")
    for at in range(0, len(texts) - 4, 4):
        said = [("system", texts[at]), ("user", texts[at + 1]), ("assistant", texts[at + 2]), ("user", texts[at + 3])]
        record = b"".join(
            bytes([roles.index(role)]) + len(text.encode()).to_bytes(4, "little") + text.encode() for role, text in said
        )
        # Marks in place of texts, which are no special tokens whatever they spell.
        messages = [{"role": role, "content": chr(0xF8F0 + place)} for place, (role, _) in enumerate(said)]
        rendered = template.render(messages=messages, add_generation_prompt=True, bos_token="<|begin_of_text|>")
        ids, rest = [], rendered
        pending = ""
        while rest:
            special = next((name for name in vocabulary.specials if rest.startswith(name)), None)
            if special:
                ids += encoding.encode_ordinary(pending) + [vocabulary.specials[special]]
                pending, rest = "", rest[len(special) :]
            else:
                place = ord(rest[0]) - 0xF8F0
                pending += said[place][1] if 0 <= place < len(said) else rest[0]
                rest = rest[1:]
        yield record, ids + encoding.encode_ordinary(pending)


def report_whole_words(vocabulary, texts, files, lists):
    """How often tokens that no merges form occur: in all texts, and in the words of each file."""
    whole = sum(number in vocabulary.split for ids in lists for number in ids)
    with_any = sum(any(number in vocabulary.split for number in ids) for ids in lists)
    print(f"whole words: {whole} in {with_any} of {len(texts)} texts, of {sum(map(len, lists))} tokens")
    encoding = vocabulary.tiktoken()
    for file in files:
        ids = encoding.encode_ordinary(Path(file).read_text(errors="replace"))
        whole = sum(number in vocabulary.split for number in ids)
        print(f"  {Path(file).name}: {whole} of {len(ids)} tokens")


def main(programs, work, path, *files):
    folder = Path(work)
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = Vocabulary(path)
    model = folder / "llama3.gguf"
    write_model(model, len(vocabulary.words) + SPECIALS, vocabulary.add)
    bundle = imported(programs, model, "--split-words")
    words = []
    for token in vocabulary.ranks:
        try:
            words.append(token.decode())
        except UnicodeDecodeError:
            continue
    texts = read_texts(files, words)
    first = vocabulary.specials["<|begin_of_text|>"]
    encoding = vocabulary.tiktoken()
    newer = unsettled(programs, bundle, encoding)
    settled = [text for text in texts if newer.isdisjoint(text)]
    print(f"{len(newer)} characters are of another class; {len(texts) - len(settled)} texts with them are left out")
    texts = settled
    found = tokens(programs, bundle, texts)
    by_tiktoken = [[first, *encoding.encode_ordinary(text)] for text in texts]
    report_whole_words(vocabulary, texts, files, by_tiktoken)
    batch = vocabulary.tokenizers().encode_batch(texts, add_special_tokens=False)
    by_tokenizers = [[first, *item.ids] for item in batch]
    split = lambda lists: [vocabulary.without_whole_words(ids) for ids in lists]
    different = compare("tiktoken", texts, found, split(by_tiktoken))
    different += compare("tokenizers", texts, found, split(by_tokenizers))
    records, expected = zip(*conversations(vocabulary, encoding, texts[:4000]))
    shown = [str(record) for record in records]
    different += compare("conversations", shown, tokens(programs, bundle, records, 2), split(expected))
    sys.exit(different > 0)


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
