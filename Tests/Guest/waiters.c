#include "waiters.h"

#include "burst.h"
#include "check.h"
#include "driving.h"
#include "guest_client.h"
#include "process.h"

#include <signal.h>
#include <string.h>

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

void *wait_in_next(void *argument)
{
    waiter *self = (waiter *)argument;
    char *answer = NULL;

    let_interrupt(self);
    do {
        answer = trillet_next(self->client, self->timeout, NULL);
        __atomic_add_fetch(&self->fetched, answer != NULL, __ATOMIC_SEQ_CST);
        trillet_free(answer);
    } while (answer != NULL && self->fetched < self->answers_expected);
    self->returned = monotonic_milliseconds();
    return NULL;
}

void *wait_in_drive(void *argument)
{
    waiter *self = (waiter *)argument;

    let_interrupt(self);
    self->waiting = trillet_drive(self->client, self->timeout);
    self->returned = monotonic_milliseconds();
    return NULL;
}

waiter waiter_new(trillet_client *client, int32_t timeout)
{
    waiter made;

    memset(&made, 0, sizeof made);
    made.client = client;
    made.timeout = timeout;
    made.answers_expected = 1;
    made.waiting = NO_ANSWER;
    return made;
}

void waiter_start(waiter *started, void *(*wait)(void *))
{
    CHECK_NUMBER(pthread_create(&started->thread, NULL, wait, started), 0);
}

void scene_open(scene *opened, void *(*wait)(void *), int32_t timeout, int has_check)
{
    opened->tag = service_tag("taking-over");
    opened->client = service_client(PLAIN, CALLER);
    submit_echo(opened->client, opened->tag, 1, "\"hold\":true");
    opened->leader = waiter_new(opened->client, timeout);
    opened->leader.has_check = has_check;
    waiter_start(&opened->leader, wait);
    CHECK(service_wait(opened->tag, 1));
}

void scene_follow(scene *opened, int index, void *(*wait)(void *), int has_check)
{
    opened->followers[index] = waiter_new(opened->client, LONG_WAIT);
    opened->followers[index].has_check = has_check;
    waiter_start(&opened->followers[index], wait);
    pause_milliseconds(50);
}

void scene_close(scene *opened)
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

static void do_nothing(int number)
{
    (void)number;
}

void waiter_handle_signals(void)
{
    struct sigaction handler;

    memset(&handler, 0, sizeof handler);
    handler.sa_handler = do_nothing;
    sigaction(SIGUSR1, &handler, NULL);
}
