#include "failing_malloc.h"

#include <errno.h>
#include <link.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* glibc's own names for its functions: dlsym(RTLD_NEXT) would allocate to find them. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *block);

static uintptr_t library_start;
static uintptr_t library_end;
static int is_armed;
static int fails_all;
static int fails_lastingly;
static long failing_call;
static long calls;
static long live;

static int find_library(struct dl_phdr_info *info, size_t size, void *unused)
{
    int index;

    (void)size;
    (void)unused;
    if (strstr(info->dlpi_name, "libtrillet.so") == NULL) {
        return 0;
    }
    library_start = info->dlpi_addr;
    for (index = 0; index < info->dlpi_phnum; index++) {
        if (info->dlpi_phdr[index].p_type == PT_LOAD) {
            library_end = info->dlpi_addr + info->dlpi_phdr[index].p_vaddr
                + info->dlpi_phdr[index].p_memsz;
        }
    }
    return 1;
}

void failing_malloc_arm(long nth, enum failing_callers callers, int lasting)
{
    dl_iterate_phdr(find_library, NULL);
    fails_all = callers == FAIL_ALL;
    fails_lastingly = lasting;
    failing_call = nth;
    calls = 0;
    __atomic_store_n(&is_armed, 1, __ATOMIC_SEQ_CST);
}

long failing_malloc_disarm(void)
{
    __atomic_store_n(&is_armed, 0, __ATOMIC_SEQ_CST);
    return __atomic_load_n(&calls, __ATOMIC_SEQ_CST);
}

long failing_malloc_live(void)
{
    return __atomic_load_n(&live, __ATOMIC_SEQ_CST);
}

static int fails(const void *caller)
{
    uintptr_t address = (uintptr_t)caller;
    long call;

    if (!__atomic_load_n(&is_armed, __ATOMIC_SEQ_CST)
        || (!fails_all && (address < library_start || address >= library_end))) {
        return 0;
    }
    call = __atomic_add_fetch(&calls, 1, __ATOMIC_SEQ_CST);
    if (call == failing_call || (fails_lastingly && call > failing_call)) {
        errno = ENOMEM;
        return 1;
    }
    return 0;
}

static void *counted(void *block)
{
    if (block != NULL) {
        __atomic_add_fetch(&live, 1, __ATOMIC_SEQ_CST);
    }
    return block;
}

void *malloc(size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : counted(__libc_malloc(size));
}

void *calloc(size_t count, size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : counted(__libc_calloc(count, size));
}

void *realloc(void *block, size_t size)
{
    void *moved;

    if (fails(__builtin_return_address(0))) {
        return NULL;
    }
    moved = __libc_realloc(block, size);
    return block == NULL ? counted(moved) : moved;
}

int posix_memalign(void **target, size_t alignment, size_t size)
{
    void *block;

    if (fails(__builtin_return_address(0))) {
        return ENOMEM;
    }
    block = counted(__libc_memalign(alignment, size));
    if (block == NULL) {
        return ENOMEM;
    }
    *target = block;
    return 0;
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return fails(__builtin_return_address(0)) ? NULL : counted(__libc_memalign(alignment, size));
}

void free(void *block)
{
    if (block != NULL) {
        __atomic_sub_fetch(&live, 1, __ATOMIC_SEQ_CST);
    }
    __libc_free(block);
}
