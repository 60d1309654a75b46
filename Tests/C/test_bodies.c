/* What becomes of the fields of a JSON body: placed by name, otherwise untouched. */
#include "check.h"
#include "fixture.h"
#include "recorded.h"
#include "suites.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

typedef struct body_row {
    const char *name;
    const char *request;
    const char *body;
} body_row;

#define CALL "\"agentId\":\"a\",\"toNumber\":\"+12025550164\""
#define NUMBERS \
    "\"a\":1e400,\"b\":0.10,\"c\":12345678901234567890,\"d\":-0,\"e\":1E+2,\"f\":-0.0e-0"

static const body_row rows[] = {
    {"Unknown fields are passed on", "{" CALL ",\"x-new\":{\"a\":[1,null]}}",
     "{" CALL ",\"x-new\":{\"a\":[1,null]}}"},
    {"Numbers keep their text",
     "{" CALL "," NUMBERS "}", "{" CALL "," NUMBERS "}"},
    {"Escapes in values are passed on as written",
     "{" CALL ",\"x\":\"\\u00e9\\/\\n\\\"\\\\\\ud83d\\ude00\\u0000\"}",
     "{" CALL ",\"x\":\"\\u00e9\\/\\n\\\"\\\\\\ud83d\\ude00\\u0000\"}"},
    {"Escapes in unknown names are passed on as written", "{" CALL ",\"\\u0078\\/y\":1}",
     "{" CALL ",\"\\u0078\\/y\":1}"},
    {"Text beyond ASCII is passed on as written", "{" CALL ",\"größe\":\"日本 😀\"}",
     "{" CALL ",\"größe\":\"日本 😀\"}"},
    {"White space inside a value is passed on", "{" CALL ",\"x\": [ 1 ,\t{ \"a\" : 2 } ]\n}",
     "{" CALL ",\"x\":[ 1 ,\t{ \"a\" : 2 } ]}"},
    {"Fields keep the order of the request", "{\"z\":1,\"toNumber\":\"+12025550164\",\"a\":2,"
     "\"agentId\":\"a\"}",
     "{\"z\":1,\"toNumber\":\"+12025550164\",\"a\":2,\"agentId\":\"a\"}"},
    {"Unknown fields that are there twice are passed on", "{" CALL ",\"x\":1,\"x\":2}",
     "{" CALL ",\"x\":1,\"x\":2}"},
    {"Nested names that are there twice are passed on", "{" CALL ",\"x\":{\"y\":1,\"y\":2}}",
     "{" CALL ",\"x\":{\"y\":1,\"y\":2}}"},
    {"An empty name is a name", "{" CALL ",\"\":0}", "{" CALL ",\"\":0}"},
    {"An unknown field may be null", "{" CALL ",\"x\":null}", "{" CALL ",\"x\":null}"},
    {"White space around the request does not matter", " \r\n\t{ " CALL " } \n", "{" CALL "}"},
};

static void a_body_is_passed_on(const void *argument)
{
    const body_row *row = (const body_row *)argument;
    fixture opened = fixture_open("");
    size_t length;
    const char *body;

    answer_expect_data(trillet_calls_send(opened.client, row->request, NULL), "{}");
    body = recorded_body(opened.server, 0, &length);
    CHECK_BYTES(body, length, row->body, strlen(row->body));
    fixture_close(&opened);
}

static void a_known_name_may_be_escaped(const void *argument)
{
    fixture opened = fixture_open("");
    char *line;
    size_t length;
    const char *body;

    (void)argument;
    answer_expect_data(trillet_agents_update(opened.client,
                                             "{\"\\u0061gentId\":\"a1\",\"na\\u006de\":\"x\"}",
                                             NULL),
                       "{}");
    line = recorded_line(opened.server, 0);
    CHECK_TEXT(line, "PATCH /api/v1/agents/a1");
    body = recorded_body(opened.server, 0, &length);
    CHECK_BYTES(body, length, "{\"name\":\"x\"}", 12);
    free(line);
    fixture_close(&opened);
}

static void an_absent_body_is_an_empty_object(const void *argument)
{
    static const char *const requests[] = {NULL, "", "{}", " { } "};
    fixture opened = fixture_open("");
    size_t index;

    (void)argument;
    for (index = 0; index < sizeof requests / sizeof *requests; index++) {
        size_t length;
        const char *body;
        answer_expect_data(trillet_call(opened.client, "POST /echo", requests[index], NULL), "{}");
        body = recorded_body(opened.server, index, &length);
        CHECK_BYTES(body, length, "{}", 2);
    }
    fixture_close(&opened);
}

static void checking_can_be_turned_off(const void *argument)
{
    fixture opened = fixture_open("");
    size_t length;
    const char *body;

    (void)argument;
    answer_expect_data(trillet_calls_send(opened.client, "{\"toNumber\":\"555\",\"agentId\":7}",
                                          "{\"validate\":false}"),
                       "{}");
    body = recorded_body(opened.server, 0, &length);
    CHECK_BYTES(body, length, "{\"toNumber\":\"555\",\"agentId\":7}", 30);
    fixture_close(&opened);
    opened = fixture_open("\"validate\":false");
    answer_expect_data(trillet_agents_create(opened.client, NULL, NULL), "{}");
    answer_expect_invalid(trillet_agents_create(opened.client, NULL, "{\"validate\":true}"),
                          "name");
    CHECK_NUMBER(recording_server_requests(opened.server), 1);
    fixture_close(&opened);
}

static void a_large_body_arrives_whole(const void *argument)
{
    fixture opened = fixture_open("");
    char *filling = text_repeat('x', 1 << 20);
    char *request = text_format("{" CALL ",\"x\":\"%s\"}", filling);
    size_t length;
    const char *body;

    (void)argument;
    answer_expect_data(trillet_calls_send(opened.client, request, NULL), "{}");
    body = recorded_body(opened.server, 0, &length);
    CHECK_BYTES(body, length, request, strlen(request));
    free(request);
    free(filling);
    fixture_close(&opened);
}

void body_suite(void)
{
    size_t index;

    check_suite("bodies");
    for (index = 0; index < sizeof rows / sizeof *rows; index++) {
        check_case(rows[index].name, a_body_is_passed_on, &rows[index]);
    }
    check_case("A known name may be spelled with escapes", a_known_name_may_be_escaped, NULL);
    check_case("A POST without fields sends an empty object", an_absent_body_is_an_empty_object,
               NULL);
    check_case("The checks of a request can be turned off", checking_can_be_turned_off, NULL);
    check_case("A body of a megabyte arrives whole", a_large_body_arrives_whole, NULL);
}
