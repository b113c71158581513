/* Sieve of Eratosthenes; there are 168 primes below 1000, the last is 997. */
#include "machine.h"

static u8 composite[1000];
static u32 last;

int program(void)
{
    u32 count = 0;
    for (u32 n = 2; n < 1000; n++) {
        if (composite[n])
            continue;
        count++;
        last = n;
        for (u32 m = n * n; m < 1000; m += n)
            composite[m] = 1;
    }
    char text[4] = { (char)('0' + last / 100), (char)('0' + last / 10 % 10), (char)('0' + last % 10), '\n' };
    if (write(text, 4) != 4)
        return 1;
    return (int)count;
}
