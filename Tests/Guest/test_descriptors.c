/* No file descriptor is free: clear errors, no crash, no spinning, and work goes on once there are
   some again. */
#include "burst.h"
#include "check.h"
#include "engine.h"
#include "fixture.h"
#include "guest_client.h"
#include "process.h"
#include "suites.h"
#include "text.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum { LIMIT = 256, PROMPT_MILLISECONDS = 900, IDLE_PROCESSOR_MILLISECONDS = 150 };

static const enum door plain = PLAIN;
static const enum door secure = SECURE;
static int taken[LIMIT];
static int taken_count;

static void take_all_descriptors(void)
{
    struct rlimit limit = {LIMIT, LIMIT};
    int descriptor;

    setrlimit(RLIMIT_NOFILE, &limit);
    while (taken_count < LIMIT && (descriptor = dup(1)) >= 0) {
        taken[taken_count++] = descriptor;
    }
    CHECK(taken_count > 0);
}

static void give_back_descriptors(void)
{
    while (taken_count > 0) {
        close(taken[--taken_count]);
    }
}

static void expect_working(trillet_client *client)
{
    const char *tag = service_tag("recovered");
    long started = monotonic_milliseconds();
    burst *some;

    check_note("with free descriptors again");
    CHECK(echo(client, tag, 1, ""));
    some = burst_start(client, tag, 8, "");
    burst_expect_own(some);
    burst_free(some);
    CHECK(trillet_completion_fd(client) >= 0);
    CHECK(monotonic_milliseconds() - started < PROMPT_MILLISECONDS);
}

/* Both that a running request can be cancelled at once, and that it needs no luck to. */
static void expect_prompt_cancel(trillet_client *client)
{
    const char *tag = service_tag("cancelled");
    burst *held = burst_start(client, tag, 4, "\"hold\":true");
    long started;

    check_note("cancelling, with free descriptors again");
    CHECK(wait_for_requests(client, tag, 4));
    started = monotonic_milliseconds();
    CHECK_NUMBER(trillet_cancel(client, burst_id(held, 0)), 0);
    while (burst_ended(held) == 0 && monotonic_milliseconds() - started < 5000) {
        pass_time(client, 5);
    }
    CHECK(monotonic_milliseconds() - started < PROMPT_MILLISECONDS);
    started = monotonic_milliseconds();
    CHECK_NUMBER(trillet_client_close(client, 0), 1);
    CHECK(monotonic_milliseconds() - started < PROMPT_MILLISECONDS);
    CHECK_NUMBER(burst_errors(held, "cancelled"), 4);
    burst_free(held);
}

static void none_before_the_client(const void *argument)
{
    trillet_client *client;

    if (!libcurl_is_at_least(7, 80)) {
        check_skip("libgcrypt, which this libcurl starts, ends the process without a descriptor");
        return;
    }
    take_all_descriptors();
    client = service_client(*(const enum door *)argument, "\"maxRetries\":0");
    give_back_descriptors();
    expect_working(client);
    expect_prompt_cancel(client);
    trillet_client_free(client);
}

/* POST and GET: a connection that could not be made is certain not to have carried anything. */
static void expect_unsent(trillet_client *client)
{
    char *answer;

    check_note("without free descriptors");
    answer = trillet_call(client, "POST /echo", "{}", NULL);
    CHECK(!is_error(answer, "cancelled"));
    answer_expect(answer_checked(answer), "error.sent", "\"no\"");
    answer_expect(answer, "ok", "false");
    trillet_free(answer);
    answer = trillet_call(client, "GET /echo", NULL, NULL);
    answer_expect(answer_checked(answer), "error.sent", "\"no\"");
    trillet_free(answer);
}

static void none_before_the_first_connection(const void *argument)
{
    trillet_client *client = service_client(*(const enum door *)argument, "\"maxRetries\":0");

    take_all_descriptors();
    expect_unsent(client);
    give_back_descriptors();
    expect_working(client);
    expect_prompt_cancel(client);
    trillet_client_free(client);
}

typedef struct blocked_call {
    pthread_t thread;
    trillet_client *client;
    const char *tag;
    char *answer;
} blocked_call;

static void *make_held_call(void *argument)
{
    blocked_call *self = (blocked_call *)argument;
    char *request = echo_request(self->tag, 1, "\"hold\":true");

    self->answer = trillet_call(self->client, "POST /echo", request, NULL);
    free(request);
    return NULL;
}

/* A handle made while there was no descriptor to wake it by must not be kept for later calls. */
static void a_blocking_call_can_be_cancelled_later(const void *argument)
{
    blocked_call call;
    long started;

    call.client = service_client(*(const enum door *)argument, "\"maxRetries\":0");
    call.tag = service_tag("later");
    call.answer = NULL;
    take_all_descriptors();
    expect_unsent(call.client);
    give_back_descriptors();
    pthread_create(&call.thread, NULL, make_held_call, &call);
    CHECK(service_wait(call.tag, 1));
    started = monotonic_milliseconds();
    CHECK_NUMBER(trillet_client_close(call.client, 0), 1);
    CHECK(monotonic_milliseconds() - started < PROMPT_MILLISECONDS);
    pthread_join(call.thread, NULL);
    answer_expect_error(call.answer, "cancelled", "maybe");
    trillet_client_free(call.client);
}

/* Whether a callback takes the answer or trillet_next(), there is one. */
static void none_before_the_first_submit(const void *argument)
{
    trillet_client *client = service_client(*(const enum door *)argument, "\"maxRetries\":0");
    burst *refused;
    long processor;
    char *answer;

    take_all_descriptors();
    check_note("without free descriptors");
    refused = burst_start(client, service_tag("first"), 8, "");
    CHECK(burst_wait(refused));
    burst_expect_order(refused);
    CHECK_NUMBER(burst_errors(refused, "connection"), 8);
    burst_free(refused);
    CHECK(trillet_submit(client, "POST /echo", "{}", NULL, NULL, NULL) != 0);
    CHECK_NUMBER(trillet_completion_fd(client), -1);
    answer = answer_checked(trillet_next(client, 10000, NULL));
    answer_expect(answer, "error.details", "\"No file descriptor is free\"");
    answer_expect_error(answer, "connection", "no");
    processor = processor_milliseconds();
    pass_time(client, 1000);
    CHECK(processor_milliseconds() - processor < IDLE_PROCESSOR_MILLISECONDS);
    give_back_descriptors();
    expect_working(client);
    expect_prompt_cancel(client);
    trillet_client_free(client);
}

/* The attempts are made all the same, so that a shortage that ends does no harm. */
static void the_first_submit_is_repeated(const void *argument)
{
    trillet_client *client = service_client(*(const enum door *)argument, "\"maxRetries\":4");
    const char *tag = service_tag("repeated");
    burst *some;

    take_all_descriptors();
    some = burst_start(client, tag, 8, "");
    pass_time(client, 300);
    CHECK_NUMBER(burst_ended(some), 0);
    give_back_descriptors();
    burst_expect_own(some);
    burst_free(some);
    trillet_client_free(client);
}

/* Running requests go on; further ones that need a connection fail without harm; nothing spins. */
static void none_while_busy(const void *argument)
{
    const char *tag = service_tag("busy");
    trillet_client *client = service_client(*(const enum door *)argument, "\"maxRetries\":0");
    burst *held = burst_start(client, tag, 8, "\"hold\":true");
    burst *refused;
    long processor;

    CHECK(wait_for_requests(client, tag, 8));
    take_all_descriptors();
    refused = burst_start(client, service_tag("refused"), 16, "");
    CHECK(burst_wait(refused));
    burst_expect_order(refused);
    CHECK_NUMBER(burst_own(refused), 0);
    processor = processor_milliseconds();
    pass_time(client, 1000);
    CHECK(processor_milliseconds() - processor < IDLE_PROCESSOR_MILLISECONDS);
    CHECK_NUMBER(burst_ended(held), 0);
    give_back_descriptors();
    service_release(tag);
    burst_expect_own(held);
    burst_free(held);
    burst_free(refused);
    expect_working(client);
    trillet_client_free(client);
}

/* The pauses of retries are pauses. */
static void retries_do_not_spin(const void *argument)
{
    trillet_client *client = service_client(*(const enum door *)argument, "\"timeoutMs\":3000");
    long processor;
    burst *refused;

    /* The thread is there, a connection is not. */
    CHECK_NUMBER(trillet_client_set_log(client, TRILLET_LOG_ERROR, ignore_line, NULL), 0);
    take_all_descriptors();
    processor = processor_milliseconds();
    check_note("without free descriptors");
    refused = burst_start(client, service_tag("retried"), 16, "");
    CHECK(burst_wait(refused));
    burst_expect_order(refused);
    CHECK_NUMBER(burst_own(refused), 0);
    CHECK(processor_milliseconds() - processor < 2 * IDLE_PROCESSOR_MILLISECONDS);
    give_back_descriptors();
    expect_working(client);
    burst_free(refused);
    trillet_client_free(client);
}

void descriptor_suite(void)
{
    check_suite("descriptors");
    check_case("A client made without free descriptors works once there are some",
               none_before_the_client, &plain);
    check_case("A TLS client made without free descriptors works once there are some",
               none_before_the_client, &secure);
    check_case("No descriptor for the first connection is an error with nothing sent",
               none_before_the_first_connection, &plain);
    check_case("No descriptor for the first TLS connection is an error with nothing sent",
               none_before_the_first_connection, &secure);
    check_case("A call on a client that had no descriptors can be cancelled at once",
               a_blocking_call_can_be_cancelled_later, &plain);
    check_case("No descriptor for the first submit is an error with nothing sent",
               none_before_the_first_submit, &plain);
    check_case("No descriptor for the first TLS submit is an error with nothing sent",
               none_before_the_first_submit, &secure);
    check_case("A first submit without descriptors is made again", the_first_submit_is_repeated,
               &plain);
    check_case("A first TLS submit without descriptors is made again",
               the_first_submit_is_repeated, &secure);
    check_case("Descriptors run out while requests are under way", none_while_busy, &plain);
    check_case("Descriptors run out while TLS requests are under way", none_while_busy, &secure);
    check_case("Retries without descriptors do not spin", retries_do_not_spin, &plain);
}
