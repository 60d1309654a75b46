/* Threads that leave a callback without returning from it: others do not wait for them, and no callback
   runs twice. */
#include "burst.h"
#include "check.h"
#include "driving.h"
#include "fixture.h"
#include "guest_client.h"
#include "process.h"
#include "suites.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

enum { CASE_SECONDS = 20, SOON = 5000 };

typedef struct leaving {
    trillet_client *client;
    const char *tag;
    jmp_buf back;
    int times;
    int others;
    int is_inside;
} leaving;

static leaving *new_leaving(enum door door)
{
    leaving *made = (leaving *)calloc(1, sizeof *made);

    alarm(CASE_SECONDS);
    made->client = service_client(door, CALLER);
    made->tag = service_tag("leaving");
    return made;
}

static void submit(leaving *self, trillet_done_fn done, const char *more)
{
    char *request = echo_request(self->tag, 1, more);

    CHECK(trillet_submit(self->client, "POST /echo", request, NULL, done, self) != 0);
    free(request);
}

static void jump(void *user_data, uint64_t id, const char *response_json)
{
    leaving *self = (leaving *)user_data;

    (void)id;
    (void)response_json;
    self->times++;
    longjmp(self->back, 1);
}

static void end_thread(void *user_data, uint64_t id, const char *response_json)
{
    leaving *self = (leaving *)user_data;

    (void)id;
    (void)response_json;
    __atomic_add_fetch(&self->times, 1, __ATOMIC_SEQ_CST);
    pthread_exit(NULL);
}

static void count(void *user_data, uint64_t id, const char *response_json)
{
    (void)id;
    (void)response_json;
    __atomic_add_fetch(&((leaving *)user_data)->others, 1, __ATOMIC_SEQ_CST);
}

/* Everything works as before, and what was called is not called again. */
static void expect_working(leaving *self)
{
    long started = monotonic_milliseconds();
    int others = self->others;
    char *answer;

    check_note("afterwards");
    CHECK_NUMBER(self->times, 1);
    CHECK(echo(self->client, self->tag, 2, ""));
    submit_echo(self->client, self->tag, 3, "");
    answer = trillet_next(self->client, SOON, NULL);
    CHECK(is_echo_of(answer, 3));
    trillet_free(answer);
    submit(self, count, "");
    CHECK_NUMBER(trillet_client_close(self->client, SOON), 0);
    CHECK(monotonic_milliseconds() - started < SOON);
    CHECK_NUMBER(self->others, others + 1);
    CHECK_NUMBER(self->times, 1);
    trillet_client_free(self->client);
    free(self);
}

static void a_callback_jumps_out_of_drive(const void *argument)
{
    leaving *volatile self = new_leaving(*(const enum door *)argument);

    submit(self, jump, "");
    if (setjmp(self->back) == 0) {
        trillet_drive(self->client, SOON);
        check_note("it did not jump");
        CHECK(0);
    }
    expect_working(self);
}

static void a_callback_jumps_out_of_next(const void *argument)
{
    leaving *volatile self = new_leaving(*(const enum door *)argument);

    submit(self, jump, "");
    if (setjmp(self->back) == 0) {
        trillet_next(self->client, SOON, NULL);
        check_note("it did not jump");
        CHECK(0);
    }
    expect_working(self);
}

/* It must not be left as the library has it while it works. */
static void expect_cancellable(void)
{
    int before = -1;

    CHECK_NUMBER(pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &before), 0);
    CHECK_NUMBER(before, PTHREAD_CANCEL_ENABLE);
}

static sigjmp_buf out_of_wait;

static void jump_out_of_wait(int number)
{
    (void)number;
    siglongjmp(out_of_wait, 1);
}

static void *signal_soon(void *argument)
{
    pause_milliseconds(100);
    pthread_kill(*(pthread_t *)argument, SIGUSR1);
    return NULL;
}

static void a_handler_jumps_out_of_next(const void *argument)
{
    leaving *volatile self = new_leaving(*(const enum door *)argument);
    pthread_t waiting = pthread_self();
    pthread_t signalling;

    signal(SIGUSR1, jump_out_of_wait);
    submit(self, count, "\"hold\":true");
    if (sigsetjmp(out_of_wait, 1) == 0) {
        CHECK_NUMBER(pthread_create(&signalling, NULL, signal_soon, &waiting), 0);
        trillet_next(self->client, SOON, NULL);
        check_note("it did not jump");
        CHECK(0);
    }
    expect_cancellable();
    service_release(self->tag);
    self->times = 1;
    while (self->others == 0 && trillet_drive(self->client, SOON) >= 0) {
    }
    expect_working(self);
    pthread_join(signalling, NULL);
}

static void texts_go_with_the_client(const void *argument)
{
    enum { COUNT = 50, MOST_KILOBYTES = 1000 };
    leaving *volatile self = new_leaving(*(const enum door *)argument);
    volatile int index;
    long before = 0;

    for (index = 0; index < COUNT; index++) {
        if (index == 1) {
            before = allocated_kilobytes();
        }
        submit(self, jump, "\"bytes\":100000");
        if (setjmp(self->back) == 0) {
            trillet_drive(self->client, SOON);
            CHECK(0);
        }
    }
    expect_cancellable();
    CHECK_NUMBER(self->times, COUNT);
    CHECK_NUMBER(trillet_client_close(self->client, SOON), 0);
    trillet_client_free(self->client);
    CHECK(allocated_kilobytes() - before < MOST_KILOBYTES);
    free(self);
}

static void *drive(void *argument)
{
    trillet_drive(((leaving *)argument)->client, SOON);
    return NULL;
}

static void *jump_out(void *argument)
{
    leaving *volatile self = (leaving *)argument;

    if (setjmp(self->back) == 0) {
        trillet_drive(self->client, SOON);
    }
    return NULL;
}

static void *fetch(void *argument)
{
    return trillet_next(((leaving *)argument)->client, SOON, NULL);
}

/* The leader leaves in its callback, for which the service waits until the other one sleeps. */
static void leave_another(enum door door, void *(*lead)(void *), trillet_done_fn leave)
{
    leaving *self = new_leaving(door);
    char *request = echo_request(self->tag, 7, "\"hold\":true");
    pthread_t leader;
    pthread_t follower;
    void *answer = NULL;

    submit(self, leave, "\"hold\":true");
    CHECK_NUMBER(pthread_create(&leader, NULL, lead, self), 0);
    CHECK(service_wait(self->tag, 1));
    CHECK_NUMBER(pthread_create(&follower, NULL, fetch, self), 0);
    pause_milliseconds(50);
    service_release(self->tag);
    pthread_join(leader, NULL);
    check_note("after the leader");
    CHECK_NUMBER(self->times, 1);
    CHECK(trillet_submit(self->client, "POST /echo", request, NULL, NULL, NULL) != 0);
    pthread_join(follower, &answer);
    CHECK(is_echo_of((char *)answer, 7));
    trillet_free((char *)answer);
    free(request);
    expect_working(self);
}

static void another_goes_on_after_a_jump(const void *argument)
{
    leave_another(*(const enum door *)argument, jump_out, jump);
}

static void another_goes_on_after_the_end_of_a_thread(const void *argument)
{
    leave_another(*(const enum door *)argument, drive, end_thread);
}

static void note_thread(void *user_data, uint64_t id, const char *response_json)
{
    (void)id;
    (void)response_json;
    *(pthread_t *)user_data = pthread_self();
}

/* In each round the other one sleeps before the answer comes, and is woken by it. */
static void who_drove_makes_the_calls(const void *argument)
{
    enum { ROUNDS = 50 };
    trillet_client *client = service_client(*(const enum door *)argument, CALLER);
    int round;
    int elsewhere = 0;

    alarm(CASE_SECONDS);
    for (round = 0; round < ROUNDS; round++) {
        leaving self = {.client = client, .tag = service_tag("calling")};
        char *request = echo_request(self.tag, 1, "\"hold\":true");
        pthread_t leader;
        pthread_t follower;
        pthread_t caller = pthread_self();
        void *answer = NULL;

        CHECK(trillet_submit(client, "POST /echo", request, NULL, note_thread, &caller) != 0);
        CHECK_NUMBER(pthread_create(&leader, NULL, drive, &self), 0);
        CHECK(service_wait(self.tag, 1));
        CHECK_NUMBER(pthread_create(&follower, NULL, fetch, &self), 0);
        pause_milliseconds(5);
        service_release(self.tag);
        pthread_join(leader, NULL);
        submit_echo(client, self.tag, 2, "");
        pthread_join(follower, &answer);
        CHECK(is_echo_of((char *)answer, 2));
        trillet_free((char *)answer);
        elsewhere += !pthread_equal(caller, leader);
        free(request);
    }
    CHECK_NUMBER(elsewhere, 0);
    CHECK_NUMBER(trillet_client_close(client, SOON), 0);
    trillet_client_free(client);
}

/* What had ended with the request of the callback that was left still gets its own. */
static void the_other_callbacks_run_once(const void *argument)
{
    enum { COUNT = 10 };
    leaving *volatile self = new_leaving(*(const enum door *)argument);
    int index;

    for (index = 0; index < COUNT; index++) {
        submit(self, index == COUNT / 2 ? jump : count, "\"hold\":true");
    }
    CHECK(wait_for_requests(self->client, self->tag, COUNT));
    service_release(self->tag);
    pause_milliseconds(100);
    if (setjmp(self->back) == 0) {
        while (self->times == 0 && trillet_drive(self->client, SOON) >= 0) {
        }
    }
    for (index = 0; index < 100 && self->others < COUNT - 1; index++) {
        trillet_drive(self->client, 100);
    }
    CHECK_NUMBER(self->others, COUNT - 1);
    expect_working(self);
}

static void jump_with_line(void *user_data, int32_t level, const char *message)
{
    leaving *self = (leaving *)user_data;

    (void)level;
    (void)message;
    if (self->is_inside && self->times++ == 0) {
        longjmp(self->back, 1);
    }
}

static void a_log_function_jumps(const void *argument)
{
    leaving *volatile self = new_leaving(*(const enum door *)argument);

    CHECK_NUMBER(trillet_client_set_log(self->client, TRILLET_LOG_INFO, jump_with_line, self), 0);
    CHECK(echo(self->client, self->tag, 1, ""));
    if (setjmp(self->back) == 0) {
        self->is_inside = 1;
        trillet_drive(self->client, 0);
    }
    self->is_inside = 0;
    CHECK_NUMBER(trillet_client_set_log(self->client, TRILLET_LOG_OFF, NULL, NULL), 0);
    expect_working(self);
}

void leaving_suite(void)
{
    static const enum door plain = PLAIN;
    static const enum door secure = SECURE;

    check_suite("leaving");
    check_case("A callback jumps out of trillet_drive()", a_callback_jumps_out_of_drive, &plain);
    check_case("A callback jumps out of trillet_drive(), over TLS", a_callback_jumps_out_of_drive,
               &secure);
    check_case("A callback jumps out of trillet_next()", a_callback_jumps_out_of_next, &plain);
    check_case("A signal's handler jumps out of trillet_next()", a_handler_jumps_out_of_next, &plain);
    check_case("What callbacks read that jump goes with the client", texts_go_with_the_client, &plain);
    check_case("Another thread goes on after a jump", another_goes_on_after_a_jump, &plain);
    check_case("Another thread goes on after the end of the one that drove",
               another_goes_on_after_the_end_of_a_thread, &plain);
    check_case("Another thread goes on after the end of the one that drove, over TLS",
               another_goes_on_after_the_end_of_a_thread, &secure);
    check_case("Who drove makes the calls, although another waits", who_drove_makes_the_calls,
               &plain);
    check_case("The other callbacks run, once", the_other_callbacks_run_once, &plain);
    check_case("A log function jumps", a_log_function_jumps, &plain);
}
