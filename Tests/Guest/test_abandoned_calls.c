/* Functions of the host that do not come back: they leave by longjmp, end their thread, or return in a
   child that they have forked. */
#include "burst.h"
#include "check.h"
#include "driving.h"
#include "guest_client.h"
#include "process.h"
#include "suites.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { COUNT = 10, LONG_WAIT = 10000, SHORT_WAIT = 200 };

static jmp_buf outside;
static int calls;

static void submit(trillet_client *client, const char *tag, trillet_done_fn done, void *user_data)
{
    char *request = echo_request(tag, 1, "");

    CHECK(trillet_submit(client, "POST /echo", request, NULL, done, user_data) != 0);
    free(request);
}

static void leave(void *user_data, uint64_t id, const char *response_json)
{
    (void)user_data;
    (void)id;
    CHECK(response_json != NULL);
    calls++;
    longjmp(outside, 1);
}

static void wait_in_drive(trillet_client *client)
{
    trillet_drive(client, LONG_WAIT);
}

static void wait_in_next(trillet_client *client)
{
    CHECK(trillet_next(client, SHORT_WAIT, NULL) == NULL);
}

static void wait_in_next_many(trillet_client *client)
{
    CHECK(trillet_next_many(client, SHORT_WAIT, COUNT) == NULL);
}

static void wait_in_close(trillet_client *client)
{
    CHECK_NUMBER(trillet_client_close(client, LONG_WAIT), 0);
}

typedef struct way {
    void (*wait)(trillet_client *client);
} way;

static void by_longjmp(const void *argument)
{
    const way *waits = (const way *)argument;
    const char *tag = service_tag("longjmp");
    trillet_client *client = service_client(PLAIN, CALLER);
    volatile int index;

    for (index = 0; index < COUNT; index++) {
        submit(client, tag, leave, NULL);
    }
    while (calls < COUNT) {
        if (setjmp(outside) == 0) {
            waits->wait(client);
        }
    }
    CHECK_NUMBER(service_count(tag, "requests"), COUNT);
    CHECK(waits->wait == wait_in_close || echo(client, tag, 2, ""));
    CHECK_NUMBER(trillet_client_close(client, LONG_WAIT), 0);
    CHECK_NUMBER(calls, COUNT);
    trillet_client_free(client);
}

static void end_thread(void *user_data, uint64_t id, const char *response_json)
{
    (void)user_data;
    (void)id;
    CHECK(response_json != NULL);
    calls++;
    pthread_exit(NULL);
}

static void *fetch(void *client)
{
    return trillet_next((trillet_client *)client, LONG_WAIT, NULL);
}

/* A thread gets the stack of one that has ended, and its pthread_t. Further down it is not inside the
   function that the other one ended in. */
static void *fetch_further_down(void *client)
{
    volatile char room[256 * 1024];
    void *answer;

    room[0] = 0;
    answer = fetch(client);
    room[sizeof room - 1] = room[0];
    return answer;
}

static void a_thread_in_the_place_of_an_ended_one(const void *argument)
{
    const char *tag = service_tag("ended");
    trillet_client *client = service_client(PLAIN, CALLER);
    pthread_t thread;
    void *answer = NULL;

    (void)argument;
    submit(client, tag, end_thread, NULL);
    CHECK_NUMBER(pthread_create(&thread, NULL, fetch, client), 0);
    pthread_join(thread, NULL);
    CHECK_NUMBER(calls, 1);
    submit(client, tag, NULL, NULL);
    CHECK_NUMBER(pthread_create(&thread, NULL, fetch_further_down, client), 0);
    pthread_join(thread, &answer);
    CHECK(is_echo_of((const char *)answer, 1));
    trillet_free((char *)answer);
    trillet_client_free(client);
}

static void count_call(void *user_data, uint64_t id, const char *response_json)
{
    (void)user_data;
    (void)id;
    CHECK(response_json != NULL);
    __atomic_add_fetch(&calls, 1, __ATOMIC_SEQ_CST);
}

static void *close_soon(void *client)
{
    CHECK_NUMBER(trillet_client_close((trillet_client *)client, LONG_WAIT), 0);
    return NULL;
}

static void *drive_soon(void *client)
{
    submit((trillet_client *)client, service_tag("other"), count_call, NULL);
    while (__atomic_load_n(&calls, __ATOMIC_SEQ_CST) < 2) {
        trillet_drive((trillet_client *)client, LONG_WAIT);
    }
    return NULL;
}

/* What a thread does that has left a callback and does not come back to the client. */
static void go_on(void)
{
    char text[64];
    int index;

    for (index = 0; index < 20; index++) {
        CHECK(snprintf(text, sizeof text, "%.12Lf", (long double)index) > 0);
        pause_milliseconds(1);
    }
}

static void another_thread_goes_on(const void *argument)
{
    void *(*const wait)(void *) = argument == NULL ? drive_soon : close_soon;
    trillet_client *client = service_client(PLAIN, CALLER);
    pthread_t thread;

    submit(client, service_tag("left"), leave, NULL);
    while (calls == 0) {
        if (setjmp(outside) == 0) {
            trillet_drive(client, LONG_WAIT);
        }
    }
    CHECK_NUMBER(pthread_create(&thread, NULL, wait, client), 0);
    go_on();
    pthread_join(thread, NULL);
    trillet_client_free(client);
}

/* 0 in the child. */
static void fork_here(void *child, uint64_t id, const char *response_json)
{
    count_call(NULL, id, response_json);
    *(pid_t *)child = fork();
}

static void expect_one_call(pid_t child)
{
    int status = -1;

    CHECK(waitpid(child, &status, 0) == child);
    CHECK_NUMBER(WIFEXITED(status) ? WEXITSTATUS(status) : -1, 1);
}

/* The first of them forks. In the child neither the others are called, nor is anything fetched. */
static void in_a_child_on_the_hosts_thread(const void *argument)
{
    const way *waits = (const way *)argument;
    const char *tag = service_tag("forked");
    trillet_client *client = service_client(PLAIN, CALLER);
    pid_t child = -1;
    int index;

    submit(client, tag, fork_here, &child);
    for (index = 1; index < COUNT; index++) {
        submit(client, tag, count_call, NULL);
    }
    while (child < 0) {
        waits->wait(client);
    }
    if (child == 0) {
        alarm(10);
        _exit(calls + (trillet_drive(client, 0) == -1 ? 0 : COUNT));
    }
    while (calls < COUNT) {
        trillet_drive(client, LONG_WAIT);
    }
    expect_one_call(child);
    CHECK(echo(client, tag, 2, ""));
    trillet_client_free(client);
}

static pid_t parent;

static void exit_with_calls(void)
{
    if (getpid() != parent) {
        _exit(calls);
    }
}

/* There it was the library's own thread, which has nothing to do in the child. */
static void in_a_child_on_the_librarys_thread(const void *argument)
{
    const char *tag = service_tag("forked");
    trillet_client *client = service_client(PLAIN, "\"engine\":\"thread\"");
    pid_t child = -1;
    int index;

    (void)argument;
    parent = getpid();
    CHECK_NUMBER(atexit(exit_with_calls), 0);
    submit(client, tag, fork_here, &child);
    for (index = 1; index < COUNT; index++) {
        submit(client, tag, count_call, NULL);
    }
    for (index = 0; index < 1000 && __atomic_load_n(&calls, __ATOMIC_SEQ_CST) < COUNT; index++) {
        pause_milliseconds(10);
    }
    CHECK_NUMBER(calls, COUNT);
    expect_one_call(child);
    CHECK(echo(client, tag, 2, ""));
    trillet_client_free(client);
}

void abandoned_calls_suite(void)
{
    static const way drive = {wait_in_drive};
    static const way next = {wait_in_next};
    static const way next_many = {wait_in_next_many};
    static const way closing = {wait_in_close};

    check_suite("abandoned calls");
    check_case("Callbacks leave trillet_drive() by longjmp, and each is called once", by_longjmp,
               &drive);
    check_case("Callbacks leave trillet_next() by longjmp, and each is called once", by_longjmp,
               &next);
    check_case("Callbacks leave trillet_next_many() by longjmp, and each is called once",
               by_longjmp, &next_many);
    check_case("Callbacks leave trillet_client_close() by longjmp, and each is called once",
               by_longjmp, &closing);
    check_case("A thread drives in the place of one that ended in a callback",
               a_thread_in_the_place_of_an_ended_one, NULL);
    check_case("Another thread's callback is called after one has left its own for good",
               another_thread_goes_on, NULL);
    check_case("Another thread closes the client after one has left its callback for good",
               another_thread_goes_on, &drive);
    check_case("A callback that returns in a forked child is the last there",
               in_a_child_on_the_hosts_thread, &drive);
    check_case("A callback that returns to trillet_next() in a forked child is the last there",
               in_a_child_on_the_hosts_thread, &next);
    check_case("trillet-io ends in a child that it has forked", in_a_child_on_the_librarys_thread,
               NULL);
}
