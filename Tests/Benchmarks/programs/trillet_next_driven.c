/* The same as trillet_next.c, without a thread of the library's. */
#define ENGINE "caller"
#include "trillet_next.c"
