/* Several threads wait for one client: one drives it, and another takes over when that one leaves. */
#include "burst.h"
#include "check.h"
#include "driving.h"
#include "fixture.h"
#include "guest_client.h"
#include "process.h"
#include "suites.h"
#include "waiters.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static void after_its_time(const void *argument)
{
    scene opened;

    (void)argument;
    scene_open(&opened, wait_in_next, 1000, 0);
    scene_follow(&opened, 0, wait_in_next, 0);
    scene_close(&opened);
}

static void after_a_signal(const void *argument)
{
    scene opened;
    long started = monotonic_milliseconds();

    (void)argument;
    waiter_handle_signals();
    scene_open(&opened, wait_in_drive, LONG_WAIT, 0);
    scene_follow(&opened, 0, wait_in_next, 0);
    pthread_kill(opened.leader.thread, SIGUSR1);
    scene_close(&opened);
    CHECK_NUMBER(opened.leader.waiting, 0);
    CHECK(opened.leader.returned - started < SOON);
}

/* A wait for an answer goes on after a signal, driving or not. */
static void a_signal_does_not_end_a_wait_for_answers(const void *argument)
{
    scene opened;
    int index;

    (void)argument;
    waiter_handle_signals();
    scene_open(&opened, wait_in_next, LONG_WAIT, 0);
    scene_follow(&opened, 0, wait_in_next, 0);
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
    void *(*const wait)(void *) = argument == NULL ? wait_in_next : wait_in_drive;
    scene opened;
    long pressed;

    scene_open(&opened, wait, LONG_WAIT, 1);
    scene_follow(&opened, 0, wait_in_next, 0);
    pressed = monotonic_milliseconds();
    __atomic_store_n(&opened.leader.is_interrupted, 1, __ATOMIC_SEQ_CST);
    scene_close(&opened);
    CHECK(opened.leader.returned - pressed < SOON);
}

/* One that sleeps is interrupted as well, and the leader goes on. */
static void a_thread_that_sleeps_is_interrupted(const void *argument)
{
    scene opened;
    long pressed;

    (void)argument;
    scene_open(&opened, wait_in_next, LONG_WAIT, 0);
    scene_follow(&opened, 0, wait_in_next, 1);
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

static int fetched_within(const scene *opened, long milliseconds)
{
    long end = monotonic_milliseconds() + milliseconds;
    int fetched;

    do {
        pause_milliseconds(1);
        fetched = __atomic_load_n(&opened->leader.fetched, __ATOMIC_SEQ_CST)
            + __atomic_load_n(&opened->followers[0].fetched, __ATOMIC_SEQ_CST);
    } while (fetched == 0 && monotonic_milliseconds() < end);
    return fetched;
}

/* It holds nothing up, whenever it ends: either of the two may get the answer. */
static void a_thread_that_sleeps_is_cancelled(const void *argument)
{
    scene opened;

    (void)argument;
    scene_open(&opened, wait_in_next, LONG_WAIT, 0);
    scene_follow(&opened, 0, wait_in_next, 0);
    pthread_cancel(opened.followers[0].thread);
    pause_milliseconds(20);
    service_release(opened.tag);
    CHECK_NUMBER(fetched_within(&opened, SOON), 1);
    CHECK_NUMBER(trillet_client_close(opened.client, SOON), 0);
    pthread_join(opened.leader.thread, NULL);
    pthread_join(opened.followers[0].thread, NULL);
    CHECK_NUMBER(opened.leader.fetched + opened.followers[0].fetched, 1);
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
        waiters[index] = waiter_new(client, LONG_WAIT);
        waiter_start(&waiters[index], wait_in_next);
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
    waiter waiting = waiter_new(client, LONG_WAIT);
    int index;

    waiting.answers_expected = COUNT;
    waiter_start(&waiting, wait_in_next);
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
        waiters[index] = waiter_new(client, LONG_WAIT);
        waiters[index].answers_expected = EACH;
        waiter_start(&waiters[index], wait_in_next);
    }
    drivers[0] = waiter_new(client, LONG_WAIT);
    drivers[1] = waiter_new(client, 20);
    waiter_start(&drivers[0], wait_in_drive);
    waiter_start(&drivers[1], wait_in_drive);
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
    scene_open(&opened, wait_in_drive, LONG_WAIT, 0);
    scene_follow(&opened, 0, wait_in_next, 0);
    scene_follow(&opened, 1, wait_in_drive, 0);
    scene_follow(&opened, 2, wait_in_next, 0);
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
    check_case("A thread that is cancelled while it sleeps holds nothing up",
               a_thread_that_sleeps_is_cancelled, NULL);
    check_case("Threads drive in turn, each until it has its answer", after_their_answers, &plain);
    check_case("Threads drive in turn, each until it has its answer, over TLS",
               after_their_answers, &secure);
    check_case("Threads may drive for a moment and end", after_threads_that_end, &plain);
    check_case("Many threads share many answers", many_threads_share_many_answers, &plain);
    check_case("Many threads share many answers over TLS", many_threads_share_many_answers,
               &secure);
    check_case("Closing ends every wait", closing_ends_every_wait, NULL);
}
