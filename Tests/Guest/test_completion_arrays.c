/* Answers fetched with trillet_next_many(). */
#include "burst.h"
#include "check.h"
#include "fetchers.h"
#include "fixture.h"
#include "guest_client.h"
#include "json_reader.h"
#include "process.h"
#include "suites.h"
#include "text.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

static const enum door plain = PLAIN;
static const enum door secure = SECURE;

/* An element of the array, to be freed; NULL behind the last. */
static char *element(const char *array, int index)
{
    char *path = text_format("%d", index);
    char *text = answer_member(array, path);

    free(path);
    return text;
}

static uint64_t id_of(const char *answer)
{
    char *text = answer_member(answer, "id");
    uint64_t id = text == NULL ? 0 : strtoull(text, NULL, 10);

    free(text);
    return id;
}

/* Frees the array, which holds one error about the client, and nothing else. */
static void expect_refusal(char *array, const char *type, const char *field)
{
    CHECK(array != NULL && json_is_well_formed(array, strlen(array)));
    if (array != NULL) {
        char *only = element(array, 0);
        char *further = element(array, 1);
        CHECK(further == NULL);
        CHECK(strncmp(only, "{\"id\":0,\"ok\":false", 18) == 0);
        CHECK(is_error(only, type));
        if (field != NULL) {
            answer_expect(only, "error.field", field);
        }
        free(only);
    }
    trillet_free(array);
}

static void answers_come_in_order_up_to_the_limit(const void *argument)
{
    enum { COUNT = 10, LIMIT = 4 };
    const char *tag = service_tag("many");
    trillet_client *client = service_client(*(const enum door *)argument, "\"maxInFlight\":1");
    struct pollfd readable = {trillet_completion_fd(client), POLLIN, 0};
    uint64_t ids[COUNT];
    int fetched = 0;
    int index;

    for (index = 0; index < COUNT; index++) {
        ids[index] = submit_echo(client, tag, index, "");
    }
    wait_for_completed(client, COUNT);
    while (fetched < COUNT) {
        char *array = trillet_next_many(client, 0, LIMIT);
        char *answer;
        if (!CHECK(array != NULL && json_is_well_formed(array, strlen(array)))) {
            break;
        }
        for (index = 0; (answer = element(array, index)) != NULL; index++, fetched++) {
            check_note("answer %d", fetched);
            CHECK(strncmp(answer, "{\"id\":", 6) == 0);
            CHECK(id_of(answer) == ids[fetched]);
            CHECK(is_echo_of(answer, fetched));
            free(answer);
        }
        CHECK_NUMBER(index, fetched < COUNT ? LIMIT : COUNT % LIMIT);
        trillet_drive(client, 0);
        CHECK_NUMBER(poll(&readable, 1, 0), fetched < COUNT ? 1 : 0);
        trillet_free(array);
    }
    CHECK_NUMBER(fetched, COUNT);
    CHECK(trillet_next_many(client, 0, LIMIT) == NULL);
    trillet_client_free(client);
}

static void failures_stand_beside_successes(const void *argument)
{
    const char *tag = service_tag("mixed");
    trillet_client *client = service_client(*(const enum door *)argument, "");
    uint64_t id;
    char *array;
    char *first;
    char *second;

    submit_echo(client, tag, 1, "");
    wait_for_completed(client, 1);
    id = trillet_submit(client, "calls.send", "{\"agentId\":7}", NULL, NULL, NULL);
    wait_for_completed(client, 2);
    array = trillet_next_many(client, 0, 64);
    first = element(array, 0);
    second = element(array, 1);
    CHECK(is_echo_of(first, 1));
    CHECK(id_of(second) == id && is_error(second, "invalid_argument"));
    free(first);
    free(second);
    trillet_free(array);
    trillet_client_free(client);
}

/* 100 answers of 20 KB: a text of 2 MB would be a burden to who asked for a hundred. */
static void long_answers_come_in_several_arrays(const void *argument)
{
    enum { COUNT = 100, ANSWER_BYTES = 20000, ENOUGH = 256 * 1024 };
    const char *tag = service_tag("long");
    trillet_client *client = service_client(*(const enum door *)argument, "");
    int fetched = 0;
    int index;

    for (index = 0; index < COUNT; index++) {
        submit_echo(client, tag, index, "\"bytes\":20000");
    }
    wait_for_completed(client, COUNT);
    while (fetched < COUNT) {
        char *array = trillet_next_many(client, 0, COUNT);
        char *answer;
        if (!CHECK(array != NULL)) {
            break;
        }
        CHECK(strlen(array) < ENOUGH + 2 * ANSWER_BYTES);
        for (index = 0; (answer = element(array, index)) != NULL; index++) {
            free(answer);
        }
        CHECK(index > 1);
        fetched += index;
        trillet_free(array);
    }
    CHECK_NUMBER(fetched, COUNT);
    trillet_client_free(client);
}

/* Up to three answers with trillet_next_many(). */
static int fetch_some(trillet_client *client, answer_function note, void *user_data)
{
    char *array = trillet_next_many(client, -1, 3);
    char *answer;
    int place;

    if (array == NULL) {
        return 0;
    }
    for (place = 0; (answer = element(array, place)) != NULL; place++) {
        note(user_data, id_of(answer), answer);
        free(answer);
    }
    CHECK(place >= 1 && place <= 3);
    trillet_free(array);
    return 1;
}

static void threads_fetch_each_answer_once(const void *argument)
{
    fetchers_expect_each_once(*(const enum door *)argument, fetch_some);
}

static void a_wait_lasts_its_time(const void *argument)
{
    const char *tag = service_tag("array-wait");
    trillet_client *client = service_client(*(const enum door *)argument, "");
    long started = monotonic_milliseconds();
    char *array;

    CHECK(trillet_next_many(client, 100, 8) == NULL);
    CHECK(monotonic_milliseconds() - started >= 95);
    CHECK(monotonic_milliseconds() - started < 1000);
    submit_echo(client, tag, 1, "\"delayMs\":50");
    array = trillet_next_many(client, 5000, 8);
    CHECK(array != NULL);
    trillet_free(array);
    CHECK_NUMBER(trillet_client_close(client, 0), 0);
    CHECK(trillet_next_many(client, -1, 8) == NULL);
    trillet_client_free(client);
}

static void what_cannot_be_answered_is_an_array_of_one_error(const void *argument)
{
    trillet_client *client = service_client(*(const enum door *)argument, "");

    expect_refusal(trillet_next_many(NULL, -1, 8), "invalid_argument", "\"client\"");
    expect_refusal(trillet_next_many(client, -1, 0), "invalid_argument", "\"limit\"");
    expect_refusal(trillet_next_many(client, -1, INT32_MIN), "invalid_argument", "\"limit\"");
    submit_echo(client, service_tag("greedy"), 1, "");
    wait_for_completed(client, 1);
    trillet_free(trillet_next_many(client, -1, INT32_MAX));
    CHECK(trillet_next_many(client, 0, 1) == NULL);
    trillet_client_free(client);
}

void completion_array_suite(void)
{
    check_suite("completion arrays");
    check_case("Answers come in order, no more than asked for",
               answers_come_in_order_up_to_the_limit, &plain);
    check_case("Answers come in order, no more than asked for, over TLS",
               answers_come_in_order_up_to_the_limit, &secure);
    check_case("Failures stand beside successes", failures_stand_beside_successes, &plain);
    check_case("Long answers come in several arrays", long_answers_come_in_several_arrays, &plain);
    check_case("Threads fetch each answer once", threads_fetch_each_answer_once, &plain);
    check_case("A wait for an array lasts its time, and closing ends it", a_wait_lasts_its_time,
               &plain);
    check_case("What cannot be answered is an array of one error",
               what_cannot_be_answered_is_an_array_of_one_error, &plain);
}
