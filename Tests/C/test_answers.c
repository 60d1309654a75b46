/* What becomes of a server's 2xx answers. */
#include "check.h"
#include "fixture.h"
#include "json_reader.h"
#include "suites.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

typedef struct answer_row {
    const char *name;
    const char *operation;
    int status;
    const char *headers;
    const char *body;
    const char *data;
} answer_row;

#define JSON "Content-Type: application/json\r\n"

static const answer_row rows[] = {
    {"A JSON object is passed on byte for byte", "agents.list", 200, JSON,
     "{ \"b\" : [1 ,\t2.50, 1e400] ,\r\n \"a\":\"\\u00e9\\/é\", \"a\":null }",
     "{ \"b\" : [1 ,\t2.50, 1e400] ,\r\n \"a\":\"\\u00e9\\/é\", \"a\":null }"},
    {"White space around the answer does not matter", "agents.list",
     200, JSON, " \r\n{\"a\":1}\n", "{\"a\":1}"},
    {"A JSON list is data", "agents.list", 200, JSON, "[{\"_id\":\"a\"}]", "[{\"_id\":\"a\"}]"},
    {"A JSON text is data", "agents.list", 200, JSON, "\"a\\\"b\"", "\"a\\\"b\""},
    {"A JSON number is data", "agents.list", 200, JSON, "-0.10e1", "-0.10e1"},
    {"A JSON null is data", "agents.list", 200, JSON, "null", "null"},
    {"A media type with a parameter is JSON", "agents.list", 200,
     "Content-Type: application/json; charset=utf-8\r\n", "{\"a\":1}", "{\"a\":1}"},
    {"A media type in capitals is JSON", "agents.list",
     200, "content-type: Application/JSON\r\n", "{\"a\":1}",
     "{\"a\":1}"},
    {"A media type that ends in +json is JSON", "agents.list",
     200, "Content-Type: application/hal+json\r\n",
     "{\"a\":1}", "{\"a\":1}"},
    {"Lone surrogates in an answer are passed on", "agents.list", 200, JSON, "{\"a\":\"\\ud800\"}",
     "{\"a\":\"\\ud800\"}"},
    {"Every 2xx is a success", "agents.list", 201, JSON, "{\"a\":1}", "{\"a\":1}"},
    {"An answer without bytes is null", "agents.list", 200, JSON, "", "null"},
    {"An answer without bytes and type is null", "agents.list", 200, "", "", "null"},
    {"CSV is told with its name", "batch_calls.template", 200,
     "Content-Type: text/csv; charset=utf-8\r\n"
     "Content-Disposition: attachment; filename=\"batch-calls-template.csv\"\r\n",
     "phone_number,first_name\r\n+12025550164,\"A\tb\"\r\n",
     "{\"contentType\":\"text/csv\",\"fileName\":\"batch-calls-template.csv\","
     "\"text\":\"phone_number,first_name\\r\\n+12025550164,\\\"A\\tb\\\"\\r\\n\"}"},
    {"A file name need not be quoted", "batch_calls.template", 200,
     "Content-Type: text/csv\r\nContent-Disposition: attachment; filename=a.csv; size=3\r\n", "x",
     "{\"contentType\":\"text/csv\",\"fileName\":\"a.csv\",\"text\":\"x\"}"},
    {"Text without a name has none", "batch_calls.template", 200, "Content-Type: text/csv\r\n", "x",
     "{\"contentType\":\"text/csv\",\"fileName\":null,\"text\":\"x\"}"},
    {"Control characters of a text are escaped", "batch_calls.template",
     200, "Content-Type: text/plain\r\n",
     "a\x01\x1f\x7f\\b\"\b\f",
     "{\"contentType\":\"text/plain\",\"fileName\":null,"
     "\"text\":\"a\\u0001\\u001f\\u007f\\\\b\\\"\\b\\f\"}"},
    {"An operation without a name takes what comes", "GET /x", 200, "", "[1]", "[1]"},
    {"An operation without a name takes text", "GET /x", 200, "Content-Type: text/plain\r\n", "1",
     "{\"contentType\":\"text/plain\",\"fileName\":null,\"text\":\"1\"}"},
};

static void an_answer_is_passed_on(const void *argument)
{
    const answer_row *row = (const answer_row *)argument;
    fixture opened = fixture_open("");
    char *status = text_format("%d", row->status);
    char *answer;

    recording_server_answer(opened.server, row->status, row->headers, row->body,
                            strlen(row->body));
    answer = answer_checked(trillet_call(opened.client, row->operation, NULL, NULL));
    answer_expect(answer, "ok", "true");
    answer_expect(answer, "status", status);
    answer_expect(answer, "data", row->data);
    answer_expect(answer, "meta.attempts", "1");
    trillet_free(answer);
    free(status);
    fixture_close(&opened);
}

static void an_envelope_has_its_members_in_order(const void *argument)
{
    static const char start[] =
        "{\"ok\":true,\"status\":200,\"data\":{\"a\": 1},\"meta\":{\"operation\":\"agents.get\","
        "\"attempts\":1,\"elapsedMs\":";
    static const char end[] = ",\"requestId\":\"r-7\"}}";
    fixture opened = fixture_open("");
    char *answer;
    char *elapsed;

    (void)argument;
    recording_server_answer(opened.server, 200, JSON "X-Request-Id: r-7\r\n", "{\"a\": 1}", 8);
    answer = trillet_agents_get(opened.client, "{\"agentId\":\"a\"}", NULL);
    if (CHECK(answer != NULL && strlen(answer) > sizeof start + sizeof end)) {
        CHECK_BYTES(answer, sizeof start - 1, start, sizeof start - 1);
        CHECK_TEXT(answer + strlen(answer) - (sizeof end - 1), end);
    }
    elapsed = answer_member(answer, "meta.elapsedMs");
    if (CHECK(elapsed != NULL)) {
        const char *point = strchr(elapsed, '.');
        CHECK(point != NULL && strlen(point) == 2);
        CHECK(atof(elapsed) >= 0 && atof(elapsed) < 60000);
    }
    free(elapsed);
    trillet_free(answer);
    fixture_close(&opened);
}

static void an_error_envelope_has_its_members_in_order(const void *argument)
{
    static const char body[] = "{\"error\":\"Agent not found\",\"details\":\"No such id\"}";
    fixture opened = fixture_open("");
    char *answer;

    (void)argument;
    recording_server_answer_json(opened.server, 404, body);
    answer = answer_checked(trillet_agents_get(opened.client, "{\"agentId\":\"a\"}", NULL));
    if (CHECK(answer != NULL)) {
        CHECK(strncmp(answer, "{\"ok\":false,\"status\":404,\"error\":{\"type\":\"not_found\",", 53)
              == 0);
    }
    answer_expect(answer, "error.body", body);
    answer_expect(answer, "meta.requestId", "null");
    answer_expect(answer, "meta.operation", "\"agents.get\"");
    answer_expect_present(answer, "data", 0);
    trillet_free(answer);
    fixture_close(&opened);
}

static void an_answer_without_content_is_null(const void *argument)
{
    static const char raw[] = "HTTP/1.1 204 No Content\r\n\r\n";
    fixture opened = fixture_open("");
    char *answer;

    (void)argument;
    recording_server_send(opened.server, raw, sizeof raw - 1, RECORDING_KEEP_OPEN);
    answer = answer_checked(trillet_agents_delete(opened.client, "{\"agentId\":\"a\"}", NULL));
    answer_expect(answer, "ok", "true");
    answer_expect(answer, "status", "204");
    answer_expect(answer, "data", "null");
    trillet_free(answer);
    fixture_close(&opened);
}

typedef struct raw_row {
    const char *name;
    const char *answer;
    enum recording_end end;
} raw_row;

static const raw_row raw_rows[] = {
    {"A chunked answer is put together",
     "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
     "3\r\n{\"a\r\n1;x=y\r\n\"\r\n3\r\n:1}\r\n0\r\nX-Trailer: t\r\n\r\n",
     RECORDING_KEEP_OPEN},
    {"An answer may end with its connection",
     "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"a\":1}", RECORDING_CLOSE},
    {"An interim answer is not the answer",
     "HTTP/1.1 103 Early Hints\r\nX-Request-Id: no\r\n\r\nHTTP/1.1 200 OK\r\n"
     "Content-Type: application/json\r\nContent-Length: 7\r\n\r\n{\"a\":1}",
     RECORDING_KEEP_OPEN},
    {"An answer by HTTP/1.0 is an answer",
     "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{\"a\":1}",
     RECORDING_CLOSE},
};

static void a_raw_answer_is_understood(const void *argument)
{
    const raw_row *row = (const raw_row *)argument;
    fixture opened = fixture_open("");
    char *answer;

    recording_server_send(opened.server, row->answer, strlen(row->answer), row->end);
    answer = trillet_agents_list(opened.client, NULL, NULL);
    answer_expect(answer, "meta.requestId", "null");
    answer_expect_data(answer, "{\"a\":1}");
    fixture_close(&opened);
}

static void ill_formed_text_is_kept(const void *argument)
{
    fixture opened = fixture_open("");
    char *answer;

    (void)argument;
    recording_server_answer(opened.server, 200, "Content-Type: text/csv\r\n", "a\xff" "b\xc3", 4);
    answer = answer_checked(trillet_batch_calls_template(opened.client, NULL, NULL));
    answer_expect(answer, "data.base64", "\"Yf9iww==\"");
    answer_expect_present(answer, "data.text", 0);
    trillet_free(answer);
    fixture_close(&opened);
    opened = fixture_open("");
    recording_server_answer(opened.server, 200, "Content-Type: text/csv\r\n", "a\0b", 3);
    answer = answer_checked(trillet_batch_calls_template(opened.client, NULL, NULL));
    answer_expect(answer, "data.text", "\"a\\u0000b\"");
    trillet_free(answer);
    fixture_close(&opened);
}

static void ill_formed_headers_are_repaired(const void *argument)
{
    fixture opened = fixture_open("");
    char *answer;

    (void)argument;
    recording_server_answer(opened.server, 200,
                            "Content-Type: text/\xff\r\nX-Request-Id: a\"\\\xfe\r\n"
                            "Content-Disposition: attachment; filename=\"\xfd\\\"\r\n",
                            "x", 1);
    answer = answer_checked(trillet_batch_calls_template(opened.client, NULL, NULL));
    answer_expect(answer, "meta.requestId", "\"a\\\"\\\\\xef\xbf\xbd\"");
    answer_expect(answer, "data.text", "\"x\"");
    trillet_free(answer);
    fixture_close(&opened);
}

static void a_large_answer_arrives_whole(const void *argument)
{
    enum { LARGE = 8 << 20 };
    fixture opened = fixture_open("");
    char *filling = text_repeat('y', LARGE);
    char *body = text_format("[\"%s\"]", filling);

    (void)argument;
    recording_server_answer_json(opened.server, 200, body);
    answer_expect_data(trillet_agents_list(opened.client, NULL, NULL), body);
    answer_expect_data(trillet_agents_list(opened.client, NULL, NULL), body);
    free(body);
    free(filling);
    fixture_close(&opened);
}

void answer_suite(void)
{
    size_t index;

    check_suite("answers");
    check_case("An answer's members come in a fixed order", an_envelope_has_its_members_in_order,
               NULL);
    check_case("An error's members come in a fixed order",
               an_error_envelope_has_its_members_in_order, NULL);
    for (index = 0; index < sizeof rows / sizeof *rows; index++) {
        check_case(rows[index].name, an_answer_is_passed_on, &rows[index]);
    }
    check_case("A 204 is null", an_answer_without_content_is_null, NULL);
    for (index = 0; index < sizeof raw_rows / sizeof *raw_rows; index++) {
        check_case(raw_rows[index].name, a_raw_answer_is_understood, &raw_rows[index]);
    }
    check_case("Ill-formed UTF-8 in a text answer is handed over as Base64", ill_formed_text_is_kept,
               NULL);
    check_case("Ill-formed UTF-8 in header lines becomes U+FFFD", ill_formed_headers_are_repaired,
               NULL);
    check_case("An answer of 8 MB arrives whole, twice", a_large_answer_arrives_whole, NULL);
}
