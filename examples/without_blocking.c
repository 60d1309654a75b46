/* Makes many requests at once and waits for none: twelve agents are made and deleted again by
 * functions that the answers are handed to, while the program goes on with look-ups of its own.
 *
 *   without_blocking
 *
 * Key, workspace and service come from TRILLET_API_KEY, TRILLET_WORKSPACE_ID and TRILLET_BASE_URL.
 */
#define _POSIX_C_SOURCE 200809L

#include <trillet.h>

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "json_text.h"

enum { AGENTS = 12, LOOK_UPS = 3 };

typedef struct progress {
    trillet_client *client;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int deleted;
    int failed;
} progress;

static const char *paint(const char *code)
{
    return isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL ? code : "";
}

#define GREEN paint("\033[32m")
#define DIM paint("\033[2m")
#define PLAIN paint("\033[0m")

static int is_ok(const char *answer)
{
    return strncmp(answer, "{\"ok\":true", 10) == 0;
}

static void explain(const char *answer)
{
    char *operation = json_plain(answer, "meta.operation");
    char *message = json_plain(answer, "error.message");
    char *sent = json_plain(answer, "error.sent");

    fprintf(stderr, "✗ %s: %s (sent: %s)\n", operation, message, sent);
    free(operation);
    free(message);
    free(sent);
}

/* The functions that answers are handed to run on the client's thread, one at a time. */
static void count(progress *run, int *counter)
{
    pthread_mutex_lock(&run->lock);
    (*counter)++;
    pthread_cond_signal(&run->changed);
    pthread_mutex_unlock(&run->lock);
}

static void when_deleted(void *user_data, uint64_t id, const char *answer)
{
    progress *run = (progress *)user_data;

    (void)id;
    if (!is_ok(answer)) {
        explain(answer);
    }
    count(run, is_ok(answer) ? &run->deleted : &run->failed);
}

/* An answer may start the next request. */
static void when_made(void *user_data, uint64_t id, const char *answer)
{
    progress *run = (progress *)user_data;
    char *agent = is_ok(answer) ? json_copy(answer, "data._id") : NULL;
    char request[256];

    (void)id;
    if (agent == NULL) {
        explain(answer);
        count(run, &run->failed);
        return;
    }
    snprintf(request, sizeof request, "{\"agentId\":%s}", agent);
    free(agent);
    if (trillet_submit(run->client, "agents.delete", request, NULL, when_deleted, run) == 0) {
        count(run, &run->failed);
    }
}

static void make_agents(progress *run)
{
    char request[256];
    int number;

    for (number = 1; number <= AGENTS; number++) {
        snprintf(request, sizeof request,
                 "{\"name\":\"Desk %d\",\"llmModel\":\"gpt-4o-mini\","
                 "\"ttsModel\":{\"provider\":\"rime\",\"voiceId\":\"mistv2_Brook\"}}",
                 number);
        if (trillet_submit(run->client, "agents.create", request, NULL, when_made, run) == 0) {
            count(run, &run->failed);
        }
    }
    printf("  %s✓%s %d agents under way, and nobody waits\n", GREEN, PLAIN, AGENTS);
}

static void wait_for_agents(progress *run)
{
    pthread_mutex_lock(&run->lock);
    while (run->deleted + run->failed < AGENTS) {
        pthread_cond_wait(&run->changed, &run->lock);
    }
    pthread_mutex_unlock(&run->lock);
    printf("  %s✓%s %d agents made and deleted, %d failed\n", GREEN, PLAIN, run->deleted,
           run->failed);
}

/* Without a function, an answer waits to be fetched. poll() and its like can wait for it, too: see
   trillet_completion_fd(). */
static int look_up(progress *run)
{
    uint64_t submitted[LOOK_UPS];
    int index;
    int fetched;

    for (index = 0; index < LOOK_UPS; index++) {
        submitted[index] =
            trillet_submit(run->client, "agents.list", "{\"limit\":1}", NULL, NULL, NULL);
    }
    /* Its answer comes all the same, as "cancelled" or, if that was faster, as the real one. */
    trillet_cancel(run->client, submitted[LOOK_UPS - 1]);
    for (fetched = 0; fetched < LOOK_UPS; fetched++) {
        uint64_t id;
        char *answer = trillet_next(run->client, 60000, &id);
        char *type;
        if (answer == NULL) {
            return 0;
        }
        for (index = 0; index < LOOK_UPS - 1 && submitted[index] != id; index++) {
        }
        type = json_plain(answer, "error.type");
        printf("  %s✓%s look-up %d %s\n", GREEN, PLAIN, index + 1,
               *type == '\0' ? "answered" : type);
        free(type);
        trillet_free(answer);
    }
    return 1;
}

static void show_statistics(progress *run)
{
    char *stats = trillet_client_stats(run->client);
    char *calls = json_plain(stats, "total.calls");
    char *opened = json_plain(stats, "connections.opened");
    char *slowest = json_plain(stats, "total.latencyMs.max");

    printf("  %s%s requests over %s connections, the slowest in %s ms%s\n", DIM, calls, opened,
           slowest, PLAIN);
    free(calls);
    free(opened);
    free(slowest);
    trillet_free(stats);
}

int main(void)
{
    progress run = {NULL, PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0};
    char *error = NULL;
    int fetched;

    printf("Many requests from C %s· libtrillet %s%s\n\n", DIM, trillet_version(), PLAIN);
    run.client = trillet_client_new(NULL, &error);
    if (run.client == NULL) {
        explain(error);
        trillet_free(error);
        return 1;
    }
    make_agents(&run);
    fetched = look_up(&run);
    wait_for_agents(&run);
    show_statistics(&run);
    trillet_client_free(run.client);
    return fetched && run.failed == 0 ? 0 : 1;
}
