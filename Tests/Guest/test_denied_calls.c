/* System calls that the host's seccomp filter denies: the error names the call and its errno. */
#include "check.h"
#include "fixture.h"
#include "suites.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef struct denied_call {
    unsigned int number;
    const char *piece;
} denied_call;

static int deny(unsigned int number)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof filter / sizeof filter[0], filter};

    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
        && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static void the_error_names_the_call(const void *argument)
{
    const denied_call *denied = (const denied_call *)argument;
    fixture opened = fixture_open("");
    char *answer;

    if (!deny(denied->number)) {
        check_skip("no seccomp filter can be installed here");
        return;
    }
    CHECK(trillet_submit(opened.client, "agents.list", NULL, NULL, NULL, NULL) != 0);
    answer = trillet_next(opened.client, 10000, NULL);
    answer_expect_piece(answer, "error.message", denied->piece);
    answer_expect_error(answer, "internal", "no");
    answer_expect_data(trillet_agents_list(opened.client, NULL, NULL), "{}");
    fixture_close(&opened);
}

/* Connections of blocking calls are open then, but none of submitted requests. */
static void warming_names_the_call(const void *argument)
{
    const denied_call *denied = (const denied_call *)argument;
    fixture opened = fixture_open("");
    char *answer;

    if (!requests_share_connections()) {
        check_skip("this libcurl opens a connection for each request");
        fixture_close(&opened);
        return;
    }
    /* What is asked for is a head: a body behind it would end the connection. */
    recording_server_answer(opened.server, 200, "", "", 0);
    if (!deny(denied->number)) {
        check_skip("no seccomp filter can be installed here");
        fixture_close(&opened);
        return;
    }
    answer = trillet_client_warm(opened.client, 1, 10000);
    answer_expect_piece(answer, "error.message", denied->piece);
    answer_expect_error(answer, "internal", "no");
    fixture_close(&opened);
}

void denied_call_suite(void)
{
    static const denied_call event = {SYS_eventfd2, "refuses eventfd2 with errno 1"};
    static const denied_call poller = {SYS_epoll_create1, "refuses epoll_create1 with errno 1"};

    check_suite("denied calls");
    check_case("A denied eventfd2 is named with its errno", the_error_names_the_call, &event);
    check_case("A denied epoll_create1 is named with its errno", the_error_names_the_call, &poller);
    check_case("Warming names a denied eventfd2", warming_names_the_call, &event);
    check_case("Warming names a denied epoll_create1", warming_names_the_call, &poller);
}
