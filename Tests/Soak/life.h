/* One client from its making to its end, with everything that its threads do to it. */
#ifndef LIFE_H
#define LIFE_H

#include "chance.h"

#include <stdatomic.h>

/* How many lines of the log were received, and how often a client was closed or freed at work. */
extern atomic_ulong log_lines;
extern atomic_ulong interrupted_lives;

/* Who sends what a client submits: a thread of it, the threads that call its functions, or one or the
   other by chance. */
enum engine { ENGINE_THREAD, ENGINE_CALLER, ENGINE_EITHER };

typedef struct life_plan {
    const char *url;
    const char *ca_file; /* NULL for plain text */
    enum engine engine;
    unsigned number;   /* unlike any other's */
    unsigned requests; /* at most: the client may be closed before */
    uint64_t seed;
} life_plan;

/* Returns how many requests were accepted. Ends the program when anything is wrong. */
unsigned life_run(const life_plan *plan);

#endif
