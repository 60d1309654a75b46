#include "guest_client.h"

#include "burst.h"
#include "check.h"
#include "engine.h"
#include "fixture.h"
#include "process.h"
#include "text.h"

#include <stdlib.h>

/* CERTIFICATE_FILE comes from the Makefile. */

trillet_client *service_client(enum door door, const char *more)
{
    char *options = text_format("\"caFile\":\"" CERTIFICATE_FILE "\"%s%s",
                                *more != '\0' ? "," : "", more);
    trillet_client *client = client_for(service_url(door), options);

    free(options);
    return client;
}

int wait_for_requests(trillet_client *client, const char *tag, long requests)
{
    int left = 2000;

    while (service_count(tag, "requests") < requests && left-- > 0) {
        pass_time(client, 5);
    }
    return service_count(tag, "requests") >= requests;
}

void expect_connections(const char *tag, long count)
{
    if (requests_share_connections()) {
        CHECK_NUMBER(service_count(tag, "connections"), count);
    }
}

void ignore_answer(void *user_data, uint64_t id, const char *response_json)
{
    (void)user_data;
    (void)id;
    (void)response_json;
}

void ignore_line(void *user_data, int32_t level, const char *message)
{
    (void)user_data;
    (void)level;
    (void)message;
}

static void fetch_one(trillet_client *client, const char *tag)
{
    char *request = echo_request(tag, 500, "");
    uint64_t submitted = trillet_submit(client, "POST /echo", request, NULL, NULL, NULL);
    uint64_t fetched = 0;
    char *answer;

    CHECK(submitted != 0);
    CHECK(is_answered_within(client, 10000));
    answer = trillet_next(client, 10000, &fetched);
    CHECK(is_echo_of(answer, 500));
    CHECK(fetched == submitted);
    trillet_free(answer);
    free(request);
}

uint64_t submit_echo(trillet_client *client, const char *tag, int number, const char *more)
{
    char *request = echo_request(tag, number, more);
    uint64_t id = trillet_submit(client, "POST /echo", request, NULL, NULL, NULL);

    CHECK(id != 0);
    free(request);
    return id;
}

static long completed(trillet_client *client)
{
    char *stats = trillet_client_stats(client);
    char *count = answer_member(stats, "queue.completed");
    long number = count == NULL ? -1 : atol(count);

    free(count);
    trillet_free(stats);
    return number;
}

void wait_for_completed(trillet_client *client, long count)
{
    int left = 1000;

    while (completed(client) < count && left-- > 0) {
        pass_time(client, 5);
    }
    CHECK_NUMBER(completed(client), count);
}

void use_everything(enum door door)
{
    const char *tag = service_tag("everything");
    trillet_client *client = service_client(door, "\"timeoutMs\":9000");
    burst *some;
    char *stats;

    CHECK_NUMBER(trillet_client_set_log(client, TRILLET_LOG_DEBUG, ignore_line, NULL), 0);
    CHECK(echo(client, tag, 1000, ""));
    some = burst_start(client, tag, 4, "");
    burst_expect_own(some);
    fetch_one(client, tag);
    stats = trillet_client_stats(client);
    CHECK(stats != NULL);
    trillet_free(stats);
    CHECK_NUMBER(trillet_client_close(client, 1000), 0);
    CHECK_NUMBER(service_count(tag, "different"), 6);
    burst_free(some);
    trillet_client_free(client);
}
