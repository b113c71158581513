"""What the instructions compute, a line each (docs/spec.md, 2.4 and 2.5).

Registers are numbers 0 .. 2^32 - 1. Results may be any integer: whoever writes them keeps the low 32 or 64 bits.
"""

ONES = 2**32 - 1


def signed(value, bits=32):
    return value - (1 << bits) if value >> (bits - 1) else value


def sext(f):
    return signed(f.imm, 16)


def rotate_right(value, bits):
    return (value >> bits) | (value << (32 - bits))


def leading_zeros(value):
    return 32 - value.bit_length()


def insert(f, rs, rt):
    mask = (1 << (f.rd - f.sa + 1)) - 1
    return (rt & ~(mask << f.sa)) | ((rs & mask) << f.sa)


def swap_halves(rt):
    return ((rt & 0x00FF00FF) << 8) | ((rt & 0xFF00FF00) >> 8)


def hi_lo(hi, lo):
    return ((hi & ONES) << 32) | (lo & ONES)


def divide(rs, rt):
    if rt == 0 or (rs == 2**31 and rt == ONES):
        return hi_lo(0, rs)
    a, b = signed(rs), signed(rt)
    quotient = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
    return hi_lo(a - quotient * b, quotient)


def divide_unsigned(rs, rt):
    return hi_lo(0, rs) if rt == 0 else hi_lo(rs % rt, rs // rt)


# rd or rt = f(fields, rs, rt)
TO_RD = {
    "sll": lambda f, rs, rt: rt << f.sa,
    "srl": lambda f, rs, rt: rt >> f.sa,
    "rotr": lambda f, rs, rt: rotate_right(rt, f.sa),
    "sra": lambda f, rs, rt: signed(rt) >> f.sa,
    "sllv": lambda f, rs, rt: rt << (rs % 32),
    "srlv": lambda f, rs, rt: rt >> (rs % 32),
    "rotrv": lambda f, rs, rt: rotate_right(rt, rs % 32),
    "srav": lambda f, rs, rt: signed(rt) >> (rs % 32),
    "addu": lambda f, rs, rt: rs + rt,
    "subu": lambda f, rs, rt: rs - rt,
    "and": lambda f, rs, rt: rs & rt,
    "or": lambda f, rs, rt: rs | rt,
    "xor": lambda f, rs, rt: rs ^ rt,
    "nor": lambda f, rs, rt: ~(rs | rt),
    "slt": lambda f, rs, rt: signed(rs) < signed(rt),
    "sltu": lambda f, rs, rt: rs < rt,
    "mul": lambda f, rs, rt: rs * rt,
    "clz": lambda f, rs, rt: leading_zeros(rs),
    "clo": lambda f, rs, rt: leading_zeros(rs ^ ONES),
    "wsbh": lambda f, rs, rt: swap_halves(rt),
    "seb": lambda f, rs, rt: signed(rt & 0xFF, 8),
    "seh": lambda f, rs, rt: signed(rt & 0xFFFF, 16),
}
TO_RT = {
    "addiu": lambda f, rs, rt: rs + sext(f),
    "slti": lambda f, rs, rt: signed(rs) < sext(f),
    "sltiu": lambda f, rs, rt: rs < (sext(f) & ONES),
    "andi": lambda f, rs, rt: rs & f.imm,
    "ori": lambda f, rs, rt: rs | f.imm,
    "xori": lambda f, rs, rt: rs ^ f.imm,
    "lui": lambda f, rs, rt: f.imm << 16,
    "ext": lambda f, rs, rt: (rs >> f.sa) & ((1 << (f.rd + 1)) - 1),
    "ins": insert,
}
# Signed results; those that are no 32-bit number trap.
CHECKED = {
    "add": lambda f, rs, rt: signed(rs) + signed(rt),
    "addi": lambda f, rs, rt: signed(rs) + sext(f),
    "sub": lambda f, rs, rt: signed(rs) - signed(rt),
}
# HI:LO = f(rs, rt, HI:LO)
TO_HI_LO = {
    "mult": lambda rs, rt, old: signed(rs) * signed(rt),
    "multu": lambda rs, rt, old: rs * rt,
    "madd": lambda rs, rt, old: old + signed(rs) * signed(rt),
    "maddu": lambda rs, rt, old: old + rs * rt,
    "msub": lambda rs, rt, old: old - signed(rs) * signed(rt),
    "msubu": lambda rs, rt, old: old - rs * rt,
    "div": lambda rs, rt, old: divide(rs, rt),
    "divu": lambda rs, rt, old: divide_unsigned(rs, rt),
    "mthi": lambda rs, rt, old: hi_lo(rs, old),
    "mtlo": lambda rs, rt, old: hi_lo(old >> 32, rs),
}

COMPARISONS = {
    "ge": lambda a, b: signed(a) >= signed(b),
    "geu": lambda a, b: a >= b,
    "lt": lambda a, b: signed(a) < signed(b),
    "ltu": lambda a, b: a < b,
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
}
# tge .. tne, and tgei, tgeiu .. tnei with an immediate in place of rt.
CONDITIONS = {"t" + name: test for name, test in COMPARISONS.items()}
CONDITIONS |= {"t" + name[:2] + "i" + name[2:]: test for name, test in COMPARISONS.items()}

BRANCHES = {
    "beq": lambda rs, rt: rs == rt,
    "bne": lambda rs, rt: rs != rt,
    "blez": lambda rs, rt: signed(rs) <= 0,
    "bgtz": lambda rs, rt: signed(rs) > 0,
    "bltz": lambda rs, rt: signed(rs) < 0,
    "bgez": lambda rs, rt: signed(rs) >= 0,
}
BRANCHES |= {"bltzal": BRANCHES["bltz"], "bgezal": BRANCHES["bgez"]}
LIKELY = {name + "l": test for name, test in BRANCHES.items()}
BRANCHES |= LIKELY

# rt = f(W, k, rt): W the word that holds the address, k the address's offset in it in bits.
LOADS = {
    "lb": lambda w, k, r: signed((w >> k) & 0xFF, 8),
    "lbu": lambda w, k, r: (w >> k) & 0xFF,
    "lh": lambda w, k, r: signed((w >> k) & 0xFFFF, 16),
    "lhu": lambda w, k, r: (w >> k) & 0xFFFF,
    "lw": lambda w, k, r: w,
    "ll": lambda w, k, r: w,
    "lwl": lambda w, k, r: (w << (24 - k)) | (r & ((1 << (24 - k)) - 1)),
    "lwr": lambda w, k, r: (w >> k) | (r & ~(ONES >> k)),
}
# W = f(W, k, rt)
STORES = {
    "sb": lambda w, k, r: (w & ~(0xFF << k)) | ((r & 0xFF) << k),
    "sh": lambda w, k, r: (w & ~(0xFFFF << k)) | ((r & 0xFFFF) << k),
    "sw": lambda w, k, r: r,
    "sc": lambda w, k, r: r,
    "swl": lambda w, k, r: (r >> (24 - k)) | (w & ~(ONES >> (24 - k))),
    "swr": lambda w, k, r: (r << k) | (w & ((1 << k) - 1)),
}
