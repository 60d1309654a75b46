/* Many threads, many clients, and what the library leaves as it found it. */
#include "check.h"
#include "fixture.h"
#include "recorded.h"
#include "suites.h"
#include "text.h"

#include <dirent.h>
#include <locale.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { THREADS = 8, CALLS = 50, CLIENTS = 200 };

typedef struct caller {
    pthread_t thread;
    trillet_client *client;
    int number;
    int good_answers;
} caller;

/* Each thread asks for something of its own, so that a mixed-up answer would show. */
static void *call_often(void *argument)
{
    caller *self = (caller *)argument;
    int index;

    for (index = 0; index < CALLS; index++) {
        char *request = text_format("{\"agentId\":\"t%d-%d\"}", self->number, index);
        char *answer = trillet_agents_get(self->client, request, NULL);
        char *ok = answer_member(answer, "ok");
        self->good_answers += ok != NULL && strcmp(ok, "true") == 0;
        free(ok);
        trillet_free(answer);
        free(request);
    }
    return NULL;
}

static void call_from_threads(trillet_client *const *clients, size_t client_count)
{
    caller callers[THREADS];
    int index;

    for (index = 0; index < THREADS; index++) {
        callers[index].client = clients[(size_t)index % client_count];
        callers[index].number = index;
        callers[index].good_answers = 0;
        pthread_create(&callers[index].thread, NULL, call_often, &callers[index]);
    }
    for (index = 0; index < THREADS; index++) {
        pthread_join(callers[index].thread, NULL);
        check_note("thread %d", index);
        CHECK_NUMBER(callers[index].good_answers, CALLS);
    }
}

static void threads_share_a_client(const void *argument)
{
    fixture opened = fixture_open("");
    size_t index;
    size_t arrived = 0;

    (void)argument;
    call_from_threads(&opened.client, 1);
    CHECK_NUMBER(recording_server_requests(opened.server), THREADS * CALLS);
    CHECK(!requests_share_connections()
          || recording_server_connections(opened.server) <= THREADS);
    for (index = 0; index < THREADS * CALLS; index++) {
        char *line = recorded_line(opened.server, index);
        arrived += line != NULL && strncmp(line, "GET /api/v1/agents/t", 20) == 0;
        free(line);
    }
    CHECK_NUMBER(arrived, THREADS * CALLS);
    fixture_close(&opened);
}

static void threads_share_few_connections(const void *argument)
{
    fixture opened = fixture_open("\"maxConnections\":2");

    (void)argument;
    call_from_threads(&opened.client, 1);
    CHECK_NUMBER(recording_server_requests(opened.server), THREADS * CALLS);
    CHECK(!requests_share_connections() || recording_server_connections(opened.server) <= 2);
    fixture_close(&opened);
}

static void clients_do_not_meet(const void *argument)
{
    fixture opened = fixture_open("");
    trillet_client *clients[2];

    (void)argument;
    clients[0] = opened.client;
    clients[1] = client_for(recording_server_url(opened.server), "\"routes\":\"published\"");
    call_from_threads(clients, 2);
    CHECK_NUMBER(recording_server_requests(opened.server), THREADS * CALLS);
    trillet_client_free(clients[1]);
    fixture_close(&opened);
}

static void a_connection_is_kept(const void *argument)
{
    fixture opened = fixture_open("");
    size_t index;

    (void)argument;
    for (index = 0; index < ENDPOINT_COUNT; index++) {
        answer_expect_data(endpoints[index].call(opened.client, endpoints[index].request, NULL),
                           "{}");
    }
    CHECK_NUMBER(recording_server_requests(opened.server), ENDPOINT_COUNT);
    if (requests_share_connections()) {
        CHECK_NUMBER(recording_server_connections(opened.server), 1);
    }
    fixture_close(&opened);
}

static int descriptor_count(void)
{
    int count = 0;
    DIR *listing = opendir("/proc/self/fd");

    if (CHECK(listing != NULL)) {
        while (readdir(listing) != NULL) {
            count++;
        }
        closedir(listing);
    }
    return count;
}

static void clients_leave_nothing_open(const void *argument)
{
    recording_server *server = recording_server_start();
    int before = 0;
    int index;

    (void)argument;
    for (index = 0; index < CLIENTS; index++) {
        trillet_client *client = client_for(recording_server_url(server), "");
        if (index % 4 == 0) {
            answer_expect_data(trillet_agents_list(client, NULL, NULL), "{}");
        }
        trillet_client_free(client);
        if (index == 0) {
            CHECK(recording_server_wait_closed(server, 1));
            before = descriptor_count();
        }
    }
    CHECK(recording_server_wait_closed(server, CLIENTS / 4));
    CHECK_NUMBER(descriptor_count(), before);
    recording_server_stop(server);
}

static void a_comma_in_numbers_stays_out_of_json(const void *argument)
{
    fixture opened;
    char *answer;
    char number[16];

    (void)argument;
    if (setlocale(LC_ALL, "de_DE.UTF-8") == NULL) {
        check_skip("there is no locale de_DE.UTF-8");
        return;
    }
    snprintf(number, sizeof number, "%.1f", 1.5);
    CHECK_TEXT(number, "1,5");
    opened = fixture_open("\"timeoutMs\":5000");
    recording_server_answer_json(opened.server, 200, "{\"a\":0.5}");
    answer = answer_checked(trillet_agents_list(opened.client, "{\"limit\":2.0,\"x\":0.25}", NULL));
    answer_expect(answer, "data", "{\"a\":0.5}");
    answer_expect_piece(answer, "meta.elapsedMs", ".");
    trillet_free(answer);
    fixture_close(&opened);
    snprintf(number, sizeof number, "%.1f", 1.5);
    CHECK_TEXT(number, "1,5");
}

static void the_process_stays_as_it_was(const void *argument)
{
    static const char reset_head[] = "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n";
    struct sigaction before;
    struct sigaction after;
    sigset_t mask_before;
    sigset_t mask_after;
    sigset_t pending;
    fixture opened;

    (void)argument;
    sigaction(SIGPIPE, NULL, &before);
    pthread_sigmask(SIG_BLOCK, NULL, &mask_before);
    opened = fixture_open("");
    recording_server_send(opened.server, reset_head, sizeof reset_head - 1, RECORDING_RESET);
    answer_expect_error(trillet_agents_list(opened.client, NULL, NULL), "connection", "maybe");
    fixture_close(&opened);
    sigaction(SIGPIPE, NULL, &after);
    pthread_sigmask(SIG_BLOCK, NULL, &mask_after);
    sigpending(&pending);
    CHECK(before.sa_handler == after.sa_handler);
    CHECK(sigismember(&mask_before, SIGPIPE) == sigismember(&mask_after, SIGPIPE));
    CHECK(sigismember(&pending, SIGPIPE) == 0);
}

static void the_library_is_silent(const void *argument)
{
    static const char path[] = SCRATCH_DIR "/output";
    int saved_output = dup(1);
    int saved_error = dup(2);
    FILE *sink;
    fixture opened;
    size_t length = 1;
    char *written;

    (void)argument;
    fflush(stdout);
    sink = fopen(path, "w");
    dup2(fileno(sink), 1);
    dup2(fileno(sink), 2);
    opened = fixture_open("");
    recording_server_send(opened.server, "nonsense\r\n\r\n", 12, RECORDING_CLOSE);
    trillet_free(trillet_agents_list(opened.client, NULL, NULL));
    trillet_free(trillet_calls_send(opened.client, "{", "{"));
    trillet_free(trillet_call(NULL, NULL, NULL, NULL));
    fixture_close(&opened);
    fflush(stdout);
    dup2(saved_output, 1);
    dup2(saved_error, 2);
    fclose(sink);
    written = text_read_file(path, &length);
    CHECK_BYTES(written == NULL ? "" : written, length, "", 0);
    free(written);
}

void thread_suite(void)
{
    check_suite("threads and process");
    check_case("Eight threads share one client and its connections", threads_share_a_client, NULL);
    check_case("Threads wait for one of the few connections", threads_share_few_connections, NULL);
    check_case("Two clients do not meet", clients_do_not_meet, NULL);
    check_case("One after the other, calls share one connection", a_connection_is_kept, NULL);
    check_case("Two hundred clients leave no descriptor open", clients_leave_nothing_open, NULL);
    check_case("A locale with a decimal comma does not change JSON",
               a_comma_in_numbers_stays_out_of_json, NULL);
    check_case("Signals are as the host left them", the_process_stays_as_it_was, NULL);
    check_case("The library writes nothing to the host's output", the_library_is_silent, NULL);
}
