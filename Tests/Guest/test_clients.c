/* Many clients one after the other, and two at once. */
#include "burst.h"
#include "check.h"
#include "fixture.h"
#include "guest_client.h"
#include "process.h"
#include "suites.h"
#include "text.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CLIENTS = 20000, WARM_UP = 2000, GROWTH_KILOBYTES = 512, CASE_SECONDS = 240 };

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

static void many_clients_leave_nothing(const void *argument)
{
    const char *tag = service_tag("many");
    long resident = 0;
    int descriptors = 0;
    int mappings = 0;
    int number;

    (void)argument;
    alarm(CASE_SECONDS);
    for (number = 0; number < CLIENTS; number++) {
        trillet_client *client = service_client(PLAIN, "");
        use_a_little(client, tag, number);
        trillet_client_free(client);
        if (check_failures() > 0) {
            return;
        }
        if (number == WARM_UP) {
            resident = resident_kilobytes();
            descriptors = descriptor_count();
            mappings = mapping_count();
        }
    }
    CHECK(thread_has_ended("trillet-io"));
    CHECK_NUMBER(thread_count(), 1);
    CHECK_NUMBER(descriptor_count(), descriptors);
    CHECK(mapping_count() <= mappings + 2);
    resident = resident_kilobytes() - resident;
    check_note("grown by %ld KiB", resident);
    CHECK(resident < GROWTH_KILOBYTES);
}

static void many_tls_clients_leave_nothing(const void *argument)
{
    enum { ROUNDS = 400, FIRST = 100 };
    const char *tag = service_tag("many-secure");
    long resident = 0;
    int descriptors = 0;
    int number;

    (void)argument;
    alarm(CASE_SECONDS);
    for (number = 0; number < ROUNDS; number++) {
        trillet_client *client = service_client(SECURE, "");
        use_a_little(client, tag, number);
        trillet_client_free(client);
        if (number == FIRST) {
            resident = resident_kilobytes();
            descriptors = descriptor_count();
        }
    }
    CHECK_NUMBER(thread_count(), 1);
    CHECK_NUMBER(descriptor_count(), descriptors);
    resident = resident_kilobytes() - resident;
    check_note("grown by %ld KiB", resident);
    CHECK(resident < GROWTH_KILOBYTES);
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
    char *options = text_format("{\"env\":false,\"apiKey\":\"%s\",\"baseUrl\":\"%s\","
                                "\"caFile\":\"%s\"}",
                                key, service_url(door), service_certificate());
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
    check_suite("clients");
    check_case("Twenty thousand clients leave nothing", many_clients_leave_nothing, NULL);
    check_case("Hundreds of TLS clients leave nothing", many_tls_clients_leave_nothing, NULL);
    check_case("Clients of different keys and servers do not mix", two_clients_do_not_mix, NULL);
}
