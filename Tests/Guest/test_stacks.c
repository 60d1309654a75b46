/* Threads that the host has given little stack. What libcurl and OpenSSL need is theirs; that the
   library adds little to it is seen here. docs/decisions.md has the figures. */
#include "burst.h"
#include "check.h"
#include "fixture.h"
#include "guest_client.h"
#include "process.h"
#include "suites.h"
#include "text.h"

#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DEPTH = 512, LARGE = 1000000, KILOBYTE = 1024, SECURE_STACK = 64 * KILOBYTE };

typedef struct guest {
    enum door door;
    size_t stack;
} guest;

static char *nested_request(void)
{
    char *open = text_repeat('[', DEPTH - 1);
    char *close = text_repeat(']', DEPTH - 1);
    char *request = text_format("{\"id\":3,\"x\":%s%s}", open, close);

    free(open);
    free(close);
    return request;
}

/* Everything that needs stack, on this thread. */
static void *live_on_little(void *argument)
{
    const guest *self = (const guest *)argument;
    const char *tag = service_tag("stack");
    trillet_client *client = service_client(self->door, "");
    char *request = nested_request();
    char *answer = trillet_call(client, "POST /echo", request, NULL);
    burst *some;

    CHECK(is_echo_of(answer, 3));
    trillet_free(answer);
    CHECK(echo(client, tag, 4, "\"depth\":500"));
    CHECK(echo(client, tag, 5, "\"bytes\":1000000"));
    answer = trillet_call(client, "POST /echo", "{\"fault\":\"half\"}", "{\"maxRetries\":0}");
    CHECK(is_error(answer, "connection"));
    trillet_free(answer);
    answer_expect_invalid(trillet_calls_send(client, "{\"agentId\":\"a\"}", NULL), "toNumber");
    CHECK(trillet_submit(client, "POST /echo", request, NULL, NULL, NULL) != 0);
    answer = trillet_next(client, 10000, NULL);
    CHECK(is_echo_of(answer, 3));
    trillet_free(answer);
    some = burst_start(client, tag, 16, "");
    burst_expect_own(some);
    burst_free(some);
    answer = trillet_client_stats(client);
    CHECK(answer != NULL);
    trillet_free(answer);
    CHECK_NUMBER(trillet_client_close(client, 1000), 0);
    trillet_client_free(client);
    free(request);
    return NULL;
}

static void run_on_stack(void *argument)
{
    guest *self = (guest *)argument;
    pthread_attr_t attributes;
    pthread_t thread;

    pthread_attr_init(&attributes);
    CHECK_NUMBER(pthread_attr_setstacksize(&attributes, self->stack), 0);
    CHECK_NUMBER(pthread_create(&thread, &attributes, live_on_little, self), 0);
    pthread_join(thread, NULL);
    pthread_attr_destroy(&attributes);
}

static void a_small_stack_is_enough(const void *argument)
{
    guest self = *(const guest *)argument;

    if (self.stack == 0) {
        self.stack = (size_t)sysconf(_SC_THREAD_STACK_MIN);
    }
    run_on_stack(&self);
}

void stack_suite(void)
{
    static const guest plain = {PLAIN, 0};
    static const guest secure = {SECURE, SECURE_STACK};

    check_suite("stacks");
    check_case("A thread with the smallest stack there is can do everything",
               a_small_stack_is_enough, &plain);
    check_case("A thread with a stack of 64 KiB can do everything over TLS",
               a_small_stack_is_enough, &secure);
}
