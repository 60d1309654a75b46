#include "shims.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

void *shim_reallocate(void *block, size_t size)
{
    return realloc(block, size);
}

void shim_deallocate(void *block)
{
    free(block);
}

void *shim_allocate_zeroed(size_t count, size_t size)
{
    return calloc(count, size);
}

int shim_is_short_of_memory(void)
{
    /* Volatile, or the compiler would leave out an allocation that nobody uses. */
    void *volatile block;

    if (errno == ENOMEM)
        return 1;
    block = malloc(256 * 1024);
    free(block);
    return block == NULL;
}

int64_t shim_monotonic_microseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t shim_boot_time_milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t shim_wall_clock_milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

uint64_t shim_random_seed(void)
{
    uint64_t seed = 0;
    if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) != (ssize_t)sizeof seed)
        return 0;
    return seed;
}

int32_t shim_process_id(void)
{
    return (int32_t)getpid();
}

int32_t *shim_fork_mark_new(void)
{
/* docs/decisions.md, wipe-on-fork. */
#ifdef MADV_WIPEONFORK
    size_t size = (size_t)sysconf(_SC_PAGESIZE);
    void *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return NULL;
    if (madvise(page, size, MADV_WIPEONFORK) == 0) {
        int32_t *mark = page;
        *mark = 1;
        return mark;
    }
    munmap(page, size);
#endif
    return NULL;
}

void shim_fork_mark_free(int32_t *mark)
{
    if (mark != NULL)
        munmap(mark, (size_t)sysconf(_SC_PAGESIZE));
}

const char *shim_environment(const char *name)
{
    return getenv(name);
}

size_t shim_find(const void *text, size_t count, const void *piece, size_t length)
{
    const char *found = memmem(text, count, piece, length);
    return found == NULL ? count : (size_t)(found - (const char *)text);
}

void shim_sigpipe_block(shim_sigpipe_guard *guard)
{
    sigset_t pending, only_pipe, before;
    sigemptyset(&only_pipe);
    sigaddset(&only_pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &only_pipe, &before);
    guard->was_blocked = sigismember(&before, SIGPIPE);
    guard->was_pending = 0;
    if (guard->was_blocked) {
        sigpending(&pending);
        guard->was_pending = sigismember(&pending, SIGPIPE);
    }
}

void shim_sigpipe_restore(const shim_sigpipe_guard *guard)
{
    sigset_t only_pipe;
    sigemptyset(&only_pipe);
    sigaddset(&only_pipe, SIGPIPE);
    if (!guard->was_pending) {
        const struct timespec at_once = {0, 0};
        while (sigtimedwait(&only_pipe, NULL, &at_once) == -1 && errno == EINTR)
            continue;
    }
    if (!guard->was_blocked)
        pthread_sigmask(SIG_UNBLOCK, &only_pipe, NULL);
}
