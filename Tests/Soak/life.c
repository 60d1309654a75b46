#include "life_state.h"

#include "process.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { SUBMITTERS = 2, CALLERS = 3, SHORT_QUEUE = 800 };

atomic_ulong interrupted_lives;

static void make_client(struct life *life, chance *source)
{
    static const unsigned in_flight[] = {8, 32, 64, 256, 600};
    char options[1024];
    char *error = NULL;
    int length = snprintf(options, sizeof options,
                          "{\"apiKey\":\"sandbox-key\",\"env\":false,\"timeoutMs\":1500,"
                          "\"baseUrl\":\"%s\",\"maxInFlight\":%u",
                          life->plan->url, in_flight[chance_below(source, 5)]);

    if (life->is_driven) {
        length += snprintf(options + length, sizeof options - (size_t)length,
                           ",\"engine\":\"caller\"");
    }
    life->has_short_queue = chance_once_in(source, 4);
    if (life->has_short_queue) {
        length += snprintf(options + length, sizeof options - (size_t)length, ",\"maxQueued\":%d",
                           SHORT_QUEUE);
    }
    if (chance_once_in(source, 4)) {
        length += snprintf(options + length, sizeof options - (size_t)length,
                           ",\"requestsPerMinute\":1000000");
    }
    if (life->plan->ca_file != NULL) {
        length += snprintf(options + length, sizeof options - (size_t)length, ",\"caFile\":\"%s\"",
                           life->plan->ca_file);
    }
    snprintf(options + length, sizeof options - (size_t)length, "}");
    life->client = trillet_client_new(options, &error);
    if (life->client == NULL) {
        fail("no client: %s", error);
    }
}

static pthread_t started(void *(*run)(void *), struct life *life)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, run, life) != 0) {
        fail("no thread");
    }
    return thread;
}

static void close_at_the_end(struct life *life)
{
    int32_t result;

    atomic_store(&life->is_ending, 1);
    if (life->ending == FREED) {
        atomic_store(&life->is_closing, 1);
        return;
    }
    if (life->ending == CLOSED_IN_TIME) {
        atomic_store(&life->is_closing, 1);
    }
    result = trillet_client_close(life->client, life->ending == CLOSED_IN_TIME ? 50 : -1);
    if (result != 0 && (result != 1 || life->ending == CLOSED_WHEN_DONE)) {
        fail("closing after the work gave %d", result);
    }
}

static void work(struct life *life)
{
    pthread_t threads[SUBMITTERS + CALLERS + 2];
    pthread_t fetcher = started(run_fetcher, life);
    pthread_t watcher = started(run_watcher, life);
    pthread_t driver = started(run_driver, life);
    int closers = life->ending == CLOSED_BY_TWO ? 2
                  : life->ending == CLOSED_AT_ONCE || life->ending == CLOSED_SOON ? 1
                                                                                  : 0;
    int count = 0, index;

    for (index = 0; index < SUBMITTERS; index++) {
        threads[count++] = started(run_submitter, life);
    }
    for (index = 0; index < CALLERS; index++) {
        threads[count++] = started(run_caller, life);
    }
    for (index = 0; index < closers; index++) {
        threads[count++] = started(run_closer, life);
    }
    for (index = 0; index < count; index++) {
        pthread_join(threads[index], NULL);
    }
    close_at_the_end(life);
    if (life->ending != FREED) {
        atomic_store(&life->is_closed, 1);
        if (trillet_submit(life->client, "agents.list", NULL, NULL, NULL, NULL) != 0) {
            fail("a closed client accepted a request");
        }
    } else {
        atomic_store(&life->leaves_answers, 1);
    }
    atomic_store(&life->stops, 1);
    pthread_join(fetcher, NULL);
    pthread_join(watcher, NULL);
    pthread_join(driver, NULL);
}

static unsigned account(const struct life *life)
{
    unsigned accepted = 0, index;

    for (index = 0; index < life->count; index++) {
        const request *asked = &life->requests[index];
        int answers = atomic_load(&asked->answers);
        int was_accepted = atomic_load(&asked->id) != 0;
        if (asked->door == QUEUE && was_accepted && answers == 0
            && atomic_load(&life->leaves_answers)) {
            answers = 1; /* dropped with its client */
        }
        if (asked->door != BLOCKING && answers != was_accepted) {
            fail("%s has %d answers, and was %saccepted", asked->token, answers,
                 was_accepted ? "" : "not ");
        }
        accepted += (unsigned)answers;
    }
    return accepted;
}

unsigned life_run(const life_plan *plan)
{
    struct life *life = (struct life *)calloc(1, sizeof *life);
    chance source = chance_seeded(plan->seed);
    unsigned index, accepted;

    if (life == NULL) {
        fail("no memory");
    }
    life->requests = (request *)calloc(plan->requests + 1, sizeof *life->requests);
    if (life->requests == NULL) {
        fail("no memory");
    }
    life->plan = plan;
    life->count = plan->requests;
    life->callers_count = plan->requests / 30;
    atomic_store(&life->next, life->callers_count);
    life->meetings = meetings_for(plan->requests);
    life->ending = chance_once_in(&source, 2) ? CLOSED_WHEN_DONE
                                              : (enum ending)chance_below(&source, ENDINGS);
    life->polls_descriptor = chance_once_in(&source, 2);
    life->is_driven = plan->engine == ENGINE_CALLER
                      || (plan->engine == ENGINE_EITHER && chance_once_in(&source, 2));
    atomic_store(&life->leaves_answers, chance_once_in(&source, 4));
    life->targets[0].life = life->targets[1].life = life;
    for (index = 0; index < life->count; index++) {
        life->requests[index].life = life;
        request_choose(&life->requests[index], &source, plan->number, index);
    }
    make_client(life, &source);
    work(life);
    if (life->ending >= CLOSED_AT_ONCE) {
        atomic_fetch_add(&interrupted_lives, 1);
    }
    trillet_client_free(life->client);
    accepted = account(life);
    meetings_free(&life->meetings);
    free(life->requests);
    free(life);
    return accepted;
}
