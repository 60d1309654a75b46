/* Threads that fetch the answers of one client. */
#ifndef FETCHERS_H
#define FETCHERS_H

#include "service.h"
#include "trillet.h"

typedef void (*answer_function)(void *user_data, uint64_t id, const char *answer);

/* Waits for answers without end, gives each to `note`, and frees them. 0 when there will be none. */
typedef int (*fetch_function)(trillet_client *client, answer_function note, void *user_data);

/* Checks that each of many answers comes to one of several threads, once, with its id. */
void fetchers_expect_each_once(enum door door, fetch_function fetch);

/* Checks that a close ends the wait of a thread for which there are no answers. */
void fetchers_expect_end(trillet_client *client, fetch_function fetch);

#endif
