/* An allocator that fails when told to; preloaded, and found with dlsym(). */
#ifndef FAILING_MALLOC_H
#define FAILING_MALLOC_H

enum failing_callers { FAIL_LIBRARY, FAIL_ALL };

/* From now on the nth allocation fails, and with `lasting` every one after it; of calls from
   libtrillet.so, or of all. */
typedef void (*failing_malloc_arm_function)(long nth, enum failing_callers callers, int lasting);

/* Ends that; gives back how many allocations were asked for since. */
typedef long (*failing_malloc_disarm_function)(void);

/* How many blocks are allocated in all. */
typedef long (*failing_malloc_live_function)(void);

#endif
