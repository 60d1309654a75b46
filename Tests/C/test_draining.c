/* Draining: nothing more starts, what is being sent ends. */
#include "check.h"
#include "engine.h"
#include "fixture.h"
#include "suites.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SEND_CALL "{\"agentId\":\"a\",\"toNumber\":\"+12025550164\"}"

enum { SUBMITTED = 8, ON_THE_WIRE = 3 };

typedef struct blocking_call {
    pthread_t thread;
    trillet_client *client;
    const char *operation;
    const char *request;
    char *answer;
} blocking_call;

static void *make_call(void *argument)
{
    blocking_call *call = (blocking_call *)argument;

    call->answer = trillet_call(call->client, call->operation, call->request, NULL);
    return NULL;
}

static void start_call(blocking_call *call, fixture *opened, const char *operation,
                       const char *request)
{
    call->client = opened->client;
    call->operation = operation;
    call->request = request;
    pthread_create(&call->thread, NULL, make_call, call);
}

static char *end_call(blocking_call *call)
{
    pthread_join(call->thread, NULL);
    return call->answer;
}

typedef struct draining {
    pthread_t thread;
    trillet_client *client;
    int32_t timeout;
    int32_t result;
} draining;

static void *drain_client(void *argument)
{
    draining *task = (draining *)argument;

    task->result = trillet_client_drain(task->client, task->timeout);
    return NULL;
}

static void start_draining(draining *task, fixture *opened, int32_t timeout)
{
    task->client = opened->client;
    task->timeout = timeout;
    task->result = 7;
    pthread_create(&task->thread, NULL, drain_client, task);
}

static void pause_milliseconds(long milliseconds)
{
    struct timespec pause = {milliseconds / 1000, milliseconds % 1000 * 1000000};

    nanosleep(&pause, NULL);
}

static void a_call_that_is_being_sent_ends_well(const void *argument)
{
    fixture opened = fixture_open("");
    blocking_call call;
    draining task;

    (void)argument;
    recording_server_hold(opened.server);
    start_call(&call, &opened, "calls.send", SEND_CALL);
    CHECK(fixture_wait(&opened, 1));
    start_draining(&task, &opened, 20000);
    pause_milliseconds(50);
    recording_server_release(opened.server);
    answer_expect_data(end_call(&call), "{}");
    pthread_join(task.thread, NULL);
    CHECK_NUMBER(task.result, 0);
    fixture_close(&opened);
}

static void what_takes_too_long_is_cancelled(const void *argument)
{
    fixture opened = fixture_open("");
    blocking_call call;
    uint64_t id;

    (void)argument;
    recording_server_hold(opened.server);
    start_call(&call, &opened, "calls.send", SEND_CALL);
    id = trillet_submit(opened.client, "calls.send", SEND_CALL, NULL, NULL, NULL);
    CHECK(id != 0);
    CHECK(fixture_wait(&opened, 2));
    CHECK_NUMBER(trillet_client_drain(opened.client, 100), 1);
    answer_expect_error(end_call(&call), "cancelled", "maybe");
    answer_expect_error(trillet_next(opened.client, 0, NULL), "cancelled", "maybe");
    fixture_close(&opened);
}

static void nothing_more_is_dialled(const void *argument)
{
    fixture opened = fixture_open("\"requestsPerMinute\":600");
    size_t dialled;
    int done = 0;
    int unsent = 0;
    int index;
    draining task;

    (void)argument;
    recording_server_hold(opened.server);
    for (index = 0; index < SUBMITTED; index++) {
        trillet_submit(opened.client, "calls.send", SEND_CALL, NULL, NULL, NULL);
    }
    CHECK(fixture_wait(&opened, ON_THE_WIRE));
    start_draining(&task, &opened, 20000);
    pause_milliseconds(50);
    dialled = recording_server_requests(opened.server);
    /* Those that waited have ended, whatever the others do. */
    for (index = 0; index < SUBMITTED - (int)dialled; index++) {
        answer_expect_error(trillet_next(opened.client, 5000, NULL), "cancelled", "no");
        unsent++;
    }
    pause_milliseconds(400);
    CHECK_NUMBER(recording_server_requests(opened.server), (long)dialled);
    recording_server_release(opened.server);
    pthread_join(task.thread, NULL);
    CHECK_NUMBER(task.result, 0);
    for (index = 0; index < (int)dialled; index++) {
        answer_expect_data(trillet_next(opened.client, 0, NULL), "{}");
        done++;
    }
    CHECK_NUMBER(done + unsent, SUBMITTED);
    CHECK(trillet_next(opened.client, -1, NULL) == NULL);
    CHECK_NUMBER(trillet_client_close(opened.client, 0), 0);
    CHECK_NUMBER(recording_server_requests(opened.server), (long)dialled);
    fixture_close(&opened);
}

/* `more` keeps the second request from being sent while the first is. */
static void a_blocking_call_that_waits_ends_at_once(const void *argument)
{
    fixture opened = fixture_open((const char *)argument);
    blocking_call first, second;
    draining task;

    recording_server_hold(opened.server);
    start_call(&first, &opened, "calls.send", SEND_CALL);
    CHECK(fixture_wait(&opened, 1));
    start_call(&second, &opened, "calls.send", SEND_CALL);
    pause_milliseconds(50);
    start_draining(&task, &opened, 20000);
    answer_expect_error(end_call(&second), "cancelled", "no");
    recording_server_release(opened.server);
    answer_expect_data(end_call(&first), "{}");
    pthread_join(task.thread, NULL);
    CHECK_NUMBER(task.result, 0);
    CHECK_NUMBER(recording_server_requests(opened.server), 1);
    fixture_close(&opened);
}

static void a_submitted_request_without_a_connection_ends_at_once(const void *argument)
{
    fixture opened = fixture_open("\"maxConnections\":1");
    draining task;

    (void)argument;
    recording_server_hold(opened.server);
    trillet_submit(opened.client, "calls.send", SEND_CALL, NULL, NULL, NULL);
    trillet_submit(opened.client, "calls.send", SEND_CALL, NULL, NULL, NULL);
    CHECK(fixture_wait(&opened, 1));
    start_draining(&task, &opened, 20000);
    answer_expect_error(trillet_next(opened.client, 5000, NULL), "cancelled", "no");
    recording_server_release(opened.server);
    answer_expect_data(trillet_next(opened.client, 5000, NULL), "{}");
    pthread_join(task.thread, NULL);
    CHECK_NUMBER(task.result, 0);
    CHECK_NUMBER(recording_server_requests(opened.server), 1);
    fixture_close(&opened);
}

typedef struct paused {
    int status;
    const char *headers;
    const char *operation;
    const char *request;
    const char *sent;
} paused;

/* The attempt before it may have been: the message is not to speak of the request. */
static void expect_attempt_not_sent(char *answer, const char *sent)
{
    answer_expect_piece(answer, "error.message", "this attempt waited and was not sent");
    answer_expect_error(answer, "cancelled", sent);
}

/* What earlier attempts may have done stands in the answer. */
static void a_pause_between_attempts_ends_at_once(const void *argument)
{
    const paused *shown = (const paused *)argument;
    fixture opened = fixture_open("");
    blocking_call call;

    recording_server_answer(opened.server, shown->status, shown->headers, "{}", 2);
    /* The first answer would hold back a request that is not yet sent. */
    recording_server_hold(opened.server);
    start_call(&call, &opened, shown->operation, shown->request);
    trillet_submit(opened.client, shown->operation, shown->request, NULL, NULL, NULL);
    CHECK(fixture_wait(&opened, 2));
    recording_server_release(opened.server);
    pass_time(opened.client, 100);
    CHECK_NUMBER(trillet_client_drain(opened.client, 5000), 0);
    expect_attempt_not_sent(end_call(&call), shown->sent);
    expect_attempt_not_sent(trillet_next(opened.client, 0, NULL), shown->sent);
    CHECK_NUMBER(recording_server_requests(opened.server), 2);
    fixture_close(&opened);
}

static void a_failing_attempt_is_not_repeated(const void *argument)
{
    fixture opened = fixture_open("");
    blocking_call call;
    draining task;

    (void)argument;
    recording_server_send(opened.server, "", 0, RECORDING_CLOSE);
    recording_server_hold(opened.server);
    start_call(&call, &opened, "agents.list", "{}");
    trillet_submit(opened.client, "agents.list", "{}", NULL, NULL, NULL);
    CHECK(fixture_wait(&opened, 2));
    start_draining(&task, &opened, 20000);
    pause_milliseconds(1000);
    recording_server_release(opened.server);
    answer_expect_error(end_call(&call), "connection", "maybe");
    pthread_join(task.thread, NULL);
    CHECK_NUMBER(task.result, 0);
    answer_expect_error(trillet_next(opened.client, 0, NULL), "connection", "maybe");
    CHECK_NUMBER(recording_server_requests(opened.server), 2);
    fixture_close(&opened);
}

static void a_drained_client_refuses_everything(const void *argument)
{
    fixture opened = fixture_open("");
    size_t index;

    (void)argument;
    answer_expect_data(trillet_agents_list(opened.client, NULL, NULL), "{}");
    CHECK_NUMBER(trillet_client_drain(opened.client, 0), 0);
    for (index = 0; index < ENDPOINT_COUNT; index++) {
        check_note("%s", endpoints[index].operation);
        answer_expect_error(endpoints[index].call(opened.client, endpoints[index].request, NULL),
                            "closed", "no");
    }
    CHECK_NUMBER(trillet_submit(opened.client, "agents.list", NULL, NULL, NULL, NULL), 0);
    CHECK_NUMBER(trillet_client_drain(opened.client, -1), 0);
    CHECK_NUMBER(trillet_client_close(opened.client, -1), 0);
    CHECK_NUMBER(recording_server_requests(opened.server), 1);
    fixture_close(&opened);
}

typedef struct in_callback {
    trillet_client *client;
    int32_t result;
} in_callback;

static void drain_in_callback(void *user_data, uint64_t id, const char *response_json)
{
    in_callback *seen = (in_callback *)user_data;

    (void)id;
    (void)response_json;
    seen->result = trillet_client_drain(seen->client, 0);
}

static void it_is_refused_where_it_cannot_wait(const void *argument)
{
    fixture opened = fixture_open("");
    in_callback seen = {opened.client, 7};
    pid_t child;
    int status = 0;

    (void)argument;
    CHECK_NUMBER(trillet_client_drain(NULL, 0), -1);
    child = fork();
    if (child == 0) {
        _exit(trillet_client_drain(opened.client, 0) == -1 ? 0 : 1);
    }
    waitpid(child, &status, 0);
    CHECK_NUMBER(status, 0);
    trillet_submit(opened.client, "agents.list", NULL, NULL, drain_in_callback, &seen);
    CHECK_NUMBER(trillet_client_drain(opened.client, 5000), 0);
    CHECK(seen.result == -1 || seen.result == 7);
    CHECK_NUMBER(trillet_client_close(opened.client, -1), 0);
    CHECK_NUMBER(seen.result, -1);
    fixture_close(&opened);
}

static int32_t note_progress(void *user_data, const char *progress_json)
{
    (void)progress_json;
    __atomic_add_fetch((int *)user_data, 1, __ATOMIC_SEQ_CST);
    return 0;
}

typedef struct batch_wait {
    pthread_t thread;
    trillet_client *client;
    int looks;
    char *answer;
} batch_wait;

static void *follow_batch(void *argument)
{
    batch_wait *wait = (batch_wait *)argument;

    wait->answer = trillet_batch_calls_wait(wait->client, "{\"batchId\":\"b\"}", NULL,
                                            note_progress, &wait->looks);
    return NULL;
}

static void following_a_batch_and_a_list_ends(const void *argument)
{
    static const char running[] =
        "{\"status\":\"processing\",\"waiting\":5,\"active\":1,\"completed\":0,\"failed\":0,"
        "\"total\":6,\"isComplete\":false}";
    fixture opened = fixture_open("");
    trillet_pager *pager = trillet_pager_new(opened.client, "agents.list", NULL, NULL);
    batch_wait wait;

    (void)argument;
    recording_server_answer_json(opened.server, 200, running);
    memset(&wait, 0, sizeof wait);
    wait.client = opened.client;
    pthread_create(&wait.thread, NULL, follow_batch, &wait);
    while (__atomic_load_n(&wait.looks, __ATOMIC_SEQ_CST) == 0) {
        pause_milliseconds(1);
    }
    CHECK_NUMBER(trillet_client_drain(opened.client, 5000), 0);
    pthread_join(wait.thread, NULL);
    answer_expect_error(wait.answer, "cancelled", "no");
    answer_expect_error(trillet_pager_next(pager), "closed", "no");
    trillet_pager_free(pager);
    fixture_close(&opened);
}

void draining_suite(void)
{
    static const paused refused = {503, "Retry-After: 5\r\n", "calls.send", SEND_CALL, "no"};
    static const paused failed = {429, "Retry-After: 5\r\n", "agents.list", "{}", "no"};
    static const paused unclear = {500, "Retry-After: 5\r\n", "agents.list", "{}", "maybe"};

    check_suite("draining");
    check_case("A call that is being sent ends well", a_call_that_is_being_sent_ends_well, NULL);
    check_case("What takes longer than the timeout is cancelled", what_takes_too_long_is_cancelled,
               NULL);
    check_case("Nothing more is dialled when the rate holds requests back",
               nothing_more_is_dialled, NULL);
    check_case("A blocking call that waits for its turn ends at once",
               a_blocking_call_that_waits_ends_at_once, "\"maxInFlight\":1");
    check_case("A blocking call that waits for a connection ends at once",
               a_blocking_call_that_waits_ends_at_once, "\"maxConnections\":1");
    check_case("A submitted request that waits for a connection ends at once",
               a_submitted_request_without_a_connection_ends_at_once, NULL);
    check_case("A pause after a refusal ends at once, with nothing done",
               a_pause_between_attempts_ends_at_once, &refused);
    check_case("A pause that the service asked for ends at once",
               a_pause_between_attempts_ends_at_once, &failed);
    check_case("A pause after an unclear attempt ends at once, and the call may have been done",
               a_pause_between_attempts_ends_at_once, &unclear);
    check_case("An attempt that fails while draining is not repeated",
               a_failing_attempt_is_not_repeated, NULL);
    check_case("A drained client refuses every function", a_drained_client_refuses_everything,
               NULL);
    check_case("Draining is refused for NULL, in a child and in a callback",
               it_is_refused_where_it_cannot_wait, NULL);
    check_case("Following a batch and a list ends", following_a_batch_and_a_list_ends, NULL);
}
