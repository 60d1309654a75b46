/* Ending while the library is busy: no crash, no hang, the host's own exit code. */
#include "check.h"
#include "engine.h"
#include "process.h"
#include "service.h"
#include "suites.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

/* PROGRAM_DIR comes from the Makefile. */

enum { ROUNDS = 100, DRIVEN_ROUNDS = 25, STUCK_ROUNDS = 2, STATUS = 7, CASE_SECONDS = 1200 };

typedef struct ending {
    const char *work;
    const char *end;
    enum door door;
    /* Whether the host has initialised OpenSSL before it makes its client. */
    int uses_openssl;
} ending;

/* Only the work that goes through the engine is done once more with the other one. */
static int is_of_the_engine(const ending *shown)
{
    return strcmp(shown->work, "submitted") == 0 || strcmp(shown->work, "callbacks") == 0
        || strcmp(shown->work, "refused") == 0;
}

static int rounds_of(const ending *shown)
{
    if (strcmp(shown->end, "stuck-callback") == 0) {
        return STUCK_ROUNDS;
    }
    return caller_drives() ? DRIVEN_ROUNDS : ROUNDS;
}

static int run_host(const ending *shown)
{
    static const char program[] = PROGRAM_DIR "/busy_exit";
    int status = 0;
    pid_t host = fork();

    if (host == 0) {
        execl(program, program, shown->work, shown->end, service_url(shown->door),
              service_certificate(), shown->uses_openssl ? "openssl" : (char *)NULL, (char *)NULL);
        _exit(127);
    }
    while (waitpid(host, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

static void the_host_ends(const void *argument)
{
    const ending *shown = (const ending *)argument;
    int rounds = rounds_of(shown);
    int round;

    alarm(CASE_SECONDS);
    for (round = 0; round < rounds; round++) {
        int status = run_host(shown);
        check_note("round %d%s", round, WIFSIGNALED(status) ? ", died of the signal" : "");
        if (!CHECK_NUMBER(WIFSIGNALED(status) ? WTERMSIG(status) : 0, 0)
            || !CHECK_NUMBER(WEXITSTATUS(status), STATUS)) {
            break;
        }
    }
}

void exit_suite(void)
{
    static const ending endings[] = {
        {"submitted", "return", PLAIN, 0}, {"submitted", "return", SECURE, 0},
        {"submitted", "exit", PLAIN, 0},   {"submitted", "exit", SECURE, 0},
        {"blocking", "return", PLAIN, 0},  {"blocking", "return", SECURE, 0},
        {"blocking", "exit", PLAIN, 0},    {"blocking", "exit", SECURE, 0},
        {"callbacks", "return", PLAIN, 0}, {"callbacks", "return", SECURE, 0},
        {"callbacks", "exit", PLAIN, 0},   {"callbacks", "exit", SECURE, 0},
        {"callbacks", "exit-in-callback", PLAIN, 0}, {"callbacks", "exit-in-callback", SECURE, 0},
        {"submitted", "exit", SECURE, 1},  {"submitted", "return", SECURE, 1},
        {"blocking", "exit", SECURE, 1},   {"callbacks", "exit", SECURE, 1},
        {"clients", "exit", SECURE, 0},    {"clients", "exit", SECURE, 1},
        {"refused", "exit", PLAIN, 1},
        {"callbacks", "exit-in-callback", SECURE, 1}, {"callbacks", "stuck-callback", SECURE, 1},
        {"callbacks", "stuck-callback", PLAIN, 0}, {"callbacks", "stuck-callback", SECURE, 0},
    };
    char name[160];
    size_t index;

    check_suite("exit");
    for (index = 0; index < sizeof endings / sizeof endings[0]; index++) {
        if (caller_drives() && !is_of_the_engine(&endings[index])) {
            continue;
        }
        snprintf(name, sizeof name, "A host%s ends %d times by %s while busy with %s%s",
                 endings[index].uses_openssl ? " that has used OpenSSL first" : "",
                 rounds_of(&endings[index]), endings[index].end, endings[index].work,
                 endings[index].door == SECURE ? " over TLS" : "");
        check_case(name, the_host_ends, &endings[index]);
    }
}
