/* The requests of one client, and what became of each: exactly one answer, and its own. */
#ifndef REQUESTS_H
#define REQUESTS_H

#include "chance.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum { LONGEST_TOKEN = 64, LONGEST_REQUEST = 4096 };

enum door { BLOCKING, CALLBACK, QUEUE };

typedef struct request {
    const char *operation;
    /* Of an operation by method and path. */
    char path[LONGEST_TOKEN + 48];
    char token[LONGEST_TOKEN];
    const char *options;
    enum door door;
    struct life *life;
    _Atomic uint64_t id;
    atomic_int answers;
    atomic_int was_cancelled;
} request;

/* Chooses what the request is; every request of a soak has a token of its own. */
void request_choose(request *chosen, chance *source, unsigned life, unsigned number);

/* The fields of the request as JSON. */
void request_write(const request *written, char text[LONGEST_REQUEST]);

/* What the client was doing when the answer came. */
typedef struct circumstances {
    int may_be_cut_short;
    int may_be_closed;
    int may_be_refused; /* the queue is short */
} circumstances;

/* Ends the program when the answer cannot be this request's. Counts it in `outcomes`. */
void request_check(const request *asked, const char *answer, circumstances now);

/* All answers so far, by outcome. */
enum { OUTCOMES = 10 };
extern const char *const outcome_names[OUTCOMES];
extern atomic_ulong outcomes[OUTCOMES];
extern atomic_ulong repeated_requests;

/* Which request has which id. The submitter and whoever fetches the answer come in any order; the
   second of them gets the pair together. */
typedef struct meeting {
    _Atomic uint64_t id;
    request *submitted;
    char *answer;
    atomic_int arrived;
} meeting;

typedef struct meetings {
    meeting *places;
    size_t mask;
} meetings;

meetings meetings_for(size_t requests);
void meetings_free(meetings *all);
/* The pair when it is complete, otherwise NULL. */
meeting *meeting_of_request(meetings *all, uint64_t id, request *submitted);
meeting *meeting_of_answer(meetings *all, uint64_t id, char *answer);

#endif
