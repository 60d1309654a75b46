/* A thread ends its own wait for the end of a client. */
#include "check.h"
#include "fixture.h"
#include "interrupting.h"
#include "suites.h"

#include <string.h>

typedef int32_t (*end_function)(trillet_client *client, int32_t timeout_ms);

typedef struct ending {
    end_function end;
    int is_submitted;
} ending;

static void *press_soon(void *argument)
{
    pause_milliseconds(300);
    press((stop_button *)argument);
    return NULL;
}

/* What is under way is another thread's call, or one of the client's own thread. */
static void an_ending_that_waits_ends_soon(const void *argument)
{
    const ending *shown = (const ending *)argument;
    fixture opened = fixture_open("\"timeoutMs\":30000,\"maxRetries\":0");
    stop_button button = new_button();
    pthread_t finger;
    caller calling;
    uint64_t id = 0;

    recording_server_hold(opened.server);
    if (shown->is_submitted) {
        CHECK(trillet_submit(opened.client, "calls.send", SEND_CALL, NULL, NULL, NULL) != 0);
    } else {
        start_caller(&calling, &opened, send_call, NULL);
    }
    CHECK(fixture_wait(&opened, 1));
    CHECK_NUMBER(trillet_client_set_interrupt(opened.client, look, &button), 0);
    pthread_create(&finger, NULL, press_soon, &button);
    CHECK_NUMBER(shown->end(opened.client, 20000), 1);
    CHECK(milliseconds_now() - button.pressed < SOON_MILLISECONDS);
    CHECK(pthread_equal(button.asked_on, pthread_self()));
    pthread_join(finger, NULL);
    if (shown->is_submitted) {
        answer_expect_error(trillet_next(opened.client, 0, &id), "cancelled", "maybe");
    } else {
        pthread_join(calling.thread, NULL);
        answer_expect_error(calling.answer, "cancelled", "maybe");
    }
    recording_server_release(opened.server);
    fixture_close(&opened);
}

typedef struct closer {
    trillet_client *client;
    int asked;
    int32_t closed;
    long took;
} closer;

static int32_t close_client(void *user_data)
{
    closer *self = (closer *)user_data;
    long began = milliseconds_now();

    if (self->asked++ == 0) {
        self->closed = trillet_client_close(self->client, 1000);
        self->took = milliseconds_now() - began;
    }
    return 1;
}

static void a_check_that_closes_is_not_asked_meanwhile(const void *argument)
{
    fixture opened = fixture_open("\"timeoutMs\":30000,\"maxRetries\":0");
    closer closing;
    caller calling;

    (void)argument;
    memset(&closing, 0, sizeof closing);
    closing.client = opened.client;
    recording_server_hold(opened.server);
    start_caller(&calling, &opened, send_call, NULL);
    CHECK(fixture_wait(&opened, 1));
    CHECK_NUMBER(trillet_client_set_interrupt(opened.client, close_client, &closing), 0);
    answer_expect_error(send_call(opened.client), "cancelled", "maybe");
    CHECK_NUMBER(closing.asked, 1);
    CHECK_NUMBER(closing.closed, 1);
    /* The other thread's call had its time. */
    CHECK(closing.took >= 1000);
    pthread_join(calling.thread, NULL);
    answer_expect_error(calling.answer, "cancelled", "maybe");
    recording_server_release(opened.server);
    fixture_close(&opened);
}

void interrupted_ends_suite(void)
{
    static const ending closing = {trillet_client_close, 0};
    static const ending closing_submitted = {trillet_client_close, 1};
    static const ending draining = {trillet_client_drain, 0};
    static const ending draining_submitted = {trillet_client_drain, 1};

    check_suite("interrupted ends");
    check_case("Closing ends soon, and cancels another thread's call",
               an_ending_that_waits_ends_soon, &closing);
    check_case("Closing ends soon, and cancels a submitted call", an_ending_that_waits_ends_soon,
               &closing_submitted);
    check_case("Draining ends soon, and cancels another thread's call",
               an_ending_that_waits_ends_soon, &draining);
    check_case("Draining ends soon, and cancels a submitted call", an_ending_that_waits_ends_soon,
               &draining_submitted);
    check_case("A check that closes the client is not asked meanwhile",
               a_check_that_closes_is_not_asked_meanwhile, NULL);
}
