/* What the soak looks at from outside: its own process, and the server's. */
#ifndef PROCESS_H
#define PROCESS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Says what is wrong and ends the program. */
void fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

int64_t now_milliseconds(void);
void sleep_milliseconds(unsigned milliseconds);

size_t resident_kibibytes(void);
unsigned open_descriptors(void);
unsigned running_threads(void);

typedef struct server_process {
    pid_t process;
    int input;
    int port;
} server_process;

/* Starts the fault server, which stands beside this program. */
server_process server_start(const char *program, uint64_t seed);
void server_stop(const server_process *server);

#endif
