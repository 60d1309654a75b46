#include "interrupting.h"

#include "check.h"

#include <string.h>
#include <time.h>

long milliseconds_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void pause_milliseconds(long milliseconds)
{
    struct timespec pause = {milliseconds / 1000, milliseconds % 1000 * 1000000};

    nanosleep(&pause, NULL);
}

stop_button new_button(void)
{
    stop_button button;

    memset(&button, 0, sizeof button);
    return button;
}

int32_t look(void *user_data)
{
    stop_button *button = (stop_button *)user_data;

    button->asked_on = pthread_self();
    __atomic_add_fetch(&button->asked, 1, __ATOMIC_SEQ_CST);
    return __atomic_load_n(&button->is_pressed, __ATOMIC_SEQ_CST);
}

void press(stop_button *button)
{
    button->pressed = milliseconds_now();
    __atomic_store_n(&button->is_pressed, 1, __ATOMIC_SEQ_CST);
}

char *send_call(trillet_client *client)
{
    return trillet_calls_send(client, SEND_CALL, NULL);
}

static void *make_call(void *argument)
{
    caller *self = (caller *)argument;

    if (self->button != NULL) {
        CHECK_NUMBER(trillet_client_set_interrupt(self->client, look, self->button), 0);
    }
    self->answer = self->call(self->client);
    self->returned = milliseconds_now();
    if (self->button != NULL) {
        CHECK_NUMBER(trillet_client_set_interrupt(self->client, NULL, NULL), 0);
    }
    return NULL;
}

void start_caller(caller *started, fixture *opened, call_function call, stop_button *button)
{
    memset(started, 0, sizeof *started);
    started->client = opened->client;
    started->call = call;
    started->button = button;
    pthread_create(&started->thread, NULL, make_call, started);
}

void expect_soon(caller *ended, const char *sent)
{
    pthread_join(ended->thread, NULL);
    CHECK(ended->returned - ended->button->pressed < SOON_MILLISECONDS);
    CHECK(pthread_equal(ended->button->asked_on, ended->thread));
    answer_expect_error(ended->answer, "cancelled", sent);
}
