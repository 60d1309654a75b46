/* Closing and freeing clients, and what a forked child may do with one. */
#include "check.h"
#include "fixture.h"
#include "suites.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#define SEND_CALL "{\"agentId\":\"a\",\"toNumber\":\"+12025550164\"}"

/* A call on a thread of its own. */
typedef struct running_call {
    pthread_t thread;
    trillet_client *client;
    char *answer;
} running_call;

static void *place_call(void *argument)
{
    running_call *call = (running_call *)argument;

    call->answer = trillet_calls_send(call->client, SEND_CALL, NULL);
    return NULL;
}

/* Gives back once the server holds the call's request. */
static void start_held_call(running_call *call, fixture *opened)
{
    recording_server_hold(opened->server);
    call->client = opened->client;
    call->answer = NULL;
    pthread_create(&call->thread, NULL, place_call, call);
    CHECK(recording_server_wait(opened->server, 1));
}

static char *end_call(running_call *call)
{
    pthread_join(call->thread, NULL);
    return call->answer;
}

static void closing_at_once_cancels(const void *argument)
{
    fixture opened = fixture_open("");
    running_call call;

    (void)argument;
    start_held_call(&call, &opened);
    CHECK_NUMBER(trillet_client_close(opened.client, 0), 1);
    answer_expect_error(end_call(&call), "cancelled", "maybe");
    CHECK_NUMBER(trillet_client_close(opened.client, 0), 0);
    fixture_close(&opened);
}

static void closing_cancels_after_its_timeout(const void *argument)
{
    fixture opened = fixture_open("");
    running_call call;

    (void)argument;
    start_held_call(&call, &opened);
    CHECK_NUMBER(trillet_client_close(opened.client, 100), 1);
    answer_expect_error(end_call(&call), "cancelled", "maybe");
    fixture_close(&opened);
}

typedef struct closing {
    pthread_t thread;
    trillet_client *client;
    int32_t timeout;
    int32_t result;
} closing;

static void *close_client(void *argument)
{
    closing *task = (closing *)argument;

    task->result = trillet_client_close(task->client, task->timeout);
    return NULL;
}

static void closing_waits_for_running_calls(const void *argument)
{
    fixture opened = fixture_open("");
    running_call call;
    closing task;

    start_held_call(&call, &opened);
    task.client = opened.client;
    task.timeout = *(const int *)argument;
    task.result = 7;
    pthread_create(&task.thread, NULL, close_client, &task);
    recording_server_release(opened.server);
    answer_expect_data(end_call(&call), "{}");
    pthread_join(task.thread, NULL);
    CHECK_NUMBER(task.result, 0);
    fixture_close(&opened);
}

/* A check that closes or drains its client while a call of its own thread waits for it. */
typedef struct ending_check {
    fixture *opened;
    int32_t (*end)(trillet_client *client, int32_t timeout_ms);
    int32_t timeout;
    int is_answered;
    int32_t result;
} ending_check;

static int32_t end_client_once(void *user_data)
{
    ending_check *check = (ending_check *)user_data;

    if (check->result != 7 || !recording_server_wait(check->opened->server, 1)) return 0;
    check->result = check->end(check->opened->client, check->timeout);
    if (check->is_answered) recording_server_release(check->opened->server);
    return 0;
}

static void a_check_may_end_the_client(const void *argument)
{
    fixture opened = fixture_open("");
    ending_check check = *(const ending_check *)argument;
    char *answer;

    check.opened = &opened;
    check.result = 7;
    recording_server_hold(opened.server);
    CHECK_NUMBER(trillet_client_set_interrupt(opened.client, end_client_once, &check), 0);
    answer = trillet_calls_send(opened.client, SEND_CALL, NULL);
    CHECK_NUMBER(check.result, 0);
    if (check.is_answered) answer_expect_data(answer, "{}");
    else answer_expect_error(answer, "cancelled", "maybe");
    answer_expect_error(trillet_agents_list(opened.client, NULL, NULL), "closed", "no");
    recording_server_release(opened.server);
    fixture_close(&opened);
}

static void freeing_cancels(const void *argument)
{
    fixture opened = fixture_open("");
    running_call call;

    (void)argument;
    start_held_call(&call, &opened);
    trillet_client_free(opened.client);
    opened.client = NULL;
    answer_expect_error(end_call(&call), "cancelled", "maybe");
    fixture_close(&opened);
}

static void closing_twice_is_fine(const void *argument)
{
    fixture opened = fixture_open("");

    (void)argument;
    answer_expect_data(trillet_agents_list(opened.client, NULL, NULL), "{}");
    CHECK_NUMBER(trillet_client_close(opened.client, 1000), 0);
    CHECK_NUMBER(trillet_client_close(opened.client, 0), 0);
    CHECK_NUMBER(trillet_client_close(opened.client, -1), 0);
    fixture_close(&opened);
}

static void a_closed_client_refuses_everything(const void *argument)
{
    fixture opened = fixture_open("");
    size_t index;

    (void)argument;
    CHECK_NUMBER(trillet_client_close(opened.client, 0), 0);
    for (index = 0; index < ENDPOINT_COUNT; index++) {
        check_note("%s", endpoints[index].operation);
        answer_expect_error(endpoints[index].call(opened.client, endpoints[index].request, NULL),
                            "closed", "no");
    }
    answer_expect_error(trillet_call(opened.client, "GET /x", NULL, NULL), "closed", "no");
    CHECK_NUMBER(recording_server_requests(opened.server), 0);
    fixture_close(&opened);
}

static void there_is_no_client_to_close(const void *argument)
{
    (void)argument;
    CHECK_NUMBER(trillet_client_close(NULL, 0), -1);
    CHECK_NUMBER(trillet_client_close(NULL, -1), -1);
}

static void use_in_child(fixture *opened)
{
    trillet_client *fresh;
    size_t index;

    for (index = 0; index < ENDPOINT_COUNT; index++) {
        check_note("%s in a forked child", endpoints[index].operation);
        answer_expect_error(endpoints[index].call(opened->client, endpoints[index].request, NULL),
                            "forked", "no");
    }
    answer_expect_error(trillet_call(opened->client, "GET /x", NULL, NULL), "forked", "no");
    CHECK_NUMBER(trillet_client_close(opened->client, 0), -1);
    trillet_client_free(opened->client);
    fresh = client_for(recording_server_url(opened->server), "");
    answer_expect_data(trillet_agents_list(fresh, NULL, NULL), "{}");
    trillet_client_free(fresh);
}

static void a_client_belongs_to_its_process(const void *argument)
{
    fixture opened = fixture_open("");
    pid_t child;
    int status = 0;

    (void)argument;
    answer_expect_data(trillet_agents_list(opened.client, NULL, NULL), "{}");
    fflush(stdout);
    child = fork();
    if (child == 0) {
        alarm(10);
        use_in_child(&opened);
        fflush(stdout);
        _exit(check_failures() > 0 ? 1 : 0);
    }
    waitpid(child, &status, 0);
    CHECK_NUMBER(status, 0);
    check_note("in the parent");
    answer_expect_data(trillet_agents_list(opened.client, NULL, NULL), "{}");
    CHECK_NUMBER(recording_server_connection_of(opened.server, 2),
                 requests_share_connections() ? 1 : 3);
    fixture_close(&opened);
}

void closing_suite(void)
{
    static const int long_wait = 20000;
    static const int endless_wait = -1;
    static const ending_check ending_checks[] = {
        {NULL, trillet_client_close, 300, 0, 7},
        {NULL, trillet_client_drain, 300, 0, 7},
        {NULL, trillet_client_close, -1, 1, 7},
        {NULL, trillet_client_drain, -1, 1, 7},
    };

    check_suite("closing");
    check_case("Closing without time cancels running calls", closing_at_once_cancels, NULL);
    check_case("Closing cancels running calls when its time is up",
               closing_cancels_after_its_timeout, NULL);
    check_case("Closing waits for running calls", closing_waits_for_running_calls, &long_wait);
    check_case("Closing may wait for as long as it takes", closing_waits_for_running_calls,
               &endless_wait);
    check_case("A check that closes its client does not wait for the call that waits for it",
               a_check_may_end_the_client, &ending_checks[0]);
    check_case("A check that drains its client does not wait for the call that waits for it",
               a_check_may_end_the_client, &ending_checks[1]);
    check_case("A call whose check has closed the client is answered in its time",
               a_check_may_end_the_client, &ending_checks[2]);
    check_case("A call whose check has drained the client is answered in its time",
               a_check_may_end_the_client, &ending_checks[3]);
    check_case("Freeing cancels running calls", freeing_cancels, NULL);
    check_case("Closing twice is fine", closing_twice_is_fine, NULL);
    check_case("A closed client refuses every function", a_closed_client_refuses_everything, NULL);
    check_case("Closing NULL is told apart", there_is_no_client_to_close, NULL);
    check_case("A client of the parent answers forked in a child, where a new one works",
               a_client_belongs_to_its_process, NULL);
}
