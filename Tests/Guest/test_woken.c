/* trillet_drive() ends with a signal and with a request also on a thread that only sleeps in it. */
#include "burst.h"
#include "check.h"
#include "driving.h"
#include "guest_client.h"
#include "process.h"
#include "suites.h"
#include "waiters.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

static void a_signal_wakes_a_thread_that_sleeps(const void *argument)
{
    scene opened;
    long sent;

    (void)argument;
    waiter_handle_signals();
    scene_open(&opened, wait_in_next, LONG_WAIT, 0);
    scene_follow(&opened, 0, wait_in_drive, 0);
    sent = monotonic_milliseconds();
    pthread_kill(opened.followers[0].thread, SIGUSR1);
    pthread_join(opened.followers[0].thread, NULL);
    CHECK(opened.followers[0].returned - sent < SOON);
    service_release(opened.tag);
    pthread_join(opened.leader.thread, NULL);
    CHECK_NUMBER(opened.leader.fetched, 1);
    trillet_client_free(opened.client);
}

static void the_end_of_a_request_wakes_all(const void *argument)
{
    enum { THREADS = 3 };
    const char *tag = service_tag("wakes-all");
    trillet_client *client = service_client(*(const enum door *)argument, CALLER);
    char *request = echo_request(tag, 1, "\"hold\":true");
    waiter waiters[THREADS];
    long released;
    int index;

    CHECK(trillet_submit(client, "POST /echo", request, NULL, ignore_answer, NULL) != 0);
    for (index = 0; index < THREADS; index++) {
        waiters[index] = waiter_new(client, LONG_WAIT);
        waiter_start(&waiters[index], wait_in_drive);
    }
    CHECK(service_wait(tag, 1));
    pause_milliseconds(50);
    released = monotonic_milliseconds();
    service_release(tag);
    for (index = 0; index < THREADS; index++) {
        pthread_join(waiters[index].thread, NULL);
        CHECK(waiters[index].returned - released < SOON);
    }
    trillet_client_free(client);
    free(request);
}

void woken_suite(void)
{
    static const enum door plain = PLAIN;

    check_suite("woken");
    check_case("A signal wakes a thread that sleeps in trillet_drive()",
               a_signal_wakes_a_thread_that_sleeps, NULL);
    check_case("The end of a request wakes all threads in trillet_drive()",
               the_end_of_a_request_wakes_all, &plain);
}
