#include "requests.h"

#include "process.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CSV_ROWS = 60 };

static const char *const options[] = {
    NULL,
    NULL,
    NULL,
    "{\"timeoutMs\":50}",
    "{\"timeoutMs\":400,\"maxRetries\":1}",
    "{\"maxRetries\":0}",
    "{\"maxRetries\":1,\"idempotencyKey\":\"soak\",\"headers\":{\"x-soak\":\"yes\"}}",
};

void request_choose(request *chosen, chance *source, unsigned life, unsigned number)
{
    static const char *const operations[] = {"calls.send", "agents.get", "agents.update",
                                             "agents.delete", "batch_calls.list_calls"};
    unsigned kind = chance_below(source, 100);

    snprintf(chosen->token, sizeof chosen->token, "soak-%u-%u", life, number);
    if (kind < 3) {
        chosen->operation = "batch_calls.start";
    } else if (kind < 10) {
        snprintf(chosen->path, sizeof chosen->path, "POST /v1/api/numbers/%s", chosen->token);
        chosen->operation = chosen->path;
    } else {
        chosen->operation = operations[kind % 5];
    }
    chosen->options = options[chance_below(source, sizeof options / sizeof *options)];
    chosen->door = chance_once_in(source, 2) ? CALLBACK : QUEUE;
}

static void write_batch(const request *written, char text[LONGEST_REQUEST])
{
    int length = snprintf(text, LONGEST_REQUEST, "{\"agentId\":\"%s\",\"csv\":\"phone_number",
                          written->token);
    int row;

    for (row = 0; row < CSV_ROWS; row++) {
        length += snprintf(text + length, LONGEST_REQUEST - (size_t)length, "\\n+1202555%04d", row);
    }
    snprintf(text + length, LONGEST_REQUEST - (size_t)length, "\"}");
}

void request_write(const request *written, char text[LONGEST_REQUEST])
{
    const char *name = written->operation;

    if (strcmp(name, "calls.send") == 0) {
        snprintf(text, LONGEST_REQUEST, "{\"agentId\":\"%s\",\"toNumber\":\"+12025550164\"}",
                 written->token);
    } else if (strcmp(name, "batch_calls.start") == 0) {
        write_batch(written, text);
    } else if (strcmp(name, "batch_calls.list_calls") == 0) {
        snprintf(text, LONGEST_REQUEST, "{\"batchId\":\"%s\",\"page\":2}", written->token);
    } else if (written->operation == written->path) {
        snprintf(text, LONGEST_REQUEST, "{\"number\":\"+12025550164\"}");
    } else {
        snprintf(text, LONGEST_REQUEST, "{\"agentId\":\"%s\"}", written->token);
    }
}

const char *const outcome_names[OUTCOMES] = {
    "ok",       "server",   "connection",   "timeout", "cancelled",
    "response", "rejected", "rate_limited", "closed",  "not_found",
};
atomic_ulong outcomes[OUTCOMES];
atomic_ulong repeated_requests;

static int is_allowed(const request *asked, const char *type, const char *answer, circumstances now)
{
    if (strcmp(type, "cancelled") == 0) {
        return now.may_be_cut_short || atomic_load(&asked->was_cancelled) != 0;
    }
    if (strcmp(type, "closed") == 0) {
        return now.may_be_closed;
    }
    if (strstr(answer, "\"code\":\"queue_full\"") != NULL) {
        return now.may_be_refused;
    }
    return 1;
}

static void check_tokens(const request *asked, const char *answer)
{
    size_t length = strlen(asked->token);
    const char *found = answer;

    while ((found = strstr(found, "soak-")) != NULL) {
        if (strncmp(found, asked->token, length) != 0
            || (found[length] >= '0' && found[length] <= '9')) {
            fail("%s was given another's answer: %s", asked->token, answer);
        }
        found += length;
    }
}

static void count_outcome(const request *asked, const char *type, const char *answer,
                          circumstances now)
{
    int index;

    for (index = 0; index < OUTCOMES; index++) {
        if (strcmp(type, outcome_names[index]) == 0) {
            if (!is_allowed(asked, type, answer, now)) {
                fail("%s had no reason to end so: %s", asked->token, answer);
            }
            atomic_fetch_add_explicit(&outcomes[index], 1, memory_order_relaxed);
            return;
        }
    }
    fail("%s ended in a way that nothing here causes: %s", asked->token, answer);
}

void request_check(const request *asked, const char *answer, circumstances now)
{
    char operation[LONGEST_TOKEN + 80];
    char type[32] = "ok";

    if (answer == NULL) {
        fail("%s was answered NULL", asked->token);
    }
    snprintf(operation, sizeof operation, "\"operation\":\"%s\"", asked->operation);
    if (strstr(answer, operation) == NULL) {
        fail("%s, %s, was given an answer of something else: %s", asked->token, asked->operation,
             answer);
    }
    check_tokens(asked, answer);
    if (strncmp(answer, "{\"ok\":true,", 11) == 0) {
        if (strstr(answer, asked->token) == NULL) {
            fail("%s was given an answer without its token: %s", asked->token, answer);
        }
    } else if (sscanf(answer, "{\"ok\":false,\"status\":%*d,\"error\":{\"type\":\"%31[a-z_]\"", type)
               != 1) {
        fail("%s was given something else than an answer: %s", asked->token, answer);
    }
    if (strstr(answer, "\"retries\":[") != NULL) {
        atomic_fetch_add_explicit(&repeated_requests, 1, memory_order_relaxed);
    }
    if (strstr(answer, "sandbox-key") != NULL) {
        fail("the key is in an answer: %s", answer);
    }
    count_outcome(asked, type, answer, now);
}

/* Meetings */

meetings meetings_for(size_t requests)
{
    meetings made;
    size_t size = 16;

    while (size < requests * 2) {
        size *= 2;
    }
    made.mask = size - 1;
    made.places = (meeting *)calloc(size, sizeof *made.places);
    if (made.places == NULL) {
        fail("no memory");
    }
    return made;
}

void meetings_free(meetings *all)
{
    free(all->places);
}

static meeting *place_of(meetings *all, uint64_t id)
{
    size_t index = (size_t)((id * 0x9E3779B97F4A7C15u) >> 20);

    for (;; index++) {
        meeting *place = &all->places[index & all->mask];
        uint64_t found = 0;
        if (atomic_compare_exchange_strong(&place->id, &found, id) || found == id) {
            return place;
        }
    }
}

static meeting *arrive(meeting *place)
{
    int before = atomic_fetch_add(&place->arrived, 1);

    if (before > 1) {
        fail("request %" PRIu64 " was answered more than once", atomic_load(&place->id));
    }
    return before == 1 ? place : NULL;
}

meeting *meeting_of_request(meetings *all, uint64_t id, request *submitted)
{
    meeting *place = place_of(all, id);

    if (place->submitted != NULL) {
        fail("two requests were given the id %" PRIu64, id);
    }
    place->submitted = submitted;
    return arrive(place);
}

meeting *meeting_of_answer(meetings *all, uint64_t id, char *answer)
{
    meeting *place = place_of(all, id);

    place->answer = answer;
    return arrive(place);
}
