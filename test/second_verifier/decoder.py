"""From a word to its row in the tables of docs/spec.md, 2.5, which stand here in the same order."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Fields:
    """The fields of an instruction word."""

    word: int

    opcode = property(lambda self: self.word >> 26)
    rs = property(lambda self: (self.word >> 21) & 31)
    rt = property(lambda self: (self.word >> 16) & 31)
    rd = property(lambda self: (self.word >> 11) & 31)
    sa = property(lambda self: (self.word >> 6) & 31)
    function = property(lambda self: self.word & 63)
    imm = property(lambda self: self.word & 0xFFFF)
    target = property(lambda self: self.word & 0x3FFFFFF)


def table(text):
    """Lines `numbers | names | required fields`, all numbers hexadecimal; a field without a value must be 0."""
    rows = []
    for line in text.strip().splitlines():
        numbers, names, fields = (part.split() for part in line.split("|"))
        required = {}
        for field in fields:
            key, _, value = field.partition("=")
            required[key] = int(value or "0", 16)
        rows += [(int(number, 16), name, required) for number, name in zip(numbers, names, strict=True)]
    return rows


# By function.
OPCODE_00 = table("""
    00 | sll | rs
    02 | srl | rs
    02 | rotr | rs=1
    03 | sra | rs
    04 | sllv | sa
    06 | srlv | sa
    06 | rotrv | sa=1
    07 | srav | sa
    08 | jr | rt rd
    09 | jalr | rt
    0a 0b | movz movn | sa
    0c 0d | syscall break |
    0f | sync | rs rt rd
    10 12 | mfhi mflo | rs rt sa
    11 13 | mthi mtlo | rt rd sa
    18 19 1a 1b | mult multu div divu | rd sa
    20 21 22 23 | add addu sub subu | sa
    24 25 26 27 | and or xor nor | sa
    2a 2b | slt sltu | sa
    30 31 32 33 34 36 | tge tgeu tlt tltu teq tne |
""")
# By rt.
OPCODE_01 = table("""
    00 01 02 03 | bltz bgez bltzl bgezl |
    08 09 0a 0b 0c 0e | tgei tgeiu tlti tltiu teqi tnei |
    10 11 12 13 | bltzal bgezal bltzall bgezall |
    1f | synci |
""")
OTHER = table("""
    02 03 | j jal |
    04 05 14 15 | beq bne beql bnel |
    06 07 16 17 | blez bgtz blezl bgtzl | rt
    08 09 | addi addiu |
    0a 0b | slti sltiu |
    0c 0d 0e | andi ori xori |
    0f | lui | rs
    20 24 21 25 23 30 | lb lbu lh lhu lw ll |
    22 26 2a 2e | lwl lwr swl swr |
    28 29 2b 38 | sb sh sw sc |
    33 | pref |
""")
# By function.
OPCODE_1C = table("""
    00 01 04 05 | madd maddu msub msubu | rd sa
    02 | mul | sa
    20 21 | clz clo | sa
""")
OPCODE_1F = table("""
    00 04 | ext ins |
    20 | wsbh | rs sa=02
    20 | seb | rs sa=10
    20 | seh | rs sa=18
""")
TABLES = {
    0x00: ("function", OPCODE_00),
    0x01: ("rt", OPCODE_01),
    0x1C: ("function", OPCODE_1C),
    0x1F: ("function", OPCODE_1F),
}
NAMES = [name for rows in (OPCODE_00, OPCODE_01, OTHER, OPCODE_1C, OPCODE_1F) for _, name, _ in rows]


def decode(word):
    """The instruction's name, or None where the encoding is reserved."""
    f = Fields(word)
    key, rows = TABLES.get(f.opcode, ("opcode", OTHER))
    for number, name, required in rows:
        if getattr(f, key) == number and all(getattr(f, field) == value for field, value in required.items()):
            return None if breaks_rule_on_two_fields(name, f) else name
    return None


def breaks_rule_on_two_fields(name, f):
    match name:
        case "clz" | "clo":
            return f.rt != f.rd
        case "ext":
            return f.sa + (f.rd + 1) > 32
        case "ins":
            return f.rd < f.sa
        case _:
            return False
