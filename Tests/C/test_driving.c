/* trillet_drive(): what it answers, and what one call of it does. */
#include "check.h"
#include "engine.h"
#include "fixture.h"
#include "interrupting.h"
#include "suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#define CALLER "\"engine\":\"caller\""

static void there_is_nothing_to_drive(const void *argument)
{
    fixture threaded = fixture_open("\"engine\":\"thread\"");
    fixture opened = fixture_open(CALLER);
    pid_t child;
    int status = 0;

    (void)argument;
    CHECK_NUMBER(trillet_drive(NULL, 0), -1);
    CHECK_NUMBER(trillet_drive(NULL, -1), -1);
    CHECK_NUMBER(trillet_drive(threaded.client, 0), -1);
    CHECK_NUMBER(trillet_drive(threaded.client, -1), -1);
    CHECK(trillet_submit(opened.client, "agents.list", NULL, NULL, NULL, NULL) != 0);
    child = fork();
    if (child == 0) {
        alarm(10);
        _exit(trillet_drive(opened.client, 0) == -1 && trillet_drive(opened.client, -1) == -1
                  ? 0 : 1);
    }
    waitpid(child, &status, 0);
    CHECK_NUMBER(status, 0);
    CHECK_NUMBER(recording_server_requests(opened.server), 0);
    fixture_close(&threaded);
    fixture_close(&opened);
}

static void a_wrong_engine_is_named(const void *argument)
{
    static const char *const values[] = {"\"Caller\"", "\"\"", "1", "true", "[\"caller\"]"};
    size_t index;

    (void)argument;
    for (index = 0; index < sizeof values / sizeof values[0]; index++) {
        char *error = NULL;
        char options[128];
        check_note("%s", values[index]);
        snprintf(options, sizeof options, "{\"env\":false,\"apiKey\":\"k\",\"engine\":%s}",
                 values[index]);
        CHECK(trillet_client_new(options, &error) == NULL);
        answer_expect(error, "error.type", "\"configuration\"");
        answer_expect(error, "error.field", "\"engine\"");
        trillet_free(error);
    }
}

/* Nothing is sent before; everything that is ready is done; what is not is not waited for. */
static void no_time_does_what_is_ready(const void *argument)
{
    fixture opened = fixture_open(CALLER);
    long started;
    int turns = 0;

    (void)argument;
    CHECK(trillet_submit(opened.client, "agents.list", NULL, NULL, NULL, NULL) != 0);
    pause_milliseconds(50);
    CHECK_NUMBER(recording_server_requests(opened.server), 0);
    recording_server_hold(opened.server);
    started = milliseconds_now();
    while (recording_server_requests(opened.server) == 0 && turns++ < 1000) {
        CHECK_NUMBER(trillet_drive(opened.client, 0), 0);
        pause_milliseconds(1);
    }
    CHECK(turns < 1000);
    started = milliseconds_now();
    CHECK_NUMBER(trillet_drive(opened.client, 0), 0);
    CHECK(milliseconds_now() - started < SOON_MILLISECONDS);
    recording_server_release(opened.server);
    CHECK_NUMBER(trillet_drive(opened.client, 5000), 1);
    answer_expect_data(trillet_next(opened.client, 0, NULL), "{}");
    fixture_close(&opened);
}

static void it_returns_how_many_answers_wait(const void *argument)
{
    enum { COUNT = 5 };
    fixture opened = fixture_open(CALLER);
    long started;
    int waiting = 0;
    int index;

    (void)argument;
    CHECK_NUMBER(trillet_drive(opened.client, 0), 0);
    for (index = 0; index < COUNT; index++) {
        CHECK(trillet_submit(opened.client, "agents.list", NULL, NULL, NULL, NULL) != 0);
    }
    for (index = 0; index < 5000 && waiting < COUNT; index++) {
        int now = trillet_drive(opened.client, 5000);
        CHECK(now >= waiting && now <= COUNT);
        waiting = now;
        pause_milliseconds(1);
    }
    CHECK_NUMBER(waiting, COUNT);
    /* Answers that wait are enough: it does not wait for more. */
    started = milliseconds_now();
    CHECK_NUMBER(trillet_drive(opened.client, 20000), COUNT);
    CHECK(milliseconds_now() - started < SOON_MILLISECONDS);
    for (index = COUNT; index > 0; index--) {
        answer_expect_data(trillet_next(opened.client, 0, NULL), "{}");
        CHECK_NUMBER(trillet_drive(opened.client, 0), index - 1);
    }
    CHECK_NUMBER(trillet_client_close(opened.client, 1000), 0);
    CHECK_NUMBER(trillet_drive(opened.client, -1), 0);
    fixture_close(&opened);
}

static void count_ends(void *user_data, uint64_t id, const char *response_json)
{
    (void)id;
    CHECK(response_json != NULL);
    ++*(int *)user_data;
}

/* A request with `done` is one that ends, too: who waits for it waits no longer. */
static void it_ends_with_a_request(const void *argument)
{
    fixture opened = fixture_open(CALLER);
    long started = milliseconds_now();
    int ended = 0;

    (void)argument;
    CHECK(trillet_submit(opened.client, "agents.list", NULL, NULL, count_ends, &ended) != 0);
    CHECK_NUMBER(trillet_drive(opened.client, 20000), 0);
    CHECK_NUMBER(ended, 1);
    CHECK(milliseconds_now() - started < 10000);
    fixture_close(&opened);
}

static void a_wait_lasts_its_time(const void *argument)
{
    fixture opened = fixture_open(CALLER);
    long started = milliseconds_now();

    (void)argument;
    CHECK_NUMBER(trillet_drive(opened.client, 100), 0);
    CHECK(milliseconds_now() - started >= 95);
    recording_server_hold(opened.server);
    CHECK(trillet_submit(opened.client, "agents.list", NULL, NULL, NULL, NULL) != 0);
    started = milliseconds_now();
    CHECK_NUMBER(trillet_drive(opened.client, 100), 0);
    CHECK(milliseconds_now() - started >= 95);
    recording_server_release(opened.server);
    fixture_close(&opened);
}

/* A deadline that passes while nobody drives counts. */
static void late_answer(long held_milliseconds, const char *expected)
{
    fixture opened = fixture_open(CALLER);

    recording_server_hold(opened.server);
    CHECK(trillet_submit(opened.client, "agents.list", NULL, "{\"timeoutMs\":200}", NULL, NULL)
          != 0);
    CHECK(fixture_wait(&opened, 1));
    pause_milliseconds(held_milliseconds);
    if (expected == NULL) {
        recording_server_release(opened.server);
        pause_milliseconds(350);
        char *answer = trillet_next(opened.client, 5000, NULL);
        answer_expect(answer, "ok", "true");
        trillet_free(answer);
    } else {
        answer_expect_error(trillet_next(opened.client, 5000, NULL), expected, "maybe");
        recording_server_release(opened.server);
    }
    CHECK_NUMBER(recording_server_requests(opened.server), 1);
    fixture_close(&opened);
}

static void an_answer_counts_that_came_meanwhile(const void *argument)
{
    (void)argument;
    late_answer(50, NULL);
}

static void time_passes_while_nobody_drives(const void *argument)
{
    (void)argument;
    late_answer(400, "timeout");
}

/* Nobody would let the submitted one end: the call that blocks does not wait for it. */
static void a_call_does_not_wait_for_what_nobody_drives(const void *argument)
{
    fixture opened = fixture_open(CALLER ",\"maxInFlight\":1");
    driver *driving;

    (void)argument;
    recording_server_hold(opened.server);
    CHECK(trillet_submit(opened.client, "agents.list", NULL, NULL, NULL, NULL) != 0);
    CHECK(fixture_wait(&opened, 1));
    /* Both are held: it was sent. */
    answer_expect_error(trillet_calls_send(opened.client, SEND_CALL, "{\"timeoutMs\":300}"),
                        "timeout", "maybe");
    CHECK(fixture_wait(&opened, 2));
    driving = driver_start(opened.client);
    pause_milliseconds(100);
    answer_expect_error(trillet_calls_send(opened.client, SEND_CALL, "{\"timeoutMs\":300}"),
                        "timeout", "no");
    CHECK_NUMBER(recording_server_requests(opened.server), 2);
    recording_server_release(opened.server);
    answer_expect_data(trillet_calls_send(opened.client, SEND_CALL, NULL), "{}");
    driver_stop(driving);
    answer_expect_data(trillet_next(opened.client, 0, NULL), "{}");
    fixture_close(&opened);
}

/* A phone that rings after the host has given up on it is one too many. */
static void nothing_is_sent_after_its_time(const void *argument)
{
    fixture opened = fixture_open(CALLER);

    (void)argument;
    CHECK(trillet_submit(opened.client, "calls.send", SEND_CALL, "{\"timeoutMs\":50}", NULL, NULL)
          != 0);
    pause_milliseconds(100);
    answer_expect_error(trillet_next(opened.client, 5000, NULL), "timeout", "no");
    CHECK_NUMBER(recording_server_requests(opened.server), 0);
    fixture_close(&opened);
}

static void take_long(void *user_data, uint64_t id, const char *response_json)
{
    (void)id;
    (void)response_json;
    __atomic_store_n((int *)user_data, 1, __ATOMIC_SEQ_CST);
    pause_milliseconds(300);
}

/* The thread of the library is no more punctual than a callback lets it be. */
static void nothing_is_sent_behind_a_slow_callback(const void *argument)
{
    fixture opened = fixture_open("\"engine\":\"thread\"");
    int is_inside = 0;

    (void)argument;
    CHECK(trillet_submit(opened.client, "agents.list", NULL, NULL, take_long, &is_inside) != 0);
    while (!__atomic_load_n(&is_inside, __ATOMIC_SEQ_CST)) {
        pause_milliseconds(1);
    }
    CHECK(trillet_submit(opened.client, "calls.send", SEND_CALL, "{\"timeoutMs\":50}", NULL, NULL)
          != 0);
    /* A thread that waited for it would send it. */
    pause_milliseconds(100);
    answer_expect_error(trillet_next(opened.client, 5000, NULL), "timeout", "no");
    CHECK_NUMBER(recording_server_requests(opened.server), 1);
    fixture_close(&opened);
}

static void many_answers_come_at_once(const void *argument)
{
    enum { COUNT = 20 };
    fixture opened = fixture_open(CALLER);
    int fetched = 0;
    int index;

    (void)argument;
    for (index = 0; index < COUNT; index++) {
        CHECK(trillet_submit(opened.client, "agents.list", NULL, NULL, NULL, NULL) != 0);
    }
    while (fetched < COUNT) {
        char *array = trillet_next_many(opened.client, 5000, COUNT);
        char path[16];
        if (!CHECK(array != NULL)) {
            break;
        }
        for (index = 0; index < COUNT; index++) {
            char *answer;
            snprintf(path, sizeof path, "%d", index);
            if ((answer = answer_member(array, path)) == NULL) {
                break;
            }
            free(answer);
        }
        CHECK(index > 0);
        fetched += index;
        trillet_free(array);
    }
    CHECK_NUMBER(fetched, COUNT);
    CHECK_NUMBER(trillet_drive(opened.client, 0), 0);
    fixture_close(&opened);
}

void driving_suite(void)
{
    check_suite("driving");
    check_case("There is nothing to drive for NULL, with a thread, and in a child",
               there_is_nothing_to_drive, NULL);
    check_case("An engine that there is not is named", a_wrong_engine_is_named, NULL);
    check_case("Without time it does what is ready, and nothing is sent before",
               no_time_does_what_is_ready, NULL);
    check_case("It returns how many answers wait", it_returns_how_many_answers_wait, NULL);
    check_case("It ends with a request, whoever has the answer", it_ends_with_a_request, NULL);
    check_case("A wait in it lasts its time", a_wait_lasts_its_time, NULL);
    check_case("An answer counts that came while nobody drove",
               an_answer_counts_that_came_meanwhile, NULL);
    check_case("A deadline passes while nobody drives", time_passes_while_nobody_drives, NULL);
    check_case("A call does not wait for what nobody drives",
               a_call_does_not_wait_for_what_nobody_drives, NULL);
    check_case("Nothing is sent after its time", nothing_is_sent_after_its_time, NULL);
    check_case("Nothing is sent after its time behind a slow callback",
               nothing_is_sent_behind_a_slow_callback, NULL);
    check_case("Many answers come at once", many_answers_come_at_once, NULL);
}
