/* What a child leaves of its parent's connections when it ends or becomes another program, and the
   experiment in which other clients get each other's answers. */
#include "burst.h"
#include "check.h"
#include "guest_client.h"
#include "process.h"
#include "suites.h"
#include "text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

/* PROGRAM_DIR comes from the Makefile. */

enum { CHILDREN = 4, POSTS = 100, RUNS = 10 };

static void exit_normally(void *argument)
{
    (void)argument;
    exit(0);
}

static void exit_at_once(void *argument)
{
    (void)argument;
    _exit(0);
}

static void become_another_program(void *argument)
{
    (void)argument;
    execl("/bin/sh", "sh", "-c", "exit 0", (char *)NULL);
    _exit(127);
}

/* free() of an inherited client must not say goodbye on the parent's connections. */
static void free_and_exit(void *argument)
{
    trillet_client_free((trillet_client *)argument);
    exit(0);
}

static void children_leave_connections_alone(const void *argument)
{
    static void (*const ways[])(void *) = {exit_normally, exit_at_once, become_another_program,
                                           free_and_exit};
    const char *tag = service_tag("ends");
    trillet_client *client = service_client(*(const enum door *)argument, "");
    burst *held;
    size_t way;

    CHECK(echo(client, tag, 1, ""));
    held = burst_start(client, tag, 8, "\"hold\":true");
    CHECK(wait_for_requests(client, tag, 9));
    expect_connections(tag, 9);
    for (way = 0; way < sizeof ways / sizeof ways[0]; way++) {
        child_expect_success(child_start(ways[way], client));
        check_note("after way %d to end", (int)way);
        CHECK(echo(client, tag, 100 + (int)way, ""));
    }
    expect_connections(tag, 9);
    service_release(tag);
    burst_expect_own(held);
    burst_free(held);
    held = burst_start(client, tag, 1, "");
    burst_expect_own(held);
    expect_connections(tag, 9);
    burst_free(held);
    trillet_client_free(client);
}

/* What a program started by the host finds open. */
static char *descriptors_of_a_program(void)
{
    text listed = {NULL, 0, 0};
    char piece[512];
    size_t got;
    FILE *output = popen(PROGRAM_DIR "/list_descriptors", "r");

    while (output != NULL && (got = fread(piece, 1, sizeof piece, output)) > 0) {
        text_append(&listed, piece, got);
    }
    CHECK(output != NULL && pclose(output) == 0);
    return listed.bytes;
}

static void programs_see_no_descriptors(const void *argument)
{
    char *before = descriptors_of_a_program();
    const char *tag = service_tag("exec");
    trillet_client *client = service_client(*(const enum door *)argument, "");
    burst *held;
    char *during;

    CHECK(echo(client, tag, 1, ""));
    CHECK(trillet_completion_fd(client) >= 0);
    held = burst_start(client, tag, 8, "\"hold\":true");
    CHECK(wait_for_requests(client, tag, 9));
    during = descriptors_of_a_program();
    CHECK_TEXT(during, before);
    service_release(tag);
    burst_expect_own(held);
    burst_free(held);
    trillet_client_free(client);
    free(before);
    free(during);
}

typedef struct experiment {
    enum door door;
    int is_inherited;
    trillet_client *client;
    const char *tag;
    int first;
} experiment;

static void post_often(void *argument)
{
    experiment *self = (experiment *)argument;
    trillet_client *client = self->is_inherited ? self->client : service_client(self->door, "");
    int good = 0;
    int index;

    for (index = 0; index < POSTS; index++) {
        char *request = echo_request(self->tag, self->first + index, "");
        char *answer = trillet_call(client, "POST /echo", request, NULL);
        good += self->is_inherited ? is_error(answer, "forked")
                                   : is_echo_of(answer, self->first + index);
        trillet_free(answer);
        free(request);
    }
    CHECK_NUMBER(good, POSTS);
    trillet_client_free(client);
}

static void no_answer_reaches_another_process(const void *argument)
{
    experiment self = *(const experiment *)argument;
    pid_t children[CHILDREN];
    int run;
    int index;

    for (run = 0; run < RUNS; run++) {
        const char *used = service_tag("used");
        self.client = service_client(self.door, "");
        self.tag = service_tag("experiment");
        CHECK(echo(self.client, used, 1, ""));
        for (index = 0; index < CHILDREN; index++) {
            self.first = index * POSTS;
            children[index] = child_start(post_often, &self);
        }
        for (index = 0; index < CHILDREN; index++) {
            child_expect_success(children[index]);
        }
        check_note("run %d", run);
        CHECK(echo(self.client, used, 2, ""));
        expect_connections(used, 1);
        CHECK_NUMBER(service_count(self.tag, "requests"),
                     self.is_inherited ? 0 : CHILDREN * POSTS);
        CHECK_NUMBER(service_count(self.tag, "different"),
                     self.is_inherited ? 0 : CHILDREN * POSTS);
        trillet_client_free(self.client);
    }
}

void fork_end_suite(void)
{
    static const enum door plain = PLAIN;
    static const enum door secure = SECURE;
    static const experiment inherited = {PLAIN, 1, NULL, NULL, 0};
    static const experiment inherited_secure = {SECURE, 1, NULL, NULL, 0};
    static const experiment own = {PLAIN, 0, NULL, NULL, 0};
    static const experiment own_secure = {SECURE, 0, NULL, NULL, 0};

    check_suite("fork's end");
    check_case("The end of a child leaves the parent's connections alone",
               children_leave_connections_alone, &plain);
    check_case("The end of a child leaves the parent's TLS connections alone",
               children_leave_connections_alone, &secure);
    check_case("A program the host starts sees no descriptor of a client",
               programs_see_no_descriptors, &plain);
    check_case("A program the host starts sees no descriptor of a TLS client",
               programs_see_no_descriptors, &secure);
    check_case("Four children send nothing with the inherited client, ten times",
               no_answer_reaches_another_process, &inherited);
    check_case("Four children send nothing with the inherited TLS client, ten times",
               no_answer_reaches_another_process, &inherited_secure);
    check_case("Four children with their own clients get 400 answers of their own, ten times",
               no_answer_reaches_another_process, &own);
    check_case("Four children with their own TLS clients get 400 answers of their own, ten times",
               no_answer_reaches_another_process, &own_secure);
}
