/* The same as trillet_callback.c, without a thread of the library's. */
#define ENGINE "caller"
#define DRIVEN
#include "trillet_callback.c"
