#include "shims.h"

#include <errno.h>
#include <stdlib.h>

/*
 * Swift ends the process when it gets no memory. The linker leads its allocations here
 * (--wrap in Tools/make/library.mk), where a reserve helps out: the few small objects of a call are
 * found, while the large buffers, which are malloc'd by the core itself, fail with an answer.
 * docs/decisions.md, memory-reserve.
 */

/* Weak for the unit tests, which are linked without these options and have no use for this. */
int __real_posix_memalign(void **target, size_t alignment, size_t size) __attribute__((weak));
void __real_free(void *block) __attribute__((weak));
int __wrap_posix_memalign(void **target, size_t alignment, size_t size);
void __wrap_free(void *block);

enum { SMALL = 128, MEDIUM = 1024, LARGE = 16384 };
enum { SMALL_COUNT = 1024, MEDIUM_COUNT = 128, LARGE_COUNT = 16 };

/* Costs no memory until it is needed. */
static _Alignas(16) unsigned char small_blocks[SMALL_COUNT][SMALL];
static _Alignas(16) unsigned char medium_blocks[MEDIUM_COUNT][MEDIUM];
static _Alignas(16) unsigned char large_blocks[LARGE_COUNT][LARGE];
static unsigned char small_used[SMALL_COUNT];
static unsigned char medium_used[MEDIUM_COUNT];
static unsigned char large_used[LARGE_COUNT];

typedef struct {
    unsigned char *start;
    unsigned char *used;
    size_t size;
    size_t count;
} shelf;

static const shelf shelves[] = {
    {small_blocks[0], small_used, SMALL, SMALL_COUNT},
    {medium_blocks[0], medium_used, MEDIUM, MEDIUM_COUNT},
    {large_blocks[0], large_used, LARGE, LARGE_COUNT},
};
enum { SHELVES = sizeof shelves / sizeof shelves[0] };

static void *take(const shelf *from)
{
    for (size_t index = 0; index < from->count; index++) {
        if (__atomic_exchange_n(&from->used[index], 1, __ATOMIC_ACQUIRE) == 0)
            return from->start + index * from->size;
    }
    return NULL;
}

int __wrap_posix_memalign(void **target, size_t alignment, size_t size)
{
    int problem = __real_posix_memalign(target, alignment, size);
    for (int index = 0; problem == ENOMEM && alignment <= 16 && index < SHELVES; index++) {
        void *block = size <= shelves[index].size ? take(&shelves[index]) : NULL;
        if (block != NULL) {
            *target = block;
            return 0;
        }
    }
    return problem;
}

void __wrap_free(void *block)
{
    uintptr_t address = (uintptr_t)block;
    for (int index = 0; index < SHELVES; index++) {
        const shelf *from = &shelves[index];
        uintptr_t start = (uintptr_t)from->start;
        if (address >= start && address < start + from->count * from->size) {
            __atomic_store_n(&from->used[(address - start) / from->size], 0, __ATOMIC_RELEASE);
            return;
        }
    }
    __real_free(block);
}
