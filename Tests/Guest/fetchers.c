#include "fetchers.h"

#include "burst.h"
#include "check.h"
#include "guest_client.h"
#include "process.h"

#include <pthread.h>
#include <string.h>

typedef struct fetcher {
    pthread_t thread;
    trillet_client *client;
    fetch_function fetch;
    const uint64_t *ids;
    int count;
    int *times;
    int wrong;
} fetcher;

static void note_answer(void *user_data, uint64_t id, const char *answer)
{
    fetcher *self = (fetcher *)user_data;
    int index = 0;

    while (index < self->count && !is_echo_of(answer, index)) {
        index++;
    }
    if (index == self->count || self->ids[index] != id) {
        self->wrong++;
    } else {
        __atomic_add_fetch(&self->times[index], 1, __ATOMIC_SEQ_CST);
    }
}

static void *fetch_until_closed(void *argument)
{
    fetcher *self = (fetcher *)argument;

    while (self->fetch(self->client, note_answer, self)) {
    }
    return NULL;
}

void fetchers_expect_each_once(enum door door, fetch_function fetch)
{
    enum { COUNT = 200, THREADS = 4 };
    const char *tag = service_tag("fetchers");
    trillet_client *client = service_client(door, "");
    uint64_t ids[COUNT];
    int times[COUNT];
    fetcher fetchers[THREADS];
    int index;

    memset(times, 0, sizeof times);
    for (index = 0; index < COUNT; index++) {
        ids[index] = submit_echo(client, tag, index, "");
    }
    for (index = 0; index < THREADS; index++) {
        fetcher made = {pthread_self(), client, fetch, ids, COUNT, times, 0};
        fetchers[index] = made;
        pthread_create(&fetchers[index].thread, NULL, fetch_until_closed, &fetchers[index]);
    }
    CHECK_NUMBER(trillet_client_close(client, 10000), 0);
    for (index = 0; index < THREADS; index++) {
        pthread_join(fetchers[index].thread, NULL);
        CHECK_NUMBER(fetchers[index].wrong, 0);
    }
    for (index = 0; index < COUNT; index++) {
        check_note("request %d", index);
        CHECK_NUMBER(times[index], 1);
    }
    trillet_client_free(client);
}

void fetchers_expect_end(trillet_client *client, fetch_function fetch)
{
    fetcher waiting = {pthread_self(), client, fetch, NULL, 0, NULL, 0};

    pthread_create(&waiting.thread, NULL, fetch_until_closed, &waiting);
    pause_milliseconds(50);
    CHECK_NUMBER(trillet_client_close(client, 0), 0);
    pthread_join(waiting.thread, NULL);
    CHECK_NUMBER(waiting.wrong, 0);
}
