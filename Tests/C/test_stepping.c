/* Pagers whose next page is submitted: trillet_pager_submit(), trillet_pager_stop(). */
#include "check.h"
#include "engine.h"
#include "fixture.h"
#include "interrupting.h"
#include "suites.h"

#include <stdio.h>
#include <string.h>

#define RUNNING \
    "{\"status\":\"processing\",\"waiting\":5,\"active\":1,\"completed\":0,\"failed\":0," \
    "\"total\":6,\"isComplete\":false}"
#define COMPLETED \
    "{\"status\":\"completed\",\"waiting\":0,\"active\":0,\"completed\":6,\"failed\":0," \
    "\"total\":6,\"isComplete\":true}"
#define LONG_MILLISECONDS 20000

static char *page_of(trillet_client *client, trillet_pager *pager)
{
    uint64_t submitted = trillet_pager_submit(pager, NULL, NULL);
    uint64_t arrived = 0;
    char *answer;

    CHECK(submitted != 0);
    answer = trillet_next(client, LONG_MILLISECONDS, &arrived);
    CHECK(arrived == submitted);
    return answer;
}

/* Whoever waits for answers drives a client that nobody else drives. */
static void wait_for_request(const fixture *opened)
{
    while (recording_server_requests(opened->server) == 0) {
        CHECK(trillet_next(opened->client, 10, NULL) == NULL);
    }
}

static void a_page_arrives_like_an_answer(const void *argument)
{
    fixture opened = fixture_open("");
    trillet_pager *pager = trillet_pager_new(opened.client, "agents.list", NULL, NULL);

    (void)argument;
    recording_server_answer_json(opened.server, 200, "[{\"_id\":\"a\"}]");
    answer_expect_data(page_of(opened.client, pager), "[{\"_id\":\"a\"}]");
    answer_expect_data(page_of(opened.client, pager), "null");
    answer_expect_data(page_of(opened.client, pager), "null");
    CHECK(trillet_pager_next(pager) == NULL);
    CHECK_NUMBER(recording_server_requests(opened.server), 1);
    trillet_pager_free(pager);
    fixture_close(&opened);
}

static void take_page(void *user_data, uint64_t id, const char *response_json)
{
    CHECK(id != 0);
    CHECK(strstr(response_json, "\"ok\":true") != NULL);
    __atomic_add_fetch((int *)user_data, 1, __ATOMIC_SEQ_CST);
}

static void a_page_may_have_a_function(const void *argument)
{
    fixture opened = fixture_open("");
    trillet_pager *pager = trillet_pager_new(opened.client, "agents.list", NULL, NULL);
    int taken = 0;

    (void)argument;
    recording_server_answer_json(opened.server, 200, "[]");
    CHECK(trillet_pager_submit(pager, take_page, &taken) != 0);
    CHECK_NUMBER(trillet_client_close(opened.client, LONG_MILLISECONDS), 0);
    CHECK_NUMBER(taken, 1);
    CHECK(trillet_pager_submit(pager, take_page, &taken) == 0);
    trillet_pager_free(pager);
    fixture_close(&opened);
}

static void a_mistake_is_the_only_page(const void *argument)
{
    fixture opened = fixture_open("");
    trillet_pager *pager = trillet_pager_new(opened.client, "calls.send", NULL, NULL);

    (void)argument;
    answer_expect_error(page_of(opened.client, pager), "invalid_argument", "no");
    answer_expect_data(page_of(opened.client, pager), "null");
    trillet_pager_free(pager);
    CHECK(trillet_pager_submit(NULL, NULL, NULL) == 0);
    trillet_pager_stop(NULL);
    fixture_close(&opened);
}

/* A pager whose first page is under way, as is the fixture's only request. */
static trillet_pager *pager_of_a_held_page(const fixture *opened, uint64_t *id)
{
    trillet_pager *pager = trillet_pager_new(opened->client, "agents.list", NULL, NULL);

    recording_server_answer_json(opened->server, 200, "[]");
    recording_server_hold(opened->server);
    *id = trillet_pager_submit(pager, NULL, NULL);
    CHECK(*id != 0);
    return pager;
}

static void one_page_is_on_its_way_at_a_time(const void *argument)
{
    fixture opened = fixture_open("");
    uint64_t id;
    trillet_pager *pager = pager_of_a_held_page(&opened, &id);

    (void)argument;
    CHECK(trillet_pager_submit(pager, NULL, NULL) == 0);
    answer_expect_error(trillet_pager_next(pager), "invalid_argument", "no");
    trillet_pager_stop(pager);
    recording_server_release(opened.server);
    answer_expect_data(trillet_next(opened.client, LONG_MILLISECONDS, NULL), "[]");
    trillet_pager_free(pager);
    fixture_close(&opened);
}

static void a_cancelled_page_can_be_asked_for_again(const void *argument)
{
    fixture opened = fixture_open("");
    uint64_t id;
    trillet_pager *pager = pager_of_a_held_page(&opened, &id);

    (void)argument;
    wait_for_request(&opened);
    CHECK_NUMBER(trillet_cancel(opened.client, id), 0);
    answer_expect_error(trillet_next(opened.client, LONG_MILLISECONDS, NULL), "cancelled",
                        "maybe");
    CHECK_NUMBER(trillet_cancel(opened.client, id), 1);
    recording_server_release(opened.server);
    answer_expect_data(page_of(opened.client, pager), "[]");
    trillet_pager_free(pager);
    fixture_close(&opened);
}

static void a_freed_pager_cancels_its_page(const void *argument)
{
    fixture opened = fixture_open("");
    trillet_pager *pager = trillet_pager_new(opened.client, "agents.list", NULL, NULL);

    (void)argument;
    recording_server_hold(opened.server);
    CHECK(trillet_pager_submit(pager, NULL, NULL) != 0);
    wait_for_request(&opened);
    trillet_pager_free(pager);
    answer_expect_error(trillet_next(opened.client, LONG_MILLISECONDS, NULL), "cancelled",
                        "maybe");
    recording_server_release(opened.server);
    fixture_close(&opened);
}

static void a_batch_is_told_of_step_by_step(const void *argument)
{
    fixture opened = fixture_open("");
    trillet_pager *pager =
        trillet_pager_new(opened.client, "batch_calls.wait",
                          "{\"batchId\":\"b\",\"minIntervalMs\":20,\"maxIntervalMs\":20}", NULL);
    char *told;

    (void)argument;
    recording_server_answer_json(opened.server, 200, RUNNING);
    told = page_of(opened.client, pager);
    answer_expect(told, "data.state", "\"running\"");
    trillet_free(told);
    recording_server_answer_json(opened.server, 200, COMPLETED);
    told = page_of(opened.client, pager);
    answer_expect(told, "data.state", "\"completed\"");
    answer_expect(told, "data.nextLookMs", "0");
    trillet_free(told);
    told = page_of(opened.client, pager);
    answer_expect(told, "data.endedBy", "\"batch\"");
    answer_expect(told, "data.looks", "2");
    answer_expect(told, "meta.operation", "\"batch_calls.wait\"");
    trillet_free(told);
    answer_expect_data(page_of(opened.client, pager), "null");
    trillet_pager_free(pager);
    fixture_close(&opened);
}

static void a_call_is_told_of_step_by_step(const void *argument)
{
    fixture opened = fixture_open("");
    trillet_pager *pager =
        trillet_pager_new(opened.client, "calls.wait",
                          "{\"callId\":\"c\",\"minIntervalMs\":20,\"maxIntervalMs\":20}", NULL);
    char *told;

    (void)argument;
    recording_server_answer_json(opened.server, 200, "[]");
    told = page_of(opened.client, pager);
    answer_expect(told, "data.state", "\"not_listed\"");
    trillet_free(told);
    recording_server_answer_json(opened.server, 200,
                                 "[{\"callId\":\"c\",\"status\":\"completed\"}]");
    told = page_of(opened.client, pager);
    answer_expect(told, "data.state", "\"ended\"");
    trillet_free(told);
    told = page_of(opened.client, pager);
    answer_expect(told, "data.endedBy", "\"calls\"");
    answer_expect(told, "meta.operation", "\"calls.wait\"");
    trillet_free(told);
    answer_expect_data(page_of(opened.client, pager), "null");
    trillet_pager_free(pager);
    fixture_close(&opened);
}

static void a_call_is_found_without_blocking(const void *argument)
{
    fixture opened = fixture_open("");
    trillet_pager *pager = trillet_pager_new(
        opened.client, "calls.find",
        "{\"agentId\":\"a\",\"toNumber\":\"+12025550164\",\"since\":1932109360,\"settleMs\":0}",
        NULL);
    char *told;

    (void)argument;
    recording_server_answer_json(opened.server, 200, "[]");
    trillet_free(page_of(opened.client, pager));
    told = page_of(opened.client, pager);
    answer_expect(told, "data.found", "\"no\"");
    trillet_free(told);
    trillet_pager_free(pager);
    fixture_close(&opened);
}

static void a_stopped_batch_has_one_more_answer(const void *argument)
{
    fixture opened = fixture_open("");
    trillet_pager *pager =
        trillet_pager_new(opened.client, "batch_calls.wait", "{\"batchId\":\"b\"}", NULL);
    char *told;

    (void)argument;
    recording_server_answer_json(opened.server, 200, RUNNING);
    trillet_free(trillet_pager_next(pager));
    trillet_pager_stop(pager);
    told = page_of(opened.client, pager);
    answer_expect(told, "data.endedBy", "\"progress\"");
    trillet_free(told);
    CHECK_NUMBER(recording_server_requests(opened.server), 1);
    trillet_pager_free(pager);
    fixture_close(&opened);
}

/* The pause until the next look is long; nothing is waited for. */
static void what_ends_a_pause(const void *argument)
{
    const char *how = (const char *)argument;
    fixture opened = fixture_open("");
    trillet_pager *pager = trillet_pager_new(
        opened.client, "batch_calls.wait", "{\"batchId\":\"b\",\"minIntervalMs\":20000}", NULL);
    long started;
    uint64_t id;

    recording_server_answer_json(opened.server, 200, RUNNING);
    trillet_free(page_of(opened.client, pager));
    started = milliseconds_now();
    id = trillet_pager_submit(pager, NULL, NULL);
    CHECK(id != 0);
    CHECK(trillet_next(opened.client, 50, NULL) == NULL);
    if (strcmp(how, "cancel") == 0) {
        CHECK_NUMBER(trillet_cancel(opened.client, id), 0);
    } else if (strcmp(how, "close") == 0) {
        CHECK_NUMBER(trillet_client_close(opened.client, LONG_MILLISECONDS), 0);
    } else if (strcmp(how, "begin_drain") == 0) {
        CHECK_NUMBER(trillet_client_begin_drain(opened.client), 0);
    } else {
        CHECK_NUMBER(trillet_client_drain(opened.client, LONG_MILLISECONDS), 0);
    }
    answer_expect_error(trillet_next(opened.client, LONG_MILLISECONDS, NULL), "cancelled", "no");
    CHECK(milliseconds_now() - started < LONG_MILLISECONDS / 2);
    trillet_pager_free(pager);
    fixture_close(&opened);
}

static void a_drain_can_begin_without_waiting(const void *argument)
{
    fixture opened = fixture_open("");
    trillet_client *client = opened.client;

    (void)argument;
    recording_server_hold(opened.server);
    CHECK(trillet_submit(client, "agents.list", NULL, NULL, NULL, NULL) != 0);
    wait_for_request(&opened);
    CHECK_NUMBER(trillet_client_begin_drain(client), 0);
    CHECK(trillet_submit(client, "agents.list", NULL, NULL, NULL, NULL) == 0);
    CHECK(trillet_next(client, 20, NULL) == NULL);
    recording_server_release(opened.server);
    answer_expect_data(trillet_next(client, LONG_MILLISECONDS, NULL), "{}");
    CHECK_NUMBER(trillet_client_close(client, 0), 0);
    CHECK_NUMBER(trillet_client_begin_drain(NULL), -1);
    fixture_close(&opened);
}

void stepping_suite(void)
{
    check_suite("stepping");
    check_case("A submitted page arrives like an answer", a_page_arrives_like_an_answer, NULL);
    check_case("A submitted page may have a function", a_page_may_have_a_function, NULL);
    check_case("A mistake is the only page", a_mistake_is_the_only_page, NULL);
    check_case("One page is on its way at a time", one_page_is_on_its_way_at_a_time, NULL);
    check_case("A cancelled page can be asked for again", a_cancelled_page_can_be_asked_for_again,
               NULL);
    check_case("A freed pager cancels its page", a_freed_pager_cancels_its_page, NULL);
    check_case("A batch is told of step by step", a_batch_is_told_of_step_by_step, NULL);
    check_case("A call is told of step by step", a_call_is_told_of_step_by_step, NULL);
    check_case("A call is found without blocking", a_call_is_found_without_blocking, NULL);
    check_case("A stopped batch has one more answer", a_stopped_batch_has_one_more_answer, NULL);
    check_case("Cancelling ends a pause", what_ends_a_pause, "cancel");
    check_case("Closing ends a pause", what_ends_a_pause, "close");
    check_case("Draining ends a pause", what_ends_a_pause, "drain");
    check_case("Beginning a drain ends a pause", what_ends_a_pause, "begin_drain");
    check_case("A drain can begin without waiting", a_drain_can_begin_without_waiting, NULL);
}
