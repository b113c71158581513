/* What a freestanding program needs of the machine. */
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef int i32;
typedef unsigned long long u64;
typedef long long i64;

static inline u32 call(u32 number, u32 a, u32 b, u32 c)
{
    register u32 v0 __asm__("$2") = number;
    register u32 a0 __asm__("$4") = a;
    register u32 a1 __asm__("$5") = b;
    register u32 a2 __asm__("$6") = c;
    register u32 a3 __asm__("$7");
    __asm__ volatile("syscall" : "+r"(v0), "=r"(a3) : "r"(a0), "r"(a1), "r"(a2) : "memory");
    return v0;
}

static inline void exit(u32 code)
{
    call(4001, code, 0, 0);
    for (;;) {
    }
}

static inline u32 write(const char *text, u32 length)
{
    return call(4004, 1, (u32)text, length);
}

/* gcc may call it for large copies. */
void *memcpy(void *to, const void *from, u32 length)
{
    u8 *t = to;
    const u8 *f = from;
    while (length--)
        *t++ = *f++;
    return to;
}

void *memset(void *to, int byte, u32 length)
{
    u8 *t = to;
    while (length--)
        *t++ = (u8)byte;
    return to;
}

int program(void);

void __start(void)
{
    exit((u32)program());
}
