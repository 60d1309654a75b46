/* Ending while the library is busy: no crash, no hang, the host's own exit code. */
#include "check.h"
#include "process.h"
#include "service.h"
#include "suites.h"

#include <errno.h>
#include <stdio.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

/* PROGRAM_DIR comes from the Makefile. */

enum { ROUNDS = 100, STATUS = 7, CASE_SECONDS = 120 };

typedef struct ending {
    const char *work;
    const char *end;
    enum door door;
} ending;

static int run_host(const ending *shown)
{
    static const char program[] = PROGRAM_DIR "/busy_exit";
    int status = 0;
    pid_t host = fork();

    if (host == 0) {
        execl(program, program, shown->work, shown->end, service_url(shown->door),
              service_certificate(), (char *)NULL);
        _exit(127);
    }
    while (waitpid(host, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

static void the_host_ends(const void *argument)
{
    const ending *shown = (const ending *)argument;
    int round;

    alarm(CASE_SECONDS);
    for (round = 0; round < ROUNDS; round++) {
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
        {"submitted", "return", PLAIN}, {"submitted", "return", SECURE},
        {"submitted", "exit", PLAIN},   {"submitted", "exit", SECURE},
        {"blocking", "return", PLAIN},  {"blocking", "return", SECURE},
        {"blocking", "exit", PLAIN},    {"blocking", "exit", SECURE},
        {"callbacks", "return", PLAIN}, {"callbacks", "return", SECURE},
        {"callbacks", "exit", PLAIN},   {"callbacks", "exit", SECURE},
        {"callbacks", "exit-in-callback", PLAIN}, {"callbacks", "exit-in-callback", SECURE},
    };
    char name[128];
    size_t index;

    check_suite("exit");
    for (index = 0; index < sizeof endings / sizeof endings[0]; index++) {
        snprintf(name, sizeof name, "A host ends a hundred times by %s while busy with %s%s",
                 endings[index].end, endings[index].work,
                 endings[index].door == SECURE ? " over TLS" : "");
        check_case(name, the_host_ends, &endings[index]);
    }
}
