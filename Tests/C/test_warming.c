/* Connections that are open before the first request. */
#include "check.h"
#include "engine.h"
#include "fixture.h"
#include "recorded.h"
#include "suites.h"
#include "text.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CONNECTIONS = 4 };

/* Answers HEAD requests as they should be: without a body. */
static void answer_heads(recording_server *server, int count, const char *headers)
{
    int index;

    for (index = 0; index < count; index++) {
        recording_server_answer(server, 404, headers, "", 0);
    }
    recording_server_answer_json(server, 200, "{}");
}

static void *list_agents(void *client)
{
    return trillet_agents_list((trillet_client *)client, NULL, NULL);
}

static void expect_open(char *answer, const char *count)
{
    answer_checked(answer);
    answer_expect(answer, "ok", "true");
    answer_expect(answer, "data.open", count);
    answer_expect_present(answer, "data.connections", 1);
    answer_expect_piece(answer, "data.connections", "\"connectMs\":");
    answer_expect_piece(answer, "data.connections", "\"lookupMs\":");
    answer_expect_piece(answer, "data.connections", "\"tlsMs\":0.000");
    answer_expect_piece(answer, "data.connections", "\"protocol\":\"HTTP/1.1\"");
    trillet_free(answer);
}

static void the_next_calls_use_them(const void *argument)
{
    fixture opened = fixture_open("");
    pthread_t threads[CONNECTIONS];
    void *answer = NULL;
    size_t before;
    int index;

    (void)argument;
    /* Without a body, which serves for HEAD and for the calls. */
    recording_server_answer(opened.server, 200, "", "", 0);
    expect_open(trillet_client_warm(opened.client, CONNECTIONS, 5000), "4");
    CHECK_NUMBER(recording_server_connections(opened.server), 2 * CONNECTIONS);
    before = recording_server_requests(opened.server);
    recording_server_hold(opened.server);
    for (index = 0; index < CONNECTIONS; index++) {
        pthread_create(&threads[index], NULL, list_agents, opened.client);
        trillet_submit(opened.client, "agents.list", NULL, NULL, NULL, NULL);
    }
    CHECK(fixture_wait(&opened, before + 2 * CONNECTIONS));
    recording_server_release(opened.server);
    for (index = 0; index < CONNECTIONS; index++) {
        pthread_join(threads[index], &answer);
        answer_expect_data((char *)answer, "null");
        answer_expect_data(trillet_next(opened.client, 5000, NULL), "null");
    }
    CHECK_NUMBER(recording_server_connections(opened.server), 2 * CONNECTIONS);
    fixture_close(&opened);
}

static void nothing_that_acts_is_asked_for(const void *argument)
{
    fixture opened = fixture_open("\"requestsPerMinute\":1");
    size_t index;

    (void)argument;
    answer_heads(opened.server, 2, "");
    expect_open(trillet_client_warm(opened.client, 1, 5000), "1");
    CHECK_NUMBER(recording_server_requests(opened.server), 2);
    for (index = 0; index < 2; index++) {
        size_t length = 0;
        const char *request = recording_server_request(opened.server, index, &length);
        char *line = recorded_line(opened.server, index);
        CHECK_TEXT(line, "HEAD /");
        CHECK(text_find(request, length, TEST_KEY) == NULL);
        CHECK(text_find(request, length, TEST_WORKSPACE) == NULL);
        free(line);
    }
    /* Nor does it count: the first request of the minute may still go. */
    answer_expect_data(trillet_call(opened.client, "agents.create",
                                    "{\"name\":\"A\",\"llmModel\":\"m\",\"ttsModel\":{}}",
                                    "{\"validate\":false,\"timeoutMs\":5000}"),
                       "{}");
    fixture_close(&opened);
}

static void what_is_open_already_counts(const void *argument)
{
    fixture opened = fixture_open("");
    char *answer;

    (void)argument;
    recording_server_answer(opened.server, 200, "", "", 0);
    expect_open(trillet_client_warm(opened.client, CONNECTIONS, 5000), "4");
    answer = trillet_client_warm(opened.client, CONNECTIONS, 5000);
    answer_expect(answer, "data.open", "4");
    answer_expect_piece(answer, "data.connections", "\"reused\":true");
    trillet_free(answer);
    CHECK_NUMBER(recording_server_connections(opened.server), 2 * CONNECTIONS);
    fixture_close(&opened);
}

static void a_service_that_keeps_none_is_found_out(const void *argument)
{
    fixture opened = fixture_open("");

    (void)argument;
    answer_heads(opened.server, 2, "Connection: close\r\n");
    answer_expect_error(trillet_client_warm(opened.client, 1, 5000), "connection", "no");
    fixture_close(&opened);
}

static void nobody_answers(const void *argument)
{
    fixture opened = fixture_open("");
    trillet_client *alone = client_for("http://127.0.0.1:1", "");

    (void)argument;
    answer_expect_error(trillet_client_warm(alone, 2, 5000), "connection", "no");
    recording_server_hold(opened.server);
    answer_expect_error(trillet_client_warm(opened.client, 2, 200), "timeout", "no");
    recording_server_release(opened.server);
    trillet_client_free(alone);
    fixture_close(&opened);
}

typedef struct in_callback {
    trillet_client *client;
    char *answer;
} in_callback;

static void warm_in_callback(void *user_data, uint64_t id, const char *response_json)
{
    in_callback *seen = (in_callback *)user_data;

    (void)id;
    (void)response_json;
    seen->answer = trillet_client_warm(seen->client, 1, 1000);
}

static void mistakes_are_named(const void *argument)
{
    fixture opened = fixture_open("\"maxConnections\":2");
    in_callback seen = {opened.client, NULL};

    (void)argument;
    answer_expect_invalid(trillet_client_warm(opened.client, 0, 1000), "connections");
    answer_expect_invalid(trillet_client_warm(opened.client, -1, 1000), "connections");
    answer_expect_invalid(trillet_client_warm(opened.client, 3, 1000), "connections");
    answer_expect_invalid(trillet_client_warm(NULL, 1, 1000), "client");
    trillet_submit(opened.client, "agents.list", NULL, NULL, warm_in_callback, &seen);
    CHECK_NUMBER(trillet_client_close(opened.client, 5000), 0);
    answer_expect_error(seen.answer, "invalid_argument", "no");
    answer_expect_error(trillet_client_warm(opened.client, 1, 1000), "closed", "no");
    fixture_close(&opened);
}

static void *warm_up(void *client)
{
    return trillet_client_warm((trillet_client *)client, 2, 20000);
}

/* `close` or `drain` while the service says nothing. */
static void closing_ends_it(const void *argument)
{
    fixture opened = fixture_open("");
    pthread_t thread;
    void *answer = NULL;

    recording_server_hold(opened.server);
    pthread_create(&thread, NULL, warm_up, opened.client);
    /* Where the caller drives, those of blocking calls come first. */
    CHECK(recording_server_wait(opened.server, caller_drives() ? 2 : 3));
    if (strcmp((const char *)argument, "close") == 0) {
        trillet_client_close(opened.client, 50);
    } else {
        trillet_client_drain(opened.client, 50);
    }
    pthread_join(thread, &answer);
    answer_expect_error((char *)answer, "cancelled", "no");
    recording_server_release(opened.server);
    fixture_close(&opened);
}

static void a_libcurl_that_keeps_none_is_named(const void *argument)
{
    fixture opened = fixture_open("");
    char *answer = answer_checked(trillet_client_warm(opened.client, 2, 5000));

    (void)argument;
    answer_expect_piece(answer, "error.message", "libcurl before 7.80");
    answer_expect_error(answer, "connection", "no");
    CHECK_NUMBER(recording_server_requests(opened.server), 0);
    fixture_close(&opened);
}

void warming_suite(void)
{
    check_suite("warming");
    check_case("Mistakes are named", mistakes_are_named, NULL);
    if (!requests_share_connections()) {
        check_case("A libcurl that keeps no connection is named",
                   a_libcurl_that_keeps_none_is_named, NULL);
        return;
    }
    check_case("The next calls use the connections, blocking or not", the_next_calls_use_them,
               NULL);
    check_case("Nothing that acts is asked for, no key is sent, and no turn is taken",
               nothing_that_acts_is_asked_for, NULL);
    check_case("Connections that are open already count", what_is_open_already_counts, NULL);
    check_case("A service that closes its connections is found out",
               a_service_that_keeps_none_is_found_out, NULL);
    check_case("A service that does not answer is an error with nothing done", nobody_answers,
               NULL);
    check_case("Closing ends it", closing_ends_it, "close");
    check_case("Draining ends it", closing_ends_it, "drain");
}
