/* Every endpoint on both route styles: where the request goes and what it carries, to the byte. */
#include "check.h"
#include "fixture.h"
#include "recorded.h"
#include "request_rows.h"
#include "suites.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

#define AGENT \
    "{\"name\":\"Front Desk\",\"ttsModel\":{\"provider\":\"rime\",\"voiceId\":\"v\",\"language\":" \
    "\"en\"},\"llmModel\":\"gpt-4o-mini\",\"settings\":{\"speed\":0.60},\"smartCallback\":true," \
    "\"maxAttemptsForSmartCallback\":2,\"phoneNumberIds\":[\"p1\"],\"variables\":{\"k\":1e2}}"
#define FLOW \
    "{\"name\":\"Renewal\",\"direction\":\"outbound\",\"promptType\":\"simple\",\"agent\":\"a1\"," \
    "\"folderId\":null,\"isActive\":true,\"flowData\":{\"nodes\":[],\"edges\":[]}}"
#define CSV "\"csv\":\"phone_number\\r\\n+12025550164\\r\\n\""
#define FILE_PART \
    "--{B}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"contacts.csv\"\r\n" \
    "Content-Type: text/csv\r\n\r\nphone_number\r\n+12025550164\r\n\r\n"
#define START \
    "{" CSV ",\"agentId\":\"a1\",\"scheduledAt\":\"2031-03-04T10:00:00Z\"," \
    "\"smartCallbackConfig\":{\"enabled\":true,\"maxAttempts\":2,\"gaps\":[{\"days\":0," \
    "\"hours\":4}]}}"
#define START_BODY \
    TEXT_PART("agentId", "a1") TEXT_PART("scheduledAt", "2031-03-04T10:00:00Z") \
        TEXT_PART("smartCallbackConfig", \
                  "{\"enabled\":true,\"maxAttempts\":2,\"gaps\":[{\"days\":0,\"hours\":4}]}") \
            FILE_PART END

static const request_row rows[] = {
    {"agents.create", OVERVIEW, AGENT, "POST /api/v1/agents", AGENT},
    {"agents.create", PUBLISHED, AGENT, "POST /v1/api/agents", AGENT},
    {"agents.list", OVERVIEW, "{\"page\":2,\"limit\":50}", "GET /api/v1/agents?page=2&limit=50",
     NULL},
    {"agents.list", PUBLISHED, "{\"page\":2,\"limit\":50}", "GET /v1/api/agents?page=2&limit=50",
     NULL},
    {"agents.get", OVERVIEW, "{\"agentId\":\"5d1c0a77e2b94f0013ab6c21\"}",
     "GET /api/v1/agents/5d1c0a77e2b94f0013ab6c21", NULL},
    {"agents.get", PUBLISHED, "{\"agentId\":\"agent_7\"}", "GET /v1/api/agents/agent_7", NULL},
    {"agents.update", OVERVIEW, "{\"agentId\":\"a1\",\"name\":\"B\",\"settings\":null}",
     "PATCH /api/v1/agents/a1", "{\"name\":\"B\",\"settings\":null}"},
    {"agents.update", PUBLISHED, "{\"llmModel\":\"gpt-4.1\",\"agentId\":\"a1\",\"pathway\":\"f1\"}",
     "PUT /v1/api/agents/a1", "{\"llmModel\":\"gpt-4.1\",\"pathway\":\"f1\"}"},
    {"agents.delete", OVERVIEW, "{\"agentId\":\"a1\"}", "DELETE /api/v1/agents/a1", NULL},
    {"agents.delete", PUBLISHED, "{\"agentId\":\"a1\"}", "DELETE /v1/api/agents/a1", NULL},
    {"flows.create", OVERVIEW, FLOW, "POST /api/v1/flows", FLOW},
    {"flows.create", PUBLISHED, FLOW, "POST /v1/api/call-flows", FLOW},
    {"flows.list", OVERVIEW, "", "GET /api/v1/flows", NULL},
    {"flows.list", PUBLISHED, "{}", "GET /v1/api/call-flows", NULL},
    {"flows.get", OVERVIEW, "{\"flowId\":\"f1\"}", "GET /api/v1/flows/f1", NULL},
    {"flows.get", PUBLISHED, "{\"flowId\":\"f1\"}", "GET /v1/api/call-flows/f1", NULL},
    {"flows.get", PUBLISHED, "{\"id\":\"f1\"}", "GET /v1/api/call-flows/f1", NULL},
    {"flows.update", OVERVIEW, "{\"flowId\":\"f1\",\"isActive\":false}", "PATCH /api/v1/flows/f1",
     "{\"isActive\":false}"},
    {"flows.update", PUBLISHED, "{\"flowId\":\"f1\",\"promptType\":\"simple\"}",
     "PUT /v1/api/call-flows/f1", "{\"promptType\":\"simple\"}"},
    {"flows.delete", OVERVIEW, "{\"flowId\":\"f1\"}", "DELETE /api/v1/flows/f1", NULL},
    {"flows.delete", PUBLISHED, "{\"id\":\"f1\"}", "DELETE /v1/api/call-flows/f1", NULL},
    {"calls.send", OVERVIEW, "{\"agentId\":\"a1\",\"toNumber\":\"+12025550164\"}",
     "POST /api/v1/calls/call", "{\"agentId\":\"a1\",\"toNumber\":\"+12025550164\"}"},
    {"calls.send", PUBLISHED,
     "{\"agentId\":\"a1\",\"toNumber\":\"+12025550164\",\"dynamicVariables\":{\"n\":1},"
     "\"callbackUrl\":\"https://example.com/h\",\"metadata\":{}}",
     "POST /v1/api/call",
     "{\"call_agent_id\":\"a1\",\"to\":\"+12025550164\",\"dynamic_variables\":{\"n\":1},"
     "\"callback_url\":\"https://example.com/h\",\"metadata\":{}}"},
    {"calls.send", PUBLISHED, "{\"call_agent_id\":\"a1\",\"to\":\"+12025550164\"}",
     "POST /v1/api/call", "{\"call_agent_id\":\"a1\",\"to\":\"+12025550164\"}"},
    {"batch_calls.template", OVERVIEW, "{}", "GET /v1/api/batch-calls/template", NULL},
    {"batch_calls.template", PUBLISHED, "{}", "GET /v1/api/batch-calls/template", NULL},
    {"batch_calls.validate", OVERVIEW, "{" CSV "}", "POST /v1/api/batch-calls/validate",
     FILE_PART END},
    {"batch_calls.validate", PUBLISHED, "{" CSV "}", "POST /v1/api/batch-calls/validate",
     FILE_PART END},
    {"batch_calls.preview", OVERVIEW, "{" CSV ",\"limit\":3}", "POST /v1/api/batch-calls/preview",
     TEXT_PART("limit", "3") FILE_PART END},
    {"batch_calls.preview", PUBLISHED, "{" CSV "}", "POST /v1/api/batch-calls/preview",
     FILE_PART END},
    {"batch_calls.start", OVERVIEW, START, "POST /v1/api/batch-calls", START_BODY},
    {"batch_calls.start", PUBLISHED, START, "POST /v1/api/batch-calls", START_BODY},
    {"batch_calls.get", OVERVIEW, "{\"batchId\":\"b1\"}", "GET /v1/api/batch-calls/b1", NULL},
    {"batch_calls.get", PUBLISHED, "{\"batchId\":\"b1\"}", "GET /v1/api/batch-calls/b1", NULL},
    {"batch_calls.progress", OVERVIEW, "{\"batchId\":\"b1\"}",
     "GET /v1/api/batch-calls/b1/status", NULL},
    {"batch_calls.progress", PUBLISHED, "{\"batchId\":\"b1\"}",
     "GET /v1/api/batch-calls/b1/status", NULL},
    {"batch_calls.list_calls", OVERVIEW,
     "{\"batchId\":\"b1\",\"page\":1,\"limit\":100,\"status\":\"failed\"}",
     "GET /v1/api/batch-calls/b1/calls?page=1&limit=100&status=failed", NULL},
    {"batch_calls.list_calls", PUBLISHED, "{\"status\":\"all\",\"batchId\":\"b1\"}",
     "GET /v1/api/batch-calls/b1/calls?status=all", NULL},
    {"batch_calls.get_call", OVERVIEW, "{\"batchId\":\"b1\",\"jobId\":\"call_9\"}",
     "GET /v1/api/batch-calls/b1/calls/call_9", NULL},
    {"batch_calls.get_call", PUBLISHED, "{\"jobId\":\"call_9\",\"batchId\":\"b1\"}",
     "GET /v1/api/batch-calls/b1/calls/call_9", NULL},
    {"batch_calls.cancel", OVERVIEW, "{\"batchId\":\"b1\"}", "DELETE /v1/api/batch-calls/b1", NULL},
    {"batch_calls.cancel", PUBLISHED, "{\"batchId\":\"b1\"}", "DELETE /v1/api/batch-calls/b1",
     NULL},
};

/* The pattern with a value in place of each of its holes. */
static char *filled(const char *pattern, const char *name, const char *value)
{
    text result = {NULL, 0, 0};
    const char *hole;

    text_append(&result, "", 0);
    while ((hole = strstr(pattern, name)) != NULL) {
        text_append(&result, pattern, (size_t)(hole - pattern));
        text_add(&result, value);
        pattern = hole + strlen(name);
    }
    text_add(&result, pattern);
    return result.bytes;
}

static void check_recorded_body(recording_server *server, size_t index, const request_row *row)
{
    size_t length;
    const char *body = recorded_body(server, index, &length);
    char *boundary = recorded_boundary(server, index);
    size_t uploaded_length;
    char *uploaded = text_read_file(UPLOADED, &uploaded_length);
    char *parts = filled(row->body == NULL ? "" : row->body, "{B}",
                         boundary == NULL ? "" : boundary);
    char *expected = filled(parts, "{F}", uploaded);

    CHECK_BYTES(body, length, expected, strlen(expected));
    free(expected);
    free(parts);
    free(uploaded);
    free(boundary);
}

static void check_recorded_headers(recording_server *server, size_t index, const request_row *row)
{
    char *names = recorded_header_names(server, index);
    char *type = recorded_header(server, index, "Content-Type");
    char *length = recorded_header(server, index, "Content-Length");

    CHECK_TEXT(names, row->body == NULL
                          ? "accept host user-agent x-api-key x-workspace-id"
                          : "accept content-length content-type host user-agent x-api-key "
                            "x-workspace-id");
    if (row->body != NULL) {
        size_t body_length;
        recorded_body(server, index, &body_length);
        CHECK_NUMBER(length == NULL ? -1 : atol(length), body_length);
        if (type == NULL || strncmp(type, "multipart/form-data; boundary=", 30) != 0) {
            CHECK_TEXT(type, "application/json");
        }
    }
    free(names);
    free(type);
    free(length);
}

static endpoint_function function_of(const char *operation)
{
    size_t index;

    for (index = 0; index < ENDPOINT_COUNT; index++) {
        if (strcmp(endpoints[index].operation, operation) == 0) {
            return endpoints[index].call;
        }
    }
    return NULL;
}

/* By its own function and by name, which must come to the same request. */
static void a_request_arrives(const void *argument)
{
    const request_row *row = (const request_row *)argument;
    fixture opened = fixture_open(row->routes);
    char *answer = function_of(row->operation)(opened.client, row->request, NULL);
    char *quoted = text_format("\"%s\"", row->operation);
    size_t index;

    answer_expect(answer, "meta.operation", quoted);
    answer_expect_data(answer, "{}");
    answer = trillet_call(opened.client, row->operation, row->request, NULL);
    answer_expect(answer, "meta.operation", quoted);
    answer_expect_data(answer, "{}");
    CHECK_NUMBER(recording_server_requests(opened.server), 2);
    CHECK_NUMBER(recording_server_connections(opened.server),
                 requests_share_connections() ? 1 : 2);
    for (index = 0; index < recording_server_requests(opened.server); index++) {
        char *line = recorded_line(opened.server, index);
        CHECK_TEXT(line, row->line);
        check_recorded_headers(opened.server, index, row);
        check_recorded_body(opened.server, index, row);
        free(line);
    }
    free(quoted);
    fixture_close(&opened);
}

static void check_rows(const request_row *all, size_t count)
{
    size_t index;

    for (index = 0; index < count; index++) {
        char *name = text_format("%s goes to %s as written (%s)", all[index].operation,
                                 all[index].line, all[index].routes);
        check_case(name, a_request_arrives, &all[index]);
        free(name);
    }
}

void request_suite(void)
{
    check_suite("requests");
    check_rows(rows, sizeof rows / sizeof *rows);
    check_rows(further_rows, further_row_count);
}
