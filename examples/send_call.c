/* Places a call: makes an agent with a phone number and a flow, calls, and watches the call.
 *
 *   send_call [+12025550164]
 *
 * Key, workspace and service come from TRILLET_API_KEY, TRILLET_WORKSPACE_ID and TRILLET_BASE_URL.
 */
#define _POSIX_C_SOURCE 200809L

#include <trillet.h>

#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "json_text.h"

/* Ids are kept as JSON text, quotes included: that is how the next request needs them. */
typedef struct demo {
    trillet_client *client;
    char *agent;
    char *flow;
} demo;

static const char *paint(const char *code)
{
    return isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL ? code : "";
}

#define GREEN paint("\033[32m")
#define DIM paint("\033[2m")
#define PLAIN paint("\033[0m")

static void show(const char *what, const char *name, const char *id)
{
    printf("  %s✓%s %-9s %-28s %s%s%s\n", GREEN, PLAIN, what, name, DIM, id, PLAIN);
}

/* What a person can do about an error. */
static const char *advice(const char *type)
{
    if (strcmp(type, "authentication") == 0) {
        return "Check TRILLET_API_KEY: the dashboard's settings page shows your key.";
    }
    if (strcmp(type, "permission") == 0) {
        return "Check TRILLET_WORKSPACE_ID: the key must belong to that workspace.";
    }
    if (strcmp(type, "connection") == 0 || strcmp(type, "timeout") == 0) {
        return "Check TRILLET_BASE_URL and the network; `make sandbox` starts a service here.";
    }
    if (strcmp(type, "rate_limited") == 0) {
        return "Wait a minute: the service takes a limited number of requests.";
    }
    return NULL;
}

static void explain(const char *answer)
{
    char *type = json_plain(answer, "error.type");
    char *message = json_plain(answer, "error.message");
    char *details = json_plain(answer, "error.details");
    char *operation = json_plain(answer, "meta.operation");

    fflush(stdout);
    fprintf(stderr, "\n✗ %s: %s\n", operation, message);
    if (*details != '\0') {
        fprintf(stderr, "  %s\n", details);
    }
    if (advice(type) != NULL) {
        fprintf(stderr, "  %s\n", advice(type));
    }
    free(type);
    free(message);
    free(details);
    free(operation);
}

/* The answer to a request written like printf, NULL after an explained error. */
static char *ask(demo *run, const char *operation, const char *format, ...)
{
    char request[2048];
    char *answer;
    va_list values;

    va_start(values, format);
    vsnprintf(request, sizeof request, format, values);
    va_end(values);
    answer = trillet_call(run->client, operation, request, NULL);
    if (strncmp(answer, "{\"ok\":true", 10) != 0) {
        explain(answer);
        trillet_free(answer);
        return NULL;
    }
    return answer;
}

/* The id of a phone number that no agent uses, as JSON text; NULL when there is none. */
static char *free_number(const char *numbers)
{
    char path[48];
    int index;

    for (index = 0;; index++) {
        char *id;
        char *owner;
        snprintf(path, sizeof path, "data.%d._id", index);
        id = json_copy(numbers, path);
        snprintf(path, sizeof path, "data.%d.agentId", index);
        owner = json_copy(numbers, path);
        if (id == NULL || owner == NULL) {
            free(owner);
            return id;
        }
        free(id);
        free(owner);
    }
}

static int make_agent(demo *run)
{
    char *numbers = ask(run, "GET /v1/api/twilio/user-phone-numbers", "{}");
    char *number = numbers == NULL ? NULL : free_number(numbers);
    char *answer = NULL;

    if (numbers != NULL) {
        answer = ask(run, "agents.create",
                     "{\"name\":\"Front desk\",\"llmModel\":\"gpt-4o-mini\",\"ttsModel\":"
                     "{\"provider\":\"rime\",\"voiceId\":\"mistv2_Brook\",\"language\":\"en\"},"
                     "\"phoneNumberIds\":[%s]}",
                     number == NULL ? "" : number);
    }
    if (answer != NULL) {
        char *id = json_plain(answer, "data._id");
        run->agent = json_copy(answer, "data._id");
        show("agent", "Front desk", id);
        free(id);
    }
    trillet_free(answer);
    trillet_free(numbers);
    free(number);
    return run->agent != NULL;
}

static int make_flow(demo *run)
{
    char *answer = ask(run, "flows.create",
                       "{\"name\":\"Appointment reminder\",\"direction\":\"outbound\","
                       "\"promptType\":\"simple\",\"agent\":%s,\"isActive\":true,"
                       "\"prompt\":\"Remind the person of the appointment tomorrow at ten.\"}",
                       run->agent);

    if (answer != NULL) {
        char *id = json_plain(answer, "data._id");
        run->flow = json_copy(answer, "data._id");
        show("flow", "Appointment reminder", id);
        free(id);
    }
    trillet_free(answer);
    return run->flow != NULL;
}

static int place_call(demo *run, const char *number)
{
    char *answer = ask(run, "calls.send", "{\"agentId\":%s,\"toNumber\":\"%s\"}", run->agent,
                       number);
    char *call;
    char *from;
    char *to;

    if (answer == NULL) {
        return 0;
    }
    call = json_plain(answer, "meta.callId");
    from = json_plain(answer, "data.fromNumber");
    to = json_plain(answer, "data.toNumber");
    show("call", "placed", call);
    printf("\n  %s → %s\n  ", from, to);
    trillet_free(answer);
    free(call);
    free(from);
    free(to);
    return 1;
}

static void pause_for(long milliseconds)
{
    struct timespec pause;

    pause.tv_sec = milliseconds / 1000;
    pause.tv_nsec = milliseconds % 1000 * 1000000;
    nanosleep(&pause, NULL);
}

/* Shows each new state of the agent's only call, for ten minutes at most. 1 once it has ended. */
static int watch_call(demo *run)
{
    char *shown = (char *)calloc(1, 1);
    long pause = 100;
    long waited = 0;
    int ended = 0;

    while (!ended && waited < 600000) {
        char *answer = ask(run, "GET /v2/api/call-history", "{\"agentId\":%s,\"limit\":1}",
                           run->agent);
        char *state = answer == NULL ? NULL : json_plain(answer, "data.0.status");
        char *end = answer == NULL ? NULL : json_copy(answer, "data.0.duration");
        if (answer == NULL) {
            break;
        }
        if (strcmp(state, shown) != 0) {
            printf("%s%s", *shown == '\0' ? "" : " → ", state);
            fflush(stdout);
        }
        ended = end != NULL;
        if (ended) {
            char *duration = json_plain(answer, "data.0.duration");
            char *summary = json_plain(answer, "data.0.summary");
            printf(" after %s s%s%s\n", duration, *summary == '\0' ? "" : ": ", summary);
            free(duration);
            free(summary);
        }
        trillet_free(answer);
        free(end);
        free(shown);
        shown = state;
        if (!ended) {
            pause_for(pause);
            waited += pause;
            pause = pause < 5000 ? pause * 3 / 2 : pause;
        }
    }
    free(shown);
    return ended;
}

static int tidy_up(demo *run)
{
    char *flow = run->flow == NULL ? NULL : ask(run, "flows.delete", "{\"flowId\":%s}", run->flow);
    char *agent = ask(run, "agents.delete", "{\"agentId\":%s}", run->agent);
    int tidy = (run->flow == NULL || flow != NULL) && agent != NULL;

    trillet_free(flow);
    trillet_free(agent);
    return tidy;
}

/* Nothing is deleted under a call that may still be running. */
static int call_and_tidy_up(demo *run, const char *number)
{
    int placed = make_agent(run) && make_flow(run) && place_call(run, number);
    int ended = placed && watch_call(run);

    if (placed && !ended) {
        printf("\n  The call may still be running: agent and flow are left to it.\n");
        return 0;
    }
    if (run->agent == NULL || !tidy_up(run)) {
        return 0;
    }
    if (placed) {
        printf("  %sagent and flow deleted%s\n", DIM, PLAIN);
    }
    return placed;
}

int main(int argc, char **argv)
{
    const char *number = argc > 1 ? argv[1] : "+12025550164";
    char *error = NULL;
    demo run = {NULL, NULL, NULL};
    int done;

    if (argc > 2 || strspn(number, "+0123456789") != strlen(number)) {
        fprintf(stderr, "usage: %s [+12025550164]\n", argv[0]);
        return 1;
    }
    printf("A call from C %s· libtrillet %s%s\n\n", DIM, trillet_version(), PLAIN);
    run.client = trillet_client_new(NULL, &error);
    if (run.client == NULL) {
        explain(error);
        trillet_free(error);
        return 1;
    }
    done = call_and_tidy_up(&run, number);
    trillet_client_free(run.client);
    free(run.agent);
    free(run.flow);
    return done ? 0 : 1;
}
