#include "shims.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Callbacks of the host run here, so it is not the smallest that the library itself could do with.
   Only what is used of it becomes memory. */
enum { STACK_SIZE = 2 * 1024 * 1024 };

struct shim_thread {
    pthread_t thread;
    /* The same, written by the thread itself. It is given to another once this one has ended, so it
       says something only while the thread runs. */
    pthread_t self;
    int32_t is_running;
    /* The kernel's number of it, 0 before it runs. */
    int32_t number;
    const char *name;
    shim_thread_function function;
    void *context;
};

static void *run(void *argument)
{
    shim_thread *thread = argument;
    thread->self = pthread_self();
    shim_flag_store(&thread->number, (int32_t)syscall(SYS_gettid));
    /* From here: naming another thread takes a file descriptor. */
    pthread_setname_np(thread->self, thread->name);
    shim_flag_store(&thread->is_running, 1);
    thread->function(thread->context);
    shim_flag_store(&thread->is_running, 0);
    return NULL;
}

shim_thread *shim_thread_start(const char *name, shim_thread_function function, void *context)
{
    shim_thread *thread = malloc(sizeof *thread);
    if (thread == NULL)
        return NULL;
    thread->is_running = 0;
    thread->number = 0;
    thread->name = name;
    thread->function = function;
    thread->context = context;

    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_SIZE);
    /* The host's handlers are to run on the host's threads. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int problem = pthread_create(&thread->thread, &attributes, run, thread);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    if (problem != 0) {
        free(thread);
        return NULL;
    }
    return thread;
}

int shim_thread_is_current(const shim_thread *thread)
{
    return shim_flag_load(&thread->is_running) && pthread_equal(thread->self, pthread_self());
}

uint64_t shim_thread_here(void)
{
    return (uint64_t)pthread_self();
}

/* The kernel's number, which ends with the thread. */
int32_t shim_thread_number(void)
{
    return (int32_t)syscall(SYS_gettid);
}

int shim_thread_number_is_alive(int32_t number)
{
    return syscall(SYS_tgkill, getpid(), number, 0) == 0;
}

/* Only a thread that sleeps says where: "number six-arguments stack-pointer program-counter", or
   "-1 stack-pointer program-counter". */
int shim_thread_sleeps_above(int32_t number, uint64_t depth)
{
    char path[64], text[256];
    snprintf(path, sizeof path, "/proc/self/task/%d/syscall", (int)number);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return 0;
    ssize_t length = read(file, text, sizeof text - 1);
    close(file);
    if (length <= 0)
        return 0;
    text[length] = '\0';
    const char *counter = strrchr(text, ' ');
    const char *pointer = counter == NULL ? NULL : memrchr(text, ' ', (size_t)(counter - text));
    return pointer != NULL && strtoull(pointer + 1, NULL, 16) > depth;
}

/* A thread that is cancelled while it drives would leave the connections half done. */
int shim_thread_forbid_cancel(void)
{
    int before = PTHREAD_CANCEL_ENABLE;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
    return before;
}

int shim_thread_no_cancel(void)
{
    return PTHREAD_CANCEL_DISABLE;
}

int shim_thread_cancel_in_waits(int before)
{
    int type, unused;
    pthread_setcanceltype(PTHREAD_CANCEL_DEFERRED, &type);
    pthread_setcanceltype(type, &unused);
    return type == PTHREAD_CANCEL_ASYNCHRONOUS ? PTHREAD_CANCEL_DISABLE : before;
}

void shim_thread_restore_cancel(int before)
{
    int unused;
    pthread_setcancelstate(before, &unused);
}

__attribute__((noinline)) uint64_t shim_stack_here(void)
{
    return (uint64_t)(uintptr_t)__builtin_frame_address(0);
}

/* Deeper than any call of the library's that is not made inside of the function goes before it asks
   where it is: that is how one is known from one that follows a longjmp out of the function. */
enum { FAR_DOWN = 8192 };

/* Not on a stack that a sanitizer keeps beside the real one. */
__attribute__((noinline, no_sanitize("address"))) void shim_far_down_the_stack(uint64_t *depth,
                                                       shim_thread_function function, void *context)
{
    volatile char room[FAR_DOWN];
    room[0] = 0;
    shim_word_store(depth, (uint64_t)(uintptr_t)room);
    function(context);
    room[0] = 1;
}

void shim_thread_join(shim_thread *thread)
{
    pthread_join(thread->thread, NULL);
}

int shim_thread_is_alive(const shim_thread *thread)
{
    int32_t number = shim_flag_load(&thread->number);
    return number == 0 || shim_thread_number_is_alive(number);
}

void shim_thread_free(shim_thread *thread)
{
    free(thread);
}

int shim_word_wait(const int32_t *word, int32_t known, int64_t monotonic_microseconds)
{
    struct timespec until = {
        .tv_sec = (time_t)(monotonic_microseconds / 1000000),
        .tv_nsec = (long)(monotonic_microseconds % 1000000) * 1000,
    };
    if (syscall(SYS_futex, word, FUTEX_WAIT_BITSET_PRIVATE, known, &until, NULL,
                FUTEX_BITSET_MATCH_ANY)
        == 0)
        return 0;
    return errno == EINTR ? -1 : 0;
}

void shim_word_wake_all(int32_t *word)
{
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT32_MAX, NULL, NULL, 0);
}

void shim_thread_yield(void)
{
    sched_yield();
}

void shim_thread_sleep(int milliseconds)
{
    poll(NULL, 0, milliseconds);
}
