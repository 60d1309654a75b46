/* Clients of the shared service. */
#ifndef GUEST_CLIENT_H
#define GUEST_CLIENT_H

#include "service.h"
#include "trillet.h"

/* A client at a door. `more` is "" or further options: `"timeoutMs":200`. */
trillet_client *service_client(enum door door, const char *more);

/* Submits an echo_request() whose answer waits to be fetched; its id. */
uint64_t submit_echo(trillet_client *client, const char *tag, int number, const char *more);

/* Waits until the service has so many requests of the tag, at most ten seconds. 1 when it has. */
int wait_for_requests(trillet_client *client, const char *tag, long requests);

/* Waits until so many answers wait to be fetched, at most some seconds. */
void wait_for_completed(trillet_client *client, long count);

/* What a client can do, once: blocking, with `done`, with trillet_next(), the log, stats, close. */
void use_everything(enum door door);

/* Checks how many connections a tag's requests had, with a libcurl where they are kept. */
void expect_connections(const char *tag, long count);

/* A `done` that does nothing, and a log that goes nowhere. */
void ignore_answer(void *user_data, uint64_t id, const char *response_json);
void ignore_line(void *user_data, int32_t level, const char *message);

#endif
