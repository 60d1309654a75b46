/* The header lines of a request. */
#include "check.h"
#include "fixture.h"
#include "recorded.h"
#include "suites.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

static void expect_header(recording_server *server, size_t index, const char *name,
                          const char *value)
{
    char *found = recorded_header(server, index, name);

    check_note("%s of request %d", name, (int)index);
    if (value == NULL) {
        CHECK_NUMBER(recorded_header_count(server, index, name), 0);
    } else {
        CHECK_TEXT(found, value);
    }
    free(found);
}

static void key_and_workspace_are_sent(const void *argument)
{
    fixture opened = fixture_open("");
    char *host = text_format("127.0.0.1:%d", recording_server_port(opened.server));

    (void)argument;
    answer_expect_data(trillet_agents_list(opened.client, NULL, NULL), "{}");
    expect_header(opened.server, 0, "x-api-key", TEST_KEY);
    expect_header(opened.server, 0, "x-workspace-id", TEST_WORKSPACE);
    expect_header(opened.server, 0, "host", host);
    expect_header(opened.server, 0, "authorization", NULL);
    expect_header(opened.server, 0, "content-type", NULL);
    expect_header(opened.server, 0, "expect", NULL);
    free(host);
    fixture_close(&opened);
}

static void a_client_needs_no_workspace(const void *argument)
{
    recording_server *server = recording_server_start();
    char *options = text_format("{\"env\":false,\"apiKey\":\"k\",\"baseUrl\":\"%s\"}",
                                recording_server_url(server));
    trillet_client *client = trillet_client_new(options, NULL);

    (void)argument;
    answer_expect_data(trillet_agents_list(client, NULL, NULL), "{}");
    expect_header(server, 0, "x-api-key", "k");
    expect_header(server, 0, "x-workspace-id", NULL);
    free(options);
    trillet_client_free(client);
    recording_server_stop(server);
}

static void the_user_agent_names_library_and_host(const void *argument)
{
    fixture opened = fixture_open("\"userAgent\":\"frontdesk/2.1\"");
    char *agent;

    (void)argument;
    answer_expect_data(trillet_agents_list(opened.client, NULL, NULL), "{}");
    agent = recorded_header(opened.server, 0, "User-Agent");
    if (CHECK(agent != NULL)) {
        CHECK(strncmp(agent, "libtrillet/0.1.0", 16) == 0);
        CHECK(strlen(agent) > 14 && strcmp(agent + strlen(agent) - 14, " frontdesk/2.1") == 0);
    }
    free(agent);
    fixture_close(&opened);
}

static void accept_names_what_can_come_back(const void *argument)
{
    fixture opened = fixture_open("");

    (void)argument;
    answer_expect_data(trillet_agents_list(opened.client, NULL, NULL), "{}");
    expect_header(opened.server, 0, "Accept", "application/json");
    answer_expect_data(trillet_batch_calls_template(opened.client, NULL, NULL), "{}");
    expect_header(opened.server, 1, "Accept", "application/json, text/csv, */*;q=0.5");
    answer_expect_data(trillet_call(opened.client, "GET /v1/x", NULL, NULL), "{}");
    expect_header(opened.server, 2, "Accept", "application/json, text/csv, */*;q=0.5");
    fixture_close(&opened);
}

static void no_leave_is_asked_for_a_large_body(const void *argument)
{
    static const char *const option_texts[] = {"", "{\"headers\":{\"x-a\":\"1\"}}"};
    fixture opened = fixture_open("");
    char *filling = text_repeat('x', 3 << 19);
    char *call = text_format("{\"agentId\":\"a\",\"toNumber\":\"+12025550164\","
                             "\"metadata\":{\"note\":\"%s\"}}", filling);
    char *list = text_format("{\"csv\":\"%s\"}", filling);
    size_t index;

    (void)argument;
    for (index = 0; index < 2; index++) {
        const char *options = option_texts[index];
        answer_expect_data(trillet_calls_send(opened.client, call, options), "{}");
        expect_header(opened.server, 2 * index, "Expect", NULL);
        answer_expect_data(trillet_batch_calls_validate(opened.client, list, options), "{}");
        expect_header(opened.server, 2 * index + 1, "Expect", NULL);
    }
    free(list);
    free(call);
    free(filling);
    fixture_close(&opened);
}

static void headers_of_client_and_request_are_sent(const void *argument)
{
    fixture opened = fixture_open("\"headers\":{\"X-Team\":\"north\",\"X-Trace\":\"client\"}");

    (void)argument;
    answer_expect_data(
        trillet_agents_list(opened.client, NULL,
                            "{\"headers\":{\"x-trace\":\"request\",\"X-Two\":\"b\"}}"),
        "{}");
    answer_expect_data(trillet_agents_list(opened.client, NULL, NULL), "{}");
    expect_header(opened.server, 0, "x-team", "north");
    expect_header(opened.server, 0, "x-trace", "request");
    expect_header(opened.server, 0, "x-two", "b");
    expect_header(opened.server, 1, "x-team", "north");
    expect_header(opened.server, 1, "x-trace", "client");
    expect_header(opened.server, 1, "x-two", NULL);
    fixture_close(&opened);
}

static void an_idempotency_key_is_sent_once(const void *argument)
{
    fixture opened = fixture_open("");

    (void)argument;
    answer_expect_data(trillet_calls_send(opened.client, endpoints[CALLS_SEND].request,
                                          "{\"idempotencyKey\":\"order-7\"}"), "{}");
    answer_expect_data(trillet_calls_send(opened.client, endpoints[CALLS_SEND].request, NULL), "{}");
    expect_header(opened.server, 0, "idempotency-key", "order-7");
    expect_header(opened.server, 1, "idempotency-key", NULL);
    fixture_close(&opened);
}

/* Each would smuggle a line or break the grammar if it were sent. */
static const char *const bad_options[] = {
    "{\"headers\":{\"x-a\":\"1\\r\\nx-b: 2\"}}",
    "{\"headers\":{\"x-a\":\"1\\nx-b: 2\"}}",
    "{\"headers\":{\"x-a\":\"1\\u0000\"}}",
    "{\"headers\":{\"x-a\":\"\\u007f\"}}",
    "{\"headers\":{\"x-a\\r\\nx-b\":\"1\"}}",
    "{\"headers\":{\"x a\":\"1\"}}",
    "{\"headers\":{\"x:a\":\"1\"}}",
    "{\"headers\":{\"\":\"1\"}}",
    "{\"headers\":{\"x-ü\":\"1\"}}",
    "{\"headers\":{\"x-a\":1}}",
    "{\"headers\":{\"x-a\":[\"1\"]}}",
    "{\"headers\":[\"x-a: 1\"]}",
    "{\"headers\":\"x-a: 1\"}",
    "{\"idempotencyKey\":\"a\\r\\nx-b: 2\"}",
    "{\"idempotencyKey\":7}",
};

static void no_header_can_be_smuggled(const void *argument)
{
    fixture opened = fixture_open("");
    size_t index;

    (void)argument;
    for (index = 0; index < sizeof bad_options / sizeof *bad_options; index++) {
        char *answer = trillet_agents_list(opened.client, NULL, bad_options[index]);
        check_note("%s", bad_options[index]);
        answer_expect_piece(answer, "error.field",
                            strstr(bad_options[index], "headers") != NULL ? "headers"
                                                                          : "idempotencyKey");
        answer_expect_error(answer, "invalid_argument", "no");
    }
    CHECK_NUMBER(recording_server_requests(opened.server), 0);
    fixture_close(&opened);
}

static void the_key_cannot_be_replaced_by_a_header(const void *argument)
{
    static const char *const names[] = {"x-api-key", "X-API-KEY", "x-workspace-id", "Host",
                                        "Content-Length", "Transfer-Encoding"};
    fixture opened = fixture_open("");
    size_t index;

    (void)argument;
    for (index = 0; index < sizeof names / sizeof *names; index++) {
        char *options = text_format("{\"headers\":{\"%s\":\"1\"}}", names[index]);
        char *answer = trillet_agents_list(opened.client, NULL, options);
        check_note("%s", options);
        answer_expect_error(answer, "invalid_argument", "no");
        free(options);
    }
    CHECK_NUMBER(recording_server_requests(opened.server), 0);
    fixture_close(&opened);
}

void header_line_suite(void)
{
    check_suite("header lines");
    check_case("Key and workspace are sent, and no Expect", key_and_workspace_are_sent, NULL);
    check_case("A client without a workspace sends no workspace", a_client_needs_no_workspace,
               NULL);
    check_case("The User-Agent names the library, then the host",
               the_user_agent_names_library_and_host, NULL);
    check_case("Accept names what can come back", accept_names_what_can_come_back, NULL);
    check_case("A body of 1.5 MB is sent without asking for leave",
               no_leave_is_asked_for_a_large_body, NULL);
    check_case("Headers of the client and of the request are sent, the request's winning",
               headers_of_client_and_request_are_sent, NULL);
    check_case("An idempotency key is sent with its request alone",
               an_idempotency_key_is_sent_once, NULL);
    check_case("Header options that break the grammar are refused", no_header_can_be_smuggled,
               NULL);
    check_case("Headers that the library owns cannot be set",
               the_key_cannot_be_replaced_by_a_header, NULL);
}
