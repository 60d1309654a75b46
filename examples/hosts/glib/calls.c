/* A client in a GLib main loop, as of a GTK program: callbacks and fetched answers come on the
 * loop's thread, and the loop sleeps while nothing is to do.
 *
 *   cc -o calls calls.c $(pkg-config --cflags --libs glib-2.0 trillet)
 *
 * Key, workspace and service come from TRILLET_API_KEY, TRILLET_WORKSPACE_ID and TRILLET_BASE_URL.
 */
#include <trillet.h>

#include <glib-unix.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct host {
    trillet_client *client;
    GMainLoop *loop;
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
static gboolean when_readable(gint descriptor, GIOCondition condition, gpointer user_data)
{
    host *own = (host *)user_data;
    char *answer;

    (void)descriptor;
    (void)condition;
    trillet_drive(own->client, 0);
    while ((answer = trillet_next(own->client, 0, NULL)) != NULL) {
        show("next", answer);
        trillet_free(answer);
        own->under_way--;
    }
    if (own->under_way > 0) {
        return G_SOURCE_CONTINUE;
    }
    g_main_loop_quit(own->loop);
    return G_SOURCE_REMOVE;
}

int main(void)
{
    host own = {trillet_client_new("{\"engine\":\"caller\"}", NULL), NULL, 2};

    if (own.client == NULL) {
        fputs("no client: are TRILLET_API_KEY and TRILLET_BASE_URL right?\n", stderr);
        return 1;
    }
    own.loop = g_main_loop_new(NULL, FALSE);
    g_unix_fd_add(trillet_completion_fd(own.client), G_IO_IN, when_readable, &own);
    trillet_submit(own.client, "agents.list", NULL, NULL, when_done, &own);
    trillet_submit(own.client, "flows.list", NULL, NULL, NULL, NULL);
    g_main_loop_run(own.loop);
    trillet_client_free(own.client); /* after the source: the descriptor closes here */
    g_main_loop_unref(own.loop);
    return 0;
}
