/* Path parameters, query fields and base URLs. */
#include "check.h"
#include "fixture.h"
#include "recorded.h"
#include "suites.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

typedef struct path_row {
    const char *name;
    /* As it is written between the quotes of the request. */
    const char *written;
    const char *encoded;
} path_row;

static const path_row path_rows[] = {
    {"An id of unreserved characters goes into the path as it is", "aZ09-._~", "aZ09-._~"},
    {"A path that climbs stays one segment", "../x", "..%2Fx"},
    {"A slash in an id is encoded", "a/b", "a%2Fb"},
    {"An escaped slash in an id is encoded", "a\\/b", "a%2Fb"},
    {"A letter beyond ASCII is encoded as UTF-8", "ü", "%C3%BC"},
    {"An escaped letter beyond ASCII is encoded as UTF-8", "\\u00fc", "%C3%BC"},
    {"A surrogate pair is encoded as one character", "\\ud83d\\ude00", "%F0%9F%98%80"},
    {"A percent sign is encoded", "%", "%25"},
    {"An encoded dot segment stays what it is", "%2e%2e", "%252e%252e"},
    {"A space is encoded", "a b", "a%20b"},
    {"A question mark and a hash are encoded", "a?b=c#d", "a%3Fb%3Dc%23d"},
    {"A plus is encoded", "a+b", "a%2Bb"},
    {"Line breaks are encoded", "a\\r\\nHost: b", "a%0D%0AHost%3A%20b"},
    {"Other separators are encoded", "a&b;c:d@e,f$g!h'i(j)k*l",
     "a%26b%3Bc%3Ad%40e%2Cf%24g%21h%27i%28j%29k%2Al"},
    {"A backslash and a quote are encoded", "\\\\\\\"", "%5C%22"},
    {"Three dots are an id", "...", "..."},
};

static void an_id_is_encoded(const void *argument)
{
    const path_row *row = (const path_row *)argument;
    fixture opened = fixture_open("");
    char *request = text_format("{\"batchId\":\"%s\",\"jobId\":\"j\"}", row->written);
    char *expected = text_format("GET /v1/api/batch-calls/%s/calls/j", row->encoded);
    char *line;

    answer_expect_data(trillet_batch_calls_get_call(opened.client, request, NULL), "{}");
    line = recorded_line(opened.server, 0);
    CHECK_TEXT(line, expected);
    free(line);
    free(expected);
    free(request);
    fixture_close(&opened);
}

static void useless_ids_are_refused(const void *argument)
{
    static const char *const ids[] = {"\"\"", "\".\"", "\"..\"", "\"\\u002e\"", "\"\\u002e.\""};
    fixture opened = fixture_open("");
    size_t index;

    (void)argument;
    for (index = 0; index < sizeof ids / sizeof *ids; index++) {
        char *request = text_format("{\"agentId\":%s}", ids[index]);
        check_note("%s", request);
        answer_expect_invalid(trillet_agents_get(opened.client, request, NULL), "agentId");
        answer_expect_invalid(trillet_agents_delete(opened.client, request,
                                                    "{\"validate\":false}"), "agentId");
        free(request);
    }
    CHECK_NUMBER(recording_server_requests(opened.server), 0);
    fixture_close(&opened);
}

typedef struct query_row {
    const char *name;
    const char *request;
    const char *line;
} query_row;

static const query_row query_rows[] = {
    {"Query fields keep the order of the request", "{\"limit\":5,\"page\":1}",
     "GET /api/v1/agents?limit=5&page=1"},
    {"A query field that is null is absent", "{\"limit\":null,\"page\":1}",
     "GET /api/v1/agents?page=1"},
    {"An unknown field of a GET goes into the query", "{\"search\":\"a b&c=d+e\"}",
     "GET /api/v1/agents?search=a%20b%26c%3Dd%2Be"},
    {"An unknown name is encoded in the query", "{\"a b&c\":\"x\"}",
     "GET /api/v1/agents?a%20b%26c=x"},
    {"A number in the query keeps its text", "{\"x\":1e400,\"y\":0.10,\"z\":-0}",
     "GET /api/v1/agents?x=1e400&y=0.10&z=-0"},
    {"A boolean in the query is a word", "{\"a\":true,\"b\":false}",
     "GET /api/v1/agents?a=true&b=false"},
    {"An empty text in the query is an empty value", "{\"a\":\"\"}", "GET /api/v1/agents?a="},
    {"Escapes in a query text are decoded before they are encoded", "{\"a\":\"\\u00fc\\n\"}",
     "GET /api/v1/agents?a=%C3%BC%0A"},
    {"A list in the query is its JSON text", "{\"callIds\":[\"a\",1]}",
     "GET /api/v1/agents?callIds=%5B%22a%22%2C1%5D"},
    {"An object in the query is its JSON text", "{\"dateRange\":{\"from\": 1}}",
     "GET /api/v1/agents?dateRange=%7B%22from%22%3A%201%7D"},
};

static void a_query_is_written(const void *argument)
{
    const query_row *row = (const query_row *)argument;
    fixture opened = fixture_open("");
    char *line;

    answer_expect_data(trillet_agents_list(opened.client, row->request, NULL), "{}");
    line = recorded_line(opened.server, 0);
    CHECK_TEXT(line, row->line);
    free(line);
    fixture_close(&opened);
}

typedef struct base_row {
    const char *name;
    const char *path;
    const char *line;
} base_row;

static const base_row base_rows[] = {
    {"A base URL may end in a slash", "/", "GET /api/v1/agents?page=1"},
    {"A base URL may have a path", "/gateway/trillet", "GET /gateway/trillet/api/v1/agents?page=1"},
    {"A base URL may have a path that ends in a slash", "/gateway/",
     "GET /gateway/api/v1/agents?page=1"},
};

static void a_base_url_is_kept(const void *argument)
{
    const base_row *row = (const base_row *)argument;
    recording_server *server = recording_server_start();
    char *base = text_format("%s%s", recording_server_url(server), row->path);
    trillet_client *client = client_for(base, "");
    char *line;

    answer_expect_data(trillet_agents_list(client, "{\"page\":1}", NULL), "{}");
    line = recorded_line(server, 0);
    CHECK_TEXT(line, row->line);
    free(line);
    free(base);
    trillet_client_free(client);
    recording_server_stop(server);
}

static void routes_can_differ_by_request(const void *argument)
{
    fixture opened = fixture_open("");
    char *line;

    (void)argument;
    answer_expect_data(trillet_flows_get(opened.client, "{\"id\":\"f\"}",
                                         "{\"routes\":\"published\"}"), "{}");
    answer_expect_data(trillet_flows_get(opened.client, "{\"flowId\":\"f\"}", NULL), "{}");
    line = recorded_line(opened.server, 0);
    CHECK_TEXT(line, "GET /v1/api/call-flows/f");
    free(line);
    line = recorded_line(opened.server, 1);
    CHECK_TEXT(line, "GET /api/v1/flows/f");
    free(line);
    fixture_close(&opened);
}

static const query_row raw_rows[] = {
    {"A raw GET sends its fields as the query",
     "GET /v2/api/call-history|{\"page\":1,\"a\":\"b c\"}",
     "GET /v2/api/call-history?page=1&a=b%20c"},
    {"A raw operation may bring a query of its own",
     "GET /v2/api/call-history?page=1|{\"limit\":2}",
     "GET /v2/api/call-history?page=1&limit=2"},
    {"A raw path is not encoded a second time", "GET /v1/api/voices/a%20b|",
     "GET /v1/api/voices/a%20b"},
    {"A raw POST sends its fields as the body", "POST /v1/api/omni-flow-agents|{\"name\":\"x\"}",
     "POST /v1/api/omni-flow-agents"},
    {"A raw DELETE is possible", "DELETE /v1/api/call-flows/f/knowledge-base/k|",
     "DELETE /v1/api/call-flows/f/knowledge-base/k"},
    {"A raw PUT is possible", "PUT /v1/api/x|{}", "PUT /v1/api/x"},
    {"A raw PATCH is possible", "PATCH /v1/api/x|{}", "PATCH /v1/api/x"},
};

static void a_raw_operation_arrives(const void *argument)
{
    const query_row *row = (const query_row *)argument;
    fixture opened = fixture_open("");
    const char *bar = strchr(row->request, '|');
    char *operation = text_format("%.*s", (int)(bar - row->request), row->request);
    /* A query may hold what does not belong in a log, so the operation is told without it. */
    char *quoted = text_format("\"%.*s\"", (int)strcspn(operation, "?"), operation);
    char *answer = trillet_call(opened.client, operation, bar + 1, NULL);
    char *line;

    answer_expect(answer, "meta.operation", quoted);
    answer_expect_data(answer, "{}");
    line = recorded_line(opened.server, 0);
    CHECK_TEXT(line, row->line);
    free(line);
    free(quoted);
    free(operation);
    fixture_close(&opened);
}

void path_suite(void)
{
    size_t index;

    check_suite("paths and queries");
    for (index = 0; index < sizeof path_rows / sizeof *path_rows; index++) {
        check_case(path_rows[index].name, an_id_is_encoded, &path_rows[index]);
    }
    check_case("An id that is empty, a dot or two dots is refused", useless_ids_are_refused, NULL);
    for (index = 0; index < sizeof query_rows / sizeof *query_rows; index++) {
        check_case(query_rows[index].name, a_query_is_written, &query_rows[index]);
    }
    for (index = 0; index < sizeof base_rows / sizeof *base_rows; index++) {
        check_case(base_rows[index].name, a_base_url_is_kept, &base_rows[index]);
    }
    check_case("The route style can be chosen for one request", routes_can_differ_by_request, NULL);
    for (index = 0; index < sizeof raw_rows / sizeof *raw_rows; index++) {
        check_case(raw_rows[index].name, a_raw_operation_arrives, &raw_rows[index]);
    }
}
