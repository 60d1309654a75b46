/* What belongs to the process is the same before and after, the decimal comma of its locale
   included. */
#include "burst.h"
#include "check.h"
#include "fixture.h"
#include "guest_client.h"
#include "process.h"
#include "suites.h"
#include "text.h"

#include <fcntl.h>
#include <locale.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

extern char **environ;

enum { PATH_BYTES = 4096, SIGNALS = 64 };

/* All of it as text, so that a difference can be read. */
static char *process_state(void)
{
    text state = {NULL, 0, 0};
    char directory[PATH_BYTES] = "";
    struct itimerval timer;
    struct rlimit limit;
    sigset_t mask;
    mode_t creation = umask(0);
    char *line;
    int index;

    umask(creation);
    if (getcwd(directory, sizeof directory) == NULL) {
        directory[0] = '\0';
    }
    pthread_sigmask(SIG_BLOCK, NULL, &mask);
    getitimer(ITIMER_PROF, &timer);
    getrlimit(RLIMIT_NOFILE, &limit);
    line = text_format("umask %o, in %s, locale %s, profiling %ld, descriptors %ld\n",
                       (unsigned)creation, directory, setlocale(LC_ALL, NULL),
                       (long)timer.it_value.tv_sec, (long)limit.rlim_cur);
    text_add(&state, line);
    free(line);
    for (index = 1; index <= SIGNALS; index++) {
        struct sigaction action;
        memset(&action, 0, sizeof action);
        sigaction(index, NULL, &action);
        line = text_format("%d:%p/%x/%d ", index,
                           *(void **)(void *)&action.sa_handler, (unsigned)action.sa_flags,
                           sigismember(&mask, index));
        text_add(&state, line);
        free(line);
    }
    for (index = 0; environ[index] != NULL; index++) {
        text_add(&state, environ[index]);
        text_add(&state, "\n");
    }
    return state.bytes;
}

static void fail_in_every_way(enum door door)
{
    trillet_client *client = service_client(door, "\"maxRetries\":0");

    trillet_free(trillet_call(client, "POST /echo", "{\"fault\":\"half\"}", NULL));
    trillet_free(trillet_call(client, "POST /echo", "{\"fault\":\"reset\"}", NULL));
    trillet_free(trillet_call(client, "POST /echo", "{\"hold\":true}", "{\"timeoutMs\":50}"));
    trillet_free(trillet_call(client, "nonsense", "{", "{"));
    CHECK(trillet_submit(client, "nonsense", "{", "{", ignore_answer, NULL) != 0);
    CHECK(trillet_submit(client, "POST /echo", "{\"hold\":true}", NULL, ignore_answer, NULL) != 0);
    trillet_client_free(client);
}

/* Clients that end without a connection, or with one, or in the middle of making one. */
static void end_in_every_way(enum door door)
{
    trillet_client *client = service_client(door, "");

    trillet_client_free(client);
    client = service_client(door, "");
    CHECK_NUMBER(trillet_client_set_log(client, TRILLET_LOG_INFO, ignore_line, NULL), 0);
    trillet_client_free(client);
    client = service_client(door, "");
    CHECK(trillet_submit(client, "nonsense", "{", "{", ignore_answer, NULL) != 0);
    trillet_client_free(client);
    client = service_client(door, "");
    CHECK(trillet_submit(client, "POST /echo", "{}", NULL, ignore_answer, NULL) != 0);
    trillet_client_free(client);
}

static void the_process_stays_as_it_was(const void *argument)
{
    enum door door = *(const enum door *)argument;
    char *before;
    char *after;

    setlocale(LC_ALL, "");
    umask(027);
    before = process_state();
    end_in_every_way(door);
    use_everything(door);
    fail_in_every_way(door);
    after = process_state();
    CHECK_TEXT(after, before);
    free(before);
    free(after);
}

static void nothing_is_written_to_the_streams(const void *argument)
{
    enum door door = *(const enum door *)argument;
    const char *path = PROGRAM_DIR "/streams";
    int saved[2];
    int sink = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    size_t length = 1;
    char *written;

    saved[0] = dup(1);
    saved[1] = dup(2);
    fflush(stdout);
    dup2(sink, 1);
    dup2(sink, 2);
    fail_in_every_way(door);
    fflush(stdout);
    dup2(saved[0], 1);
    dup2(saved[1], 2);
    written = text_read_file(path, &length);
    CHECK_BYTES(written == NULL ? "" : written, length, "", 0);
    free(written);
}

static void expect_points(const char *answer, const char *label)
{
    const char *comma = strstr(answer, label);
    size_t digits;

    check_note("%s in %s", label, answer);
    if (CHECK(comma != NULL)) {
        digits = strspn(comma + strlen(label), "0123456789");
        CHECK(comma[strlen(label) + digits] == '.');
    }
}

static void a_decimal_comma_stays_out(const void *argument)
{
    const char *tag = service_tag("locale");
    trillet_client *client;
    char number[16];
    uint64_t id = 0;
    char *answer;

    CHECK(setlocale(LC_ALL, "de_DE.UTF-8") != NULL);
    snprintf(number, sizeof number, "%.1f", 1.5);
    CHECK_TEXT(number, "1,5");
    client = service_client(*(const enum door *)argument, "\"requestsPerMinute\":6000");
    CHECK(trillet_submit(client, "POST /echo", "{\"temperature\":0.25,\"limit\":1.50e1}", NULL, NULL,
                         NULL)
          != 0);
    answer = trillet_next(client, 5000, &id);
    answer_expect(answer, "data.received", "\"{\\\"temperature\\\":0.25,\\\"limit\\\":1.50e1}\"");
    expect_points(answer, "\"elapsedMs\":");
    trillet_free(answer);
    CHECK(echo(client, tag, 1, "\"x\":0.5"));
    answer = trillet_client_stats(client);
    CHECK(strstr(answer, "\"total\":") != NULL);
    expect_points(answer, "\"mean\":");
    trillet_free(answer);
    trillet_client_free(client);
    snprintf(number, sizeof number, "%.1f", 1.5);
    CHECK_TEXT(number, "1,5");
}

void state_suite(void)
{
    static const enum door plain = PLAIN;
    static const enum door secure = SECURE;

    check_suite("process");
    check_case("The process stays as it was", the_process_stays_as_it_was, &plain);
    check_case("The process stays as it was, over TLS", the_process_stays_as_it_was, &secure);
    check_case("Nothing is written to the streams", nothing_is_written_to_the_streams, &plain);
    check_case("Nothing is written to the streams, over TLS", nothing_is_written_to_the_streams,
               &secure);
    check_case("A locale with a decimal comma changes neither requests nor answers",
               a_decimal_comma_stays_out, &plain);
}
