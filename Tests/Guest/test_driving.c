/* The host's own threads instead of one of the library's. */
#include "burst.h"
#include "check.h"
#include "driving.h"
#include "engine.h"
#include "fixture.h"
#include "forked_client.h"
#include "guest_client.h"
#include "process.h"
#include "suites.h"

#include <pthread.h>
#include <stdlib.h>

static const enum door plain = PLAIN;
static const enum door secure = SECURE;

/* What a callback sees of the thread that it runs on. */
typedef struct witness {
    trillet_client *client;
    pthread_t here;
    int is_inside;
    int calls;
    int elsewhere;
    int outside;
    int threads;
} witness;

static witness new_witness(trillet_client *client)
{
    witness made = {client, pthread_self(), 0, 0, 0, 0, 0};

    return made;
}

static void look(witness *seen)
{
    int threads = thread_count();

    seen->calls++;
    seen->elsewhere += !pthread_equal(seen->here, pthread_self());
    seen->outside += !seen->is_inside;
    seen->threads = threads > seen->threads ? threads : seen->threads;
}

static void look_at_answer(void *user_data, uint64_t id, const char *response_json)
{
    (void)id;
    CHECK(response_json != NULL);
    look((witness *)user_data);
}

static void look_at_line(void *user_data, int32_t level, const char *message)
{
    (void)level;
    CHECK(message != NULL);
    look((witness *)user_data);
}

static void submit_watched(witness *seen, const char *tag)
{
    char *request = echo_request(tag, 1, "");

    CHECK(trillet_submit(seen->client, "POST /echo", request, NULL, look_at_answer, seen) != 0);
    free(request);
}

static void drive_inside(witness *seen, int32_t milliseconds)
{
    seen->is_inside = 1;
    trillet_drive(seen->client, milliseconds);
    seen->is_inside = 0;
}

static void expect_here(const witness *seen)
{
    CHECK(seen->calls > 0);
    CHECK_NUMBER(seen->elsewhere, 0);
    CHECK_NUMBER(seen->outside, 0);
}

static void no_thread_is_ever_started(const void *argument)
{
    const char *tag = service_tag("no-thread");
    trillet_client *client = service_client(*(const enum door *)argument, CALLER);
    witness seen = new_witness(client);
    int index;

    CHECK_NUMBER(trillet_client_set_log(client, TRILLET_LOG_DEBUG, ignore_line, NULL), 0);
    CHECK(trillet_completion_fd(client) >= 0);
    CHECK(echo(client, tag, 1, ""));
    for (index = 0; index < 4; index++) {
        submit_watched(&seen, tag);
        submit_echo(client, tag, index, "");
    }
    CHECK_NUMBER(thread_count(), 1);
    trillet_free(trillet_next(client, 10000, NULL));
    CHECK_NUMBER(thread_count(), 1);
    trillet_free(trillet_next_many(client, 10000, 2));
    CHECK_NUMBER(thread_count(), 1);
    trillet_drive(client, 100);
    CHECK_NUMBER(thread_count(), 1);
    submit_watched(&seen, tag);
    CHECK_NUMBER(trillet_client_drain(client, 5000), 0);
    CHECK_NUMBER(thread_count(), 1);
    CHECK_NUMBER(trillet_client_close(client, 5000), 0);
    trillet_client_free(client);
    CHECK_NUMBER(seen.calls, 5);
    CHECK_NUMBER(seen.threads, 1);
    CHECK_NUMBER(thread_count(), 1);
}

static void callbacks_run_inside_the_call(const void *argument)
{
    enum { COUNT = 8 };
    const char *tag = service_tag("inside");
    trillet_client *client = service_client(*(const enum door *)argument, CALLER);
    witness seen = new_witness(client);
    int left = 1000;
    int index;

    for (index = 0; index < COUNT; index++) {
        submit_watched(&seen, tag);
    }
    pause_milliseconds(50);
    CHECK_NUMBER(seen.calls, 0);
    while (seen.calls < COUNT && left-- > 0) {
        drive_inside(&seen, 1000);
    }
    CHECK_NUMBER(seen.calls, COUNT);
    submit_watched(&seen, tag);
    seen.is_inside = 1;
    CHECK(trillet_next(client, 300, NULL) == NULL);
    CHECK_NUMBER(seen.calls, COUNT + 1);
    seen.is_inside = 0;
    submit_watched(&seen, tag);
    seen.is_inside = 1;
    CHECK_NUMBER(trillet_client_close(client, 5000), 0);
    CHECK_NUMBER(seen.calls, COUNT + 2);
    expect_here(&seen);
    trillet_client_free(client);
}

static void *call_once(void *argument)
{
    CHECK(echo((trillet_client *)argument, "", 1, ""));
    return NULL;
}

/* Lines of a call of another thread wait for the one that drives. */
static void log_lines_run_inside_the_call(const void *argument)
{
    trillet_client *client = service_client(*(const enum door *)argument, CALLER);
    witness seen = new_witness(client);
    pthread_t other;

    CHECK_NUMBER(trillet_client_set_log(client, TRILLET_LOG_DEBUG, look_at_line, &seen), 0);
    CHECK(settle(client));
    seen.calls = seen.outside = 0;
    CHECK_NUMBER(pthread_create(&other, NULL, call_once, client), 0);
    pthread_join(other, NULL);
    CHECK_NUMBER(seen.calls, 0);
    CHECK(is_readable_within(client, 0));
    drive_inside(&seen, 0);
    expect_here(&seen);
    CHECK(settle(client));
    CHECK_NUMBER(trillet_client_set_log(client, TRILLET_LOG_OFF, NULL, NULL), 0);
    trillet_client_free(client);
}

typedef struct inner {
    trillet_client *client;
    const char *tag;
    int ends;
    int depth;
    int deepest;
    int waiting;
    int is_over;
} inner;

static void count_end(void *user_data, uint64_t id, const char *response_json)
{
    inner *self = (inner *)user_data;

    (void)id;
    (void)response_json;
    self->ends++;
    self->depth++;
    self->deepest = self->depth > self->deepest ? self->depth : self->deepest;
    self->depth--;
}

/* Nothing ends inside a callback but what the callback itself calls. */
static void use_client_inside(void *user_data, uint64_t id, const char *response_json)
{
    inner *self = (inner *)user_data;
    char *request = echo_request(self->tag, 2, "");
    uint64_t cancelled;
    long started;

    (void)response_json;
    self->depth++;
    CHECK(trillet_submit(self->client, "POST /echo", request, NULL, count_end, self) != 0);
    cancelled = submit_echo(self->client, self->tag, 3, "\"hold\":true");
    CHECK(echo(self->client, self->tag, 4, ""));
    started = monotonic_milliseconds();
    self->waiting = trillet_drive(self->client, 20000);
    CHECK(trillet_next(self->client, 20000, NULL) == NULL);
    CHECK(trillet_next_many(self->client, -1, 8) == NULL);
    CHECK(monotonic_milliseconds() - started < 5000);
    CHECK_NUMBER(self->ends, 0);
    CHECK_NUMBER(trillet_cancel(self->client, cancelled), 0);
    CHECK_NUMBER(trillet_cancel(self->client, id), 1);
    CHECK_NUMBER(trillet_client_close(self->client, 1000), -1);
    CHECK_NUMBER(trillet_client_drain(self->client, 1000), -1);
    trillet_client_free(self->client);
    self->is_over = 1;
    self->depth--;
    free(request);
}

static void a_callback_may_use_its_client(const void *argument)
{
    inner self = {NULL, service_tag("callback"), 0, 0, 0, 0, 0};
    int left = 100;
    char *answer;

    self.client = service_client(*(const enum door *)argument, CALLER);
    CHECK(trillet_submit(self.client, "POST /echo", "{}", NULL, use_client_inside, &self) != 0);
    answer = trillet_next(self.client, 10000, NULL);
    CHECK(self.is_over);
    CHECK_NUMBER(self.waiting, 0);
    answer_expect_error(answer, "cancelled", "no");
    while (self.ends == 0 && left-- > 0) {
        trillet_drive(self.client, 1000);
    }
    CHECK_NUMBER(self.ends, 1);
    CHECK_NUMBER(self.deepest, 1);
    CHECK_NUMBER(trillet_client_close(self.client, 1000), 0);
    trillet_client_free(self.client);
}

/* A callback of one client drives another, whose callbacks run in there. */
static void drive_another(void *user_data, uint64_t id, const char *response_json)
{
    burst *others = burst_start((trillet_client *)user_data, service_tag("another"), 4, "");
    trillet_client *client = (trillet_client *)user_data;

    (void)id;
    (void)response_json;
    while (burst_ended(others) < 4 && trillet_drive(client, 1000) >= 0) {
    }
    CHECK_NUMBER(burst_own(others), 4);
    burst_free(others);
    CHECK(submit_echo(client, service_tag("another"), 7, "") != 0);
}

static void a_callback_may_drive_another_client(const void *argument)
{
    trillet_client *client = service_client(*(const enum door *)argument, CALLER);
    trillet_client *another = service_client(*(const enum door *)argument, CALLER);
    char *answer;

    CHECK(trillet_submit(client, "POST /echo", "{}", NULL, drive_another, another) != 0);
    CHECK_NUMBER(trillet_client_close(client, 10000), 0);
    answer = trillet_next(another, 10000, NULL);
    CHECK(is_echo_of(answer, 7));
    trillet_free(answer);
    trillet_client_free(client);
    trillet_client_free(another);
}

static void use_client_in_line(void *user_data, int32_t level, const char *message)
{
    inner *self = (inner *)user_data;

    (void)level;
    CHECK(message != NULL);
    if (self->is_over++ == 0) {
        CHECK_NUMBER(trillet_drive(self->client, 20000), 0);
        CHECK(trillet_next(self->client, 20000, NULL) == NULL);
        CHECK_NUMBER(trillet_client_close(self->client, 1000), -1);
        submit_echo(self->client, self->tag, 5, "");
    }
}

static void a_log_function_may_use_its_client(const void *argument)
{
    inner self = {NULL, service_tag("line"), 0, 0, 0, 0, 0};
    char *answer;

    self.client = service_client(*(const enum door *)argument, CALLER);
    CHECK_NUMBER(
        trillet_client_set_log(self.client, TRILLET_LOG_INFO, use_client_in_line, &self), 0);
    CHECK(echo(self.client, self.tag, 4, ""));
    answer = trillet_next(self.client, 10000, NULL);
    CHECK(is_echo_of(answer, 5));
    trillet_free(answer);
    CHECK(self.is_over > 0);
    CHECK_NUMBER(trillet_client_close(self.client, 1000), 0);
    trillet_client_free(self.client);
}

static void be_a_child(void *argument)
{
    expect_forked((trillet_client *)argument);
    check_note("with a new client");
    use_everything(PLAIN);
}

/* Whatever the other thread holds when the process forks, the child needs none of it. */
static void children_are_made_while_another_thread_drives(const void *argument)
{
    enum { CHILDREN = 10, IN_FLIGHT = 16 };
    const char *tag = service_tag("forking");
    trillet_client *client = service_client(*(const enum door *)argument, CALLER);
    driver *driving = driver_start(client);
    int fetched = 0;
    int index;

    for (index = 0; index < CHILDREN; index++) {
        int number;
        for (number = 0; number < IN_FLIGHT; number++) {
            submit_echo(client, tag, number, number % 2 == 0 ? "" : "\"delayMs\":20");
        }
        child_expect_success(child_start(be_a_child, client));
    }
    check_note("in the parent, afterwards");
    while (fetched < CHILDREN * IN_FLIGHT) {
        char *answer = trillet_next(client, 10000, NULL);
        if (!CHECK(answer != NULL)) {
            break;
        }
        fetched++;
        trillet_free(answer);
    }
    driver_stop(driving);
    CHECK_NUMBER(service_count(tag, "requests"), CHILDREN * IN_FLIGHT);
    CHECK_NUMBER(trillet_client_close(client, 1000), 0);
    trillet_client_free(client);
}

void driving_suite(void)
{
    check_suite("driving");
    check_case("A client that the caller drives never starts a thread", no_thread_is_ever_started,
               &plain);
    check_case("Neither does one over TLS", no_thread_is_ever_started, &secure);
    check_case("Callbacks run inside the call, on its thread", callbacks_run_inside_the_call,
               &plain);
    check_case("Callbacks run inside the call, on its thread, over TLS",
               callbacks_run_inside_the_call, &secure);
    check_case("Lines of the log run inside the call, on its thread",
               log_lines_run_inside_the_call, &plain);
    check_case("A callback may use its client, and nothing else ends meanwhile",
               a_callback_may_use_its_client, &plain);
    check_case("A log function may use its client", a_log_function_may_use_its_client, &plain);
    check_case("Children are made while another thread drives",
               children_are_made_while_another_thread_drives, &plain);
    check_case("Children are made while another thread drives over TLS",
               children_are_made_while_another_thread_drives, &secure);
    check_case("A callback may drive another client", a_callback_may_drive_another_client,
               &plain);
}
