/* Many clients one after the other, and two at once. */
#include "burst.h"
#include "check.h"
#include "engine.h"
#include "fixture.h"
#include "guest_client.h"
#include "process.h"
#include "suites.h"
#include "text.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CASE_SECONDS = 1200 };
/* The smallest allocation takes 32 bytes: one that each sixteenth client leaves is found. */
enum { BYTES_EACH = 2, RESIDENT_KILOBYTES = 1024 };

/* What a process has after warming up, and has not to have more of at the end. */
typedef struct holdings {
    long resident;
    long allocated;
    int descriptors;
    int mappings;
} holdings;

static holdings holdings_now(void)
{
    holdings now;

    CHECK(thread_has_ended("trillet-io"));
    CHECK_NUMBER(thread_count(), 1);
    now.resident = resident_kilobytes();
    now.allocated = allocated_bytes();
    now.descriptors = descriptor_count();
    now.mappings = mapping_count();
    return now;
}

static void expect_no_more_than(const holdings *before, int clients)
{
    holdings now = holdings_now();

    check_note("grown by %ld bytes of allocations and %ld KiB in all, with %d clients",
               now.allocated - before->allocated, now.resident - before->resident, clients);
    CHECK(now.allocated - before->allocated < (long)clients * BYTES_EACH);
    CHECK(now.resident - before->resident < RESIDENT_KILOBYTES);
    CHECK_NUMBER(now.descriptors, before->descriptors);
    CHECK(now.mappings <= before->mappings + 2);
}

/* A client in four makes a call, one in eight submits, some leave things undone. */
static void use_a_little(trillet_client *client, const char *tag, int number)
{
    if (number % 4 == 0) {
        CHECK(echo(client, tag, number, ""));
    }
    if (number % 8 == 0) {
        burst *one = burst_start(client, tag, 1, "");
        burst_expect_own(one);
        burst_free(one);
    }
    if (number % 8 == 1) {
        CHECK(trillet_submit(client, "POST /echo", "{}", NULL, NULL, NULL) != 0);
        CHECK(trillet_completion_fd(client) >= 0);
    }
    if (number % 8 == 2) {
        CHECK_NUMBER(trillet_client_set_log(client, TRILLET_LOG_INFO, ignore_line, NULL), 0);
    }
}

typedef struct generations {
    enum door door;
    int warm_up;
    int measured;
} generations;

typedef struct generation {
    enum door door;
    const char *tag;
    int clients;
} generation;

static void *use_and_free_clients(void *argument)
{
    const generation *self = (const generation *)argument;
    int number;

    for (number = 0; number < self->clients && check_failures() == 0; number++) {
        trillet_client *client = service_client(self->door, "");
        use_a_little(client, self->tag, number);
        trillet_client_free(client);
    }
    return NULL;
}

/* On a thread of its own: what glibc keeps for a thread fills for thousands of clients. */
static void live_through(generation *living)
{
    pthread_t thread;

    if (CHECK_NUMBER(pthread_create(&thread, NULL, use_and_free_clients, living), 0)) {
        pthread_join(thread, NULL);
    }
}

static void clients_leave_nothing(const void *argument)
{
    const generations *shown = (const generations *)argument;
    generation first = {shown->door, service_tag("early"), shown->warm_up};
    generation later = {shown->door, service_tag("later"), shown->measured};
    holdings before;

    alarm(CASE_SECONDS);
    live_through(&first);
    before = holdings_now();
    live_through(&later);
    expect_no_more_than(&before, shown->measured);
}

typedef struct account {
    pthread_t thread;
    trillet_client *client;
    const char *key;
    enum door door;
    int answered;
    int own;
} account;

static trillet_client *client_with_key(const char *key, enum door door)
{
    char *options = text_format("{%s\"env\":false,\"apiKey\":\"%s\",\"baseUrl\":\"%s\","
                                "\"caFile\":\"%s\"}",
                                engine_option(""), key, service_url(door), service_certificate());
    trillet_client *client = trillet_client_new(options, NULL);

    CHECK(client != NULL);
    free(options);
    return client;
}

/* Calls and fetches in turn; each answer must show this account's key and this request's id. */
static void *use_account(void *argument)
{
    enum { CALLS = 100 };
    account *self = (account *)argument;
    char *key = text_format("\"key\": \"%s\"", self->key);
    int index;

    for (index = 0; index < CALLS; index++) {
        char *request = echo_request(self->key, index, "");
        char *answer = trillet_call(self->client, "POST /echo", request, NULL);
        self->own += is_echo_of(answer, index) && strstr(answer, key) != NULL;
        trillet_free(answer);
        trillet_submit(self->client, "POST /echo", request, NULL, NULL, NULL);
        answer = trillet_next(self->client, 10000, NULL);
        self->own += is_echo_of(answer, index) && strstr(answer, key) != NULL;
        trillet_free(answer);
        self->answered += 2;
        free(request);
    }
    free(key);
    return NULL;
}

static void two_clients_do_not_mix(const void *argument)
{
    account accounts[4];
    char *stats;
    int index;

    (void)argument;
    memset(accounts, 0, sizeof accounts);
    for (index = 0; index < 4; index++) {
        accounts[index].door = index % 2 == 0 ? PLAIN : SECURE;
        accounts[index].key = service_tag("account");
        accounts[index].client = client_with_key(accounts[index].key, accounts[index].door);
        pthread_create(&accounts[index].thread, NULL, use_account, &accounts[index]);
    }
    for (index = 0; index < 4; index++) {
        pthread_join(accounts[index].thread, NULL);
        check_note("account %d", index);
        CHECK_NUMBER(accounts[index].own, accounts[index].answered);
        stats = trillet_client_stats(accounts[index].client);
        answer_expect(stats, "total.calls", "200");
        trillet_free(stats);
    }
    for (index = 0; index < 4; index++) {
        trillet_client_free(accounts[index].client);
    }
}

void client_suite(void)
{
    static const generations many = {PLAIN, 2000, 18000};
    static const generations secure = {SECURE, 400, 2000};

    check_suite("clients");
    check_case("Twenty thousand clients leave nothing", clients_leave_nothing, &many);
    check_case("Thousands of TLS clients leave nothing", clients_leave_nothing, &secure);
    check_case("Clients of different keys and servers do not mix", two_clients_do_not_mix, NULL);
}
