/* Several threads wait for one client: one drives it, and another takes over when that one leaves. */
#include "burst.h"
#include "check.h"
#include "driving.h"
#include "fixture.h"
#include "guest_client.h"
#include "process.h"
#include "suites.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONG_WAIT = 20000, SOON = 5000, NO_ANSWER = -1 };

/* A thread that is in one of the waiting functions until that returns. */
typedef struct waiter {
    pthread_t thread;
    trillet_client *client;
    int32_t timeout;
    int answers_expected;
    int has_check;
    int is_interrupted;
    int fetched;
    int32_t waiting;
    long returned;
} waiter;

static int32_t ask(void *user_data)
{
    return __atomic_load_n((int *)user_data, __ATOMIC_SEQ_CST);
}

/* A client has one check, which belongs to the thread that sets it. */
static void let_interrupt(waiter *self)
{
    if (self->has_check) {
        CHECK_NUMBER(trillet_client_set_interrupt(self->client, ask, &self->is_interrupted), 0);
    }
}

static void *fetch(void *argument)
{
    waiter *self = (waiter *)argument;
    char *answer = NULL;

    let_interrupt(self);
    do {
        answer = trillet_next(self->client, self->timeout, NULL);
        self->fetched += answer != NULL;
        trillet_free(answer);
    } while (answer != NULL && self->fetched < self->answers_expected);
    self->returned = monotonic_milliseconds();
    return NULL;
}

static void *drive(void *argument)
{
    waiter *self = (waiter *)argument;

    let_interrupt(self);
    self->waiting = trillet_drive(self->client, self->timeout);
    self->returned = monotonic_milliseconds();
    return NULL;
}

static waiter new_waiter(trillet_client *client, int32_t timeout)
{
    waiter made;

    memset(&made, 0, sizeof made);
    made.client = client;
    made.timeout = timeout;
    made.answers_expected = 1;
    made.waiting = NO_ANSWER;
    return made;
}

static void start(waiter *started, void *(*wait)(void *))
{
    CHECK_NUMBER(pthread_create(&started->thread, NULL, wait, started), 0);
}

/* One request is held by the service; the leader has sent it, so that it is the one that drives. */
typedef struct scene {
    const char *tag;
    trillet_client *client;
    waiter leader;
    waiter followers[3];
} scene;

static void open_scene(scene *opened, void *(*wait)(void *), int32_t timeout, int has_check)
{
    opened->tag = service_tag("taking-over");
    opened->client = service_client(PLAIN, CALLER);
    submit_echo(opened->client, opened->tag, 1, "\"hold\":true");
    opened->leader = new_waiter(opened->client, timeout);
    opened->leader.has_check = has_check;
    start(&opened->leader, wait);
    CHECK(service_wait(opened->tag, 1));
}

static void follow(scene *opened, int index, void *(*wait)(void *), int has_check)
{
    opened->followers[index] = new_waiter(opened->client, LONG_WAIT);
    opened->followers[index].has_check = has_check;
    start(&opened->followers[index], wait);
    pause_milliseconds(50);
}

/* The leader is gone; the follower gets the answer that it could not have got without driving. */
static void close_scene(scene *opened)
{
    long released;

    pthread_join(opened->leader.thread, NULL);
    CHECK_NUMBER(opened->leader.fetched, 0);
    released = monotonic_milliseconds();
    service_release(opened->tag);
    pthread_join(opened->followers[0].thread, NULL);
    CHECK_NUMBER(opened->followers[0].fetched, 1);
    CHECK(opened->followers[0].returned - released < SOON);
    CHECK_NUMBER(trillet_client_close(opened->client, 1000), 0);
    trillet_client_free(opened->client);
}

static void after_its_time(const void *argument)
{
    scene opened;

    (void)argument;
    open_scene(&opened, fetch, 300, 0);
    follow(&opened, 0, fetch, 0);
    close_scene(&opened);
}

static void do_nothing(int number)
{
    (void)number;
}

static void handle_signals(void)
{
    struct sigaction handler;

    memset(&handler, 0, sizeof handler);
    handler.sa_handler = do_nothing;
    sigaction(SIGUSR1, &handler, NULL);
}

static void after_a_signal(const void *argument)
{
    scene opened;
    long started = monotonic_milliseconds();

    (void)argument;
    handle_signals();
    open_scene(&opened, drive, LONG_WAIT, 0);
    follow(&opened, 0, fetch, 0);
    pthread_kill(opened.leader.thread, SIGUSR1);
    close_scene(&opened);
    CHECK_NUMBER(opened.leader.waiting, 0);
    CHECK(opened.leader.returned - started < SOON);
}

/* A wait for an answer goes on after a signal, driving or not. */
static void a_signal_does_not_end_a_wait_for_answers(const void *argument)
{
    scene opened;
    int index;

    (void)argument;
    handle_signals();
    open_scene(&opened, fetch, LONG_WAIT, 0);
    follow(&opened, 0, fetch, 0);
    for (index = 0; index < 20; index++) {
        pthread_kill(opened.leader.thread, SIGUSR1);
        pthread_kill(opened.followers[0].thread, SIGUSR1);
        pause_milliseconds(2);
    }
    submit_echo(opened.client, opened.tag, 2, "");
    service_release(opened.tag);
    pthread_join(opened.leader.thread, NULL);
    pthread_join(opened.followers[0].thread, NULL);
    CHECK_NUMBER(opened.leader.fetched + opened.followers[0].fetched, 2);
    trillet_client_free(opened.client);
}

static void after_its_interrupt_function(const void *argument)
{
    void *(*const wait)(void *) = argument == NULL ? fetch : drive;
    scene opened;
    long pressed;

    open_scene(&opened, wait, LONG_WAIT, 1);
    follow(&opened, 0, fetch, 0);
    pressed = monotonic_milliseconds();
    __atomic_store_n(&opened.leader.is_interrupted, 1, __ATOMIC_SEQ_CST);
    close_scene(&opened);
    CHECK(opened.leader.returned - pressed < SOON);
}

/* One that sleeps is interrupted as well, and the leader goes on. */
static void a_thread_that_sleeps_is_interrupted(const void *argument)
{
    scene opened;
    long pressed;

    (void)argument;
    open_scene(&opened, fetch, LONG_WAIT, 0);
    follow(&opened, 0, fetch, 1);
    pressed = monotonic_milliseconds();
    __atomic_store_n(&opened.followers[0].is_interrupted, 1, __ATOMIC_SEQ_CST);
    pthread_join(opened.followers[0].thread, NULL);
    CHECK(opened.followers[0].returned - pressed < SOON);
    CHECK_NUMBER(opened.followers[0].fetched, 0);
    service_release(opened.tag);
    pthread_join(opened.leader.thread, NULL);
    CHECK_NUMBER(opened.leader.fetched, 1);
    trillet_client_free(opened.client);
}

/* Each ends its thread as soon as it has an answer, so that each in turn has to take over. */
static void after_their_answers(const void *argument)
{
    enum { THREADS = 6 };
    const char *tag = service_tag("in-turn");
    trillet_client *client = service_client(*(const enum door *)argument, CALLER);
    waiter waiters[THREADS];
    long started = monotonic_milliseconds();
    int index;

    for (index = 0; index < THREADS; index++) {
        char delay[32];
        snprintf(delay, sizeof delay, "\"delayMs\":%d", 50 * (index + 1));
        submit_echo(client, tag, index, delay);
        waiters[index] = new_waiter(client, LONG_WAIT);
        start(&waiters[index], fetch);
    }
    for (index = 0; index < THREADS; index++) {
        pthread_join(waiters[index].thread, NULL);
        CHECK_NUMBER(waiters[index].fetched, 1);
        CHECK(waiters[index].returned - started < 2 * SOON);
    }
    CHECK_NUMBER(service_count(tag, "different"), THREADS);
    trillet_client_free(client);
}

/* Threads that come for one turn and end, beside one that waits. */
static void *drive_for_a_moment(void *client)
{
    trillet_drive((trillet_client *)client, 1);
    return NULL;
}

static void after_threads_that_end(const void *argument)
{
    enum { COUNT = 40 };
    const char *tag = service_tag("short");
    trillet_client *client = service_client(*(const enum door *)argument, CALLER);
    waiter waiting = new_waiter(client, LONG_WAIT);
    int index;

    waiting.answers_expected = COUNT;
    start(&waiting, fetch);
    for (index = 0; index < COUNT; index++) {
        pthread_t thread;
        submit_echo(client, tag, index, "\"delayMs\":3");
        CHECK_NUMBER(pthread_create(&thread, NULL, drive_for_a_moment, client), 0);
        pthread_join(thread, NULL);
    }
    pthread_join(waiting.thread, NULL);
    CHECK_NUMBER(waiting.fetched, COUNT);
    trillet_client_free(client);
}

/* Whoever leads, all who fetch get what comes, and what is left ends at the close. */
static void many_threads_share_many_answers(const void *argument)
{
    enum { THREADS = 8, EACH = 50 };
    const char *tag = service_tag("shared");
    trillet_client *client = service_client(*(const enum door *)argument, CALLER);
    waiter waiters[THREADS];
    waiter drivers[2];
    int fetched = 0;
    int index;

    for (index = 0; index < THREADS; index++) {
        waiters[index] = new_waiter(client, LONG_WAIT);
        waiters[index].answers_expected = EACH;
        start(&waiters[index], fetch);
    }
    drivers[0] = new_waiter(client, LONG_WAIT);
    drivers[1] = new_waiter(client, 20);
    start(&drivers[0], drive);
    start(&drivers[1], drive);
    for (index = 0; index < THREADS * EACH; index++) {
        submit_echo(client, tag, index, "");
    }
    for (index = 0; index < THREADS; index++) {
        pthread_join(waiters[index].thread, NULL);
        fetched += waiters[index].fetched;
    }
    CHECK_NUMBER(fetched, THREADS * EACH);
    CHECK_NUMBER(trillet_client_close(client, 1000), 0);
    pthread_join(drivers[0].thread, NULL);
    pthread_join(drivers[1].thread, NULL);
    CHECK(trillet_drive(client, -1) == 0);
    trillet_client_free(client);
}

static void closing_ends_every_wait(const void *argument)
{
    scene opened;
    long closed;
    int index;

    (void)argument;
    open_scene(&opened, drive, LONG_WAIT, 0);
    follow(&opened, 0, fetch, 0);
    follow(&opened, 1, drive, 0);
    follow(&opened, 2, fetch, 0);
    closed = monotonic_milliseconds();
    CHECK_NUMBER(trillet_client_close(opened.client, 0), 1);
    CHECK(monotonic_milliseconds() - closed < SOON);
    pthread_join(opened.leader.thread, NULL);
    for (index = 0; index < 3; index++) {
        pthread_join(opened.followers[index].thread, NULL);
        CHECK(opened.followers[index].returned - closed < SOON);
    }
    CHECK_NUMBER(opened.followers[0].fetched + opened.followers[2].fetched, 1);
    trillet_client_free(opened.client);
}

void taking_over_suite(void)
{
    static const enum door plain = PLAIN;
    static const enum door secure = SECURE;

    check_suite("taking over");
    check_case("Another thread drives once the time of the first is up", after_its_time, NULL);
    check_case("Another thread drives after a signal of the first", after_a_signal, NULL);
    check_case("A signal does not end a wait for answers",
               a_signal_does_not_end_a_wait_for_answers, NULL);
    check_case("Another thread drives after the first was interrupted",
               after_its_interrupt_function, NULL);
    check_case("Another thread drives after the first was interrupted in trillet_drive()",
               after_its_interrupt_function, &plain);
    check_case("A thread that sleeps is interrupted, and the first goes on",
               a_thread_that_sleeps_is_interrupted, NULL);
    check_case("Threads drive in turn, each until it has its answer", after_their_answers, &plain);
    check_case("Threads drive in turn, each until it has its answer, over TLS",
               after_their_answers, &secure);
    check_case("Threads may drive for a moment and end", after_threads_that_end, &plain);
    check_case("Many threads share many answers", many_threads_share_many_answers, &plain);
    check_case("Many threads share many answers over TLS", many_threads_share_many_answers,
               &secure);
    check_case("Closing ends every wait", closing_ends_every_wait, NULL);
}
