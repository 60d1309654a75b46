/* trillet_completion_fd() in an event loop of the host, which drives its client. */
#include "burst.h"
#include "check.h"
#include "driving.h"
#include "fixture.h"
#include "guest_client.h"
#include "process.h"
#include "suites.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { SOON = 5000, EARLY = 300, OF_LIBCURL = 4 };

static const enum door plain = PLAIN;
static const enum door secure = SECURE;

static void *submit_one(void *argument)
{
    submit_echo((trillet_client *)argument, service_tag("elsewhere"), 1, "");
    return NULL;
}

static void a_submit_makes_it_readable(const void *argument)
{
    const char *tag = service_tag("submit");
    trillet_client *client = service_client(*(const enum door *)argument, CALLER);
    int descriptor = trillet_completion_fd(client);
    pthread_t other;
    int round;

    for (round = 0; round < 5; round++) {
        check_note("round %d", round);
        CHECK(settle(client));
        CHECK(!is_readable_within(client, 100));
        submit_echo(client, tag, round, "");
        CHECK(is_readable_within(client, 0));
        trillet_free(trillet_next(client, SOON, NULL));
        CHECK(settle(client));
        CHECK_NUMBER(pthread_create(&other, NULL, submit_one, client), 0);
        pthread_join(other, NULL);
        CHECK(is_readable_within(client, 0));
        trillet_free(trillet_next(client, SOON, NULL));
        CHECK_NUMBER(trillet_completion_fd(client), descriptor);
    }
    trillet_client_free(client);
    CHECK(write(descriptor, "x", 1) < 0 && errno == EBADF);
}

static void drive_until_answered(trillet_client *client)
{
    while (trillet_drive(client, 0) == 0 && is_readable_within(client, SOON)) {
    }
}

/* Nothing to do until the answer comes, which makes it readable, and until it is fetched. */
static void an_answer_makes_it_readable(const void *argument)
{
    const char *tag = service_tag("answer");
    trillet_client *client = service_client(*(const enum door *)argument, CALLER);

    submit_echo(client, tag, 1, "\"hold\":true");
    CHECK(wait_for_requests(client, tag, 1));
    CHECK(settle(client));
    CHECK(wakes_within(client, 400) <= OF_LIBCURL);
    CHECK(settle(client));
    service_release(tag);
    CHECK(is_readable_within(client, SOON));
    drive_until_answered(client);
    CHECK_NUMBER(trillet_drive(client, 0), 1);
    CHECK(is_readable_within(client, 0));
    trillet_free(trillet_next(client, 0, NULL));
    CHECK(settle(client));
    trillet_client_free(client);
}

static void a_cancel_makes_it_readable(const void *argument)
{
    const char *tag = service_tag("cancel");
    trillet_client *client = service_client(*(const enum door *)argument, CALLER);
    uint64_t id = submit_echo(client, tag, 1, "\"hold\":true");

    CHECK(wait_for_requests(client, tag, 1));
    CHECK(settle(client));
    CHECK_NUMBER(trillet_cancel(client, id), 0);
    CHECK(is_readable_within(client, 0));
    CHECK_NUMBER(trillet_drive(client, 0), 1);
    answer_expect_error(trillet_next(client, 0, NULL), "cancelled", "maybe");
    CHECK(settle(client));
    trillet_client_free(client);
}

/* Quiet before the time, readable at it, and something is done then. */
static void expect_readable_after(trillet_client *client, long since, long milliseconds)
{
    CHECK(settle(client));
    CHECK(wakes_within(client, since + milliseconds - EARLY - monotonic_milliseconds())
          <= OF_LIBCURL);
    CHECK(trillet_next(client, 0, NULL) == NULL);
    CHECK(is_readable_within(client, SOON));
}

static void a_deadline_makes_it_readable(const void *argument)
{
    const char *tag = service_tag("deadline");
    trillet_client *client = service_client(*(const enum door *)argument,
                                            CALLER ",\"timeoutMs\":1500");
    long started = monotonic_milliseconds();

    submit_echo(client, tag, 1, "\"hold\":true");
    CHECK(wait_for_requests(client, tag, 1));
    expect_readable_after(client, started, 1500);
    drive_until_answered(client);
    answer_expect_error(trillet_next(client, 0, NULL), "timeout", "maybe");
    CHECK(settle(client));
    trillet_client_free(client);
}

static void the_end_of_a_pause_makes_it_readable(const void *argument)
{
    fixture opened = fixture_open(CALLER);
    long refused;

    (void)argument;
    recording_server_answer(opened.server, 503, "Retry-After: 1\r\n", "{}", 2);
    recording_server_answer_json(opened.server, 200, "{}");
    CHECK(trillet_submit(opened.client, "agents.list", NULL, NULL, NULL, NULL) != 0);
    CHECK(fixture_wait(&opened, 1));
    refused = monotonic_milliseconds();
    expect_readable_after(opened.client, refused, 900);
    CHECK_NUMBER(recording_server_requests(opened.server), 1);
    answer_expect_data(trillet_next(opened.client, SOON, NULL), "{}");
    CHECK_NUMBER(recording_server_requests(opened.server), 2);
    fixture_close(&opened);
}

static void a_turn_makes_it_readable(const void *argument)
{
    const char *tag = service_tag("turn");
    trillet_client *client = service_client(*(const enum door *)argument,
                                            CALLER ",\"requestsPerMinute\":60");
    long started;

    submit_echo(client, tag, 1, "");
    started = monotonic_milliseconds();
    trillet_free(trillet_next(client, SOON, NULL));
    submit_echo(client, tag, 2, "");
    expect_readable_after(client, started, 900);
    CHECK_NUMBER(service_count(tag, "requests"), 1);
    trillet_free(trillet_next(client, SOON, NULL));
    CHECK_NUMBER(service_count(tag, "requests"), 2);
    trillet_client_free(client);
}

/* The service closes a connection that is not used: driven once, it is quiet again. */
static void a_connection_that_ends_is_taken_care_of(const void *argument)
{
    fixture opened = fixture_open(CALLER);

    (void)argument;
    recording_server_send(opened.server, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", 40,
                          RECORDING_CLOSE);
    CHECK(trillet_submit(opened.client, "agents.list", NULL, NULL, NULL, NULL) != 0);
    answer_expect_data(trillet_next(opened.client, SOON, NULL), "{}");
    CHECK(recording_server_wait_closed(opened.server, 1));
    CHECK(settle(opened.client));
    CHECK(!is_readable_within(opened.client, 200));
    fixture_close(&opened);
}

/* The event loop of the documents: it never waits anywhere else. */
static void an_event_loop_sends_everything(const void *argument)
{
    enum { COUNT = 300 };
    const char *tag = service_tag("event-loop");
    trillet_client *client = service_client(*(const enum door *)argument, CALLER);
    burst *half = burst_start(client, tag, COUNT, "");
    struct epoll_event watched;
    struct epoll_event happened;
    int set = epoll_create1(EPOLL_CLOEXEC);
    long processor;
    int fetched = 0;
    int index;

    memset(&watched, 0, sizeof watched);
    watched.events = EPOLLIN;
    CHECK_NUMBER(epoll_ctl(set, EPOLL_CTL_ADD, trillet_completion_fd(client), &watched), 0);
    for (index = 0; index < COUNT; index++) {
        submit_echo(client, tag, COUNT + index, "");
    }
    while ((fetched < COUNT || burst_ended(half) < COUNT)
           && epoll_wait(set, &happened, 1, SOON) == 1) {
        char *answer;
        trillet_drive(client, 0);
        while ((answer = trillet_next(client, 0, NULL)) != NULL) {
            fetched++;
            trillet_free(answer);
        }
    }
    CHECK_NUMBER(fetched, COUNT);
    CHECK_NUMBER(burst_own(half), COUNT);
    CHECK_NUMBER(service_count(tag, "requests"), 2 * COUNT);
    CHECK(settle(client));
    processor = processor_milliseconds();
    CHECK_NUMBER(epoll_wait(set, &happened, 1, 500), 0);
    CHECK(processor_milliseconds() - processor < 100);
    close(set);
    burst_free(half);
    trillet_client_free(client);
}

void driver_descriptor_suite(void)
{
    check_suite("driver's descriptor");
    check_case("A submit makes it readable, and nothing else does", a_submit_makes_it_readable,
               &plain);
    check_case("A submit makes it readable, and nothing else does, over TLS",
               a_submit_makes_it_readable, &secure);
    check_case("An answer makes it readable until it is fetched", an_answer_makes_it_readable,
               &plain);
    check_case("An answer makes it readable until it is fetched, over TLS",
               an_answer_makes_it_readable, &secure);
    check_case("A cancel makes it readable", a_cancel_makes_it_readable, &plain);
    check_case("A deadline makes it readable", a_deadline_makes_it_readable, &plain);
    check_case("A deadline makes it readable over TLS", a_deadline_makes_it_readable, &secure);
    check_case("The end of a pause makes it readable", the_end_of_a_pause_makes_it_readable, NULL);
    check_case("A turn makes it readable", a_turn_makes_it_readable, &plain);
    check_case("A connection that the service closes is taken care of",
               a_connection_that_ends_is_taken_care_of, NULL);
    check_case("An event loop sends everything, and sleeps then", an_event_loop_sends_everything,
               &plain);
    check_case("An event loop sends everything over TLS, and sleeps then",
               an_event_loop_sends_everything, &secure);
}
