/* Bad input at every door: refused with a reason, and nothing is sent. */
#include "check.h"
#include "fixture.h"
#include "suites.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

static void no_client_is_told(const void *argument)
{
    size_t index;

    (void)argument;
    for (index = 0; index < ENDPOINT_COUNT; index++) {
        const endpoint *door = &endpoints[index];
        check_note("%s", door->operation);
        answer_expect_invalid(door->call(NULL, NULL, NULL), "client");
        answer_expect_invalid(door->call(NULL, door->request, "{"), "client");
        answer_expect_invalid(trillet_call(NULL, door->operation, door->request, NULL), "client");
    }
    answer_expect_invalid(trillet_call(NULL, NULL, NULL, NULL), "client");
    answer_expect_invalid(trillet_call(NULL, "GET /x", "{}", ""), "client");
}

static const char *const not_objects[] = {
    "[]", "null", "1", "\"x\"", "true", "{", "}", "{\"a\"}", "{\"a\":}", "{'a':1}", "{a:1}",
    "{\"a\":1,}", "{,}", "{\"a\":1 \"b\":2}", "{\"a\":01}", "{\"a\":+1}", "{\"a\":.5}",
    "{\"a\":NaN}", "{\"a\":tRue}", "{\"a\":\"\t\"}", "{\"a\":\"\\x\"}", "{\"a\":\"\\u12\"}",
    "{\"a\":\"", "nonsense", "{}{}", "{} x", "\xef\xbb\xbf{}", "{\"a\":1}//", "/**/{}", " ", "\n",
    "\x01", "{\"a\":[1,2}", "{\"a\":{\"b\":[}", "<html>",
};

static void only_an_object_is_a_request(const void *argument)
{
    const endpoint *door = (const endpoint *)argument;
    fixture opened = fixture_open("");
    size_t index;

    for (index = 0; index < sizeof not_objects / sizeof *not_objects; index++) {
        check_note("request %s", not_objects[index]);
        answer_expect_error(door->call(opened.client, not_objects[index], NULL),
                            "invalid_argument", "no");
        answer_expect_error(door->call(opened.client, not_objects[index],
                                       "{\"validate\":false}"),
                            "invalid_argument", "no");
        check_note("options %s", not_objects[index]);
        answer_expect_error(door->call(opened.client, door->request, not_objects[index]),
                            "invalid_argument", "no");
        answer_expect_error(trillet_call(opened.client, "POST /x", not_objects[index], NULL),
                            "invalid_argument", "no");
    }
    CHECK_NUMBER(recording_server_requests(opened.server), 0);
    fixture_close(&opened);
}

typedef struct invalid_row {
    const char *operation;
    const char *request;
    const char *field;
} invalid_row;

#define TTS "\"ttsModel\":{\"provider\":\"p\",\"voiceId\":\"v\"}"
#define CALL "\"agentId\":\"a\",\"toNumber\":\"+12025550164\""

static const invalid_row missing_rows[] = {
    {"agents.create", "{" TTS ",\"llmModel\":\"m\"}", "name"},
    {"agents.create", "{\"name\":\"n\",\"llmModel\":\"m\"}", "ttsModel"},
    {"agents.create", "{\"name\":\"n\"," TTS "}", "llmModel"},
    {"agents.create", "{\"name\":null," TTS ",\"llmModel\":\"m\"}", "name"},
    {"agents.create", "{\"name\":\"n\",\"ttsModel\":{\"voiceId\":\"v\"},\"llmModel\":\"m\"}",
     "ttsModel.provider"},
    {"agents.create", "{\"name\":\"n\",\"ttsModel\":{\"provider\":\"p\"},\"llmModel\":\"m\"}",
     "ttsModel.voiceId"},
    {"agents.get", "{}", "agentId"},
    {"agents.get", "{\"agentId\":null}", "agentId"},
    {"agents.update", "{\"name\":\"n\"}", "agentId"},
    {"agents.delete", NULL, "agentId"},
    {"flows.create", "{\"direction\":\"outbound\",\"promptType\":\"simple\"}", "name"},
    {"flows.create", "{\"name\":\"n\",\"promptType\":\"simple\"}", "direction"},
    {"flows.create", "{\"name\":\"n\",\"direction\":\"outbound\"}", "promptType"},
    {"flows.get", "", "flowId"},
    {"flows.get", "{\"id\":\"f\"}", "flowId"},
    {"flows.update", "{}", "flowId"},
    {"flows.delete", "{}", "flowId"},
    {"calls.send", "{\"toNumber\":\"+12025550164\"}", "agentId"},
    {"calls.send", "{\"agentId\":\"a\"}", "toNumber"},
    {"calls.send", "{\"agentId\":\"a\",\"toNumber\":null}", "toNumber"},
    {"batch_calls.validate", "{}", "file"},
    {"batch_calls.preview", "{}", "file"},
    {"batch_calls.start", "{\"agentId\":\"a\"}", "file"},
    {"batch_calls.start", "{\"csv\":\"x\"}", "agentId"},
    {"batch_calls.get", "{}", "batchId"},
    {"batch_calls.progress", "{}", "batchId"},
    {"batch_calls.list_calls", "{\"page\":1}", "batchId"},
    {"batch_calls.get_call", "{\"jobId\":\"j\"}", "batchId"},
    {"batch_calls.get_call", "{\"batchId\":\"b\"}", "jobId"},
    {"batch_calls.cancel", "{}", "batchId"},
};

static const invalid_row mistyped_rows[] = {
    {"agents.create", "{\"name\":1," TTS ",\"llmModel\":\"m\"}", "name"},
    {"agents.create", "{\"name\":\"n\",\"ttsModel\":\"rime\",\"llmModel\":\"m\"}", "ttsModel"},
    {"agents.create", "{\"name\":\"n\"," TTS ",\"llmModel\":[]}", "llmModel"},
    {"agents.create",
     "{\"name\":\"n\",\"ttsModel\":{\"provider\":1,\"voiceId\":\"v\"},\"llmModel\":\"m\"}",
     "ttsModel.provider"},
    {"agents.update", "{\"agentId\":\"a\",\"settings\":1}", "settings"},
    {"agents.update", "{\"agentId\":\"a\",\"smartCallback\":\"yes\"}", "smartCallback"},
    {"agents.update", "{\"agentId\":\"a\",\"maxAttemptsForSmartCallback\":\"5\"}",
     "maxAttemptsForSmartCallback"},
    {"agents.update", "{\"agentId\":\"a\",\"phoneNumberIds\":\"p\"}", "phoneNumberIds"},
    {"agents.update", "{\"agentId\":\"a\",\"variables\":[]}", "variables"},
    {"agents.list", "{\"page\":\"2\"}", "page"},
    {"agents.list", "{\"limit\":1.5}", "limit"},
    {"agents.get", "{\"agentId\":7}", "agentId"},
    {"agents.get", "{\"agentId\":true}", "agentId"},
    {"agents.get", "{\"agentId\":[\"a\"]}", "agentId"},
    {"agents.delete", "{\"agentId\":{}}", "agentId"},
    {"flows.update", "{\"flowId\":\"f\",\"isActive\":1}", "isActive"},
    {"flows.update", "{\"flowId\":\"f\",\"flowData\":[]}", "flowData"},
    {"flows.update", "{\"flowId\":\"f\",\"webhooks\":{}}", "webhooks"},
    {"flows.update", "{\"flowId\":\"f\",\"prompt\":{}}", "prompt"},
    {"calls.send", "{\"agentId\":1,\"toNumber\":\"+12025550164\"}", "agentId"},
    {"calls.send", "{\"agentId\":\"a\",\"toNumber\":12025550164}", "toNumber"},
    {"batch_calls.preview", "{\"csv\":\"x\",\"limit\":\"5\"}", "limit"},
    {"batch_calls.start", "{\"csv\":\"x\",\"agentId\":\"a\",\"scheduledAt\":1932109360000}",
     "scheduledAt"},
    {"batch_calls.start", "{\"csv\":\"x\",\"agentId\":\"a\",\"smartCallbackConfig\":[]}",
     "smartCallbackConfig"},
    {"batch_calls.list_calls", "{\"batchId\":\"b\",\"status\":1}", "status"},
    {"batch_calls.list_calls", "{\"batchId\":\"b\",\"page\":true}", "page"},
    {"batch_calls.get_call", "{\"batchId\":\"b\",\"jobId\":9}", "jobId"},
};

static const invalid_row twice_rows[] = {
    {"calls.send", "{" CALL ",\"agentId\":\"b\"}", "agentId"},
    {"calls.send", "{" CALL ",\"\\u0061gentId\":\"b\"}", "agentId"},
    {"agents.get", "{\"agentId\":\"a\",\"agentId\":\"a\"}", "agentId"},
    {"agents.list", "{\"page\":1,\"page\":2}", "page"},
    {"agents.update", "{\"agentId\":\"a\",\"settings\":null,\"settings\":{}}", "settings"},
    {"batch_calls.validate", "{\"csv\":\"x\",\"csv\":\"y\"}", "csv"},
};

static const invalid_row published_rows[] = {
    {"agents.update", "{\"agentId\":\"a\"}", "llmModel"},
    {"flows.update", "{\"flowId\":\"f\"}", "promptType"},
    {"flows.get", "{}", "flowId"},
    {"calls.send", "{\"call_agent_id\":\"a\"}", "toNumber"},
    {"calls.send", "{\"call_agent_id\":\"a\",\"to\":\"555\"}", "toNumber"},
    {"calls.send", "{\"call_agent_id\":\"a\",\"agentId\":\"a\",\"to\":\"+12025550164\"}",
     "agentId"},
    {"flows.get", "{\"id\":\"f\",\"flowId\":\"f\"}", "flowId"},
};

typedef struct invalid_table {
    const invalid_row *rows;
    size_t count;
    const char *options;
} invalid_table;

#define TABLE(rows, options) {rows, sizeof rows / sizeof *rows, options}
static const invalid_table missing_table = TABLE(missing_rows, "");
static const invalid_table mistyped_table = TABLE(mistyped_rows, "");
static const invalid_table twice_table = TABLE(twice_rows, "");
static const invalid_table published_table = TABLE(published_rows, "\"routes\":\"published\"");

static void the_field_is_named(const void *argument)
{
    const invalid_table *table = (const invalid_table *)argument;
    fixture opened = fixture_open(table->options);
    size_t index;

    for (index = 0; index < table->count; index++) {
        const invalid_row *row = &table->rows[index];
        const char *field = strrchr(row->field, '.') ? strrchr(row->field, '.') + 1 : row->field;
        char *answer = trillet_call(opened.client, row->operation, row->request, NULL);
        check_note("%s %s", row->operation, row->request == NULL ? "NULL" : row->request);
        answer_expect_piece(answer, "error.message", field);
        answer_expect_invalid(answer, row->field);
    }
    CHECK_NUMBER(recording_server_requests(opened.server), 0);
    fixture_close(&opened);
}

static const char *const good_numbers[] = {"+12025550164", "+1234567", "+123456789012345",
                                           "\\u002b12025550164", "+4915112345678"};
static const char *const bad_numbers[] = {
    "", "+", "12025550164", "+02025550164", "+123456", "+1234567890123456", "+1 2025550164",
    "+1-202-555-0164", "+1202555016a", " +12025550164", "+12025550164 ", "+12025550164\\n",
    "++2025550164", "+\\uff11\\uff12025550164", "+1202555\\u00000164", "00442071838750",
    "+1202555.164",
};

static void numbers_are_checked(const void *argument)
{
    fixture opened = fixture_open("");
    size_t index;

    (void)argument;
    for (index = 0; index < sizeof bad_numbers / sizeof *bad_numbers; index++) {
        char *request = text_format("{\"agentId\":\"a\",\"toNumber\":\"%s\"}", bad_numbers[index]);
        check_note("%s", request);
        answer_expect_invalid(trillet_calls_send(opened.client, request, NULL), "toNumber");
        free(request);
    }
    CHECK_NUMBER(recording_server_requests(opened.server), 0);
    for (index = 0; index < sizeof good_numbers / sizeof *good_numbers; index++) {
        char *request = text_format("{\"agentId\":\"a\",\"toNumber\":\"%s\"}", good_numbers[index]);
        check_note("%s", request);
        answer_expect_data(trillet_calls_send(opened.client, request, NULL), "{}");
        free(request);
    }
    fixture_close(&opened);
}

static const char *const bad_operations[] = {
    "", " ", "agents", "agents.", "agents.create ", " agents.create", "Agents.Create",
    "agents.create\n", "trillet_agents_create", "get /x", "FOO /x", "POST x", "POST", "POST ",
    "POST  /x", "POST /a b", "POST /x\r\nHost: evil", "POST /x\n", "POST /x\x7f", "POST\t/x",
    "POST /\xc3\xbc", "POST /\xff", "\xff\xfe", "POST http://127.0.0.1/x", "CONNECT /x", "/x",
    "POST /x#y", "GET /x HTTP/1.1",
};

static void only_operations_are_called(const void *argument)
{
    fixture opened = fixture_open("");
    char *huge = text_repeat('o', 1 << 20);
    size_t index;

    (void)argument;
    for (index = 0; index < sizeof bad_operations / sizeof *bad_operations; index++) {
        check_note("operation '%s'", bad_operations[index]);
        answer_expect_invalid(trillet_call(opened.client, bad_operations[index], "{}", NULL),
                              "operation");
    }
    check_note("operation NULL");
    answer_expect_invalid(trillet_call(opened.client, NULL, NULL, NULL), "operation");
    check_note("an operation of a megabyte");
    answer_expect_invalid(trillet_call(opened.client, huge, NULL, NULL), "operation");
    CHECK_NUMBER(recording_server_requests(opened.server), 0);
    free(huge);
    fixture_close(&opened);
}

typedef struct option_row {
    const char *options;
    const char *field;
} option_row;

static const option_row option_rows[] = {
    {"{\"timeout\":1}", "timeout"},
    {"{\"apiKey\":\"x\"}", "apiKey"},
    {"{\"baseUrl\":\"http://127.0.0.1\"}", "baseUrl"},
    {"{\"timeoutMs\":\"1\"}", "timeoutMs"},
    {"{\"timeoutMs\":0}", "timeoutMs"},
    {"{\"timeoutMs\":-1}", "timeoutMs"},
    {"{\"timeoutMs\":1.5}", "timeoutMs"},
    {"{\"timeoutMs\":1e400}", "timeoutMs"},
    {"{\"timeoutMs\":99999999999999999999}", "timeoutMs"},
    {"{\"timeoutMs\":1,\"timeoutMs\":2}", "timeoutMs"},
    {"{\"timeoutMs\":null,\"timeoutMs\":2}", "timeoutMs"},
    {"{\"maxRetries\":true}", "maxRetries"},
    {"{\"routes\":\"new\"}", "routes"},
    {"{\"routes\":1}", "routes"},
    {"{\"validate\":1}", "validate"},
    {"{\"idempotencyKey\":[]}", "idempotencyKey"},
    {"{\"TimeoutMs\":1}", "TimeoutMs"},
    {"{\"\":1}", ""},
};

static void request_options_are_checked(const void *argument)
{
    const endpoint *door = (const endpoint *)argument;
    fixture opened = fixture_open("");
    size_t index;

    for (index = 0; index < sizeof option_rows / sizeof *option_rows; index++) {
        check_note("%s %s", door->operation, option_rows[index].options);
        answer_expect_invalid(door->call(opened.client, door->request, option_rows[index].options),
                              option_rows[index].field);
    }
    CHECK_NUMBER(recording_server_requests(opened.server), 0);
    fixture_close(&opened);
}

static void for_every_door(const char *sentence, check_function run)
{
    size_t index;

    for (index = 0; index < ENDPOINT_COUNT; index++) {
        char *name = text_format("%s: %s", endpoints[index].operation, sentence);
        check_case(name, run, &endpoints[index]);
        free(name);
    }
}

void input_suite(void)
{
    check_suite("input");
    check_case("A NULL client is told at every door", no_client_is_told, NULL);
    for_every_door("only a JSON object is a request or options", only_an_object_is_a_request);
    for_every_door("wrong request options are refused by name", request_options_are_checked);
    check_case("A missing field is named", the_field_is_named, &missing_table);
    check_case("A field of the wrong type is named", the_field_is_named, &mistyped_table);
    check_case("A field that is given twice is named", the_field_is_named, &twice_table);
    check_case("What the published routes require is named", the_field_is_named, &published_table);
    check_case("Only E.164 numbers are called", numbers_are_checked, NULL);
    check_case("Only operations are called", only_operations_are_called, NULL);
}
