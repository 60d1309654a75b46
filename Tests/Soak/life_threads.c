#include "life_state.h"

#include "process.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

enum { MOST_OUTSTANDING = 1000 };

atomic_ulong log_lines;

static void on_done(void *user_data, uint64_t id, const char *answer);

int life_is_closed_soon(const struct life *life)
{
    return atomic_load(&life->is_closing) || atomic_load(&life->is_ending);
}

static circumstances circumstances_of(const struct life *life)
{
    circumstances now = {atomic_load(&life->is_closing), life_is_closed_soon(life),
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
        if (!life_is_closed_soon(life)) {
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

void *run_submitter(void *argument)
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

void *run_caller(void *argument)
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

void *run_fetcher(void *argument)
{
    struct life *life = (struct life *)argument;
    struct pollfd readable = {trillet_completion_fd(life->client), POLLIN, 0};

    if (readable.fd < 0) {
        fail("there is no completion descriptor");
    }
    while (!atomic_load(&life->stops)) {
        if (life->polls_descriptor) {
            if (poll(&readable, 1, 20) > 0) {
                trillet_drive(life->client, 0);
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

/* Comes and goes: whoever fetches or closes drives as well, and takes over when it leaves. */
void *run_driver(void *argument)
{
    struct life *life = (struct life *)argument;
    chance source = chance_seeded(life->plan->seed + 4);
    int32_t waiting;

    while (!atomic_load(&life->stops)) {
        waiting = trillet_drive(life->client, (int32_t)chance_below(&source, 5));
        if (life->is_driven ? waiting < 0 : waiting != -1) {
            fail("driving gave %d", waiting);
        }
        sleep_milliseconds(chance_below(&source, life->is_driven ? 2 : 20));
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
    if (!life_is_closed_soon(life)) {
        fail("the log of an open client could not be changed");
    }
    return 0;
}

void *run_watcher(void *argument)
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

void *run_closer(void *argument)
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
