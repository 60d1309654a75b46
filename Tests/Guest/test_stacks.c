/* Threads that the host has given little stack. What libcurl and OpenSSL need is theirs; that the
   library adds little to it is seen here. The figures are in docs/decisions.md, thread-stack. */
#include "burst.h"
#include "check.h"
#include "fixture.h"
#include "guest_client.h"
#include "suites.h"
#include "text.h"

#include <pthread.h>
#include <stdlib.h>

/* 18 KiB are enough for plain calls and 20 KiB for TLS, with libcurl 7.88 and OpenSSL 3.0; libcurl's
   own printf alone takes 8. */
enum { DEPTH = 512, STACK = 32 * 1024 };

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
    const char *tag = service_tag("stack");
    trillet_client *client = service_client(*(const enum door *)argument, "");
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

static void a_small_stack_is_enough(const void *argument)
{
    enum door door = *(const enum door *)argument;
    pthread_attr_t attributes;
    pthread_t thread;

    pthread_attr_init(&attributes);
    CHECK_NUMBER(pthread_attr_setstacksize(&attributes, STACK), 0);
    CHECK_NUMBER(pthread_create(&thread, &attributes, live_on_little, &door), 0);
    pthread_join(thread, NULL);
    pthread_attr_destroy(&attributes);
}

void stack_suite(void)
{
    static const enum door plain = PLAIN;
    static const enum door secure = SECURE;

    check_suite("stacks");
    check_case("A thread with a stack of 32 KiB can do everything", a_small_stack_is_enough,
               &plain);
    check_case("A thread with a stack of 32 KiB can do everything over TLS",
               a_small_stack_is_enough, &secure);
}
