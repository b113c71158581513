/* Each check has its own exit code. Operands are volatile, so that the compiler computes nothing. */
#include "machine.h"

struct __attribute__((packed)) odd {
    u8 first;
    u32 word;
    u16 half;
    u64 wide;
};

static volatile struct odd odd = { 1, 0x12345678, 0xabcd, 0x1122334455667788ull };
static volatile u32 a = 0xdeadbeef, b = 0x12345678, shift = 20;
static volatile i32 minus = -7;
static volatile u64 wide = 0xfedcba9876543210ull;

static u32 words(void)
{
    if (odd.word != 0x12345678)
        return 1;
    odd.word = 0xcafebabe;
    if (odd.word != 0xcafebabe || odd.first != 1 || odd.half != 0xabcd)
        return 2;
    odd.wide += 1;
    if (odd.wide != 0x1122334455667789ull)
        return 3;
    return 0;
}

static u32 products(void)
{
    if ((u64)a * b != 0xfd5bdee5621ca08ull)
        return 10;
    if ((i64)minus * (i64)(i32)a != 3913271159ll)
        return 11;
    if (minus / 2 != -3 || minus % 2 != -1)
        return 12;
    if (a / b != 12 || a % b != 0xdeadbeef - 12 * 0x12345678u)
        return 13;
    return 0;
}

static u32 shifts(void)
{
    if (wide << shift != 0xa987654321000000ull)
        return 20;
    if (wide >> shift != 0xfedcba98765ull)
        return 21;
    if ((i64)wide >> shift != (i64)0xffffffedcba98765ull)
        return 22;
    if ((a << 5 | a >> 27) != 0xd5b7ddfbu)
        return 23;
    if (__builtin_clz(b) != 3 || __builtin_bswap32(b) != 0x78563412u)
        return 24;
    return 0;
}

int program(void)
{
    u32 code = words();
    if (!code)
        code = products();
    if (!code)
        code = shifts();
    if (!code)
        write("ok\n", 3);
    return (int)code;
}
