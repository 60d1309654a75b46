/* Sleeps in epoll on a client's descriptor, and drives the client whenever it is readable.
 *
 *   idle_host OPTIONS COUNT: submits that many requests first.
 */
#include <trillet.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>

int main(int count, char **arguments)
{
    char *error = NULL;
    struct epoll_event event = {EPOLLIN, {NULL}};
    trillet_client *client;
    int poller = epoll_create1(EPOLL_CLOEXEC);
    int left;

    if (count != 3 || poller < 0) {
        return 2;
    }
    client = trillet_client_new(arguments[1], &error);
    if (client == NULL) {
        fputs(error, stderr);
        return 2;
    }
    if (epoll_ctl(poller, EPOLL_CTL_ADD, trillet_completion_fd(client), &event) != 0) {
        return 2;
    }
    for (left = atoi(arguments[2]); left > 0; left--) {
        trillet_submit(client, "agents.list", NULL, NULL, NULL, NULL);
    }
    for (;;) {
        char *answer;
        /* A tracer that comes or goes interrupts the wait. */
        if (epoll_wait(poller, &event, 1, -1) < 0 && errno == EINTR) {
            continue;
        }
        trillet_drive(client, 0);
        while ((answer = trillet_next(client, 0, NULL)) != NULL) {
            puts(answer);
            fflush(stdout);
            trillet_free(answer);
        }
    }
}
