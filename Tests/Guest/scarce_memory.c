/* A host whose allocations fail one after the other, each in a process of its own.
   usage: LD_PRELOAD=failing_malloc.so scarce_memory CALLERS LASTING URL CERTIFICATE
   CALLERS: library, all. LASTING: once, lasting.
   Prints a line for each failure that ended badly, and one with the counts. */
#include "engine.h"
#include "failing_malloc.h"
#include "trillet.h"

#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LIMIT = 20000, SECONDS = 10, NO_ANSWER = 20, NOT_RECOVERED = 21, ENDED = 22, LOST = 23 };

static failing_malloc_arm_function arm;
static failing_malloc_disarm_function disarm;
static failing_malloc_live_function live;
static char options[1024];

/* ISO C has no conversion from an object pointer to a function pointer; POSIX has the value. */
static void resolve(const char *name, void *target)
{
    void *symbol = dlsym(RTLD_DEFAULT, name);

    if (symbol == NULL) {
        fprintf(stderr, "%s is not there: preload failing_malloc.so\n", name);
        exit(2);
    }
    memcpy(target, &symbol, sizeof symbol);
}

static void count_answer(void *user_data, uint64_t id, const char *response_json)
{
    (void)id;
    if (response_json != NULL && response_json[0] == '{') {
        __atomic_add_fetch((int *)user_data, 1, __ATOMIC_SEQ_CST);
    }
}

static int is_answer(char *answer)
{
    int held = answer != NULL && answer[0] == '{' && answer[strlen(answer) - 1] == '}';

    trillet_free(answer);
    return held;
}

/* Without memory for the array the answer must still be there. */
static int is_answered_by_array(trillet_client *client)
{
    char *array = trillet_next_many(client, 5000, 8);
    int is_there = array != NULL && strncmp(array, "[{\"id\":", 7) == 0;
    int is_refusal = is_there && strncmp(array, "[{\"id\":0,", 9) == 0;

    trillet_free(array);
    return is_there && (!is_refusal || is_answer(trillet_next(client, 0, NULL)));
}

/* Without a harness that itself allocates. 1 when everything that had to be answered was. */
static int use(trillet_client *client)
{
    static const char request[] = "{\"id\":5,\"text\":\"0123456789\",\"bytes\":2000}";
    static int answered;
    int accepted = 0;
    int held = 1;
    uint64_t id;

    answered = 0;
    held &= is_answer(trillet_call(client, "POST /echo", request, NULL));
    held &= is_answer(trillet_agents_get(client, "{\"agentId\":\"a\"}",
                                         "{\"headers\":{\"x-a\":\"b\"},\"maxRetries\":0}"));
    held &= is_answer(trillet_calls_send(client, "{\"agentId\":\"a\"}", NULL));
    held &= is_answer(trillet_batch_calls_validate(client, "{\"csv\":\"a\\n\"}", NULL));
    accepted += trillet_submit(client, "POST /echo", request, NULL, count_answer, &answered) != 0;
    accepted += trillet_submit(client, "calls.send", "{}", NULL, count_answer, &answered) != 0;
    id = trillet_submit(client, "POST /echo", request, NULL, NULL, NULL);
    trillet_completion_fd(client);
    trillet_drive(client, 0);
    held &= id == 0 || is_answer(trillet_next(client, 5000, NULL));
    id = trillet_submit(client, "POST /echo", request, NULL, NULL, NULL);
    held &= id == 0 || is_answered_by_array(client);
    held &= is_answer(trillet_client_stats(client));
    held &= trillet_client_close(client, 5000) >= 0;
    return held && answered == accepted;
}

static int use_new_client(void)
{
    char *error = NULL;
    trillet_client *client = trillet_client_new(options, &error);
    int held = client != NULL ? use(client) : is_answer(error);

    trillet_client_free(client);
    return held;
}

/* The exit code tells how it went. */
static int fail_at(long nth, enum failing_callers callers, int lasting)
{
    trillet_client *client;
    long before = live();
    long asked;
    int held;

    arm(nth, callers, lasting);
    held = use_new_client();
    asked = disarm();
    if (!held) {
        return NO_ANSWER;
    }
    /* OpenSSL and libcurl keep a little for later; a lost client would be dozens of blocks. */
    if (live() > before + 12) {
        return LOST;
    }
    client = trillet_client_new(options, NULL);
    if (client == NULL || !use(client)) {
        return NOT_RECOVERED;
    }
    trillet_client_free(client);
    return asked < nth ? ENDED : 0;
}

static const char *explain(int status)
{
    static char text[64];

    if (WIFSIGNALED(status)) {
        snprintf(text, sizeof text, "died of signal %d%s", WTERMSIG(status),
                 WTERMSIG(status) == SIGALRM ? ", having hung" : "");
        return text;
    }
    switch (WEXITSTATUS(status)) {
    case NO_ANSWER: return "something was not answered";
    case NOT_RECOVERED: return "a new client did not work afterwards";
    case LOST: return "memory was lost";
    default: return "ended unexpectedly";
    }
}

int main(int argc, char **argv)
{
    enum failing_callers callers;
    long nth;
    int bad = 0;

    if (argc != 5) {
        return 2;
    }
    callers = strcmp(argv[1], "all") == 0 ? FAIL_ALL : FAIL_LIBRARY;
    resolve("failing_malloc_arm", &arm);
    resolve("failing_malloc_disarm", &disarm);
    resolve("failing_malloc_live", &live);
    snprintf(options, sizeof options,
             "{%s\"env\":false,\"apiKey\":\"k\",\"baseUrl\":\"%s\",\"caFile\":\"%s\","
             "\"timeoutMs\":4000}",
             engine_option(""), argv[3], argv[4]);
    /* What is allocated once for the process is there. */
    if (!use_new_client()) {
        fprintf(stderr, "nothing works, even with memory\n");
        return 2;
    }
    for (nth = 1; nth < LIMIT; nth++) {
        int status = 0;
        pid_t child;
        fflush(stdout);
        child = fork();
        if (child == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            alarm(SECONDS);
            _exit(fail_at(nth, callers, strcmp(argv[2], "lasting") == 0));
        }
        while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
        }
        if (WIFEXITED(status) && WEXITSTATUS(status) == ENDED) {
            break;
        }
        if (status != 0) {
            printf("allocation %ld: %s\n", nth, explain(status));
            bad++;
        }
    }
    printf("%d of %ld failed allocations ended badly\n", bad, nth - 1);
    return bad > 0 || nth == LIMIT ? 1 : 0;
}
