#include "life.h"

#include "process.h"
#include "requests.h"

#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <trillet.h>

enum { SUBMITTERS = 2, CALLERS = 3, MOST_OUTSTANDING = 1000, SHORT_QUEUE = 800 };

enum ending {
    CLOSED_WHEN_DONE,  /* after every request, waiting for the answers */
    CLOSED_IN_TIME,    /* after every request, with a little time for the answers */
    CLOSED_AT_ONCE,    /* in the middle of the work */
    CLOSED_BY_TWO,     /* in the middle of the work, by two threads */
    CLOSED_SOON,       /* in the middle of the work, with a little time */
    FREED,             /* after every request, without waiting for the answers */
    ENDINGS
};

typedef struct log_target {
    struct life *life;
    int level;
    atomic_int is_retired;
} log_target;

struct life {
    const life_plan *plan;
    trillet_client *client;
    request *requests;
    unsigned count;
    unsigned callers_count;          /* the first ones are made by blocking */
    atomic_uint next_blocking, next; /* not yet taken by a thread */
    meetings meetings;
    atomic_int outstanding;
    atomic_int is_closing; /* requests may be cut short */
    atomic_int is_ending;
    atomic_int is_closed; /* no callback may come any more */
    atomic_int stops;     /* nobody submits any more */
    atomic_int leaves_answers;
    int has_short_queue;
    int polls_descriptor;
    enum ending ending;
    log_target targets[2];
};

atomic_ulong log_lines;
atomic_ulong interrupted_lives;

static void on_done(void *user_data, uint64_t id, const char *answer);

/* Requests */

/* Whether the client may refuse what is asked of it, for it is closed or about to be. */
static int is_closed_soon(const struct life *life)
{
    return atomic_load(&life->is_closing) || atomic_load(&life->is_ending);
}

static circumstances circumstances_of(const struct life *life)
{
    circumstances now = {atomic_load(&life->is_closing), is_closed_soon(life),
                         life->has_short_queue};

    return now;
}

static void settle(struct life *life, request *asked, const char *answer)
{
    if (atomic_fetch_add(&asked->answers, 1) != 0) {
        fail("%s was answered twice: %s", asked->token, answer);
    }
    request_check(asked, answer, circumstances_of(life));
    atomic_fetch_sub(&life->outstanding, 1);
}

static void settle_meeting(struct life *life, meeting *complete)
{
    if (complete != NULL) {
        settle(life, complete->submitted, complete->answer);
        trillet_free(complete->answer);
    }
}

static int fetch(struct life *life, int timeout)
{
    uint64_t id = 0;
    char *answer = trillet_next(life->client, timeout, &id);

    if (answer == NULL) {
        return 0;
    }
    if (id == 0) {
        fail("trillet_next failed: %s", answer);
    }
    settle_meeting(life, meeting_of_answer(&life->meetings, id, answer));
    return 1;
}

static void cancel(struct life *life, request *cancelled)
{
    uint64_t id = atomic_load(&cancelled->id);

    if (id != 0) {
        atomic_store(&cancelled->was_cancelled, 1);
        if (trillet_cancel(life->client, id) < 0) {
            fail("%s could not be cancelled", cancelled->token);
        }
    }
}

static void call(struct life *life, request *asked)
{
    char text[LONGEST_REQUEST];
    char *answer;

    request_write(asked, text);
    atomic_fetch_add(&life->outstanding, 1);
    answer = trillet_call(life->client, asked->operation, text, asked->options);
    settle(life, asked, answer);
    trillet_free(answer);
}

static void submit(struct life *life, request *asked, chance *source)
{
    char text[LONGEST_REQUEST];
    uint64_t id;
    int is_queued = asked->door == QUEUE;

    request_write(asked, text);
    atomic_fetch_add(&life->outstanding, 1);
    id = trillet_submit(life->client, asked->operation, text, asked->options,
                        is_queued ? NULL : on_done, is_queued ? NULL : asked);
    if (id == 0) {
        /* A callback may take the last request when the threads are done and the client closes. */
        if (!is_closed_soon(life)) {
            fail("%s was not accepted by an open client", asked->token);
        }
        atomic_fetch_sub(&life->outstanding, 1);
        return;
    }
    atomic_store(&asked->id, id);
    if (is_queued) {
        settle_meeting(life, meeting_of_request(&life->meetings, id, asked));
    }
    if (chance_once_in(source, 40)) {
        cancel(life, asked);
    }
}

static request *take(struct life *life)
{
    unsigned index = atomic_fetch_add(&life->next, 1);

    return index < life->count ? &life->requests[index] : NULL;
}

/* Callbacks */

static void use_client_in_callback(struct life *life, chance *source)
{
    request *another;
    char *stats;

    switch (chance_below(source, 600)) {
    case 0:
        if (trillet_client_close(life->client, 0) != -1) {
            fail("a client was closed in its own callback");
        }
        trillet_client_free(life->client); /* does nothing here */
        break;
    case 1:
        stats = trillet_client_stats(life->client);
        trillet_free(stats);
        break;
    case 2:
        fetch(life, 1000); /* does not wait here */
        break;
    case 3:
        if ((another = take(life)) != NULL) {
            another->door = BLOCKING;
            call(life, another);
        }
        break;
    default:
        if (chance_once_in(source, 50) && (another = take(life)) != NULL) {
            submit(life, another, source);
        }
    }
}

static void on_done(void *user_data, uint64_t id, const char *answer)
{
    request *asked = (request *)user_data;
    struct life *life = asked->life;
    uint64_t known = atomic_load(&asked->id);
    chance source = chance_seeded(life->plan->seed ^ id);

    if (atomic_load(&life->is_closed)) {
        fail("%s was answered after its client was closed", asked->token);
    }
    if (known != 0 && known != id) {
        fail("%s was answered with the id of another", asked->token);
    }
    use_client_in_callback(life, &source);
    settle(life, asked, answer);
}

static void on_log(void *user_data, int32_t level, const char *message)
{
    log_target *target = (log_target *)user_data;

    if (atomic_load(&target->is_retired) || atomic_load(&target->life->is_closed)) {
        fail("a log that was replaced received: %s", message);
    }
    if (level < TRILLET_LOG_ERROR || level > target->level) {
        fail("a log of level %d received level %d: %s", target->level, level, message);
    }
    if (strstr(message, "sandbox-key") != NULL || strstr(message, "2025550164") != NULL
        || strchr(message, '\n') != NULL) {
        fail("this must not be in a line of the log: %s", message);
    }
    if (atomic_fetch_add_explicit(&log_lines, 1, memory_order_relaxed) % 4096 == 0) {
        sleep_milliseconds(2);
    }
}

/* Threads */

static void *run_submitter(void *argument)
{
    struct life *life = (struct life *)argument;
    chance source = chance_seeded(life->plan->seed + 1);
    request *asked;

    while (!atomic_load(&life->is_closing) && (asked = take(life)) != NULL) {
        submit(life, asked, &source);
        while (atomic_load(&life->outstanding) > MOST_OUTSTANDING
               && !atomic_load(&life->is_closing)) {
            sleep_milliseconds(1);
        }
    }
    return NULL;
}

static void *run_caller(void *argument)
{
    struct life *life = (struct life *)argument;

    while (!atomic_load(&life->is_closing)) {
        unsigned index = atomic_fetch_add(&life->next_blocking, 1);
        if (index >= life->callers_count) {
            break;
        }
        life->requests[index].door = BLOCKING;
        call(life, &life->requests[index]);
    }
    return NULL;
}

static void *run_fetcher(void *argument)
{
    struct life *life = (struct life *)argument;
    struct pollfd readable = {trillet_completion_fd(life->client), POLLIN, 0};

    if (readable.fd < 0) {
        fail("there is no completion descriptor");
    }
    while (!atomic_load(&life->stops)) {
        if (life->polls_descriptor) {
            if (poll(&readable, 1, 20) > 0) {
                fetch(life, 0);
            }
        } else {
            fetch(life, 20);
        }
    }
    if (!atomic_load(&life->leaves_answers)) {
        while (fetch(life, 0)) {
        }
    }
    return NULL;
}

/* 0 when the client is closed, and keeps the log it has. */
static int change_log(struct life *life, log_target *last, log_target *next, chance *source)
{
    next->level = 1 + (int)chance_below(source, TRILLET_LOG_DEBUG);
    atomic_store(&next->is_retired, 0);
    if (trillet_client_set_log(life->client, next->level, on_log, next) == 0) {
        atomic_store(&last->is_retired, 1);
        return 1;
    }
    if (!is_closed_soon(life)) {
        fail("the log of an open client could not be changed");
    }
    return 0;
}

static void *run_watcher(void *argument)
{
    struct life *life = (struct life *)argument;
    chance source = chance_seeded(life->plan->seed + 2);
    unsigned turn = 0;
    int is_open = 1;

    while (!atomic_load(&life->stops)) {
        char *stats = trillet_client_stats(life->client);
        if (strncmp(stats, "{\"uptimeMs\":", 12) != 0) {
            fail("these are no statistics: %s", stats);
        }
        trillet_free(stats);
        is_open = is_open
                  && change_log(life, &life->targets[turn % 2], &life->targets[(turn + 1) % 2],
                                &source);
        turn++;
        if (life->count > 0) {
            cancel(life, &life->requests[chance_below(&source, life->count)]);
        }
        trillet_cancel(life->client, chance_next(&source));
        sleep_milliseconds(1 + chance_below(&source, 5));
    }
    return NULL;
}

static void *run_closer(void *argument)
{
    struct life *life = (struct life *)argument;
    chance source = chance_seeded(life->plan->seed + 3);
    unsigned moment = life->count == 0 ? 0 : chance_below(&source, life->count);
    int32_t result;

    while (atomic_load(&life->next) < moment) {
        sleep_milliseconds(1);
    }
    atomic_store(&life->is_closing, 1);
    result = trillet_client_close(life->client, life->ending == CLOSED_SOON ? 30 : 0);
    if (result != 0 && result != 1) {
        fail("closing at work gave %d", result);
    }
    return NULL;
}

/* The whole */

static void make_client(struct life *life, chance *source)
{
    static const unsigned in_flight[] = {8, 32, 64, 64, 256};
    char options[1024];
    char *error = NULL;
    int length = snprintf(options, sizeof options,
                          "{\"apiKey\":\"sandbox-key\",\"env\":false,\"timeoutMs\":1500,"
                          "\"baseUrl\":\"%s\",\"maxInFlight\":%u",
                          life->plan->url, in_flight[chance_below(source, 5)]);

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
