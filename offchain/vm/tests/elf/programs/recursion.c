/* The 13th Fibonacci number is 233. */
#include "machine.h"

typedef u32 function(u32);

static u32 fibonacci(u32 n);
static function *volatile self = fibonacci;

static u32 fibonacci(u32 n)
{
    return n < 2 ? n : self(n - 1) + self(n - 2);
}

int program(void)
{
    write("fib\n", 4);
    return (int)fibonacci(13);
}
