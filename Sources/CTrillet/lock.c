#include "shims.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct shim_lock {
    pthread_mutex_t mutex;
    pthread_cond_t condition;
};

struct shim_condition {
    pthread_cond_t condition;
};

static void initialize(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    /* The wall clock jumps; a wait must not. */
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

static int wait_until(pthread_cond_t *condition, pthread_mutex_t *mutex, int64_t microseconds)
{
    struct timespec deadline = {
        .tv_sec = (time_t)(microseconds / 1000000),
        .tv_nsec = (long)(microseconds % 1000000) * 1000,
    };
    return pthread_cond_timedwait(condition, mutex, &deadline) != ETIMEDOUT;
}

shim_lock *shim_lock_new(void)
{
    shim_lock *lock = malloc(sizeof *lock);
    if (lock == NULL)
        return NULL;
    initialize(&lock->condition);
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
    return wait_until(&lock->condition, &lock->mutex, monotonic_microseconds);
}

void shim_lock_broadcast(shim_lock *lock)
{
    pthread_cond_broadcast(&lock->condition);
}

shim_condition *shim_condition_new(void)
{
    shim_condition *condition = malloc(sizeof *condition);
    if (condition != NULL)
        initialize(&condition->condition);
    return condition;
}

void shim_condition_free(shim_condition *condition)
{
    if (condition == NULL)
        return;
    pthread_cond_destroy(&condition->condition);
    free(condition);
}

int shim_condition_wait_until(shim_condition *condition, shim_lock *lock,
                              int64_t monotonic_microseconds)
{
    return wait_until(&condition->condition, &lock->mutex, monotonic_microseconds);
}

void shim_condition_signal(shim_condition *condition)
{
    pthread_cond_signal(&condition->condition);
}

uint64_t shim_word_load(const uint64_t *word)
{
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

void shim_word_store(uint64_t *word, uint64_t value)
{
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
}

int32_t shim_flag_load(const int32_t *flag)
{
    return __atomic_load_n(flag, __ATOMIC_ACQUIRE);
}

void shim_flag_store(int32_t *flag, int32_t value)
{
    __atomic_store_n(flag, value, __ATOMIC_RELEASE);
}

int32_t shim_flag_exchange(int32_t *flag, int32_t value)
{
    return __atomic_exchange_n(flag, value, __ATOMIC_SEQ_CST);
}
