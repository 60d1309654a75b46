/* Locks, words that threads share, and threads. */
#ifndef TRILLET_THREAD_SHIMS_H
#define TRILLET_THREAD_SHIMS_H

#include <stdint.h>

/* A mutex and a condition variable on the monotonic clock. NULL when there is no memory. */
typedef struct shim_lock shim_lock;
shim_lock *shim_lock_new(void);
void shim_lock_free(shim_lock *lock);
void shim_lock_acquire(shim_lock *lock);
void shim_lock_release(shim_lock *lock);
/* Waits, the lock being held, for a broadcast or until the monotonic time; 0 when time ran out. */
int shim_lock_wait_until(shim_lock *lock, int64_t monotonic_microseconds);
void shim_lock_broadcast(shim_lock *lock);

/* A condition of its own for one waiter, used with a lock. */
typedef struct shim_condition shim_condition;
shim_condition *shim_condition_new(void);
void shim_condition_free(shim_condition *condition);
int shim_condition_wait_until(shim_condition *condition, shim_lock *lock,
                              int64_t monotonic_microseconds);
void shim_condition_signal(shim_condition *condition);

uint64_t shim_word_load(const uint64_t *word);
void shim_word_store(uint64_t *word, uint64_t value);
int32_t shim_flag_load(const int32_t *flag);
void shim_flag_store(int32_t *flag, int32_t value);
int32_t shim_flag_exchange(int32_t *flag, int32_t value);

/* A thread with all signals blocked. NULL when it cannot be started. */
typedef struct shim_thread shim_thread;
typedef void (*shim_thread_function)(void *context);
shim_thread *shim_thread_start(const char *name, shim_thread_function function, void *context);
int shim_thread_is_current(const shim_thread *thread);
/* The calling thread's number, which another one may get once it has ended. */
uint64_t shim_thread_here(void);
int32_t shim_thread_number(void);
int shim_thread_number_is_alive(int32_t number);
/* Whether it sleeps in a function that is less deep than that. 0 where that cannot be told. */
int shim_thread_sleeps_above(int32_t number, uint64_t depth);
/* Returns what to restore. */
int shim_thread_forbid_cancel(void);
void shim_thread_restore_cancel(int before);
int shim_thread_no_cancel(void);
/* What may be restored while the thread sleeps, with a system call that is no place to be cancelled at:
   a thread that can be cancelled anywhere could be so there. */
int shim_thread_cancel_in_waits(int before);
/* An address on this thread's stack, which grows downwards. */
uint64_t shim_stack_here(void);
/* Calls the function, and says at which address its part of the stack begins. */
void shim_far_down_the_stack(uint64_t *depth, shim_thread_function function, void *context);
void shim_thread_join(shim_thread *thread);
/* Whether the kernel still has it: none of its code runs after that. */
int shim_thread_is_alive(const shim_thread *thread);
/* After it has been joined. */
void shim_thread_free(shim_thread *thread);
/* Waits until the word has changed, a signal has come (-1), or the monotonic time. */
int shim_word_wait(const int32_t *word, int32_t known, int64_t monotonic_microseconds);
void shim_word_wake_all(int32_t *word);
void shim_thread_yield(void);
void shim_thread_sleep(int milliseconds);

#endif
