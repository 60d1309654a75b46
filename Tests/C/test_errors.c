/* What becomes of a server's refusals and of answers that cannot be used. */
#include "check.h"
#include "fixture.h"
#include "suites.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_EXPECTATIONS = 7 };

typedef struct error_row {
    const char *name;
    int status;
    const char *headers;
    const char *body;
    const char *type;
    const char *sent;
    /* Paths and the JSON they must have; NULL for a member that must not be there. */
    const char *expected[MOST_EXPECTATIONS][2];
} error_row;

#define JSON "Content-Type: application/json\r\n"
#define HTML "Content-Type: text/html\r\n"

static const error_row rows[] = {
    {"Shape A gives message and details", 404, JSON,
     "{\"error\":\"Agent not found\",\"details\":\"No \\\"a1\\\" here\"}", "not_found", "no",
     {{"error.message", "\"Agent not found\""},
      {"error.details", "\"No \\\"a1\\\" here\""},
      {"error.code", NULL},
      {"error.body", "{\"error\":\"Agent not found\",\"details\":\"No \\\"a1\\\" here\"}"}}},
    {"Shape A may give a code", 500, JSON,
     "{\"error\":\"Failed to initiate call\",\"details\":\"d\",\"code\":\"UNKNOWN_ERROR\"}",
     "server", "maybe",
     {{"error.message", "\"Failed to initiate call\""},
      {"error.details", "\"d\""},
      {"error.code", "\"UNKNOWN_ERROR\""}}},
    {"Shape B gives code and message", 429, JSON,
     "{\"error\":{\"code\":\"rate_limit_exceeded\",\"message\":\"Too many requests.\","
     "\"reset_at\":\"2001-04-02T09:15:00Z\"}}",
     "rate_limited", "no",
     {{"error.message", "\"Too many requests.\""},
      {"error.code", "\"rate_limit_exceeded\""},
      {"error.details", NULL},
      {"error.retryable", "true"}}},
    {"Retry-After in seconds is told in milliseconds", 429, JSON "Retry-After: 17\r\n",
     "{\"error\":{\"code\":\"rate_limit_exceeded\",\"message\":\"m\"}}", "rate_limited", "no",
     {{"error.retryAfterMs", "17000"}}},
    {"Shape C gives message and details", 404, JSON,
     "{\"error\":\"Batch not found\",\"message\":\"No batch b1\",\"id\":\"b1\"}", "not_found", "no",
     {{"error.message", "\"Batch not found\""},
      {"error.details", "\"No batch b1\""},
      {"error.body", "{\"error\":\"Batch not found\",\"message\":\"No batch b1\",\"id\":\"b1\"}"}}},
    {"Shape C may be an error alone", 500, JSON, "{\"error\":\"Boom\"}", "server", "maybe",
     {{"error.message", "\"Boom\""}, {"error.details", NULL}}},
    {"Shape D gives its status as the code", 404, JSON, "{\"status\":\"not_found\"}", "not_found",
     "no", {{"error.code", "\"not_found\""}, {"error.body", "{\"status\":\"not_found\"}"}}},
    {"Shape D may give an error", 404, JSON,
     "{\"status\":\"not_found\",\"error\":\"Call not found\"}", "not_found", "no",
     {{"error.message", "\"Call not found\""}, {"error.code", "\"not_found\""}}},
    {"Escapes in a message stay what they mean", 400, JSON,
     "{\"error\":\"a\\u00e9\\n\\ud83d\\ude00\\\"\"}", "rejected", "no",
     {{"error.body", "{\"error\":\"a\\u00e9\\n\\ud83d\\ude00\\\"\"}"}}},
    {"An HTML page is told as text", 502, HTML, "<html>\n\"Bad gateway\"</html>", "server", "maybe",
     {{"error.body", "\"<html>\\n\\\"Bad gateway\\\"</html>\""}}},
    {"An empty refusal has no body", 401, "", "", "authentication", "no", {{"error.body", NULL}}},
    {"A refusal may be a JSON text", 400, JSON, "\"nope\"", "rejected", "no",
     {{"error.body", "\"nope\""}}},
    {"A refusal may be a JSON number", 400, JSON, "42", "rejected", "no", {{"error.body", "42"}}},
    {"A refusal may be null", 400, JSON, "null", "rejected", "no", {{"error.body", "null"}}},
    {"A refusal may be a list", 400, JSON, "[1]", "rejected", "no", {{"error.body", "[1]"}}},
    {"A refusal may be an empty object", 403, JSON, "{}", "permission", "no",
     {{"error.body", "{}"}}},
    {"A refusal with odd members is no trouble", 400, JSON,
     "{\"error\":{\"message\":7,\"code\":12},\"details\":{\"a\":1},\"message\":null}", "rejected",
     "no", {{"error.message", "\"7\""}, {"error.code", "\"12\""}}},
    {"Ill-formed JSON in a refusal is told as text", 400, JSON, "{\"error\":", "rejected", "no",
     {{"error.body", "\"{\\\"error\\\":\""}}},
    {"Ill-formed UTF-8 in a refusal is repaired", 400, JSON, "{\"error\":\"\xff\"}", "rejected",
     "no", {{"error.body", "\"{\\\"error\\\":\\\"\xef\xbf\xbd\\\"}\""}}},
    {"A redirect is not followed", 302, "Location: http://127.0.0.1:1/\r\n", "", "response", "maybe",
     {{"meta.attempts", "1"},
      {"error.details", "\"Location: http://127.0.0.1:1/\""}}},
    {"A timeout of the server may have acted", 408, JSON, "{}", "rejected", "maybe",
     {{NULL, NULL}}},
    {"An unavailable server that says when to come back did not act", 503,
     JSON "Retry-After: 1\r\n", "{}", "server", "no",
     {{"error.retryAfterMs", "1000"}, {"error.retryable", "true"}}},
    {"An unavailable server may have acted", 503, JSON, "{}", "server", "maybe",
     {{"error.retryAfterMs", NULL}}},
    {"Ill-formed JSON in a 200 is not what was promised", 200, JSON, "{\"a\":tru}", "response",
     "yes", {{"error.body", "\"{\\\"a\\\":tru}\""}}},
    {"Ill-formed UTF-8 in a 200 is not what was promised", 200, JSON, "{\"a\":\"\xc3(\"}",
     "response", "yes", {{NULL, NULL}}},
    {"White space in place of JSON is not what was promised", 200, JSON, " \r\n", "response", "yes",
     {{NULL, NULL}}},
    {"A page in place of JSON is not what was promised", 200, HTML, "<html></html>", "response",
     "maybe", {{"error.code", "\"web_page\""}, {"error.body", "\"<html></html>\""}}},
    {"Two JSON values in a 200 are not what was promised", 200, JSON, "{}{}", "response", "yes",
     {{NULL, NULL}}},
};

static void an_error_is_told(const void *argument)
{
    const error_row *row = (const error_row *)argument;
    fixture opened = fixture_open("\"maxRetries\":0");
    char *status = text_format("%d", row->status);
    char *answer;
    size_t index;

    recording_server_answer(opened.server, row->status, row->headers, row->body,
                            strlen(row->body));
    answer = trillet_calls_send(opened.client, endpoints[CALLS_SEND].request, NULL);
    answer_expect(answer, "status", status);
    for (index = 0; index < MOST_EXPECTATIONS && row->expected[index][0] != NULL; index++) {
        if (row->expected[index][1] == NULL) {
            answer_expect_present(answer, row->expected[index][0], 0);
        } else {
            answer_expect(answer, row->expected[index][0], row->expected[index][1]);
        }
    }
    answer_expect_error(answer, row->type, row->sent);
    CHECK_NUMBER(recording_server_requests(opened.server), 1);
    free(status);
    fixture_close(&opened);
}

static const char *type_of(int status)
{
    switch (status) {
    case 401:
        return "\"authentication\"";
    case 403:
        return "\"permission\"";
    case 404:
        return "\"not_found\"";
    case 409:
        return "\"conflict\"";
    case 429:
        return "\"rate_limited\"";
    default:
        return status >= 500 ? "\"server\"" : status >= 400 ? "\"rejected\"" : "\"response\"";
    }
}

static void every_status_has_its_type(const void *argument)
{
    fixture opened = fixture_open("\"maxRetries\":0");
    int status;

    (void)argument;
    for (status = 200; status < 600; status++) {
        char *expected = text_format("%d", status);
        char *answer;
        int is_empty = status == 204 || status == 304;
        char *raw = text_format("HTTP/1.1 %d X\r\n%s", status,
                                is_empty ? "\r\n" : JSON "Content-Length: 2\r\n\r\n{}");
        check_note("status %d", status);
        recording_server_send(opened.server, raw, strlen(raw), RECORDING_KEEP_OPEN);
        answer = answer_checked(trillet_agents_list(opened.client, NULL, NULL));
        answer_expect(answer, "status", expected);
        answer_expect(answer, "ok", status < 300 ? "true" : "false");
        if (status >= 300) {
            answer_expect(answer, "error.type", type_of(status));
        }
        trillet_free(answer);
        free(raw);
        free(expected);
    }
    if (requests_share_connections()) {
        CHECK_NUMBER(recording_server_connections(opened.server), 1);
    }
    fixture_close(&opened);
}

static void an_answer_beyond_the_limit_is_refused(const void *argument)
{
    fixture opened = fixture_open("\"maxResponseBytes\":1000");
    char *filling = text_repeat('1', 1001);
    char *answer;

    (void)argument;
    recording_server_answer(opened.server, 200, JSON, filling, 1000);
    recording_server_answer(opened.server, 200, JSON, filling, 1001);
    answer = answer_checked(trillet_agents_list(opened.client, NULL, NULL));
    answer_expect(answer, "ok", "true");
    trillet_free(answer);
    answer = trillet_agents_list(opened.client, NULL, NULL);
    answer_expect(answer, "status", "200");
    answer_expect_piece(answer, "error.message", "maxResponseBytes");
    answer_expect_error(answer, "response", "yes");
    free(filling);
    fixture_close(&opened);
}

/* Encodings are not asked for on the own machine, so the server plays the proxy to another. */
static fixture remote_fixture(const char *more)
{
    fixture opened;
    char *options;

    opened.server = recording_server_start();
    options = text_format("%s\"allowInsecureHttp\":true,\"proxy\":\"%s\"", more,
                          recording_server_url(opened.server));
    opened.client = client_for("http://service.invalid", options);
    free(options);
    return opened;
}

static void a_zipped_bomb_is_refused(const void *argument)
{
    /* 100,000 digits, by gzip. */
    static const char bomb[] =
        "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xed\xc1\x31\x01\x00\x00\x00\xc2\xa0\x4c\xeb\x5f"
        "\xce\x1a\x1e\x40\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
        "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
        "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
        "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
        "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xaf\x06\x8f\x02\x06\x28\xa0\x86\x01"
        "\x00";
    fixture opened = remote_fixture("\"maxResponseBytes\":1000,");
    char *answer;

    (void)argument;
    recording_server_answer(opened.server, 200, JSON "Content-Encoding: gzip\r\n", bomb,
                            sizeof bomb - 1);
    answer = trillet_agents_list(opened.client, NULL, NULL);
    answer_expect_piece(answer, "error.message", "maxResponseBytes");
    answer_expect_error(answer, "response", "yes");
    fixture_close(&opened);
}

static void a_compressed_answer_is_unpacked(const void *argument)
{
    static const char packed[] =
        "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xab\x56\x4a\x54\xb2\x32\xac\x05\x00\xaf\xac"
        "\x1b\x56\x07\x00\x00\x00";
    fixture opened = remote_fixture("");

    (void)argument;
    recording_server_answer(opened.server, 200, JSON "Content-Encoding: gzip\r\n", packed,
                            sizeof packed - 1);
    answer_expect_data(trillet_agents_list(opened.client, NULL, NULL), "{\"a\":1}");
    fixture_close(&opened);
}

static void a_broken_compression_is_refused(const void *argument)
{
    fixture opened = remote_fixture("");

    (void)argument;
    recording_server_answer(opened.server, 200, JSON "Content-Encoding: gzip\r\n", "{\"a\":1}", 7);
    answer_expect_error(trillet_agents_list(opened.client, NULL, NULL), "response", "yes");
    fixture_close(&opened);
}

void error_suite(void)
{
    size_t index;

    check_suite("errors");
    for (index = 0; index < sizeof rows / sizeof *rows; index++) {
        check_case(rows[index].name, an_error_is_told, &rows[index]);
    }
    check_case("Every status from 200 to 599 has its type", every_status_has_its_type, NULL);
    check_case("An answer beyond maxResponseBytes is refused",
               an_answer_beyond_the_limit_is_refused, NULL);
    check_case("A compressed answer is measured unpacked", a_zipped_bomb_is_refused, NULL);
    check_case("A compressed answer is unpacked", a_compressed_answer_is_unpacked, NULL);
    check_case("An answer whose compression is broken is refused",
               a_broken_compression_is_refused, NULL);
}
