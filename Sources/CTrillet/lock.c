#include "shims.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct shim_lock {
    pthread_mutex_t mutex;
    pthread_cond_t condition;
};

shim_lock *shim_lock_new(void)
{
    shim_lock *lock = malloc(sizeof *lock);
    if (lock == NULL)
        return NULL;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    /* The wall clock jumps; a wait must not. */
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&lock->condition, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&lock->mutex, NULL);
    return lock;
}

void shim_lock_free(shim_lock *lock)
{
    if (lock == NULL)
        return;
    pthread_cond_destroy(&lock->condition);
    pthread_mutex_destroy(&lock->mutex);
    free(lock);
}

void shim_lock_acquire(shim_lock *lock)
{
    pthread_mutex_lock(&lock->mutex);
}

void shim_lock_release(shim_lock *lock)
{
    pthread_mutex_unlock(&lock->mutex);
}

int shim_lock_wait_until(shim_lock *lock, int64_t monotonic_microseconds)
{
    struct timespec deadline = {
        .tv_sec = (time_t)(monotonic_microseconds / 1000000),
        .tv_nsec = (long)(monotonic_microseconds % 1000000) * 1000,
    };
    return pthread_cond_timedwait(&lock->condition, &lock->mutex, &deadline) != ETIMEDOUT;
}

void shim_lock_broadcast(shim_lock *lock)
{
    pthread_cond_broadcast(&lock->condition);
}

int32_t shim_flag_load(const int32_t *flag)
{
    return __atomic_load_n(flag, __ATOMIC_ACQUIRE);
}

void shim_flag_store(int32_t *flag, int32_t value)
{
    __atomic_store_n(flag, value, __ATOMIC_RELEASE);
}
