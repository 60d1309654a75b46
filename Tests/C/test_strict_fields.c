/* `validate` "strict": no field that the operation does not have is sent. */
#include "check.h"
#include "fixture.h"
#include "suites.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

#define STRICT "{\"validate\":\"strict\"}"
#define CALL "\"agentId\":\"a\",\"toNumber\":\"+12025550164\""
#define TTS "\"ttsModel\":{\"provider\":\"p\",\"voiceId\":\"v\"}"

typedef struct strict_row {
    const char *operation;
    const char *request;
    const char *field;
    /* A piece of the message. */
    const char *message;
} strict_row;

static const strict_row unknown_rows[] = {
    {"calls.send", "{\"agentld\":\"a\",\"toNumber\":\"+12025550164\"}", "agentld",
     "'agentld' is no field of calls.send; did you mean 'agentId'?"},
    {"calls.send", "{" CALL ",\"dynamic_variables\":{}}", "dynamic_variables",
     "did you mean 'dynamicVariables'?"},
    {"calls.send", "{\"agentId\":\"a\",\"to\":\"+12025550164\"}", "to",
     "did you mean 'toNumber'?"},
    {"calls.send", "{" CALL ",\"colour\":1}", "colour", "; known are agentId, toNumber, "},
    {"calls.send", "{" CALL ",\"colour\":null}", "colour", "no field"},
    {"calls.send", "{" CALL ",\"\":1}", "", "'' is no field"},
    {"calls.send", "{" CALL ",\"metadat\\u0061a\":{}}", "metadataa", "did you mean 'metadata'?"},
    {"agents.list", "{\"pge\":2}", "pge", "did you mean 'page'?"},
    {"folders.list", "{\"page\":2}", "page", "'page' is no field of folders.list, which has none"},
    {"batch_calls.start", "{\"csv\":\"x\",\"agentId\":\"a\",\"scheduled_at\":\"n\"}",
     "scheduled_at",
     "did you mean 'scheduledAt'?"},
    {"agents.create",
     "{\"name\":\"n\",\"llmModel\":\"m\",\"ttsModel\":{\"provider\":\"p\",\"voiceId\":\"v\","
     "\"lang\":\"en\"}}",
     "ttsModel.lang", "'ttsModel.lang' is no field of agents.create; known are provider, "},
    {"agents.update",
     "{\"agentId\":\"a\",\"gapBetweenEachAttemptForSmartCallback\":[{\"days\":1},{\"hour\":4}]}",
     "gapBetweenEachAttemptForSmartCallback.hour", "did you mean 'hours'?"},
    {"batch_calls.start",
     "{\"csv\":\"x\",\"agentId\":\"a\",\"smartCallbackConfig\":{\"enabled\":true,"
     "\"gaps\":[{\"dayz\":1}]}}",
     "smartCallbackConfig.gaps.dayz", "did you mean 'days'?"},
};

static void an_unknown_field_is_refused(const void *argument)
{
    fixture opened = fixture_open("\"validate\":\"strict\"");
    size_t index;

    (void)argument;
    for (index = 0; index < sizeof unknown_rows / sizeof *unknown_rows; index++) {
        const strict_row *row = &unknown_rows[index];
        char *answer = trillet_call(opened.client, row->operation, row->request, NULL);
        char *message = answer_member(answer, "error.message");
        check_note("%s %s: %s", row->operation, row->request, message);
        CHECK(message != NULL && strstr(message, row->message) != NULL);
        free(message);
        answer_expect_invalid(answer, row->field);
    }
    CHECK_NUMBER(recording_server_requests(opened.server), 0);
    fixture_close(&opened);
}

static const strict_row known_rows[] = {
    {"calls.send", "{" CALL ",\"dynamicVariables\":{\"any\":1},\"metadata\":{\"x\":{\"y\":2}}}",
     NULL, NULL},
    {"agents.create",
     "{\"name\":\"n\",\"llmModel\":\"m\"," TTS ",\"variables\":{\"branch\":\"n\"},"
     "\"settings\":{\"pitch\":1},\"gapBetweenEachAttemptForSmartCallback\":[{\"days\":0}]}",
     NULL, NULL},
    {"flows.update",
     "{\"flowId\":\"f\",\"flowData\":{\"nodes\":[{\"anything\":1}],\"edges\":[]},"
     "\"webhooks\":[{\"name\":\"w\",\"further\":1}],\"settings\":{\"further\":{}}}",
     NULL, NULL},
    {"POST /v1/api/omni-flow-agents", "{\"whatever\":1}", NULL, NULL},
};

static void described_fields_and_open_objects_are_sent(const void *argument)
{
    fixture opened = fixture_open("\"validate\":\"strict\"");
    size_t index, count = sizeof known_rows / sizeof *known_rows;

    (void)argument;
    for (index = 0; index < count; index++) {
        recording_server_answer_json(opened.server, 200, "{}");
        check_note("%s %s", known_rows[index].operation, known_rows[index].request);
        answer_expect_data(trillet_call(opened.client, known_rows[index].operation,
                                        known_rows[index].request, NULL),
                           "{}");
    }
    CHECK_NUMBER(recording_server_requests(opened.server), count);
    fixture_close(&opened);
}

static void the_published_names_are_known_on_the_published_routes(const void *argument)
{
    static const char published[] =
        "{\"call_agent_id\":\"a\",\"to\":\"+12025550164\",\"dynamic_variables\":{}}";
    fixture opened = fixture_open("\"validate\":\"strict\"");

    (void)argument;
    recording_server_answer_json(opened.server, 200, "{}");
    answer_expect_data(trillet_call(opened.client, "calls.send", published,
                                    "{\"routes\":\"published\"}"),
                       "{}");
    answer_expect_invalid(trillet_call(opened.client, "calls.send", published, NULL),
                          "call_agent_id");
    fixture_close(&opened);
}

static void a_request_has_its_own_mind(const void *argument)
{
    fixture opened = fixture_open("");

    (void)argument;
    recording_server_answer_json(opened.server, 200, "{}");
    answer_expect_invalid(
        trillet_call(opened.client, "calls.send", "{" CALL ",\"colour\":1}", STRICT), "colour");
    answer_expect_data(trillet_call(opened.client, "calls.send", "{" CALL ",\"colour\":1}", NULL),
                       "{}");
    answer_expect_invalid(
        trillet_call(opened.client, "calls.send", "{" CALL "}", "{\"validate\":\"Strict\"}"),
        "validate");
    CHECK_NUMBER(recording_server_requests(opened.server), 1);
    fixture_close(&opened);
}

static void ill_formed_text_is_what_is_told(const void *argument)
{
    fixture opened = fixture_open("\"validate\":\"strict\"");
    char *answer;

    (void)argument;
    answer = trillet_call(opened.client, "calls.send", "{\"colour\":1,", NULL);
    answer_expect_present(answer, "error.field", 0);
    answer_expect_error(answer, "invalid_argument", "no");
    fixture_close(&opened);
}

static void a_long_name_is_cut(const void *argument)
{
    fixture opened = fixture_open("\"validate\":\"strict\"");
    char *name = (char *)calloc(1, 5001), *request, *answer, *message;

    (void)argument;
    memset(name, 'n', 5000);
    request = text_format("{\"%s\":1}", name);
    answer = trillet_call(opened.client, "flows.list", request, NULL);
    message = answer_member(answer, "error.message");
    CHECK(message != NULL && strlen(message) < 1100);
    answer_expect_error(answer, "invalid_argument", "no");
    free(message);
    free(request);
    free(name);
    fixture_close(&opened);
}

void strict_field_suite(void)
{
    check_suite("strict fields");
    check_case("An unknown field is refused, with the one that may be meant",
               an_unknown_field_is_refused, NULL);
    check_case("What is described, and what is open, is sent",
               described_fields_and_open_objects_are_sent, NULL);
    check_case("Published names are known on published routes alone",
               the_published_names_are_known_on_the_published_routes, NULL);
    check_case("A request overrides its client", a_request_has_its_own_mind, NULL);
    check_case("Ill-formed text is told as that", ill_formed_text_is_what_is_told, NULL);
    check_case("A long name does not fill the message", a_long_name_is_cut, NULL);
}
