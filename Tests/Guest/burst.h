/* Many requests at once, each of which must get an answer, its own, once. */
#ifndef BURST_H
#define BURST_H

#include "trillet.h"

typedef struct burst burst;

/* Submits so many requests with `done`. `more` is "" or further fields of each: `"hold":true`. */
burst *burst_start(trillet_client *client, const char *tag, int count, const char *more);

/* Waits until every request has been answered, at most a minute. 1 when they have. Where the caller
   drives, only the thread that started the burst may wait or close. */
int burst_wait(burst *started);

/* The ids that trillet_submit() returned. */
uint64_t burst_id(const burst *started, int index);

/* How many have ended: with their own answer, with an error of a type, or with anything. */
int burst_own(burst *started);
int burst_errors(burst *started, const char *type);
int burst_ended(burst *started);

/* Checks that each had its own answer, once, with its id, on `trillet-io` or on the thread that drives,
   one at a time. */
void burst_expect_own(burst *started);

/* Checks all of that but the answers' content. */
void burst_expect_order(burst *started);

void burst_free(burst *started);

/* The smallest request whose answer tells whose it is; free it with free(). */
char *echo_request(const char *tag, int number, const char *more);
/* Whether an answer is the one to echo_request(). */
int is_echo_of(const char *answer, int number);
/* Makes the request with a blocking call; 1 when its own answer came. */
int echo(trillet_client *client, const char *tag, int number, const char *more);
/* Whether the answer is an error of this type. */
int is_error(const char *answer, const char *type);

/* Threads that call without pause until they are stopped. */
typedef struct crowd crowd;
crowd *crowd_start(trillet_client *client, const char *tag, int threads, const char *more);
/* Joins the threads; gives back how many calls they made, all of which must have succeeded. */
int crowd_stop(crowd *started);

#endif
