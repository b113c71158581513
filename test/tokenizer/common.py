"""What the checks share: a tiny model around a vocabulary, its import, tokens by the kernel, texts to compare."""

import random
import struct
import subprocess
import sys
from pathlib import Path

import gguf
import numpy

WIDTH = 64


def write_model(path, count, add_vocabulary):
    """A GGUF file of a Llama of one layer with random weights and `count` tokens."""
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_context_length(64)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(1)
    writer.add_feed_forward_length(WIDTH)
    writer.add_head_count(1)
    writer.add_head_count_kv(1)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(count)
    writer.add_rope_dimension_count(WIDTH)
    add_vocabulary(writer)
    numbers = numpy.random.default_rng(1)
    matrix = lambda rows: (numbers.standard_normal((rows, WIDTH)) / 8).astype(numpy.float32)
    writer.add_tensor("token_embd.weight", matrix(count))
    for name in ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"):
        writer.add_tensor(f"blk.0.{name}.weight", matrix(WIDTH))
    for name in ("blk.0.attn_norm", "blk.0.ffn_norm", "output_norm"):
        writer.add_tensor(f"{name}.weight", numpy.ones(WIDTH, dtype=numpy.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def imported(programs, model, *options):
    """Imports a GGUF file by `opml model import`; the folder of the bundle."""
    bundle = Path(model).with_suffix(".bundle")
    subprocess.run([f"{programs}/opml", "model", "import", model, "-o", bundle, *options], check=True, stdout=subprocess.DEVNULL)
    return bundle


def tokens(programs, bundle, texts, layout=1):
    """Tokens of every text by the kernel, what stands in front of a text included."""
    records = [text.encode() if isinstance(text, str) else text for text in texts]
    records = b"".join(struct.pack("<I", len(record)) + record for record in records)
    command = [f"{programs}/examples/tokens", bundle, str(layout)]
    result = subprocess.run(command, input=records, stdout=subprocess.PIPE, check=True)
    found = [[int(word) for word in line.split()] for line in result.stdout.decode().splitlines()]
    assert len(found) == len(texts)
    return found


def parts(text, rng):
    """A text cut at random places into pieces of 1 to 2,048 characters."""
    at = 0
    while at < len(text):
        size = rng.randint(1, 1 << rng.randint(0, 11))
        yield text[at : at + size]
        at += size


# Sentences of many scripts, signs and gaps, cut and mixed below.
SEEDS = (
    "I'm sure they'LL say WE'VE it'd 'tis don't O'Neil's rock'n'roll 's 't're ''ve ",
    "1 12 123 1234 12345 1234567 3.14159 1,234,567.89 0x1F 2026-11-23T00:45:37Z ٣٤٥٦ ४५६७ Ⅻ ½ x²+y³ ",
    "\n\n\n  \n \t\t x\r\n\r\n  y \u00a0\u00a0z\u3000\u3000w \u200b\u2009  \x0b\x0c  \u2028\u2029  ",
    "東京は日本の首都です。人口は約1400万人。漢字かな交じり文、カタカナ！ 「引用」 ",
    "中华人民共和国成立于1949年。你好，世界！我們在學習機器學習。 ",
    "대한민국의 수도는 서울입니다. 안녕하세요? 가나다라마바사 ",
    "Привет, мир! Ёлка, съешь ещё этих мягких французских булок. Україна ї є ґ ",
    "Γειά σου Κόσμε! Ἀρχιμήδης Ωμέγα ",
    "مرحبا بالعالم! السلام عليكم ورحمة الله. كَيْفَ حَالُكَ؟ ",
    "שלום עולם! בְּרֵאשִׁית בָּרָא אֱלֹהִים ",
    "नमस्ते दुनिया! हिन्दी में लिखा हुआ। বাংলা ভাষা தமிழ் மொழி తెలుగు ไทยแลนด์ ประเทศไทย ខ្មែរ ",
    "Zażółć gęślą jaźń. Příliš žluťoučký kůň. Đường phố Việt Nam Ấn Độ. İstanbul'da ılık ığdır ",
    "🙂😀👍🏽👩‍👩‍👧‍👦🏳️‍🌈🇩🇪🇯🇵❤️✈️🤷‍♂️ 🎉🎉🎉 ",
    "fn main() {\n    let x: Vec<u8> = vec![0; 32];\n\tif (a != b && c >= d) { return &x[..]; }\n}\n",
    "for i in range(10):\n        print(f'{i:>3}')  # ---- ==== //// ....\n\n\n",
    "<|begin_of_text|><s> </s><0x41>[INST] [/INST] <unk> <|eot_id|>▁▁ a▁b ",
    "a\u0301e\u0308o\u0302 ﬁ ﬀ Å ǆ ß ẞ \u0130\u0131 \ufeff\ufffd\u0000\u0001\u007f 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𓀀𓀁 \U0010ffff ",
)


def mixtures(words, rng):
    """Every word by itself, and twice among others and pieces of sentences, in texts of up to 60 words."""
    yield from SEEDS
    yield from words
    others = list(words)
    for _ in range(2):
        rng.shuffle(others)
        at = 0
        while at < len(others):
            count = rng.randint(1, 60)
            gap = rng.choice(["", "", " ", "\n", "  ", "'", "1"])
            text = gap.join(others[at : at + count])
            if rng.random() < 0.5:
                text += "".join(part for part in parts(rng.choice(SEEDS), rng) if rng.random() < 0.5)
            yield text
            at += count


def compare(name, texts, found, expected):
    """Prints how many texts have other tokens than expected, and the first of them. Their number."""
    different = [index for index, ids in enumerate(found) if ids != expected[index]]
    for index in different[:10]:
        print("different:", repr(texts[index][:80]), found[index][:20], expected[index][:20], file=sys.stderr)
    size, total = sum(len(text.encode()) for text in texts), sum(map(len, found))
    print(f"{name}: {size} bytes, {len(texts)} texts, {total} tokens: {len(different)} differ", flush=True)
    return len(different)


def read_texts(files, words):
    """Texts of files, cut at random, and mixtures of `words`; the same each time."""
    rng = random.Random(1)
    texts = [part for file in files for part in parts(Path(file).read_text(errors="replace"), rng)]
    return texts + list(mixtures(words, rng))
