#include "burst.h"

#include "check.h"
#include "text.h"

#include <pthread.h>
#include <stdlib.h>

typedef struct member {
    pthread_t thread;
    crowd *owner;
    int first;
    int calls;
    int own;
} member;

struct crowd {
    trillet_client *client;
    const char *tag;
    const char *more;
    member *members;
    int count;
    int is_stopping;
};

enum { NUMBERS_EACH = 1000000 };

static void *call_without_pause(void *argument)
{
    member *self = (member *)argument;
    crowd *owner = self->owner;

    while (!__atomic_load_n(&owner->is_stopping, __ATOMIC_SEQ_CST)) {
        self->own += echo(owner->client, owner->tag, self->first + self->calls, owner->more);
        __atomic_add_fetch(&self->calls, 1, __ATOMIC_SEQ_CST);
    }
    return NULL;
}

crowd *crowd_start(trillet_client *client, const char *tag, int threads, const char *more)
{
    crowd *started = (crowd *)calloc(1, sizeof *started);
    int index;

    started->client = client;
    started->tag = tag;
    started->more = more;
    started->count = threads;
    started->members = (member *)calloc((size_t)threads, sizeof *started->members);
    for (index = 0; index < threads; index++) {
        started->members[index].owner = started;
        started->members[index].first = index * NUMBERS_EACH;
        CHECK_NUMBER(pthread_create(&started->members[index].thread, NULL, call_without_pause,
                                    &started->members[index]),
                     0);
    }
    return started;
}

int crowd_stop(crowd *started)
{
    int calls = 0;
    int own = 0;
    int index;

    __atomic_store_n(&started->is_stopping, 1, __ATOMIC_SEQ_CST);
    for (index = 0; index < started->count; index++) {
        pthread_join(started->members[index].thread, NULL);
        calls += started->members[index].calls;
        own += started->members[index].own;
    }
    CHECK_NUMBER(own, calls);
    free(started->members);
    free(started);
    return calls;
}
