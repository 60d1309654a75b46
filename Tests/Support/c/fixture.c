#include "fixture.h"

#include "check.h"
#include "engine.h"
#include "json_reader.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WAIT_MILLISECONDS = 10000 };

#define CSV "\"csv\":\"phone_number\\n+12025550164\\n\""

const endpoint endpoints[ENDPOINT_COUNT] = {
    {"agents.create", trillet_agents_create,
     "{\"name\":\"Front Desk\",\"ttsModel\":{\"provider\":\"rime\",\"voiceId\":\"mistv2_Brook\"},"
     "\"llmModel\":\"gpt-4o-mini\"}"},
    {"agents.list", trillet_agents_list, "{}"},
    {"agents.get", trillet_agents_get, "{\"agentId\":\"a1\"}"},
    {"agents.update", trillet_agents_update, "{\"agentId\":\"a1\",\"llmModel\":\"gpt-4.1\"}"},
    {"agents.delete", trillet_agents_delete, "{\"agentId\":\"a1\"}"},
    {"flows.create", trillet_flows_create,
     "{\"name\":\"Renewal\",\"direction\":\"outbound\",\"promptType\":\"simple\"}"},
    {"flows.list", trillet_flows_list, "{}"},
    {"flows.get", trillet_flows_get, "{\"flowId\":\"f1\"}"},
    {"flows.update", trillet_flows_update, "{\"flowId\":\"f1\",\"promptType\":\"simple\"}"},
    {"flows.delete", trillet_flows_delete, "{\"flowId\":\"f1\"}"},
    {"flows.upload_knowledge", trillet_flows_upload_knowledge,
     "{\"flowId\":\"f1\",\"file\":\"/etc/passwd\"}"},
    {"flows.delete_knowledge", trillet_flows_delete_knowledge,
     "{\"flowId\":\"f1\",\"fileKey\":\"kb/a 1\"}"},
    {"calls.send", trillet_calls_send, "{\"agentId\":\"a1\",\"toNumber\":\"+12025550164\"}"},
    {"calls.history", trillet_calls_history,
     "{\"page\":2,\"limit\":100,\"callIds\":[\"c1\"],\"dateRange\":{\"from\":\"a\"},\"direction\":"
     "\"outbound\"}"},
    {"calls.get", trillet_calls_get, "{\"callHistoryId\":\"r1\"}"},
    {"calls.export", trillet_calls_export, "{\"agentId\":\"a1\",\"limit\":5}"},
    {"calls.recording", trillet_calls_recording, "{\"callHistoryId\":\"r1\"}"},
    {"calls.start_recording", trillet_calls_start_recording,
     "{\"pathwayId\":\"f1\",\"roomName\":\"m1\"}"},
    {"batch_calls.template", trillet_batch_calls_template, "{}"},
    {"batch_calls.validate", trillet_batch_calls_validate, "{" CSV "}"},
    {"batch_calls.preview", trillet_batch_calls_preview, "{" CSV "}"},
    {"batch_calls.start", trillet_batch_calls_start, "{" CSV ",\"agentId\":\"a1\"}"},
    {"batch_calls.get", trillet_batch_calls_get, "{\"batchId\":\"b1\"}"},
    {"batch_calls.progress", trillet_batch_calls_progress, "{\"batchId\":\"b1\"}"},
    {"batch_calls.list_calls", trillet_batch_calls_list_calls, "{\"batchId\":\"b1\"}"},
    {"batch_calls.get_call", trillet_batch_calls_get_call, "{\"batchId\":\"b1\",\"jobId\":\"j1\"}"},
    {"batch_calls.cancel", trillet_batch_calls_cancel, "{\"batchId\":\"b1\"}"},
    {"web_calls.connect", trillet_web_calls_connect, "{\"agentId\":\"a1\",\"mode\":\"voice\"}"},
    {"web_calls.disconnect", trillet_web_calls_disconnect, "{\"roomName\":\"m1\"}"},
    {"numbers.list", trillet_numbers_list, "{}"},
    {"numbers.available", trillet_numbers_available,
     "{\"country\":\"US\",\"type\":\"local\",\"limit\":3}"},
    {"numbers.purchase", trillet_numbers_purchase,
     "{\"country\":\"US\",\"type\":\"local\",\"phoneNumber\":\"+12025550188\"}"},
    {"numbers.release", trillet_numbers_release, "{\"phoneNumberId\":\"n1\"}"},
    {"numbers.get_config", trillet_numbers_get_config, "{\"phoneNumberId\":\"n1\"}"},
    {"numbers.update_config", trillet_numbers_update_config,
     "{\"phoneNumberId\":\"n1\",\"label\":\"Desk\",\"agentId\":null}"},
    {"numbers.register", trillet_numbers_register,
     "{\"phoneNumber\":\"+12025550190\",\"provider\":\"twilio\",\"credentials\":{\"authToken\":\"t"
     "\"}}"},
    {"numbers.bind", trillet_numbers_bind,
     "{\"agentId\":\"a1\",\"phoneNumberId\":\"n1\",\"recordCalls\":true}"},
    {"numbers.unbind", trillet_numbers_unbind, "{\"agentId\":\"a1\",\"phoneNumberId\":\"n1\"}"},
    {"knowledge_bases.list", trillet_knowledge_bases_list, "{}"},
    {"knowledge_bases.create", trillet_knowledge_bases_create, "{\"name\":\"Prices\"}"},
    {"knowledge_bases.get", trillet_knowledge_bases_get, "{\"id\":\"k1\"}"},
    {"knowledge_bases.update", trillet_knowledge_bases_update,
     "{\"id\":\"k1\",\"textContent\":\"40\"}"},
    {"knowledge_bases.upload", trillet_knowledge_bases_upload,
     "{\"id\":\"k1\",\"file\":\"/etc/passwd\"}"},
    {"message_agents.create", trillet_message_agents_create, "{\"name\":\"SMS\"}"},
    {"message_agents.list", trillet_message_agents_list, "{}"},
    {"message_agents.get", trillet_message_agents_get, "{\"id\":\"m1\"}"},
    {"message_agents.update", trillet_message_agents_update, "{\"id\":\"m1\",\"name\":\"Email\"}"},
    {"message_flows.create", trillet_message_flows_create,
     "{\"name\":\"R\",\"messageChannel\":\"SMS\"}"},
    {"message_flows.list", trillet_message_flows_list, "{}"},
    {"conversations.generate", trillet_conversations_generate,
     "{\"flowId\":\"f1\",\"to\":\"+12025550164\"}"},
    {"conversations.list", trillet_conversations_list, "{\"flowId\":\"f1\"}"},
    {"conversations.act", trillet_conversations_act,
     "{\"conversationId\":\"c1\",\"messageId\":\"m1\",\"metadata\":{\"action\":\"approve\"}}"},
    {"folders.list", trillet_folders_list, "{}"},
    {"folders.create", trillet_folders_create,
     "{\"name\":\"R\",\"color\":\"red\",\"icon\":\"phone\",\"flowType\":\"call\"}"},
    {"workspaces.list", trillet_workspaces_list, "{}"},
    {"workspaces.get", trillet_workspaces_get, "{\"id\":\"w1\"}"},
    {"workspaces.invitations", trillet_workspaces_invitations, "{}"},
    {"workspaces.invite", trillet_workspaces_invite,
     "{\"workspaceId\":\"w1\",\"email\":\"a@example.com\",\"role\":\"member\"}"},
    {"voices.create", trillet_voices_create, "{\"name\":\"Ada\",\"embedding\":[0.5]}"},
    {"voices.get", trillet_voices_get, "{\"id\":\"v1\"}"},
    {"voices.clone", trillet_voices_clone, "{\"file\":\"/etc/passwd\",\"name\":\"Ada\"}"},
};

trillet_client *client_for(const char *base_url, const char *more)
{
    char *error = NULL;
    char *options = text_format("{%s\"env\":false,\"apiKey\":\"" TEST_KEY "\",\"workspaceId\":\""
                                TEST_WORKSPACE "\",\"baseUrl\":\"%s\"%s%s}",
                                engine_option(more), base_url, *more != '\0' ? "," : "", more);
    trillet_client *client = trillet_client_new(options, &error);

    if (!CHECK(client != NULL)) {
        check_show("options ", options);
        check_show("error   ", error == NULL ? "NULL" : error);
    }
    trillet_free(error);
    free(options);
    return client;
}

fixture fixture_open(const char *more)
{
    fixture opened;

    opened.server = recording_server_start();
    opened.client = client_for(recording_server_url(opened.server), more);
    return opened;
}

void fixture_close(fixture *opened)
{
    trillet_client_free(opened->client);
    recording_server_stop(opened->server);
}

int fixture_wait(fixture *opened, size_t requests)
{
    int left = WAIT_MILLISECONDS;

    while (recording_server_requests(opened->server) < requests && left-- > 0) {
        pass_time(opened->client, 1);
    }
    return recording_server_requests(opened->server) >= requests;
}

/* Several checks of one answer may fail; it is shown once. */
static void show_answer(const char *answer)
{
    static char *shown;

    if (answer == NULL || (shown != NULL && strcmp(shown, answer) == 0)) {
        return;
    }
    check_show("answer  ", answer);
    free(shown);
    shown = text_format("%s", answer);
}

char *answer_checked(char *answer)
{
    size_t length;
    const char *ok;

    if (!CHECK(answer != NULL)) {
        return answer;
    }
    if (!CHECK(json_is_well_formed(answer, strlen(answer)))) {
        show_answer(answer);
        return answer;
    }
    CHECK(strstr(answer, TEST_KEY) == NULL);
    ok = json_member(answer, "ok", &length);
    if (!CHECK(ok != NULL)) {
        return answer;
    }
    CHECK_NUMBER(json_member_count(answer), 4);
    answer_expect_present(answer, strncmp(ok, "true", 4) == 0 ? "data" : "error", 1);
    answer_expect_present(answer, "status", 1);
    answer_expect_present(answer, "meta.operation", 1);
    answer_expect_present(answer, "meta.attempts", 1);
    answer_expect_present(answer, "meta.elapsedMs", 1);
    answer_expect_present(answer, "meta.requestId", 1);
    if (strncmp(ok, "false", 5) == 0) {
        answer_expect_present(answer, "error.type", 1);
        answer_expect_present(answer, "error.message", 1);
        answer_expect_present(answer, "error.sent", 1);
        answer_expect_present(answer, "error.retryable", 1);
    }
    return answer;
}

char *answer_member(const char *answer, const char *path)
{
    text copy = {NULL, 0, 0};
    size_t length = 0;
    const char *found = NULL;

    if (answer != NULL && json_is_well_formed(answer, strlen(answer))) {
        found = json_member(answer, path, &length);
    }
    if (found != NULL) {
        text_append(&copy, found, length);
    }
    return copy.bytes;
}

void answer_expect(const char *answer, const char *path, const char *json)
{
    char *member = answer_member(answer, path);

    if (!check_text(member, json, path, __FILE__, __LINE__)) {
        show_answer(answer);
    }
    free(member);
}

void answer_expect_present(const char *answer, const char *path, int present)
{
    char *member = answer_member(answer, path);

    if (!check_number(member != NULL, present, path, __FILE__, __LINE__)) {
        show_answer(answer);
    }
    free(member);
}

void answer_expect_piece(const char *answer, const char *path, const char *piece)
{
    char *member = answer_member(answer, path);

    if (member == NULL || strstr(member, piece) == NULL) {
        check_text(member, piece, path, __FILE__, __LINE__);
        show_answer(answer);
    }
    free(member);
}

void answer_expect_error(char *answer, const char *type, const char *sent)
{
    char *quoted_type = text_format("\"%s\"", type);
    char *quoted_sent = text_format("\"%s\"", sent);

    answer_checked(answer);
    answer_expect(answer, "ok", "false");
    answer_expect(answer, "error.type", quoted_type);
    answer_expect(answer, "error.sent", quoted_sent);
    free(quoted_type);
    free(quoted_sent);
    trillet_free(answer);
}

void answer_expect_invalid(char *answer, const char *field)
{
    char *quoted = text_format("\"%s\"", field);

    answer_expect(answer, "error.field", quoted);
    answer_expect(answer, "status", "0");
    answer_expect(answer, "meta.attempts", "0");
    answer_expect_error(answer, "invalid_argument", "no");
    free(quoted);
}

void answer_expect_data(char *answer, const char *data)
{
    answer_checked(answer);
    answer_expect(answer, "ok", "true");
    answer_expect(answer, "status", "200");
    answer_expect(answer, "data", data);
    trillet_free(answer);
}

int libcurl_is_at_least(int major, int minor)
{
    char *info = trillet_library_info();
    char *version = answer_member(info, "libcurl");
    int found_major = 0;
    int found_minor = 0;

    if (CHECK(version != NULL)) {
        CHECK_NUMBER(sscanf(version, "\"%d.%d", &found_major, &found_minor), 2);
    }
    free(version);
    trillet_free(info);
    return found_major > major || (found_major == major && found_minor >= minor);
}

int library_is_bundled(void)
{
    char *info = trillet_library_info();
    char *bundled = answer_member(info, "bundled");
    int is_bundled = bundled != NULL && strcmp(bundled, "true") == 0;

    free(bundled);
    trillet_free(info);
    return is_bundled;
}

int requests_share_connections(void)
{
    return libcurl_is_at_least(7, 80);
}
