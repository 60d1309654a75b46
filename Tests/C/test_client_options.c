/* Making clients: options, base URLs and the environment. */
#include "check.h"
#include "fixture.h"
#include "recorded.h"
#include "suites.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

/* Options that must be refused, without the key that every one of them gets in front. */
typedef struct option_row {
    const char *member;
    const char *field;
} option_row;

static const option_row refused_rows[] = {
    {"\"colour\":1", "colour"},
    {"\"ApiKey\":\"x\"", "ApiKey"},
    {"\"idempotencyKey\":\"x\"", "idempotencyKey"},
    {"\"apiKey\":\"again\"", "apiKey"},
    {"\"\\u0061piKey\":\"again\"", "apiKey"},
    {"\"workspaceId\":7", "workspaceId"},
    {"\"workspaceId\":\"a\\r\\nx-b: c\"", "workspaceId"},
    {"\"baseUrl\":false", "baseUrl"},
    {"\"routes\":\"seed\"", "routes"},
    {"\"timeoutMs\":\"60000\"", "timeoutMs"},
    {"\"timeoutMs\":0", "timeoutMs"},
    {"\"timeoutMs\":-5", "timeoutMs"},
    {"\"timeoutMs\":1.5", "timeoutMs"},
    {"\"timeoutMs\":99999999999999999999", "timeoutMs"},
    {"\"connectTimeoutMs\":[]", "connectTimeoutMs"},
    {"\"maxRetries\":-1", "maxRetries"},
    {"\"maxRetries\":\"2\"", "maxRetries"},
    {"\"requestsPerMinute\":-1", "requestsPerMinute"},
    {"\"requestsPerMinute\":{}", "requestsPerMinute"},
    {"\"maxConnections\":0", "maxConnections"},
    {"\"maxInFlight\":\"many\"", "maxInFlight"},
    {"\"maxResponseBytes\":0", "maxResponseBytes"},
    {"\"proxy\":1", "proxy"},
    {"\"caFile\":true", "caFile"},
    {"\"headers\":\"x: y\"", "headers"},
    {"\"headers\":{\"x-a\":\"1\\r\\nx-b: 2\"}", "headers"},
    {"\"headers\":{\"x-api-key\":\"y\"}", "headers"},
    {"\"userAgent\":5", "userAgent"},
    {"\"userAgent\":\"a\\nb\"", "userAgent"},
    {"\"validate\":\"false\"", "validate"},
    {"\"validate\":1", "validate"},
    {"\"allowInsecureHttp\":1", "allowInsecureHttp"},
    {"\"env\":0", "env"},
    {"\"timeoutMs\":null,\"timeoutMs\":5", "timeoutMs"},
};

static void expect_refused(const char *options, const char *field)
{
    char *error = NULL;
    trillet_client *client = trillet_client_new(options, &error);
    char *quoted = text_format("\"%s\"", field);

    if (CHECK(client == NULL) && CHECK(error != NULL)) {
        answer_expect(error, "status", "0");
        answer_expect(error, "meta.operation", "\"client.new\"");
        answer_expect(error, "error.field", quoted);
        answer_expect_error(error, "configuration", "no");
    }
    free(quoted);
    trillet_client_free(client);
}

static void an_option_is_refused_by_name(const void *argument)
{
    size_t index;

    (void)argument;
    for (index = 0; index < sizeof refused_rows / sizeof *refused_rows; index++) {
        char *options = text_format("{\"env\":false,\"apiKey\":\"" TEST_KEY "\",%s}",
                                    refused_rows[index].member);
        /* `env` is given by the frame above, so a row about it replaces the frame. */
        if (strncmp(refused_rows[index].member, "\"env\"", 5) == 0) {
            free(options);
            options = text_format("{\"apiKey\":\"" TEST_KEY "\",%s}", refused_rows[index].member);
        }
        check_note("%s", options);
        expect_refused(options, refused_rows[index].field);
        free(options);
    }
}

static void an_unknown_option_is_told_the_known_ones(const void *argument)
{
    char *error = NULL;

    (void)argument;
    CHECK(trillet_client_new("{\"apiKey\":\"k\",\"timeout\":5}", &error) == NULL);
    answer_expect_piece(error, "error.message", "There is no option 'timeout' here");
    answer_expect_piece(error, "error.message", "known are apiKey, ");
    answer_expect_piece(error, "error.message", "timeoutMs");
    answer_expect_error(error, "configuration", "no");
}

static const char *const bad_urls[] = {
    "", "nonsense url", "/path", "ftp://example.com", "file:///etc/passwd", "https://",
    "http://example.com", "http://10.0.0.1", "http://127.0.0.1.example.com", "http://[::2]",
    "https://user:" TEST_KEY "@example.com", "https://example.com/?a=b", "https://example.com/#a",
    "https://example.com:99999", "https://exa mple.com", "https://example.com/\\r\\nx", "://",
    "gopher://127.0.0.1", "https://[::1", "http://localhost.example.com",
};

static void a_base_url_is_refused(const void *argument)
{
    size_t index;

    (void)argument;
    for (index = 0; index < sizeof bad_urls / sizeof *bad_urls; index++) {
        char *options = text_format("{\"env\":false,\"apiKey\":\"k\",\"baseUrl\":\"%s\"}",
                                    bad_urls[index]);
        check_note("%s", bad_urls[index]);
        expect_refused(options, "baseUrl");
        free(options);
    }
}

static const char *const good_options[] = {
    "\"baseUrl\":\"https://example.com\"",
    "\"baseUrl\":\"HTTPS://Example.com:8443/a/b/\"",
    "\"baseUrl\":\"http://localhost:4010\"",
    "\"baseUrl\":\"http://127.8.9.1\"",
    "\"baseUrl\":\"http://[::1]:4010\"",
    "\"baseUrl\":\"http://example.com\",\"allowInsecureHttp\":true",
    "\"baseUrl\":null,\"timeoutMs\":null,\"headers\":null",
    "\"maxRetries\":0,\"requestsPerMinute\":0,\"maxConnections\":1,\"maxInFlight\":1",
    "\"maxResponseBytes\":9000000000,\"connectTimeoutMs\":1,\"timeoutMs\":2147483647",
    "\"proxy\":\"\",\"userAgent\":\"\",\"headers\":{}",
    "\"proxy\":\"http://127.0.0.1:3128\"",
};

static void options_are_accepted(const void *argument)
{
    size_t index;

    (void)argument;
    for (index = 0; index < sizeof good_options / sizeof *good_options; index++) {
        char *options = text_format("{\"env\":false,\"apiKey\":\"k\",%s}", good_options[index]);
        char *error = options;
        trillet_client *client = trillet_client_new(options, &error);
        check_note("%s", options);
        CHECK(client != NULL);
        CHECK(error == NULL);
        trillet_free(error);
        trillet_client_free(client);
        free(options);
    }
}

static const char *const not_options[] = {"[]", "null", "7", "\"x\"", "{", "{} {}", "nonsense",
                                          "{\"apiKey\" \"" TEST_KEY "\"}",
                                          "{\"apiKey\":\"" TEST_KEY "\xff\"}",
                                          "{\"apiKey\":\"" TEST_KEY "\\ud800\"}"};

static void only_an_object_is_options(const void *argument)
{
    size_t index;

    (void)argument;
    setenv("TRILLET_API_KEY", "from-environment", 1);
    for (index = 0; index < sizeof not_options / sizeof *not_options; index++) {
        char *error = NULL;
        check_note("%s", not_options[index]);
        CHECK(trillet_client_new(not_options[index], &error) == NULL);
        answer_expect_error(error, "invalid_argument", "no");
        CHECK(trillet_client_new(not_options[index], NULL) == NULL);
    }
}

static void a_key_is_required(const void *argument)
{
    static const char *const options[] = {NULL, "", "{}", "{\"apiKey\":null}",
                                          "{\"workspaceId\":\"w\"}"};
    char *error;
    size_t index;

    (void)argument;
    for (index = 0; index < sizeof options / sizeof *options; index++) {
        check_note("%s", options[index] == NULL ? "NULL" : options[index]);
        error = NULL;
        CHECK(trillet_client_new(options[index], &error) == NULL);
        answer_expect_piece(error, "error.message", "TRILLET_API_KEY");
        answer_expect(error, "error.field", "\"apiKey\"");
        answer_expect_error(error, "configuration", "no");
        CHECK(trillet_client_new(options[index], NULL) == NULL);
    }
    /* An empty key is a mistake of the host's, not a wish for another one. */
    setenv("TRILLET_API_KEY", "from-environment", 1);
    expect_refused("{\"apiKey\":\"\"}", "apiKey");
}

static void a_key_is_never_quoted(const void *argument)
{
    static const char *const options[] = {
        "{\"apiKey\":\"" TEST_KEY "\\n\"}",
        "{\"apiKey\":\"" TEST_KEY "\\u0000\"}",
        "{\"apiKey\":[\"" TEST_KEY "\"]}",
        "{\"apiKey\":{\"" TEST_KEY "\":1}}",
        "{\"workspaceId\":\"" TEST_KEY "\\u0001\"}",
        "{\"routes\":\"" TEST_KEY "\"}",
        "{\"timeoutMs\":\"" TEST_KEY "\"}",
        "{\"apiKey\":\"" TEST_KEY "\",\"apiKey\":\"" TEST_KEY "\"}",
        "{\"apiKey\":\"" TEST_KEY "\",\"baseUrl\":\"http://" TEST_KEY ".example.com\"}",
        "{\"apiKey\":\"" TEST_KEY "\",\"headers\":{\"x-a\":\"" TEST_KEY "\\n\"}}",
    };
    size_t index;

    (void)argument;
    for (index = 0; index < sizeof options / sizeof *options; index++) {
        char *error = NULL;
        check_note("%s", options[index]);
        CHECK(trillet_client_new(options[index], &error) == NULL);
        /* Checks among the rest that the key is not in the text. */
        answer_expect_error(error, "configuration", "no");
    }
}

static void expect_credentials(recording_server *server, size_t index, const char *key,
                               const char *workspace)
{
    char *sent_key = recorded_header(server, index, "x-api-key");
    char *sent_workspace = recorded_header(server, index, "x-workspace-id");

    CHECK_TEXT(sent_key, key);
    CHECK_TEXT(sent_workspace, workspace);
    free(sent_key);
    free(sent_workspace);
}

static void the_environment_fills_in(const void *argument)
{
    recording_server *server = recording_server_start();
    trillet_client *client;
    char *error = NULL;

    (void)argument;
    setenv("TRILLET_API_KEY", "env-key", 1);
    setenv("TRILLET_WORKSPACE_ID", "env-workspace", 1);
    setenv("TRILLET_BASE_URL", recording_server_url(server), 1);
    client = trillet_client_new(NULL, &error);
    CHECK(error == NULL);
    answer_expect_data(trillet_agents_list(client, NULL, NULL), "{}");
    expect_credentials(server, 0, "env-key", "env-workspace");
    trillet_client_free(client);
    client = trillet_client_new("{\"apiKey\":\"own-key\",\"workspaceId\":\"own\"}", NULL);
    answer_expect_data(trillet_agents_list(client, NULL, NULL), "{}");
    expect_credentials(server, 1, "own-key", "own");
    trillet_client_free(client);
    expect_refused("{\"env\":false}", "apiKey");
    setenv("TRILLET_BASE_URL", "http://example.com", 1);
    expect_refused("{}", "baseUrl");
    recording_server_stop(server);
}

static void a_variable_of_several_lines_is_refused(const void *argument)
{
    recording_server *server = recording_server_start();
    trillet_client *client;

    (void)argument;
    setenv("TRILLET_BASE_URL", recording_server_url(server), 1);
    setenv("TRILLET_API_KEY", "env-key\r\nX-Other: 1", 1);
    setenv("TRILLET_WORKSPACE_ID", "env-workspace", 1);
    expect_refused("{}", "apiKey");
    setenv("TRILLET_API_KEY", "env-key\n", 1);
    setenv("TRILLET_WORKSPACE_ID", "one\ntwo", 1);
    expect_refused("{}", "workspaceId");
    setenv("TRILLET_WORKSPACE_ID", " env-workspace\n", 1);
    client = trillet_client_new(NULL, NULL);
    answer_expect_data(trillet_agents_list(client, NULL, NULL), "{}");
    expect_credentials(server, 0, "env-key", "env-workspace");
    CHECK_NUMBER(recording_server_requests(server), 1);
    trillet_client_free(client);
    recording_server_stop(server);
}

static void a_proxy_of_the_environment_is_left_out(const void *argument)
{
    recording_server *proxy = recording_server_start();
    fixture opened;

    (void)argument;
    setenv("http_proxy", recording_server_url(proxy), 1);
    setenv("all_proxy", recording_server_url(proxy), 1);
    opened = fixture_open("");
    answer_expect_data(trillet_agents_list(opened.client, NULL, NULL), "{}");
    CHECK_NUMBER(recording_server_requests(proxy), 0);
    CHECK_NUMBER(recording_server_requests(opened.server), 1);
    fixture_close(&opened);
    recording_server_stop(proxy);
}

static void a_proxy_is_used_when_it_is_given(const void *argument)
{
    recording_server *proxy = recording_server_start();
    char *more = text_format("\"allowInsecureHttp\":true,\"proxy\":\"%s\"",
                             recording_server_url(proxy));
    trillet_client *client = client_for("http://service.invalid", more);
    char *line;

    (void)argument;
    answer_expect_data(trillet_agents_list(client, NULL, NULL), "{}");
    line = recorded_line(proxy, 0);
    CHECK_TEXT(line, "GET http://service.invalid/api/v1/agents");
    free(line);
    free(more);
    trillet_client_free(client);
    recording_server_stop(proxy);
}

void option_suite(void)
{
    check_suite("client options");
    check_case("A wrong client option is refused by name", an_option_is_refused_by_name, NULL);
    check_case("An unknown client option is answered with the names of the known ones",
               an_unknown_option_is_told_the_known_ones, NULL);
    check_case("A base URL that would not do is refused", a_base_url_is_refused, NULL);
    check_case("Options within their limits are accepted", options_are_accepted, NULL);
    check_case("Only a JSON object is client options", only_an_object_is_options, NULL);
    check_case("A key is required", a_key_is_required, NULL);
    check_case("A key is never quoted in an error", a_key_is_never_quoted, NULL);
    check_case("The environment fills in what the options leave out", the_environment_fills_in,
               NULL);
    check_case("A variable of several lines is refused", a_variable_of_several_lines_is_refused,
               NULL);
    check_case("A proxy of the environment does not see loopback requests",
               a_proxy_of_the_environment_is_left_out, NULL);
    check_case("A proxy of the options is used", a_proxy_is_used_when_it_is_given, NULL);
}
