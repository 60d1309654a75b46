/* What the header promises of `done` and of cancelling. */
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
#include <string.h>

static const enum door plain = PLAIN;
static const enum door secure = SECURE;

static void done_is_called_once(const void *argument)
{
    enum { COUNT = 500 };
    const char *tag = service_tag("once");
    trillet_client *client = service_client(*(const enum door *)argument, "");
    burst *many = burst_start(client, tag, COUNT, "");

    burst_expect_own(many);
    CHECK_NUMBER(trillet_client_close(client, 1000), 0);
    burst_expect_own(many);
    CHECK_NUMBER(service_count(tag, "requests"), COUNT);
    burst_free(many);
    trillet_client_free(client);
}

typedef struct inside {
    trillet_client *client;
    int is_over;
    int further;
} inside;

static void count_further(void *user_data, uint64_t id, const char *response_json)
{
    inside *self = (inside *)user_data;

    (void)id;
    CHECK(is_echo_of(response_json, 9));
    __atomic_add_fetch(&self->further, 1, __ATOMIC_SEQ_CST);
}

static int32_t do_not_interrupt(void *user_data)
{
    (void)user_data;
    return 0;
}

/* The functions that wait for what else the client does. */
static void expect_refusals(trillet_client *client)
{
    check_note("close, drain, warm and free in a callback");
    CHECK_NUMBER(trillet_client_close(client, 1000), -1);
    CHECK_NUMBER(trillet_client_drain(client, 1000), -1);
    answer_expect_error(trillet_client_warm(client, 1, 1000), "invalid_argument", "no");
    trillet_client_free(client);
}

/* The functions that follow a list or a batch; the service has neither. */
static void follow(trillet_client *client)
{
    trillet_pager *pager = trillet_pager_new(client, "agents.list", NULL, NULL);
    char *page;

    check_note("a pager in a callback");
    page = trillet_pager_next(pager);
    CHECK(is_error(page, "response"));
    trillet_free(page);
    trillet_pager_free(pager);
    check_note("following a batch in a callback");
    answer_expect_error(trillet_batch_calls_wait(client, "{}", NULL, NULL, NULL),
                        "invalid_argument", "no");
    answer_expect_error(trillet_batch_calls_results(client, "{}", NULL, NULL, NULL),
                        "invalid_argument", "no");
}

static void use_every_function(void *user_data, uint64_t id, const char *response_json)
{
    inside *self = (inside *)user_data;
    const char *tag = service_tag("inside");
    char *request = echo_request(tag, 9, "");
    uint64_t fetched = 7;
    char *answer;

    (void)response_json;
    CHECK_NUMBER(trillet_abi(), TRILLET_ABI);
    CHECK_TEXT(trillet_version(), TRILLET_VERSION);
    CHECK(trillet_operations() != NULL);
    expect_refusals(self->client);
    check_note("a blocking call in a callback");
    CHECK(echo(self->client, tag, 8, ""));
    follow(self->client);
    CHECK_NUMBER(trillet_client_set_interrupt(self->client, do_not_interrupt, NULL), 0);
    CHECK_NUMBER(trillet_client_set_interrupt(self->client, NULL, NULL), 0);
    check_note("stats in a callback");
    answer = trillet_client_stats(self->client);
    answer_expect_present(answer, "total.calls", 1);
    trillet_free(answer);
    check_note("the log in a callback");
    CHECK_NUMBER(trillet_client_set_log(self->client, TRILLET_LOG_DEBUG, ignore_line, NULL), 0);
    CHECK_NUMBER(trillet_client_set_log(self->client, TRILLET_LOG_OFF, NULL, NULL), 0);
    check_note("cancel in a callback");
    CHECK_NUMBER(trillet_cancel(self->client, id), 1);
    check_note("next in a callback");
    CHECK(trillet_next(self->client, -1, &fetched) == NULL);
    CHECK_NUMBER(fetched, 0);
    CHECK(trillet_next_many(self->client, -1, 8) == NULL);
    CHECK(trillet_completion_fd(self->client) >= 0);
    check_note("submit in a callback");
    CHECK(trillet_submit(self->client, "POST /echo", request, NULL, count_further, self) != 0);
    free(request);
    use_everything(PLAIN);
    check_note("after the callback");
    __atomic_store_n(&self->is_over, 1, __ATOMIC_SEQ_CST);
}

static void every_function_works_in_a_callback(const void *argument)
{
    inside self = {NULL, 0, 0};
    int left = 2000;

    self.client = service_client(*(const enum door *)argument, "");
    CHECK(trillet_submit(self.client, "POST /echo", "{}", NULL, use_every_function, &self) != 0);
    while (__atomic_load_n(&self.further, __ATOMIC_SEQ_CST) == 0 && left-- > 0) {
        pass_time(self.client, 5);
    }
    CHECK(self.is_over);
    CHECK_NUMBER(self.further, 1);
    CHECK_NUMBER(trillet_client_close(self.client, 1000), 0);
    trillet_client_free(self.client);
}

static void a_mistake_is_an_answer_in_done(const void *argument)
{
    static const char *const mistakes[][3] = {
        {"no.such_operation", "{}", NULL}, {"POST /echo", "{", NULL},
        {"POST /echo", "{}", "{\"x\":1}"}, {"calls.send", "{}", NULL},
        {NULL, NULL, NULL},                {"", "", ""},
        {"POST /echo", "{\"a\":\"\xff\"}", NULL},
    };
    trillet_client *client = service_client(*(const enum door *)argument, "");
    size_t index;

    for (index = 0; index < sizeof mistakes / sizeof mistakes[0]; index++) {
        uint64_t id = trillet_submit(client, mistakes[index][0], mistakes[index][1],
                                     mistakes[index][2], NULL, NULL);
        uint64_t fetched = 0;
        char *answer = trillet_next(client, 5000, &fetched);
        check_note("mistake %d", (int)index);
        CHECK(id != 0 && fetched == id);
        answer_expect_error(answer, "invalid_argument", "no");
    }
    trillet_client_free(client);
}

static void cancelling_while_it_waits_for_its_turn(const void *argument)
{
    const char *tag = service_tag("queued");
    trillet_client *client = service_client(*(const enum door *)argument, "\"maxInFlight\":1");
    burst *both = burst_start(client, tag, 2, "\"hold\":true");
    int left = 1000;

    CHECK(wait_for_requests(client, tag, 1));
    CHECK_NUMBER(trillet_cancel(client, burst_id(both, 1)), 0);
    while (burst_ended(both) == 0 && left-- > 0) {
        pass_time(client, 5);
    }
    CHECK_NUMBER(burst_errors(both, "cancelled"), 1);
    service_release(tag);
    CHECK(burst_wait(both));
    burst_expect_order(both);
    CHECK_NUMBER(burst_own(both), 1);
    CHECK_NUMBER(service_count(tag, "requests"), 1);
    burst_free(both);
    trillet_client_free(client);
}

static void cancelling_while_it_runs(const void *argument)
{
    const char *tag = service_tag("running");
    trillet_client *client = service_client(*(const enum door *)argument, "");
    uint64_t id;
    char *request = echo_request(tag, 1, "\"hold\":true");
    long started;

    id = trillet_submit(client, "POST /echo", request, NULL, NULL, NULL);
    CHECK(wait_for_requests(client, tag, 1));
    started = monotonic_milliseconds();
    CHECK_NUMBER(trillet_cancel(client, id), 0);
    answer_expect_error(trillet_next(client, 5000, NULL), "cancelled", "maybe");
    CHECK(monotonic_milliseconds() - started < 500);
    CHECK_NUMBER(trillet_cancel(client, id), 1);
    CHECK_NUMBER(trillet_cancel(client, id + 1000), 1);
    CHECK_NUMBER(trillet_cancel(client, 0), 1);
    CHECK_NUMBER(trillet_cancel(NULL, id), -1);
    free(request);
    trillet_client_free(client);
}

typedef struct canceller {
    pthread_t thread;
    trillet_client *client;
    burst *cancelled;
    int first;
    int count;
} canceller;

static void *cancel_all(void *argument)
{
    canceller *self = (canceller *)argument;
    int round;
    int index;

    for (round = 0; round < 3; round++) {
        for (index = 0; index < self->count; index++) {
            trillet_cancel(self->client, burst_id(self->cancelled, index));
        }
    }
    return NULL;
}

/* Cancelled, some several times, at every stage there is: each still ends once. */
static void cancelling_at_any_time_ends_once(const void *argument)
{
    enum { COUNT = 300, CANCELLERS = 3, ROUNDS = 5 };
    const char *tag = service_tag("any-time");
    trillet_client *client = service_client(*(const enum door *)argument, "\"maxInFlight\":16");
    canceller cancellers[CANCELLERS];
    int round;
    int index;

    for (round = 0; round < ROUNDS; round++) {
        burst *many = burst_start(client, tag, COUNT, "\"delayMs\":1");
        for (index = 0; index < CANCELLERS; index++) {
            cancellers[index].client = client;
            cancellers[index].cancelled = many;
            cancellers[index].count = COUNT;
            pthread_create(&cancellers[index].thread, NULL, cancel_all, &cancellers[index]);
        }
        for (index = 0; index < CANCELLERS; index++) {
            pthread_join(cancellers[index].thread, NULL);
        }
        CHECK(burst_wait(many));
        burst_expect_order(many);
        CHECK_NUMBER(burst_own(many) + burst_errors(many, "cancelled"), COUNT);
        burst_free(many);
    }
    CHECK(echo(client, tag, 1, ""));
    trillet_client_free(client);
}

static void closing_calls_every_done(const void *argument)
{
    enum { COUNT = 200 };
    const char *tag = service_tag("closing");
    trillet_client *client = service_client(*(const enum door *)argument, "");
    burst *many = burst_start(client, tag, COUNT, "\"hold\":true");

    CHECK(wait_for_requests(client, tag, 64));
    CHECK_NUMBER(trillet_client_close(client, 20), 1);
    CHECK_NUMBER(burst_ended(many), COUNT);
    CHECK_NUMBER(burst_errors(many, "cancelled"), COUNT);
    burst_expect_order(many);
    CHECK_NUMBER(thread_named("trillet-io"), 0);
    CHECK(trillet_submit(client, "POST /echo", "{}", NULL, ignore_answer, NULL) == 0);
    trillet_client_free(client);
    CHECK_NUMBER(burst_ended(many), COUNT);
    burst_free(many);
}

static void freeing_calls_every_done(const void *argument)
{
    enum { COUNT = 100 };
    const char *tag = service_tag("freeing");
    trillet_client *client = service_client(*(const enum door *)argument, "");
    burst *many = burst_start(client, tag, COUNT, "\"hold\":true");

    trillet_client_free(client);
    CHECK_NUMBER(burst_ended(many), COUNT);
    burst_expect_order(many);
    burst_free(many);
}

/* A callback that takes long holds up the others, and nothing else. */
static void wait_long(void *user_data, uint64_t id, const char *response_json)
{
    (void)id;
    (void)response_json;
    __atomic_store_n((int *)user_data, 1, __ATOMIC_SEQ_CST);
    pause_milliseconds(700);
    __atomic_store_n((int *)user_data, 2, __ATOMIC_SEQ_CST);
}

static void no_lock_is_held_in_a_callback(const void *argument)
{
    const char *tag = service_tag("slow");
    trillet_client *client = service_client(*(const enum door *)argument, "");
    driver *driving = caller_drives() ? driver_start(client) : NULL;
    int stage = 0;
    uint64_t id;
    char *stats;

    id = trillet_submit(client, "POST /echo", "{}", NULL, wait_long, &stage);
    while (__atomic_load_n(&stage, __ATOMIC_SEQ_CST) == 0) {
        pause_milliseconds(1);
    }
    CHECK(echo(client, tag, 1, ""));
    stats = trillet_client_stats(client);
    trillet_free(stats);
    CHECK_NUMBER(trillet_cancel(client, id), 1);
    CHECK(trillet_completion_fd(client) >= 0);
    CHECK(trillet_next(client, 0, NULL) == NULL);
    CHECK(trillet_submit(client, "POST /echo", "{}", NULL, NULL, NULL) != 0);
    CHECK_NUMBER(__atomic_load_n(&stage, __ATOMIC_SEQ_CST), 1);
    CHECK_NUMBER(trillet_client_close(client, -1), 0);
    CHECK_NUMBER(__atomic_load_n(&stage, __ATOMIC_SEQ_CST), 2);
    if (driving != NULL) {
        driver_stop(driving);
    }
    trillet_client_free(client);
}

void callback_suite(void)
{
    check_suite("callbacks");
    check_case("`done` is called once, with its id, on trillet-io, one at a time",
               done_is_called_once, &plain);
    check_case("`done` is called once, with its id, on trillet-io, one at a time, over TLS",
               done_is_called_once, &secure);
    check_case("Every function works in a callback; close, drain, warm and free refuse",
               every_function_works_in_a_callback, &plain);
    check_case("Every function works in a callback; close, drain, warm and free refuse, over TLS",
               every_function_works_in_a_callback, &secure);
    check_case("A mistake in a submitted request is an answer", a_mistake_is_an_answer_in_done,
               &plain);
    check_case("A request that waits for its turn is cancelled unsent",
               cancelling_while_it_waits_for_its_turn, &plain);
    check_case("A running request is cancelled at once", cancelling_while_it_runs, &plain);
    check_case("A running TLS request is cancelled at once", cancelling_while_it_runs, &secure);
    check_case("Requests cancelled at any time end once", cancelling_at_any_time_ends_once,
               &plain);
    check_case("TLS requests cancelled at any time end once", cancelling_at_any_time_ends_once,
               &secure);
    check_case("Closing calls every `done`", closing_calls_every_done, &plain);
    check_case("Closing calls every `done`, over TLS", closing_calls_every_done, &secure);
    check_case("Freeing calls every `done`", freeing_calls_every_done, &plain);
    check_case("No lock is held in a callback", no_lock_is_held_in_a_callback, &plain);
}
