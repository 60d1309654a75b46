/* What the threads of a life share, and what each of them does. */
#ifndef LIFE_STATE_H
#define LIFE_STATE_H

#include "life.h"
#include "requests.h"

#include <trillet.h>

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
    int is_driven; /* has no thread of its own */
    enum ending ending;
    log_target targets[2];
};

/* Whether the client may refuse what is asked of it, for it is closed or about to be. */
int life_is_closed_soon(const struct life *life);

/* Each is the body of a thread, and gets the life. */
void *run_submitter(void *argument);
void *run_caller(void *argument);
void *run_fetcher(void *argument);
void *run_driver(void *argument);
void *run_watcher(void *argument);
void *run_closer(void *argument);

#endif
