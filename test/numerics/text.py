"""Text and tokens: spec, "Text". Regular expressions cut words; joining looks at every pair each time."""

import re

SPECIAL = 1 << 31
NEVER = (1 << 32) - 1

# Characters are mapped to one letter a class (other, letter, number, space) beside the text itself, so that
# the rules can be written with what the standard library has.


class Table:
    def __init__(self, words):
        self.words = [int(w) for w in words]
        self.split = min(self.word(0), 3)

    def word(self, index):
        return self.words[index] if 0 <= index < len(self.words) else 0

    def at(self, section, index):
        place = self.word(section) + index
        return 0 if place > NEVER else self.word(place)

    def kind(self, code):
        return 3 if code == 0x20 else self.at(2, code // 16) >> (code % 16 * 2) & 3

    def search(self, section, low, high, key):
        low, high = min(low, len(self.words)), min(high, len(self.words))
        while low < high:
            middle = (low + high) // 2
            found = self.at(section, 2 * middle)
            if found == key:
                return self.at(section, 2 * middle + 1)
            low, high = (middle + 1, high) if found < key else (low, middle)
        return None

    def rank(self, left, right):
        if left >= self.word(7):
            return NEVER
        found = self.search(8, self.at(6, left), self.at(6, left + 1), right)
        return NEVER if found is None else found

    def list(self, number):
        return self.words[slice(*(min(self.at(10, number + i), len(self.words)) for i in (0, 1)))]


def assemble(table, request, n):
    text = request[128 : 128 + min(int.from_bytes(request[:4], "little"), n)]
    form = int.from_bytes(request[32:36], "little")
    if form == 1:
        return with_end(table.list(16) + list(text), table.list(17), len(table.list(17)), n)
    if form != 2:
        end = table.list(11)
        return with_end(table.list(1) + list(text), end, len(end), n)
    stream, at, before = [], 0, 0
    while at + 5 <= len(text):
        speaker, length = min(text[at], 2), int.from_bytes(text[at + 1 : at + 5], "little")
        stream += table.list(4 * before + speaker) + list(text[at + 5 : at + 5 + length])
        at, before = min(at + 5 + length, len(text)), speaker + 1
    kept = max(len(table.list(4 * ends + 3)) for ends in range(4))
    return with_end(stream, table.list(4 * before + 3), kept, n)


def with_end(stream, end, kept, n):
    return (stream[: max(n - kept, 0)] + end)[:n]


def characters(stream):
    """Code point (None: a byte that is no character) and bytes of every character."""
    at = 0
    while at < len(stream):
        for length in (1, 2, 3, 4):
            part = stream[at : at + length]
            if len(part) == length and all(b < 256 for b in part):
                try:
                    yield ord(bytes(part).decode()), part
                    at += length
                    break
                except (UnicodeDecodeError, TypeError):
                    pass
        else:
            yield None, stream[at : at + 1]
            at += 1


def words(table, stream):
    """The words of a stream without special tokens."""
    found = list(characters(stream))
    if table.split == 3:
        return [found]
    classes = ["O" if c is None else "OLNS"[table.kind(c)] for c, _ in found]
    text = ["\0" if c is None else chr(c) for c, _ in found]
    return cut(table.split, classes, text, found)


def cut(split, classes, text, found):
    pieces, at = [], 0
    while at < len(found):
        end = at + (llama3 if split == 2 else gpt2)("".join(classes[at:]), "".join(text[at:]), split == 1)
        pieces.append(found[at:end])
        at = end
    return pieces


def longest(pattern, text):
    match = re.match(pattern, text, re.S)
    return match.end() if match else 0


def gpt2(classes, text, digits):
    end = longest(r"'(?:s|t|re|ve|m|ll|d)", text)
    if end:
        return end
    space = 1 if text[0] == " " else 0
    for kind in "L" if digits else "LN":
        end = longest(kind + "+", classes[space:]) and space + longest(kind + "+", classes[space:])
        end = end or longest(kind + "+", classes)
        if end:
            return end
    if digits and classes[0] == "N":
        return 1
    return (
        (longest("O+", classes[space:]) and space + longest("O+", classes[space:]))
        or longest("O+", classes)
        or white(classes, digits)
    )


def white(classes, digits):
    return longest(r"S+(?=N|\Z)|S+(?=S)|S" if digits else r"S+(?!.)|S+(?=S)|S", classes)


def llama3(classes, text, _):
    end = longest(r"'(?:[sS]|[tT]|[rR][eE]|[vV][eE]|[mM]|[lL][lL]|[dD])", text)
    if end:
        return end
    if classes[0] not in "LN" and text[0] not in "\r\n" and classes[1:2] == "L":
        return 1 + longest("L+", classes[1:])
    end = longest("L+", classes) or longest("N{1,3}", classes)
    if end:
        return end
    space = 1 if text[0] == " " else 0
    others = longest("O+", classes[space:])
    if not others and space:
        space, others = 0, longest("O+", classes)
    if others:
        end = space + others
        return end + longest(r"[\r\n]*", text[end:])
    run = longest("S*", classes)
    lines = [i for i in range(run) if text[i] in "\r\n"]
    return lines[-1] + 1 if lines else white(classes, False)


def symbols(table, word):
    for code, part in word:
        known = None
        if table.split == 3 and code is not None:
            known = table.search(4, 0, table.word(5), code)
        if known is None:
            yield from (token for token in (table.at(3, byte) for byte in part) if token != NEVER)
        else:
            yield known


def join(table, tokens):
    tokens = list(tokens)
    while len(tokens) > 1:
        ranks = [table.rank(a, b) for a, b in zip(tokens, tokens[1:])]
        least = min(ranks)
        if least == NEVER:
            break
        at = ranks.index(least)
        tokens[at : at + 2] = [table.at(9, least)]
    return tokens


def encode(tile, out):
    n, size = tile.params[:2]
    table = Table(tile.inputs[1][:size])
    stream = assemble(table, tile.bytes(0).tobytes(), n)
    tokens, part = [], []
    for item in stream + [SPECIAL]:
        if not item & SPECIAL:
            part.append(item)
            continue
        for word in words(table, part):
            tokens += join(table, symbols(table, word))
        tokens.append(item & ~SPECIAL)
        part = []
    tokens = tokens[:-1] or [table.word(1)]
    out[0] = len(tokens)
    out[8 : 8 + len(tokens)] = tokens


def next_token(tile, out):
    n, capacity, stops = tile.params[0], tile.params[1], tile.params[2:6]
    position, length = tile.iteration, int(tile.inputs[0][0])
    if position < length:
        out[8] = tile.inputs[0][8 + position] if position < n else 0
        return
    token, most = int(tile.inputs[1][0]), int(tile.inputs[2][6])
    last = (most > 0 and position - length + 1 >= most) or position + 1 >= capacity
    out[0] = 1 if token in stops else 2 if last else 0
    out[8] = token


def decode(tile, out):
    capacity, size, most = tile.params[:3]
    table = tile.inputs[2][:size]
    words = [int(w) for w in table]
    at = lambda index: words[index] if index < len(words) else 0
    text = b""
    for position in range(int(tile.inputs[1][0]), capacity):
        slot = tile.inputs[0][16 * position : 16 * position + 16]
        token = int(slot[8])
        if slot[0] == 1:
            break
        if token < at(0):
            start, end = at(token + 1), min(at(token + 2), at(token + 1) + most)
            text += (table.tobytes()[start:end] + bytes(max(end - start, 0)))[: max(end - start, 0)]
        if slot[0] != 0:
            break
    text = text[:most]
    out[0] = len(text)
    out.view("u1")[32 : 32 + len(text)] = list(text)
