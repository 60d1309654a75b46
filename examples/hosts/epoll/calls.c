/* A client in an epoll loop of the program's own: callbacks and fetched answers come on its thread,
 * and it sleeps while nothing is to do.
 *
 *   cc -o calls calls.c $(pkg-config --cflags --libs trillet)
 *
 * Key, workspace and service come from TRILLET_API_KEY, TRILLET_WORKSPACE_ID and TRILLET_BASE_URL.
 */
#include <trillet.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

static int under_way = 2;

static void show(const char *what, const char *answer)
{
    const char *status = strstr(answer, "\"status\":");

    printf("%s: %d\n", what, status == NULL ? 0 : atoi(status + strlen("\"status\":")));
    under_way--;
}

static void when_done(void *user_data, uint64_t id, const char *answer)
{
    (void)user_data;
    (void)id;
    show("done", answer);
}

int main(void)
{
    trillet_client *client = trillet_client_new("{\"engine\":\"caller\"}", NULL);
    struct epoll_event event = {EPOLLIN, {client}};
    int poller = epoll_create1(EPOLL_CLOEXEC);

    if (client == NULL || poller < 0) {
        fputs("no client: are TRILLET_API_KEY and TRILLET_BASE_URL right?\n", stderr);
        return 1;
    }
    epoll_ctl(poller, EPOLL_CTL_ADD, trillet_completion_fd(client), &event);
    trillet_submit(client, "agents.list", NULL, NULL, when_done, NULL);
    trillet_submit(client, "flows.list", NULL, NULL, NULL, NULL);
    while (under_way > 0) {
        char *answer;

        if (epoll_wait(poller, &event, 1, -1) != 1) {
            continue; /* a signal */
        }
        trillet_drive(client, 0);
        while ((answer = trillet_next(client, 0, NULL)) != NULL) {
            show("next", answer);
            trillet_free(answer);
        }
    }
    trillet_client_free(client);
    return 0;
}
