#include "shims.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/uio.h>
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

/* A thread that is cancelled while it drives would leave the connections half done. */
int shim_thread_forbid_cancel(void)
{
    int before = PTHREAD_CANCEL_ENABLE;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
    return before;
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
enum { FAR_DOWN = 8192, ROOM = FAR_DOWN / sizeof(uint64_t), MARKS = 32, FIRST_MARK = ROOM - MARKS };

/* What a thread does after a longjmp out of the function soon writes over these, at the upper end. */
static const uint64_t mark = 0x7472696c6c657421;

__attribute__((noinline)) void shim_far_down_the_stack(uint64_t *depth,
                                                       shim_thread_function function, void *context)
{
    volatile uint64_t room[ROOM];
    for (int index = FIRST_MARK; index < ROOM; index++)
        room[index] = mark;
    shim_word_store(depth, (uint64_t)(uintptr_t)room);
    function(context);
    for (int index = FIRST_MARK; index < ROOM; index++)
        room[index] = 0;
}

/* By way of the kernel: the thread may end and its stack be gone at any moment. Where the kernel does
   not allow it nothing is known. */
int shim_is_far_down_the_stack(uint64_t depth)
{
    uint64_t found[MARKS];
    struct iovec here = {found, sizeof found};
    struct iovec there = {(uint64_t *)(uintptr_t)depth + FIRST_MARK, sizeof found};
    if (depth == 0)
        return 1;
    ssize_t count = syscall(SYS_process_vm_readv, getpid(), &here, 1UL, &there, 1UL, 0UL);
    if (count < 0)
        return errno != EFAULT;
    for (int index = 0; index < MARKS; index++) {
        if (count != (ssize_t)sizeof found || found[index] != mark)
            return 0;
    }
    return 1;
}

void shim_thread_join(shim_thread *thread)
{
    pthread_join(thread->thread, NULL);
}

int shim_thread_is_alive(const shim_thread *thread)
{
    int32_t number = shim_flag_load(&thread->number);
    return number == 0 || syscall(SYS_tgkill, getpid(), number, 0) == 0;
}

void shim_thread_free(shim_thread *thread)
{
    free(thread);
}

void shim_thread_yield(void)
{
    sched_yield();
}

void shim_thread_sleep(int milliseconds)
{
    poll(NULL, 0, milliseconds);
}
