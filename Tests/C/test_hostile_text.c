/* Text that is meant to hurt: ill-formed UTF-8, surrogates, depth and size. */
#include "check.h"
#include "fixture.h"
#include "recorded.h"
#include "suites.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

typedef struct offset_row {
    const char *value;
    /* Of the mistake, from the start of `value`. */
    int offset;
} offset_row;

static const offset_row utf8_rows[] = {
    {"\"\xff\"", 1},
    {"\"ab\x80\"", 3},
    {"\"\xc0\xaf\"", 1},
    {"\"\xc3\"", 1},
    {"\"\xc3(\"", 1},
    {"\"\xe0\x80\x80\"", 1},
    {"\"\xed\xa0\x80\"", 1},
    {"\"\xe2\x82\"", 1},
    {"\"\xf0\x80\x80\x80\"", 1},
    {"\"\xf4\x90\x80\x80\"", 1},
    {"\"\xf8\x88\x80\x80\x80\"", 1},
    {"\"\xc3\xbc\xff\"", 3},
};

static const offset_row surrogate_rows[] = {
    {"\"\\ud800\"", 1},         {"\"ab\\udfff\"", 3},     {"\"\\ud83d\\u0041\"", 1},
    {"\"\\ude00\\ud83d\"", 1},  {"\"\\ud83d\\ude00\\ud83d\"", 13}, {"\"\\uD83Dx\"", 1},
};

typedef struct offset_table {
    const offset_row *rows;
    size_t count;
} offset_table;

static const offset_table utf8_table = {utf8_rows, sizeof utf8_rows / sizeof *utf8_rows};
static const offset_table surrogate_table = {surrogate_rows,
                                             sizeof surrogate_rows / sizeof *surrogate_rows};

static void expect_offset(char *answer, int offset)
{
    char *expected = text_format("%d", offset);

    answer_expect(answer, "error.offset", expected);
    answer_expect_error(answer, "invalid_argument", "no");
    free(expected);
}

static void the_offset_is_told(const void *argument)
{
    const offset_table *table = (const offset_table *)argument;
    fixture opened = fixture_open("");
    size_t index;

    for (index = 0; index < table->count; index++) {
        const offset_row *row = &table->rows[index];
        char *as_value = text_format("{\"x\":%s}", row->value);
        char *as_name = text_format("{ %s:1}", row->value);
        char *as_option = text_format("{\"idempotencyKey\":%s}", row->value);
        char *as_client_option = text_format("{\"userAgent\":%s}", row->value);
        char *error = NULL;

        check_note("%s", as_value);
        expect_offset(trillet_agents_list(opened.client, as_value, NULL), 5 + row->offset);
        expect_offset(trillet_call(opened.client, "POST /x", as_name, NULL), 2 + row->offset);
        expect_offset(trillet_agents_list(opened.client, NULL, as_option), 18 + row->offset);
        CHECK(trillet_client_new(as_client_option, &error) == NULL);
        expect_offset(error, 13 + row->offset);
        free(as_value);
        free(as_name);
        free(as_option);
        free(as_client_option);
    }
    CHECK_NUMBER(recording_server_requests(opened.server), 0);
    fixture_close(&opened);
}

/* `[[[ … ]]]` or `{"a":{"a": … }}`, so many deep. */
static char *nested(const char *open, const char *inner, const char *close, int depth)
{
    text result = {NULL, 0, 0};
    int index;

    text_append(&result, "", 0);
    for (index = 0; index < depth; index++) {
        text_add(&result, open);
    }
    text_add(&result, inner);
    for (index = 0; index < depth; index++) {
        text_add(&result, close);
    }
    return result.bytes;
}

static void depth_has_a_limit(const void *argument)
{
    static const int refused[] = {512, 600, 100000};
    fixture opened = fixture_open("");
    size_t index;
    size_t length;
    char *array = nested("[", "", "]", 511);
    char *request = text_format("{\"x\":%s}", array);
    const char *body;

    (void)argument;
    answer_expect_data(trillet_call(opened.client, "POST /x", request, NULL), "{}");
    body = recorded_body(opened.server, 0, &length);
    CHECK_BYTES(body, length, request, strlen(request));
    free(array);
    free(request);
    for (index = 0; index < sizeof refused / sizeof *refused; index++) {
        char *object = nested("{\"a\":", "1", "}", refused[index]);
        check_note("depth %d", refused[index] + 1);
        array = nested("[", "", "]", refused[index]);
        request = text_format("{\"x\":%s}", array);
        answer_expect_error(trillet_call(opened.client, "POST /x", request, NULL),
                            "invalid_argument", "no");
        answer_expect_error(trillet_calls_send(opened.client, array, NULL), "invalid_argument",
                            "no");
        answer_expect_error(trillet_agents_list(opened.client, NULL, request), "invalid_argument",
                            "no");
        free(request);
        request = text_format("{\"x\":%s}", object);
        answer_expect_error(trillet_agents_list(opened.client, request, NULL), "invalid_argument",
                            "no");
        free(array);
        free(object);
        free(request);
    }
    CHECK_NUMBER(recording_server_requests(opened.server), 1);
    fixture_close(&opened);
}

static void the_depth_of_an_answer_has_a_limit(const void *argument)
{
    fixture opened = fixture_open("");
    char *deep = nested("[", "", "]", 512);
    char *too_deep = nested("[", "", "]", 513);
    char *far_too_deep = nested("{\"a\":", "1", "}", 100000);
    char *unclosed = text_repeat('[', 100000);

    (void)argument;
    recording_server_answer_json(opened.server, 200, deep);
    recording_server_answer_json(opened.server, 200, too_deep);
    recording_server_answer_json(opened.server, 200, far_too_deep);
    recording_server_answer_json(opened.server, 200, unclosed);
    recording_server_answer_json(opened.server, 400, far_too_deep);
    answer_expect_data(trillet_agents_list(opened.client, NULL, NULL), deep);
    answer_expect_error(trillet_agents_list(opened.client, NULL, NULL), "response", "yes");
    answer_expect_error(trillet_agents_list(opened.client, NULL, NULL), "response", "yes");
    answer_expect_error(trillet_agents_list(opened.client, NULL, NULL), "response", "yes");
    answer_expect_error(trillet_agents_list(opened.client, NULL, NULL), "rejected", "no");
    free(deep);
    free(too_deep);
    free(far_too_deep);
    free(unclosed);
    fixture_close(&opened);
}

/* Texts of a megabyte wherever a text may stand. Each call ends with some definite answer. */
static void size_does_not_hurt(const void *argument)
{
    static const char *const requests[][2] = {
        {"calls.send", "{\"agentId\":\"%s\",\"toNumber\":\"+12025550164\"}"},
        {"calls.send", "{\"agentId\":\"a\",\"toNumber\":\"%s\"}"},
        {"calls.send", "{\"%s\":1}"},
        {"agents.get", "{\"agentId\":\"%s\"}"},
        {"agents.list", "{\"page\":\"%s\"}"},
        {"agents.list", "{\"search\":\"%s\"}"},
        {"agents.list", "{\"%s\":1}"},
        {"agents.list", "%s"},
        {"batch_calls.validate", "{\"file\":\"%s\"}"},
        {"batch_calls.validate", "{\"csv\":\"%s\"}"},
        {"batch_calls.validate", "{\"csv\":\"x\",\"fileName\":\"%s\"}"},
        {"batch_calls.validate", "{\"csv\":\"x\",\"%s\":\"%s\"}"},
    };
    static const char *const options[] = {
        "{\"%s\":1}",
        "{\"idempotencyKey\":\"%s\"}",
        "{\"headers\":{\"%s\":\"x\"}}",
        "{\"headers\":{\"x-a\":\"%s\"}}",
        "{\"timeoutMs\":\"%s\"}",
        "{\"routes\":\"%s\"}",
        "%s",
    };
    fixture opened = fixture_open("\"timeoutMs\":5000");
    char *filling = text_repeat('7', 1 << 20);
    size_t index;

    (void)argument;
    for (index = 0; index < sizeof requests / sizeof *requests; index++) {
        char *request = text_format(requests[index][1], filling, filling);
        check_note("%s %s", requests[index][0], requests[index][1]);
        trillet_free(answer_checked(trillet_call(opened.client, requests[index][0], request,
                                                 NULL)));
        free(request);
    }
    for (index = 0; index < sizeof options / sizeof *options; index++) {
        char *text = text_format(options[index], filling);
        check_note("options %s", options[index]);
        trillet_free(answer_checked(trillet_agents_list(opened.client, NULL, text)));
        free(text);
    }
    free(filling);
    fixture_close(&opened);
}

static void many_members_do_not_hurt(const void *argument)
{
    fixture opened = fixture_open("");
    text request = {NULL, 0, 0};
    size_t length;
    const char *body;
    int index;

    (void)argument;
    text_add(&request, "{\"x0\":0");
    for (index = 1; index < 20000; index++) {
        char *member = text_format(",\"x%d\":%d", index, index);
        text_add(&request, member);
        free(member);
    }
    text_add(&request, "}");
    answer_expect_data(trillet_call(opened.client, "POST /x", request.bytes, NULL), "{}");
    body = recorded_body(opened.server, 0, &length);
    CHECK_BYTES(body, length, request.bytes, request.length);
    text_clear(&request);
    fixture_close(&opened);
}

static void control_characters_are_refused(const void *argument)
{
    fixture opened = fixture_open("");
    int byte;

    (void)argument;
    for (byte = 1; byte < 0x20; byte++) {
        char *request = text_format("{\"a\":\"%c\"}", byte);
        check_note("byte %d", byte);
        expect_offset(trillet_call(opened.client, "POST /x", request, NULL), 6);
        free(request);
    }
    CHECK_NUMBER(recording_server_requests(opened.server), 0);
    fixture_close(&opened);
}

void hostile_text_suite(void)
{
    check_suite("hostile text");
    check_case("Ill-formed UTF-8 is refused with its place", the_offset_is_told, &utf8_table);
    check_case("Lone surrogates are refused with their place", the_offset_is_told,
               &surrogate_table);
    check_case("A request may be 512 deep and no deeper", depth_has_a_limit, NULL);
    check_case("An answer may be 512 deep and no deeper", the_depth_of_an_answer_has_a_limit, NULL);
    check_case("Texts of a megabyte do not hurt", size_does_not_hurt, NULL);
    check_case("Twenty thousand members do not hurt", many_members_do_not_hurt, NULL);
    check_case("Bare control characters are refused with their place",
               control_characters_are_refused, NULL);
}
