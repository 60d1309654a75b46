/* Servers that are not there, do not answer, or go away. */
#include "check.h"
#include "fixture.h"
#include "suites.h"
#include "text.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SEND_CALL "{\"agentId\":\"a\",\"toNumber\":\"+12025550164\"}"

/* A loopback socket that listens or not; its port is free once it is closed. */
static int loopback_socket(int backlog, int *port)
{
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    int handle = socket(AF_INET, SOCK_STREAM, 0);

    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK_NUMBER(bind(handle, (struct sockaddr *)&address, length), 0);
    CHECK(backlog < 0 || listen(handle, backlog) == 0);
    getsockname(handle, (struct sockaddr *)&address, &length);
    *port = ntohs(address.sin_port);
    return handle;
}

static void nobody_listens(const void *argument)
{
    int port;
    int handle = loopback_socket(-1, &port);
    char *url = text_format("http://127.0.0.1:%d", port);
    trillet_client *client = client_for(url, "");
    char *answer = trillet_calls_send(client, SEND_CALL, NULL);

    (void)argument;
    answer_expect(answer, "status", "0");
    answer_expect(answer, "error.retryable", "true");
    answer_expect_error(answer, "connection", "no");
    answer_expect_error(trillet_agents_list(client, NULL, NULL), "connection", "no");
    free(url);
    close(handle);
    trillet_client_free(client);
}

static void the_connection_is_never_taken(const void *argument)
{
    enum { FILLERS = 8 };
    struct sockaddr_in address;
    int fillers[FILLERS];
    int port;
    int index;
    int handle = loopback_socket(0, &port);
    char *url = text_format("http://127.0.0.1:%d", port);
    trillet_client *client = client_for(url, "\"connectTimeoutMs\":200");

    (void)argument;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((unsigned short)port);
    /* With the queue full, the system leaves further attempts unanswered. */
    for (index = 0; index < FILLERS; index++) {
        fillers[index] = socket(AF_INET, SOCK_STREAM, 0);
        fcntl(fillers[index], F_SETFL, O_NONBLOCK);
        (void)!connect(fillers[index], (struct sockaddr *)&address, sizeof address);
    }
    answer_expect_error(trillet_calls_send(client, SEND_CALL, NULL), "timeout", "no");
    for (index = 0; index < FILLERS; index++) {
        close(fillers[index]);
    }
    free(url);
    close(handle);
    trillet_client_free(client);
}

static void the_host_does_not_exist(const void *argument)
{
    trillet_client *client = client_for("https://nosuchhost.invalid", "");
    char *answer = trillet_calls_send(client, SEND_CALL, NULL);

    (void)argument;
    answer_expect_piece(answer, "error", "nosuchhost.invalid");
    answer_expect_error(answer, "connection", "no");
    trillet_client_free(client);
}

typedef struct fault_row {
    const char *name;
    const char *answer;
    enum recording_end end;
    const char *type;
} fault_row;

#define JSON_HEAD "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

static const fault_row fault_rows[] = {
    {"A connection closed in place of an answer leaves it open whether the call went out", "",
     RECORDING_CLOSE, "connection"},
    {"A connection reset in place of an answer leaves it open whether the call went out", "",
     RECORDING_RESET, "connection"},
    {"An answer cut in its head leaves it open", "HTTP/1.1 200 OK\r\nContent-Ty", RECORDING_CLOSE,
     "connection"},
    {"An answer cut in its body leaves it open", JSON_HEAD "Content-Length: 100\r\n\r\n{\"a\":",
     RECORDING_CLOSE, "connection"},
    {"A chunked answer cut in its body leaves it open",
     JSON_HEAD "Transfer-Encoding: chunked\r\n\r\n5\r\n{\"a\":\r\n", RECORDING_CLOSE, "connection"},
    {"A chunked answer that breaks the grammar leaves it open",
     JSON_HEAD "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n", RECORDING_CLOSE,
     "connection"},
    {"An answer that is not HTTP leaves it open", "SSH-2.0-OpenSSH_9.2\r\n\xff\xfe\r\n",
     RECORDING_CLOSE, "response"},
    {"An answer that stops half-way times out", JSON_HEAD "Content-Length: 100\r\n\r\n{\"a\":",
     RECORDING_KEEP_OPEN, "timeout"},
};

static void an_answer_is_lost(const void *argument)
{
    const fault_row *row = (const fault_row *)argument;
    /* No other row waits for it: the server may be slow to read on a machine with much to do. */
    fixture opened = fixture_open(strcmp(row->type, "timeout") == 0 ? "\"timeoutMs\":2000" : "");

    recording_server_send(opened.server, row->answer, strlen(row->answer), row->end);
    answer_expect_error(trillet_calls_send(opened.client, SEND_CALL, NULL), row->type, "maybe");
    CHECK_NUMBER(recording_server_requests(opened.server), 1);
    fixture_close(&opened);
}

static void a_connection_is_reset_at_once(const void *argument)
{
    fixture opened = fixture_open("");
    char *answer;
    char *sent;

    (void)argument;
    recording_server_refuse(opened.server);
    answer = answer_checked(trillet_calls_send(opened.client, SEND_CALL, NULL));
    answer_expect(answer, "error.type", "\"connection\"");
    sent = answer_member(answer, "error.sent");
    CHECK(sent != NULL && strcmp(sent, "\"yes\"") != 0);
    free(sent);
    trillet_free(answer);
    CHECK_NUMBER(recording_server_requests(opened.server), 0);
    fixture_close(&opened);
}

static void no_answer_times_out(const void *argument)
{
    fixture opened = fixture_open("\"timeoutMs\":150");

    (void)argument;
    recording_server_hold(opened.server);
    answer_expect_error(trillet_calls_send(opened.client, SEND_CALL, NULL), "timeout", "maybe");
    answer_expect_error(trillet_agents_list(opened.client, NULL, NULL), "timeout", "maybe");
    CHECK_NUMBER(recording_server_requests(opened.server), 2);
    recording_server_release(opened.server);
    answer_expect_data(trillet_agents_list(opened.client, NULL, "{\"timeoutMs\":5000}"), "{}");
    fixture_close(&opened);
}

static void a_request_has_its_own_timeout(const void *argument)
{
    fixture opened = fixture_open("");

    (void)argument;
    recording_server_hold(opened.server);
    answer_expect_error(trillet_agents_list(opened.client, NULL, "{\"timeoutMs\":100}"), "timeout",
                        "maybe");
    recording_server_release(opened.server);
    fixture_close(&opened);
}

typedef struct loss_row {
    const char *name;
    endpoint_function call;
    const char *request;
    const char *options;
    enum recording_end end;
} loss_row;

static const loss_row loss_rows[] = {
    {"A call is not placed twice when a kept connection is closed", trillet_calls_send, SEND_CALL,
     NULL, RECORDING_CLOSE},
    {"A call is not placed twice when a kept connection is reset", trillet_calls_send, SEND_CALL,
     NULL, RECORDING_RESET},
    {"A batch is not started twice when a kept connection is closed", trillet_batch_calls_start,
     "{\"csv\":\"phone_number\\n+12025550164\",\"agentId\":\"a\"}", NULL, RECORDING_CLOSE},
    {"A flow is not changed twice when a kept connection is closed", trillet_flows_update,
     "{\"flowId\":\"f\",\"webhooks\":[{}]}", NULL, RECORDING_CLOSE},
    {"A flow is not changed twice by PUT, which appends webhooks", trillet_flows_update,
     "{\"flowId\":\"f\",\"promptType\":\"simple\",\"webhooks\":[{}]}", "{\"routes\":\"published\"}",
     RECORDING_CLOSE},
};

static void nothing_is_sent_twice(const void *argument)
{
    const loss_row *row = (const loss_row *)argument;
    fixture opened = fixture_open("");
    char *answer;

    recording_server_answer_json(opened.server, 200, "{}");
    recording_server_send(opened.server, "", 0, row->end);
    recording_server_answer_json(opened.server, 200, "{}");
    answer_expect_data(trillet_agents_list(opened.client, NULL, NULL), "{}");
    answer = row->call(opened.client, row->request, row->options);
    answer_expect(answer, "error.retryable", "false");
    answer_expect_error(answer, "connection", "maybe");
    CHECK_NUMBER(recording_server_requests(opened.server), 2);
    CHECK_NUMBER(recording_server_connection_of(opened.server, 1),
                 requests_share_connections() ? 1 : 2);
    answer_expect_data(row->call(opened.client, row->request, row->options), "{}");
    CHECK_NUMBER(recording_server_requests(opened.server), 3);
    fixture_close(&opened);
}

static void a_get_may_be_sent_again(const void *argument)
{
    fixture opened = fixture_open("");

    (void)argument;
    recording_server_answer_json(opened.server, 200, "{}");
    recording_server_send(opened.server, "", 0, RECORDING_CLOSE);
    recording_server_answer_json(opened.server, 200, "{}");
    answer_expect_data(trillet_agents_list(opened.client, NULL, NULL), "{}");
    answer_expect_data(trillet_agents_list(opened.client, NULL, NULL), "{}");
    CHECK_NUMBER(recording_server_requests(opened.server), 3);
    fixture_close(&opened);
}

static void a_connection_closed_while_idle_is_replaced(const void *argument)
{
    static const char answer[] = JSON_HEAD "Content-Length: 2\r\n\r\n{}";
    fixture opened = fixture_open("");

    (void)argument;
    recording_server_send(opened.server, answer, sizeof answer - 1, RECORDING_CLOSE);
    answer_expect_data(trillet_calls_send(opened.client, SEND_CALL, NULL), "{}");
    CHECK(recording_server_wait_closed(opened.server, 1));
    answer_expect_data(trillet_calls_send(opened.client, SEND_CALL, NULL), "{}");
    CHECK_NUMBER(recording_server_requests(opened.server), 2);
    CHECK_NUMBER(recording_server_connections(opened.server), 2);
    fixture_close(&opened);
}

void failure_suite(void)
{
    size_t index;

    check_suite("failures");
    check_case("Where nobody listens, nothing was sent", nobody_listens, NULL);
    check_case("A connection that is never taken times out with nothing sent",
               the_connection_is_never_taken, NULL);
    check_case("A host that does not exist is named, with nothing sent", the_host_does_not_exist,
               NULL);
    check_case("A connection reset at once is a connection error", a_connection_is_reset_at_once,
               NULL);
    for (index = 0; index < sizeof fault_rows / sizeof *fault_rows; index++) {
        check_case(fault_rows[index].name, an_answer_is_lost, &fault_rows[index]);
    }
    check_case("No answer in time leaves it open whether the service acted", no_answer_times_out,
               NULL);
    check_case("A request may have a timeout of its own", a_request_has_its_own_timeout, NULL);
    for (index = 0; index < sizeof loss_rows / sizeof *loss_rows; index++) {
        check_case(loss_rows[index].name, nothing_is_sent_twice, &loss_rows[index]);
    }
    check_case("A GET is sent again when a kept connection is closed", a_get_may_be_sent_again,
               NULL);
    check_case("A connection closed while idle is replaced, for a POST too",
               a_connection_closed_while_idle_is_replaced, NULL);
}
