#include "machine.h"

int program(void)
{
    return 42;
}
