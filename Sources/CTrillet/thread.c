#include "shims.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
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
