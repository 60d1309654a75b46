#include "forked_client.h"

#include "burst.h"
#include "check.h"
#include "fixture.h"
#include "guest_client.h"
#include "header_names.h"
#include "process.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

/* HEADER_FILE comes from the Makefile. */

enum { PROMPT_MILLISECONDS = 2000 };

static int callbacks;

static void count_answer(void *user_data, uint64_t id, const char *response_json)
{
    (void)user_data;
    (void)id;
    (void)response_json;
    callbacks++;
}

static int32_t count_progress(void *user_data, const char *progress_json)
{
    (void)user_data;
    (void)progress_json;
    return callbacks++;
}

static int32_t count_interrupt(void *user_data)
{
    (void)user_data;
    return callbacks++;
}

static void call(trillet_client *client)
{
    answer_expect_error(trillet_call(client, "GET /echo", NULL, NULL), "forked", "no");
}

static void stats(trillet_client *client)
{
    char *answer = trillet_client_stats(client);

    CHECK(is_error(answer, "forked"));
    trillet_free(answer);
}

static void warm(trillet_client *client)
{
    answer_expect_error(trillet_client_warm(client, 2, -1), "forked", "no");
}

static void submit(trillet_client *client)
{
    CHECK(trillet_submit(client, "GET /echo", NULL, NULL, NULL, NULL) == 0);
    CHECK(trillet_submit(client, "GET /echo", NULL, NULL, count_answer, NULL) == 0);
}

static void cancel(trillet_client *client)
{
    CHECK_NUMBER(trillet_cancel(client, 1), -1);
}

static void completion_fd(trillet_client *client)
{
    CHECK_NUMBER(trillet_completion_fd(client), -1);
}

static void drive(trillet_client *client)
{
    CHECK_NUMBER(trillet_drive(client, 0), -1);
    CHECK_NUMBER(trillet_drive(client, -1), -1);
}

static void set_log(trillet_client *client)
{
    CHECK_NUMBER(trillet_client_set_log(client, TRILLET_LOG_DEBUG, ignore_line, NULL), -1);
}

static void set_interrupt(trillet_client *client)
{
    CHECK_NUMBER(trillet_client_set_interrupt(client, count_interrupt, NULL), -1);
}

static void next(trillet_client *client)
{
    uint64_t id = 7;
    char *answer = trillet_next(client, -1, &id);

    CHECK(is_error(answer, "forked"));
    CHECK_NUMBER(id, 0);
    trillet_free(answer);
}

static void next_many(trillet_client *client)
{
    char *answer = trillet_next_many(client, -1, 8);

    CHECK(answer != NULL && strncmp(answer, "[{\"id\":0,\"ok\":false,", 20) == 0);
    CHECK(answer != NULL && strstr(answer, "\"type\":\"forked\"") != NULL);
    trillet_free(answer);
}

static void pages(trillet_client *client)
{
    trillet_pager *pager = trillet_pager_new(client, "agents.list", "{\"prefetch\":true}", NULL);

    answer_expect_error(trillet_pager_next(pager), "forked", "no");
    CHECK(trillet_pager_submit(pager, NULL, NULL) == 0);
    trillet_pager_free(pager);
}

static void wait_for_batch(trillet_client *client)
{
    answer_expect_error(
        trillet_batch_calls_wait(client, "{\"batchId\":\"b1\"}", NULL, count_progress, NULL),
        "forked", "no");
}

static void wait_for_call(trillet_client *client)
{
    answer_expect_error(
        trillet_calls_wait(client, "{\"callId\":\"c1\"}", NULL, count_progress, NULL), "forked",
        "no");
}

static void find_call(trillet_client *client)
{
    static const char request[] =
        "{\"agentId\":\"a1\",\"toNumber\":\"+12025550164\",\"since\":1932109360}";

    answer_expect_error(trillet_calls_find(client, request, NULL), "forked", "no");
}

static void save_recording(trillet_client *client)
{
    static const char request[] = "{\"callHistoryId\":\"r1\",\"file\":\"forked.mp3\"}";

    answer_expect_error(trillet_calls_save_recording(client, request, NULL, count_progress, NULL),
                        "forked", "no");
}

static void results(trillet_client *client)
{
    static const char file[] = PROGRAM_DIR "/forked.csv";
    char *request = text_format("{\"batchId\":\"b1\",\"file\":\"%s\"}", file);
    size_t length = 0;

    answer_expect_error(trillet_batch_calls_results(client, request, NULL, count_progress, NULL),
                        "forked", "no");
    CHECK(text_read_file(file, &length) == NULL);
    free(request);
}

static void drain(trillet_client *client)
{
    CHECK_NUMBER(trillet_client_drain(client, -1), -1);
}

static void begin_drain(trillet_client *client)
{
    CHECK_NUMBER(trillet_client_begin_drain(client), -1);
}

static void close_client(trillet_client *client)
{
    CHECK_NUMBER(trillet_client_close(client, -1), -1);
}

static void free_client(trillet_client *client)
{
    trillet_client_free(client);
    /* It has done nothing. */
    CHECK_NUMBER(trillet_client_close(client, 0), -1);
}

typedef struct attempt {
    const char *function;
    void (*make)(trillet_client *client);
} attempt;

/* Beside the endpoint functions, which fixture.c has a table of. */
static const attempt attempts[] = {
    {"trillet_call", call},
    {"trillet_client_stats", stats},
    {"trillet_client_warm", warm},
    {"trillet_submit", submit},
    {"trillet_cancel", cancel},
    {"trillet_completion_fd", completion_fd},
    {"trillet_drive", drive},
    {"trillet_client_set_log", set_log},
    {"trillet_client_set_interrupt", set_interrupt},
    {"trillet_next", next},
    {"trillet_next_many", next_many},
    {"trillet_pager_new", pages},
    {"trillet_batch_calls_wait", wait_for_batch},
    {"trillet_calls_wait", wait_for_call},
    {"trillet_calls_find", find_call},
    {"trillet_batch_calls_results", results},
    {"trillet_calls_save_recording", save_recording},
    {"trillet_client_drain", drain},
    {"trillet_client_begin_drain", begin_drain},
    {"trillet_client_close", close_client},
    {"trillet_client_free", free_client},
};

/* `trillet_calls_send` for `calls.send`. */
static void add_endpoint(name_list *list, const char *operation)
{
    char *name = text_format("trillet_%s", operation);
    char *dot = strchr(name, '.');

    *dot = '_';
    name_list_add(list, name, strlen(name));
    free(name);
}

static void expect_all_of_the_header(name_list *tried)
{
    name_list declared = {{NULL}, 0};
    size_t length = 0;
    char *header = text_read_file(HEADER_FILE, &length);
    char *expected;
    char *actual;

    if (!CHECK(header != NULL)) {
        return;
    }
    header_functions(header, "trillet_client *client", &declared);
    expected = name_list_joined(&declared);
    actual = name_list_joined(tried);
    CHECK_TEXT(actual, expected);
    free(expected);
    free(actual);
    free(header);
}

void expect_forked(trillet_client *client)
{
    long started = monotonic_milliseconds();
    name_list tried = {{NULL}, 0};
    size_t index;

    callbacks = 0;
    for (index = 0; index < ENDPOINT_COUNT; index++) {
        check_note("%s in a forked child", endpoints[index].operation);
        answer_expect_error(endpoints[index].call(client, endpoints[index].request, NULL),
                            "forked", "no");
        add_endpoint(&tried, endpoints[index].operation);
    }
    for (index = 0; index < sizeof attempts / sizeof *attempts; index++) {
        check_note("%s in a forked child", attempts[index].function);
        attempts[index].make(client);
        name_list_add(&tried, attempts[index].function, strlen(attempts[index].function));
    }
    CHECK_NUMBER(callbacks, 0);
    CHECK(monotonic_milliseconds() - started < PROMPT_MILLISECONDS);
    CHECK_NUMBER(thread_count(), 1);
    check_note("every function of the header is tried");
    expect_all_of_the_header(&tried);
}
