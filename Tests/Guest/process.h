/* What a process has, as the kernel counts it, and children of it. */
#ifndef PROCESS_H
#define PROCESS_H

#include <sys/types.h>

int descriptor_count(void);
int mapping_count(void);
int thread_count(void);
long resident_kilobytes(void);
/* What malloc() has given out and not got back. glibc counts here what it keeps for a living thread
   (up to some 200 KiB for each), and gives it back when the thread ends. */
long allocated_bytes(void);
long allocated_kilobytes(void);
/* CPU time of the whole process. */
long processor_milliseconds(void);
long monotonic_milliseconds(void);
void pause_milliseconds(long milliseconds);

/* The thread of this name, 0 when there is none. */
pid_t thread_named(const char *name);
/* Whether the calling thread has this name. */
int thread_is_named(const char *name);
/* Waits until there is no thread of this name any more, at most two seconds. */
int thread_has_ended(const char *name);
/* The set of signals that a thread blocks, from its status. */
unsigned long long blocked_signals(pid_t thread);

/* Runs a function in a child process that ends with _exit(); gives back its process id. The child's
   failed checks make its exit code 1. */
pid_t child_start(void (*run)(void *argument), void *argument);
/* Waits for a child and checks that it ended with 0. */
void child_expect_success(pid_t child);

#endif
