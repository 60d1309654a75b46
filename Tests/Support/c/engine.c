#include "engine.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { NAP = 1, DRIVER_TURN = 50 };

struct driver {
    pthread_t thread;
    trillet_client *client;
    int is_over;
};

int caller_drives(void)
{
    const char *engine = getenv("TRILLET_TEST_ENGINE");

    return engine != NULL && strcmp(engine, "caller") == 0;
}

const char *engine_option(const char *more)
{
    int is_given = strstr(more, "\"engine\"") != NULL;

    return caller_drives() && !is_given ? "\"engine\":\"caller\"," : "";
}

static long now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (long)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void nap(long milliseconds)
{
    struct timespec left;

    left.tv_sec = milliseconds / 1000;
    left.tv_nsec = milliseconds % 1000 * 1000000;
    while (nanosleep(&left, &left) != 0 && errno == EINTR) {
    }
}

void drive_once(trillet_client *client, long milliseconds)
{
    /* With answers that wait, or closed, a client returns at once. */
    if (trillet_drive(client, (int32_t)milliseconds) != 0) {
        nap(NAP);
    }
}

void pass_time(trillet_client *client, long milliseconds)
{
    long end = now() + milliseconds;
    long left = milliseconds;

    while (left > 0) {
        if (trillet_drive(client, (int32_t)left) < 0) {
            nap(left);
            return;
        }
        nap(NAP);
        left = end - now();
    }
}

int is_answered_within(trillet_client *client, int milliseconds)
{
    struct pollfd readable = {trillet_completion_fd(client), POLLIN, 0};
    long end = now() + milliseconds;
    long left = milliseconds;

    while (left >= 0 && poll(&readable, 1, (int)left) == 1) {
        /* -1 of a client with a thread: only answers make its descriptor readable. */
        if (trillet_drive(client, 0) != 0) {
            return 1;
        }
        left = end - now();
    }
    return 0;
}

static void *drive(void *argument)
{
    driver *self = (driver *)argument;

    while (!__atomic_load_n(&self->is_over, __ATOMIC_SEQ_CST)) {
        drive_once(self->client, DRIVER_TURN);
    }
    return NULL;
}

driver *driver_start(trillet_client *client)
{
    driver *started = (driver *)calloc(1, sizeof *started);

    started->client = client;
    if (pthread_create(&started->thread, NULL, drive, started) != 0) {
        perror("no thread to drive a client");
        abort();
    }
    return started;
}

void driver_stop(driver *started)
{
    __atomic_store_n(&started->is_over, 1, __ATOMIC_SEQ_CST);
    pthread_join(started->thread, NULL);
    free(started);
}
