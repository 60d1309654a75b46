/* A host that ends while its client is busy. usage: busy_exit WORK END URL CERTIFICATE [openssl]
   WORK: submitted, blocking, callbacks, clients (each thread makes one for each call), refused (each
   makes one for each request that it submits to a port where nobody listens, over plain HTTP).
   END: return, exit, exit-in-callback, stuck-callback.
   With openssl the host has initialised OpenSSL before, so that OpenSSL's exit handler is there.
   Ends with 7. With the engine "caller" the main thread drives what is submitted, and two others drive
   what has callbacks. The requests ask the service for answers that do not come. */
#include "engine.h"
#include "trillet.h"

#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { STATUS = 7, IN_FLIGHT = 64, THREADS = 8, MANY_THREADS = 32, DRIVERS = 2, SECONDS = 10 };

static trillet_client *client;
static char options[1024];
static int exits_in_callback;
static int stays_in_callback;
static int callbacks;

static void again(void *user_data, uint64_t id, const char *response_json)
{
    (void)id;
    (void)response_json;
    __atomic_add_fetch(&callbacks, 1, __ATOMIC_SEQ_CST);
    if (exits_in_callback) {
        exit(STATUS);
    }
    if (stays_in_callback) {
        sleep(SECONDS);
    }
    trillet_submit(client, "POST /echo", "{}", NULL, again, user_data);
}

static void never(void *user_data, uint64_t id, const char *response_json)
{
    (void)user_data;
    (void)id;
    (void)response_json;
}

static void *call(void *argument)
{
    (void)argument;
    for (;;) {
        trillet_free(trillet_call(client, "POST /echo", "{}", NULL));
        trillet_free(trillet_call(client, "POST /echo", "{\"delayMs\":5}", NULL));
    }
    return NULL;
}

static void expect_exit(char *error)
{
    if (strstr(error, "\"closed\"") == NULL) {
        fputs(error, stderr);
        abort();
    }
    trillet_free(error);
}

static void *make_clients(void *argument)
{
    trillet_client *own;
    char *error = NULL;

    (void)argument;
    while ((own = trillet_client_new(options, &error)) != NULL) {
        trillet_free(trillet_call(own, "POST /echo", "{}", NULL));
        trillet_client_free(own);
    }
    expect_exit(error);
    return NULL;
}

/* The thread of a client has a queue of OpenSSL's errors once a request has failed. */
static void *submit_refused(void *argument)
{
    trillet_client *own;
    char *error = NULL;

    (void)argument;
    while ((own = trillet_client_new(options, &error)) != NULL) {
        trillet_submit(own, "GET /", NULL, "{\"maxRetries\":0}", NULL, NULL);
        trillet_free(trillet_next(own, SECONDS * 1000, NULL));
        trillet_client_free(own);
    }
    expect_exit(error);
    return NULL;
}

static void start(void *(*work)(void *), int threads)
{
    int index;

    for (index = 0; index < threads; index++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, work, NULL) != 0) {
            exit(1);
        }
        pthread_detach(thread);
    }
}

static void *drive(void *argument)
{
    (void)argument;
    for (;;) {
        drive_once(client, 1000);
    }
    return NULL;
}

static void begin(const char *work)
{
    int index;

    for (index = 0; strcmp(work, "submitted") == 0 && index < IN_FLIGHT; index++) {
        trillet_submit(client, "POST /echo", index % 2 == 0 ? "{\"hold\":true}" : "{\"delayMs\":5}",
                       NULL, never, NULL);
    }
    for (index = 0; strcmp(work, "callbacks") == 0 && index < IN_FLIGHT; index++) {
        trillet_submit(client, "POST /echo", "{}", NULL, again, NULL);
    }
    if (caller_drives() && strcmp(work, "callbacks") == 0) {
        start(drive, DRIVERS);
    }
    if (strcmp(work, "blocking") == 0) {
        start(call, THREADS);
    } else if (strcmp(work, "clients") == 0) {
        start(make_clients, THREADS);
    } else if (strcmp(work, "refused") == 0) {
        start(submit_refused, MANY_THREADS);
    }
}

/* Somewhere in the first milliseconds, another place at each run. */
static void wait_a_moment(const char *work)
{
    const struct timespec pause = {0, (long)getpid() % 16 * 1000000};

    if (strcmp(work, "submitted") == 0) {
        pass_time(client, (long)getpid() % 16);
    } else {
        nanosleep(&pause, NULL);
    }
}

int main(int argc, char **argv)
{
    alarm(SECONDS);
    if (argc != 5 && argc != 6) {
        return 2;
    }
    if (argc == 6 && OPENSSL_init_ssl(0, NULL) != 1) {
        return 3;
    }
    snprintf(options, sizeof options,
             "{%s\"env\":false,\"apiKey\":\"k\",\"baseUrl\":\"%s\",\"caFile\":\"%s\"}",
             engine_option(""), strcmp(argv[1], "refused") == 0 ? "http://127.0.0.1:1" : argv[3], argv[4]);
    client = trillet_client_new(options, NULL);
    if (client == NULL) {
        return 1;
    }
    exits_in_callback = strcmp(argv[2], "exit-in-callback") == 0;
    stays_in_callback = strcmp(argv[2], "stuck-callback") == 0;
    begin(argv[1]);
    if (exits_in_callback) {
        pause();
    }
    wait_a_moment(argv[1]);
    if (strcmp(argv[2], "exit") == 0) {
        exit(STATUS);
    }
    return STATUS;
}
