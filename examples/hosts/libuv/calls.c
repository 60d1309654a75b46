/* A client in a libuv loop: callbacks and fetched answers come on the loop's thread, and the loop
 * sleeps while nothing is to do.
 *
 *   cc -o calls calls.c $(pkg-config --cflags --libs libuv trillet)
 *
 * Key, workspace and service come from TRILLET_API_KEY, TRILLET_WORKSPACE_ID and TRILLET_BASE_URL.
 */
#include <trillet.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

typedef struct host {
    trillet_client *client;
    uv_poll_t watcher;
    int under_way;
} host;

static void show(const char *what, const char *answer)
{
    const char *status = strstr(answer, "\"status\":");

    printf("%s: %d\n", what, status == NULL ? 0 : atoi(status + strlen("\"status\":")));
}

static void when_done(void *user_data, uint64_t id, const char *answer)
{
    (void)id;
    show("done", answer);
    ((host *)user_data)->under_way--;
}

/* Also called for what needs no answer: a connection is there, a timer has run out. */
static void when_readable(uv_poll_t *watcher, int status, int events)
{
    host *own = (host *)watcher->data;
    char *answer;

    (void)status;
    (void)events;
    trillet_drive(own->client, 0);
    while ((answer = trillet_next(own->client, 0, NULL)) != NULL) {
        show("next", answer);
        trillet_free(answer);
        own->under_way--;
    }
    if (own->under_way == 0) {
        uv_close((uv_handle_t *)watcher, NULL); /* and with its last watcher, the loop ends */
    }
}

int main(void)
{
    host own = {trillet_client_new("{\"engine\":\"caller\"}", NULL), {0}, 2};
    uv_loop_t *loop = uv_default_loop();

    if (own.client == NULL) {
        fputs("no client: are TRILLET_API_KEY and TRILLET_BASE_URL right?\n", stderr);
        return 1;
    }
    own.watcher.data = &own;
    if (uv_poll_init(loop, &own.watcher, trillet_completion_fd(own.client)) != 0) {
        return 1;
    }
    uv_poll_start(&own.watcher, UV_READABLE, when_readable);
    trillet_submit(own.client, "agents.list", NULL, NULL, when_done, &own);
    trillet_submit(own.client, "flows.list", NULL, NULL, NULL, NULL);
    uv_run(loop, UV_RUN_DEFAULT);
    trillet_client_free(own.client); /* after the watcher: the descriptor closes here */
    return uv_loop_close(loop);
}
