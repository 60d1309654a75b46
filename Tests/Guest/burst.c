#include "burst.h"

#include "check.h"
#include "engine.h"
#include "json_reader.h"
#include "process.h"
#include "text.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WAIT_SECONDS = 60, TURN_MILLISECONDS = 1000, TYPE_BYTES = 24 };

typedef struct slot {
    burst *owner;
    uint64_t id;
    int number;
    int times;
    int is_own;
    char type[TYPE_BYTES];
} slot;

struct burst {
    trillet_client *client;
    pthread_t starter;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    slot *slots;
    int count;
    int ended;
    int running;
    int overlapped;
    int elsewhere;
    int wrong_ids;
};

char *echo_request(const char *tag, int number, const char *more)
{
    return text_format("{\"id\":%d,\"tag\":\"%s\"%s%s}", number, tag, *more != '\0' ? "," : "",
                       more);
}

int is_echo_of(const char *answer, int number)
{
    size_t length = 0;
    const char *id = answer == NULL ? NULL : json_member(answer, "data.id", &length);
    char *wanted = text_format("%d", number);
    int same = id != NULL && length == strlen(wanted) && memcmp(id, wanted, length) == 0;

    free(wanted);
    return same;
}

int is_error(const char *answer, const char *type)
{
    size_t length = 0;
    const char *found = answer == NULL ? NULL : json_member(answer, "error.type", &length);

    return found != NULL && length == strlen(type) + 2 && memcmp(found + 1, type, length - 2) == 0;
}

int echo(trillet_client *client, const char *tag, int number, const char *more)
{
    char *request = echo_request(tag, number, more);
    char *answer = trillet_call(client, "POST /echo", request, NULL);
    int is_own = is_echo_of(answer, number);

    if (!is_own) {
        check_show("answer  ", answer == NULL ? "NULL" : answer);
    }
    trillet_free(answer);
    free(request);
    return is_own;
}

static void on_done(void *user_data, uint64_t id, const char *response_json)
{
    slot *mine = (slot *)user_data;
    burst *owner = mine->owner;
    size_t length = 0;
    const char *type = json_member(response_json, "error.type", &length);

    if (__atomic_add_fetch(&owner->running, 1, __ATOMIC_SEQ_CST) != 1) {
        owner->overlapped++;
    }
    pthread_mutex_lock(&owner->lock);
    owner->elsewhere += caller_drives() ? !pthread_equal(owner->starter, pthread_self())
                                        : !thread_is_named("trillet-io");
    owner->wrong_ids += mine->id != id;
    mine->times++;
    mine->is_own = is_echo_of(response_json, mine->number);
    if (type != NULL && length > 2 && length - 2 < TYPE_BYTES) {
        memcpy(mine->type, type + 1, length - 2);
    }
    owner->ended++;
    /* With the lock: once it is free, the owner may be gone. */
    __atomic_sub_fetch(&owner->running, 1, __ATOMIC_SEQ_CST);
    pthread_cond_broadcast(&owner->changed);
    pthread_mutex_unlock(&owner->lock);
}

burst *burst_start(trillet_client *client, const char *tag, int count, const char *more)
{
    burst *started = (burst *)calloc(1, sizeof *started);
    int index;

    started->slots = (slot *)calloc((size_t)count, sizeof *started->slots);
    started->client = client;
    started->starter = pthread_self();
    started->count = count;
    pthread_mutex_init(&started->lock, NULL);
    pthread_cond_init(&started->changed, NULL);
    for (index = 0; index < count; index++) {
        slot *mine = &started->slots[index];
        char *request = echo_request(tag, index, more);
        mine->owner = started;
        mine->number = index;
        /* The answer may come before the id is written down; `done` waits for the lock. */
        pthread_mutex_lock(&started->lock);
        mine->id = trillet_submit(client, "POST /echo", request, NULL, on_done, mine);
        pthread_mutex_unlock(&started->lock);
        CHECK(mine->id != 0);
        free(request);
    }
    return started;
}

static int wait_driving(burst *started)
{
    long deadline = monotonic_milliseconds() + WAIT_SECONDS * 1000;

    while (burst_ended(started) < started->count && monotonic_milliseconds() < deadline) {
        drive_once(started->client, TURN_MILLISECONDS);
    }
    return burst_ended(started) >= started->count;
}

int burst_wait(burst *started)
{
    struct timespec deadline;
    int reached;

    if (caller_drives()) {
        return wait_driving(started);
    }
    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += WAIT_SECONDS;
    pthread_mutex_lock(&started->lock);
    while (started->ended < started->count
           && pthread_cond_timedwait(&started->changed, &started->lock, &deadline) == 0) {
    }
    reached = started->ended >= started->count;
    pthread_mutex_unlock(&started->lock);
    return reached;
}

uint64_t burst_id(const burst *started, int index)
{
    return started->slots[index].id;
}

int burst_ended(burst *started)
{
    int ended;

    pthread_mutex_lock(&started->lock);
    ended = started->ended;
    pthread_mutex_unlock(&started->lock);
    return ended;
}

int burst_own(burst *started)
{
    int own = 0;
    int index;

    pthread_mutex_lock(&started->lock);
    for (index = 0; index < started->count; index++) {
        own += started->slots[index].is_own;
    }
    pthread_mutex_unlock(&started->lock);
    return own;
}

int burst_errors(burst *started, const char *type)
{
    int found = 0;
    int index;

    pthread_mutex_lock(&started->lock);
    for (index = 0; index < started->count; index++) {
        found += strcmp(started->slots[index].type, type) == 0;
    }
    pthread_mutex_unlock(&started->lock);
    return found;
}

void burst_expect_order(burst *started)
{
    int once = 0;
    int index;

    pthread_mutex_lock(&started->lock);
    for (index = 0; index < started->count; index++) {
        once += started->slots[index].times == 1;
    }
    pthread_mutex_unlock(&started->lock);
    CHECK_NUMBER(once, started->count);
    CHECK_NUMBER(started->overlapped, 0);
    CHECK_NUMBER(started->elsewhere, 0);
    CHECK_NUMBER(started->wrong_ids, 0);
}

void burst_expect_own(burst *started)
{
    CHECK(burst_wait(started));
    CHECK_NUMBER(burst_own(started), started->count);
    burst_expect_order(started);
}

void burst_free(burst *started)
{
    pthread_cond_destroy(&started->changed);
    pthread_mutex_destroy(&started->lock);
    free(started->slots);
    free(started);
}
