/* What nearly every test needs: a recording server, a client on it, and a look into answers. */
#ifndef FIXTURE_H
#define FIXTURE_H

#include "recording_server.h"
#include "trillet.h"

#define TEST_KEY "sandbox-key"
#define TEST_WORKSPACE "sandbox-workspace"

typedef struct fixture {
    recording_server *server;
    trillet_client *client;
} fixture;

/* Opens both. `more` is "" or further client options: `"routes":"published","timeoutMs":200`. */
fixture fixture_open(const char *more);
void fixture_close(fixture *opened);

/* Waits until the server has so many requests, at most some seconds. 1 when it has. */
int fixture_wait(fixture *opened, size_t requests);

/* A client for a base URL; NULL after a failed check when the library refuses. */
trillet_client *client_for(const char *base_url, const char *more);

/* Whether connections are kept: libcurl can be stopped from sending a request again there since
   7.80. */
int requests_share_connections(void);

/* Whether the loaded libcurl is that of this version or a later one. */
int libcurl_is_at_least(int major, int minor);

/* Whether libcurl and TLS are inside the library. */
int library_is_bundled(void);

/* The endpoint functions with their operations and a smallest request that is complete on both
   route styles. */
typedef char *(*endpoint_function)(trillet_client *client, const char *request_json,
                                   const char *options_json);
typedef struct endpoint {
    const char *operation;
    endpoint_function call;
    const char *request;
} endpoint;

enum { ENDPOINT_COUNT = 61, CALLS_SEND = 12 };
extern const endpoint endpoints[ENDPOINT_COUNT];

/* Checks what holds for every answer: well-formed JSON, the envelope, no key in it. Returns it. */
char *answer_checked(char *answer);

/* Checks a member, by its dotted path, to be these exact bytes of JSON. */
void answer_expect(const char *answer, const char *path, const char *json);

/* Checks that a member is there (or not). */
void answer_expect_present(const char *answer, const char *path, int present);

/* Checks that a member's bytes contain a piece. */
void answer_expect_piece(const char *answer, const char *path, const char *piece);

/* A member's bytes as a text of its own, NULL when it is not there; free it with free(). */
char *answer_member(const char *answer, const char *path);

/* Checks `ok`, `error.type` and `error.sent`, and frees the answer. */
void answer_expect_error(char *answer, const char *type, const char *sent);

/* As answer_expect_error for an invalid_argument about a field, with nothing sent. */
void answer_expect_invalid(char *answer, const char *field);

/* Checks a 200 answer with this data, and frees the answer. */
void answer_expect_data(char *answer, const char *data);

#endif
