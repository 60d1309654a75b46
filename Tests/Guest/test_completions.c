/* Answers fetched with trillet_next(), and the descriptor that tells of them. */
#include "burst.h"
#include "check.h"
#include "fetchers.h"
#include "fixture.h"
#include "guest_client.h"
#include "process.h"
#include "suites.h"
#include "text.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

static const enum door plain = PLAIN;
static const enum door secure = SECURE;

static int is_readable(int descriptor, int timeout)
{
    struct pollfd watched = {descriptor, POLLIN, 0};

    return poll(&watched, 1, timeout) == 1 && (watched.revents & POLLIN) != 0;
}

/* What is to be done makes it readable too, where the caller drives. */
static int is_quiet(trillet_client *client, int descriptor)
{
    trillet_drive(client, 0);
    return !is_readable(descriptor, 0);
}

static void fetch_now(trillet_client *client)
{
    uint64_t id = 0;
    char *answer = trillet_next(client, 0, &id);

    CHECK(answer != NULL && id != 0);
    trillet_free(answer);
}

static void the_descriptor_is_level_triggered(const void *argument)
{
    const char *tag = service_tag("level");
    trillet_client *client = service_client(*(const enum door *)argument, "");
    int descriptor = trillet_completion_fd(client);
    int round;

    CHECK(descriptor >= 0);
    CHECK_NUMBER(trillet_completion_fd(client), descriptor);
    for (round = 0; round < 20; round++) {
        check_note("round %d", round);
        CHECK(is_quiet(client, descriptor));
        submit_echo(client, tag, 1, "");
        submit_echo(client, tag, 2, "");
        wait_for_completed(client, 2);
        CHECK(is_readable(descriptor, 0));
        CHECK(is_readable(descriptor, 0));
        fetch_now(client);
        CHECK(is_readable(descriptor, 0));
        fetch_now(client);
        CHECK(is_quiet(client, descriptor));
        CHECK(trillet_next(client, 0, NULL) == NULL);
    }
    CHECK_NUMBER(trillet_completion_fd(client), descriptor);
    trillet_client_free(client);
    CHECK(write(descriptor, "x", 1) < 0 && errno == EBADF);
}

/* Asked for when answers are waiting already, and kept by a close. */
static void the_descriptor_may_come_late(const void *argument)
{
    const char *tag = service_tag("late");
    trillet_client *client = service_client(*(const enum door *)argument, "");
    int descriptor;

    submit_echo(client, tag, 1, "");
    submit_echo(client, tag, 2, "");
    wait_for_completed(client, 2);
    descriptor = trillet_completion_fd(client);
    CHECK(is_readable(descriptor, 0));
    CHECK_NUMBER(trillet_client_close(client, 0), 0);
    CHECK_NUMBER(trillet_completion_fd(client), descriptor);
    CHECK(is_readable(descriptor, 0));
    fetch_now(client);
    CHECK(is_readable(descriptor, 0));
    fetch_now(client);
    CHECK(is_quiet(client, descriptor));
    CHECK(trillet_next(client, -1, NULL) == NULL);
    trillet_client_free(client);
}

static void epoll_tells_of_every_answer(const void *argument)
{
    enum { COUNT = 300 };
    const char *tag = service_tag("epoll");
    trillet_client *client = service_client(*(const enum door *)argument, "");
    int set = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event watched;
    struct epoll_event happened;
    int fetched = 0;
    int index;

    memset(&watched, 0, sizeof watched);
    watched.events = EPOLLIN;
    CHECK_NUMBER(epoll_ctl(set, EPOLL_CTL_ADD, trillet_completion_fd(client), &watched), 0);
    for (index = 0; index < COUNT; index++) {
        submit_echo(client, tag, index, "");
    }
    while (fetched < COUNT && epoll_wait(set, &happened, 1, 5000) == 1) {
        uint64_t id = 0;
        char *answer;
        if (trillet_drive(client, 0) == 0) {
            continue;
        }
        answer = trillet_next(client, 0, &id);
        CHECK(answer != NULL && strncmp(answer, "{\"ok\":true", 10) == 0);
        fetched += answer != NULL;
        trillet_free(answer);
    }
    CHECK_NUMBER(fetched, COUNT);
    trillet_drive(client, 0);
    CHECK_NUMBER(epoll_wait(set, &happened, 1, 0), 0);
    close(set);
    trillet_client_free(client);
}

/* An answer with `done` does not wait for anybody. */
static void callbacks_do_not_make_it_readable(const void *argument)
{
    const char *tag = service_tag("with-done");
    trillet_client *client = service_client(*(const enum door *)argument, "");
    int descriptor = trillet_completion_fd(client);
    burst *some = burst_start(client, tag, 16, "");

    burst_expect_own(some);
    CHECK(is_quiet(client, descriptor));
    CHECK(trillet_next(client, 0, NULL) == NULL);
    burst_free(some);
    trillet_client_free(client);
}

/* One answer with trillet_next(). */
static int fetch_one(trillet_client *client, answer_function note, void *user_data)
{
    uint64_t id = 0;
    char *answer = trillet_next(client, -1, &id);

    if (answer == NULL) {
        return 0;
    }
    note(user_data, id, answer);
    trillet_free(answer);
    return 1;
}

static void threads_fetch_each_answer_once(const void *argument)
{
    fetchers_expect_each_once(*(const enum door *)argument, fetch_one);
}

static void closing_ends_a_wait(const void *argument)
{
    trillet_client *client = service_client(*(const enum door *)argument, "");

    CHECK(submit_echo(client, service_tag("wait"), 0, "") != 0);
    trillet_free(trillet_next(client, 5000, NULL));
    fetchers_expect_end(client, fetch_one);
    trillet_client_free(client);
}

/* A `done` that returns once another thread has fetched its answer. */
typedef struct exchange {
    trillet_client *client;
    int is_fetched;
    int was_fetched;
} exchange;

static void wait_until_fetched(void *user_data, uint64_t id, const char *response_json)
{
    exchange *self = (exchange *)user_data;
    int left = 500;

    (void)id;
    CHECK(response_json != NULL);
    while (!__atomic_load_n(&self->is_fetched, __ATOMIC_SEQ_CST) && left-- > 0) {
        pause_milliseconds(10);
    }
    self->was_fetched = left > 0;
}

static void *fetch_for_exchange(void *user_data)
{
    exchange *self = (exchange *)user_data;
    char *answer = trillet_next(self->client, -1, NULL);

    __atomic_store_n(&self->is_fetched, answer != NULL, __ATOMIC_SEQ_CST);
    trillet_free(answer);
    return NULL;
}

/* Closing ends both at once, and with them the loop. */
static void the_last_answers_wait_for_no_callback(const void *argument)
{
    const char *tag = service_tag("last");
    exchange both = {service_client(*(const enum door *)argument, "\"engine\":\"thread\""), 0, 0};
    char *request = echo_request(tag, 0, "\"hold\":true");
    pthread_t thread;

    CHECK(trillet_submit(both.client, "POST /echo", request, NULL, wait_until_fetched, &both) != 0);
    CHECK(trillet_submit(both.client, "POST /echo", request, NULL, NULL, NULL) != 0);
    CHECK_NUMBER(pthread_create(&thread, NULL, fetch_for_exchange, &both), 0);
    CHECK(service_wait(tag, 2));
    CHECK_NUMBER(trillet_client_close(both.client, 0), 1);
    pthread_join(thread, NULL);
    CHECK(both.was_fetched);
    trillet_client_free(both.client);
    free(request);
}

static void a_client_without_requests_waits_too(const void *argument)
{
    trillet_client *client = service_client(*(const enum door *)argument, "");
    long started = monotonic_milliseconds();
    uint64_t id = 7;

    CHECK(trillet_next(client, 100, &id) == NULL);
    CHECK_NUMBER(id, 0);
    CHECK(monotonic_milliseconds() - started >= 95);
    CHECK(monotonic_milliseconds() - started < 1000);
    CHECK_NUMBER(trillet_client_close(client, 0), 0);
    CHECK(trillet_next(client, -1, &id) == NULL);
    trillet_client_free(client);
    answer_expect_error(trillet_next(NULL, -1, &id), "invalid_argument", "no");
    CHECK_NUMBER(trillet_completion_fd(NULL), -1);
    CHECK(trillet_submit(NULL, "POST /echo", "{}", NULL, NULL, NULL) == 0);
}

void completion_suite(void)
{
    check_suite("completions");
    check_case("The descriptor is readable while an answer waits, and not otherwise",
               the_descriptor_is_level_triggered, &plain);
    check_case("The descriptor is readable while an answer waits, and not otherwise, over TLS",
               the_descriptor_is_level_triggered, &secure);
    check_case("The descriptor may be asked for late, and outlives a close",
               the_descriptor_may_come_late, &plain);
    check_case("epoll tells of every answer", epoll_tells_of_every_answer, &plain);
    check_case("epoll tells of every answer over TLS", epoll_tells_of_every_answer, &secure);
    check_case("Answers with `done` do not make the descriptor readable",
               callbacks_do_not_make_it_readable, &plain);
    check_case("Threads fetch each answer once", threads_fetch_each_answer_once, &plain);
    check_case("Threads fetch each answer once over TLS", threads_fetch_each_answer_once,
               &secure);
    check_case("Closing ends a wait for answers", closing_ends_a_wait, &plain);
    check_case("The last answers wait for no callback", the_last_answers_wait_for_no_callback,
               &plain);
    check_case("Without requests a wait lasts its time", a_client_without_requests_waits_too,
               &plain);
}
