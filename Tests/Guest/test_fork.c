/* fork() before, during and after use. The child of a program with threads may do little by POSIX;
   with glibc it may do what these children do, and preforking servers do it every day. */
#include "burst.h"
#include "check.h"
#include "engine.h"
#include "fixture.h"
#include "forked_client.h"
#include "guest_client.h"
#include "process.h"
#include "suites.h"
#include "text.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { IN_FLIGHT = 64 };

typedef struct scene {
    enum door door;
    trillet_client *client;
} scene;

static void be_a_child(void *argument)
{
    scene *shown = (scene *)argument;

    if (shown->client != NULL) {
        expect_forked(shown->client);
    }
    check_note("with a new client");
    use_everything(shown->door);
}

static void before_the_first_client(const void *argument)
{
    scene shown = {*(const enum door *)argument, NULL};

    child_expect_success(child_start(be_a_child, &shown));
    use_everything(shown.door);
}

static void after_use(const void *argument)
{
    scene shown = {*(const enum door *)argument, NULL};
    const char *tag = service_tag("after-use");
    burst *one;
    long connections;

    shown.client = service_client(shown.door, "");
    CHECK_NUMBER(trillet_client_set_log(shown.client, TRILLET_LOG_DEBUG, ignore_line, NULL), 0);
    CHECK(echo(shown.client, tag, 1, ""));
    one = burst_start(shown.client, tag, 1, "");
    burst_expect_own(one);
    burst_free(one);
    connections = service_count(tag, "connections");
    child_expect_success(child_start(be_a_child, &shown));
    check_note("in the parent, afterwards");
    CHECK(echo(shown.client, tag, 2, ""));
    one = burst_start(shown.client, tag, 1, "");
    burst_expect_own(one);
    burst_free(one);
    expect_connections(tag, connections);
    trillet_client_free(shown.client);
}

static void during_blocking_calls(const void *argument)
{
    enum { CHILDREN = 20, THREADS = 4 };
    scene shown = {*(const enum door *)argument, NULL};
    const char *tag = service_tag("blocking");
    crowd *callers;
    int index;

    alarm(600);
    shown.client = service_client(shown.door, "");
    callers = crowd_start(shown.client, tag, THREADS, "");
    /* OpenSSL holds its locks over its first handshakes; a process that forks then has children
       for which no TLS works, whoever uses it. */
    CHECK(service_wait(tag, 10 * THREADS));
    for (index = 0; index < CHILDREN; index++) {
        child_expect_success(child_start(be_a_child, &shown));
    }
    check_note("in the parent, afterwards");
    CHECK(crowd_stop(callers) > CHILDREN);
    expect_connections(tag, THREADS);
    trillet_client_free(shown.client);
}

static void during_submitted_requests(const void *argument)
{
    enum { CHILDREN = 30 };
    scene shown = {*(const enum door *)argument, NULL};
    const char *tag = service_tag("submitted");
    burst *held;
    int index;

    alarm(600);
    shown.client = service_client(shown.door, "\"maxInFlight\":128");
    held = burst_start(shown.client, tag, IN_FLIGHT, "\"hold\":true");
    CHECK(wait_for_requests(shown.client, tag, IN_FLIGHT));
    for (index = 0; index < CHILDREN; index++) {
        burst *moving = burst_start(shown.client, tag, IN_FLIGHT, "\"delayMs\":5");
        child_expect_success(child_start(be_a_child, &shown));
        check_note("in the parent, child %d", index);
        burst_expect_own(moving);
        burst_free(moving);
    }
    check_note("in the parent, afterwards");
    CHECK_NUMBER(burst_ended(held), 0);
    service_release(tag);
    burst_expect_own(held);
    burst_free(held);
    CHECK_NUMBER(service_count(tag, "requests"), IN_FLIGHT * (CHILDREN + 1));
    CHECK_NUMBER(trillet_client_close(shown.client, 0), 0);
    trillet_client_free(shown.client);
}

typedef struct busy_locks {
    trillet_client *client;
    trillet_pager *pager;
    int is_over;
} busy_locks;

static void *cancel_nothing(void *argument)
{
    busy_locks *self = (busy_locks *)argument;

    while (!__atomic_load_n(&self->is_over, __ATOMIC_SEQ_CST)) {
        CHECK_NUMBER(trillet_cancel(self->client, 1), 1);
    }
    return NULL;
}

static void use_the_pager(void *argument)
{
    busy_locks *self = (busy_locks *)argument;

    answer_expect_error(trillet_pager_next(self->pager), "forked", "no");
    trillet_pager_stop(self->pager);
    CHECK(trillet_pager_submit(self->pager, NULL, NULL) == 0);
    trillet_pager_free(self->pager);
}

/* Whoever holds a lock when the process is copied does not exist in the child. */
static void while_a_lock_is_held(const void *argument)
{
    enum { CHILDREN = 40, THREADS = 2 };
    const char *tag = service_tag("locks");
    busy_locks shown = {service_client(*(const enum door *)argument, ""), NULL, 0};
    burst *one = burst_start(shown.client, tag, 1, "");
    pthread_t threads[THREADS];
    int index;

    alarm(600);
    burst_expect_own(one);
    burst_free(one);
    shown.pager = trillet_pager_new(shown.client, "agents.list", NULL, NULL);
    for (index = 0; index < THREADS; index++) {
        CHECK_NUMBER(pthread_create(&threads[index], NULL, cancel_nothing, &shown), 0);
    }
    for (index = 0; index < CHILDREN; index++) {
        child_expect_success(child_start(use_the_pager, &shown));
    }
    __atomic_store_n(&shown.is_over, 1, __ATOMIC_SEQ_CST);
    for (index = 0; index < THREADS; index++) {
        pthread_join(threads[index], NULL);
    }
    trillet_pager_free(shown.pager);
    trillet_client_free(shown.client);
}

typedef struct forking_callback {
    scene shown;
    int answered;
    pid_t child;
} forking_callback;

static void fork_when_done(void *user_data, uint64_t id, const char *response_json)
{
    forking_callback *self = (forking_callback *)user_data;

    (void)id;
    (void)response_json;
    self->child = child_start(be_a_child, &self->shown);
    __atomic_store_n(&self->answered, 1, __ATOMIC_SEQ_CST);
}

static void in_a_callback(const void *argument)
{
    forking_callback self = {{*(const enum door *)argument, NULL}, 0, 0};
    const char *tag = service_tag("in-callback");

    self.shown.client = service_client(self.shown.door, "");
    CHECK(trillet_submit(self.shown.client, "POST /echo", NULL, NULL, fork_when_done, &self) != 0);
    while (!__atomic_load_n(&self.answered, __ATOMIC_SEQ_CST)) {
        pass_time(self.shown.client, 5);
    }
    child_expect_success(self.child);
    CHECK(echo(self.shown.client, tag, 1, ""));
    trillet_client_free(self.shown.client);
}

/* A client of the child is no client of the grandchild. */
static void fork_again(void *argument)
{
    scene shown = {*(const enum door *)argument, NULL};
    const char *tag = service_tag("again");

    shown.client = service_client(shown.door, "");
    CHECK(echo(shown.client, tag, 1, ""));
    child_expect_success(child_start(be_a_child, &shown));
    CHECK(echo(shown.client, tag, 2, ""));
    expect_connections(tag, 1);
    trillet_client_free(shown.client);
}

static void in_a_child(const void *argument)
{
    enum door door = *(const enum door *)argument;

    child_expect_success(child_start(fork_again, &door));
}

void fork_suite(void)
{
    static const enum door plain = PLAIN;
    static const enum door secure = SECURE;

    check_suite("fork");
    check_case("A child of a process without a client has its own", before_the_first_client,
               &plain);
    check_case("A child of a process without a client has its own, over TLS",
               before_the_first_client, &secure);
    check_case("A child gets `forked` from a used client, and the parent goes on", after_use,
               &plain);
    check_case("A child gets `forked` from a used client, and the parent goes on, over TLS",
               after_use, &secure);
    check_case("Children made in the middle of blocking calls", during_blocking_calls, &plain);
    check_case("Children made in the middle of blocking calls over TLS", during_blocking_calls,
               &secure);
    check_case("Children made with 64 submitted requests under way", during_submitted_requests,
               &plain);
    check_case("Children made with 64 submitted requests under way over TLS",
               during_submitted_requests, &secure);
    check_case("Children made while other threads hold a lock turn pages", while_a_lock_is_held,
               &plain);
    check_case("A child made in a callback", in_a_callback, &plain);
    check_case("A child made in a callback, over TLS", in_a_callback, &secure);
    check_case("A grandchild", in_a_child, &plain);
    check_case("A grandchild, over TLS", in_a_child, &secure);
}
