// Reading answers, good and bad.
#include "suites.hpp"

#include <utility>

using trillet::Answer;

namespace {

constexpr const char *batch =
    "{\"id\":\"b1\",\"isComplete\":false,\"progress\":{\"completed\":4,"
    "\"averageCallDuration\":33.5,\"recent_calls\":[{\"jobId\":\"call_9\","
    "\"note\":\"\\u00e9\\n\"}]},\"timestamp\":1932109400000}";

void data_is_read_by_path(const void *) {
    Opened opened;
    recording_server_answer_json(opened.server, 200, batch);
    const Answer answer = opened.client.batch_calls().get({{"batchId", "b1"}});
    CHECK(answer.ok());
    CHECK(static_cast<bool>(answer));
    CHECK_NUMBER(answer.status(), 200);
    CHECK_VIEW(answer.data(), batch);
    CHECK_VIEW(answer.data("progress.recent_calls.0.jobId"), "\"call_9\"");
    CHECK_VIEW(answer.data_string("progress.recent_calls.0.jobId"), "call_9");
    CHECK_VIEW(answer.data_string("progress.recent_calls.0.note"), "é\n");
    CHECK_VIEW(answer.data_string("progress.completed"), "4");
    CHECK_VIEW(answer.data_string("nothing.here"), "");
    CHECK(answer.data_integer("timestamp") == 1932109400000);
    CHECK(answer.data_number("progress.averageCallDuration") == 33.5);
    CHECK(!answer.data_integer("progress.averageCallDuration"));
    CHECK(!answer.data_integer("id"));
    CHECK(!answer.data_flag("isComplete"));
    CHECK(answer.data("missing").data() == nullptr);
    CHECK_NUMBER(answer.attempts(), 1);
    CHECK(answer.elapsed_ms() >= 0);
    CHECK_VIEW(answer.operation(), "batch_calls.get");
    CHECK_VIEW(answer.request_id(), "");
    CHECK_VIEW(answer.error_type(), "");
    CHECK_VIEW(answer.summary(), "batch_calls.get: 200");
}

void an_error_is_read(const void *) {
    Opened opened;
    constexpr std::string_view body =
        "{\"error\":{\"code\":\"rate_limit_exceeded\",\"message\":\"Too many\"}}";
    recording_server_answer(opened.server, 429,
                            "Content-Type: application/json\r\nRetry-After: 17\r\n"
                            "X-Request-Id: r-1\r\n",
                            body.data(), body.size());
    const Answer answer =
        opened.client.calls().send(endpoints[CALLS_SEND].request, {{"maxRetries", 0}});
    CHECK(!answer);
    CHECK_NUMBER(answer.status(), 429);
    CHECK_VIEW(answer.error_type(), "rate_limited");
    CHECK_VIEW(answer.error_message(), "Too many");
    CHECK_VIEW(answer.error_code(), "rate_limit_exceeded");
    CHECK_VIEW(answer.error_details(), "");
    CHECK_VIEW(answer.error_field(), "");
    CHECK_VIEW(answer.error_sent(), "no");
    CHECK(answer.retryable());
    CHECK(answer.retry_after() == std::chrono::seconds(17));
    CHECK_VIEW(answer.request_id(), "r-1");
    CHECK(answer.data().data() == nullptr);
    CHECK_VIEW(trillet::json::find(answer.error_body(), "error.code"), "\"rate_limit_exceeded\"");
    CHECK_VIEW(answer.summary(), "calls.send: rate_limited (429): Too many");
}

void what_to_look_for_is_said_once(const void *) {
    Opened opened;
    recording_server_answer_json(opened.server, 500, "{\"error\":\"Down\",\"details\":\"Down\"}");
    const Answer answer = opened.client.calls().send(endpoints[CALLS_SEND].request, {{"maxRetries", 0}});
    CHECK_VIEW(answer.error_sent(), "maybe");
    const std::string look_for = answer.error_look_for();
    CHECK(look_for.find("may be ringing") != std::string::npos);
    CHECK_VIEW(answer.summary(), "calls.send: server (500): Down. " + look_for);
    try {
        answer.or_throw();
        CHECK(false);
    } catch (const trillet::Error &error) {
        CHECK_VIEW(error.look_for(), look_for);
        CHECK_VIEW(std::string(error.what()), answer.summary());
    }
}

void failed_attempts_are_told(const void *) {
    Opened opened;
    recording_server_answer_json(opened.server, 500, "{}");
    recording_server_answer_json(opened.server, 200, "{}");
    const Answer answer = opened.client.agents().list({}, {{"maxRetries", 1}});
    CHECK(answer.ok());
    CHECK_NUMBER(answer.attempts(), 2);
    CHECK_VIEW(answer.meta("retries.0.status"), "500");
    CHECK(answer.meta("retries.1").data() == nullptr);
    CHECK(answer.meta("queuedMs").data() == nullptr);
}

void a_bad_answer_can_be_thrown(const void *) {
    Opened opened;
    recording_server_answer_json(opened.server, 404,
                                 "{\"error\":\"Agent not found\",\"details\":\"No a1\"}");
    try {
        opened.client.agents().get({{"agentId", "a1"}}).or_throw();
        CHECK(false);
    } catch (const std::runtime_error &caught) {
        CHECK_TEXT(caught.what(), "agents.get: not_found (404): Agent not found: No a1");
    }
    try {
        Answer answer = opened.client.agents().get({{"agentId", "a1"}});
        answer.or_throw();
        CHECK(false);
    } catch (const trillet::Error &error) {
        const trillet::Error copy = error;
        CHECK_VIEW(copy.type(), "not_found");
        CHECK_VIEW(copy.message(), "Agent not found");
        CHECK_VIEW(copy.details(), "No a1");
        CHECK_VIEW(copy.code(), "");
        CHECK_NUMBER(copy.status(), 404);
        CHECK(!copy.retryable());
        CHECK_VIEW(copy.answer().operation(), "agents.get");
        static_assert(std::is_nothrow_copy_constructible_v<trillet::Error>);
    }
}

void a_good_answer_passes(const void *) {
    Opened opened;
    recording_server_answer_json(opened.server, 200, "{\"callId\":\"c1\"}");
    CHECK_VIEW(opened.client.agents().list().or_throw().data_string("callId"), "c1");
    Answer answer = opened.client.agents().list();
    CHECK_VIEW(answer.or_throw().data("callId"), "\"c1\"");
    const Answer kept = opened.client.agents().list().or_throw();
    CHECK_VIEW(kept.data("callId"), "\"c1\"");
}

void the_id_of_a_call_has_one_name(const void *) {
    for (const char *data : {"{\"callId\":\"c1\"}", "{\"status\":\"success\",\"call_id\":\"c1\"}",
                             "{\"callId\":null,\"call_id\":\"c1\"}",
                             "{\"callId\":\"\",\"result\":{\"callId\":\"c1\"}}"}) {
        Opened opened;
        recording_server_answer_json(opened.server, 200, data);
        CHECK_VIEW(opened.client.calls().send({{"agentId", "a1"}, {"toNumber", "+12025550164"}})
                       .or_throw()
                       .call_id(),
                   "c1");
        CHECK_VIEW(trillet::call_id(data), "c1");
    }
    for (const char *data : {"{}", "null", "[{\"callId\":\"c1\"}]", "{\"callId\":{}}", ""}) {
        CHECK_VIEW(trillet::call_id(data), "");
    }
    CHECK_VIEW(trillet::call_id("{\"callId\":7}"), "7");
}

void a_bad_answer_has_the_id_of_its_call(const void *) {
    const Answer bad(std::string("{\"ok\":false,\"error\":{\"type\":\"cancelled\",\"sent\":\"yes\","
                                 "\"body\":{\"call_id\":\"c1\"}},\"meta\":{\"attempts\":1}}"));
    CHECK_VIEW(bad.call_id(), "c1");
    CHECK_VIEW(trillet::Error(Answer(std::string(bad.text()))).call_id(), "c1");
}

void an_answer_can_be_moved(const void *) {
    Opened opened;
    Answer first = opened.client.agents().list();
    const std::string_view data = first.data();
    const Answer second = std::move(first);
    // Views live as long as the text, which has moved along.
    CHECK(second.data().data() == data.data());
    CHECK(!first.ok());
    CHECK_NUMBER(first.status(), 0);
    CHECK_VIEW(first.error_type(), "");
}

Answer bad(std::string_view type, std::string_view sent) {
    return Answer(R"({"ok":false,"status":0,"error":{"type":")" + std::string(type) + R"(","sent":)"
                  + std::string(sent) + "}}");
}

void errors_have_kinds(const void *) {
    using trillet::ErrorKind;
    using trillet::Sent;
    Opened opened;
    const Answer good = opened.client.agents().list();
    CHECK(good.error_kind() == ErrorKind::none);
    CHECK(good.was_sent() == Sent::yes);
    const Answer invalid = opened.client.agents().get("{}");
    CHECK(invalid.error_kind() == ErrorKind::invalid_argument);
    CHECK(invalid.was_sent() == Sent::no);
    for (int kind = 1; kind < static_cast<int>(ErrorKind::other); ++kind) {
        const std::string_view name = to_string(static_cast<ErrorKind>(kind));
        CHECK(bad(name, "\"no\"").error_kind() == static_cast<ErrorKind>(kind));
    }
    CHECK(bad("of_the_future", "\"no\"").error_kind() == ErrorKind::other);
    CHECK(bad("timeout", "\"yes\"").was_sent() == Sent::yes);
    CHECK(bad("timeout", "\"maybe\"").was_sent() == Sent::maybe);
    // What is not known must be looked for, so that no phone rings twice.
    CHECK(bad("timeout", "null").was_sent() == Sent::maybe);
    CHECK_VIEW(to_string(Sent::no), "no");
    const trillet::Error error(bad("timeout", "\"maybe\""));
    CHECK(error.kind() == ErrorKind::timeout);
    CHECK(error.was_sent() == Sent::maybe);
}

} // namespace

void answer_suite() {
    check_suite("answers");
    check_case("Data is read by its path", data_is_read_by_path, nullptr);
    check_case("An error is read", an_error_is_read, nullptr);
    check_case("Errors have kinds", errors_have_kinds, nullptr);
    check_case("What to look for is said once", what_to_look_for_is_said_once, nullptr);
    check_case("Failed attempts are told", failed_attempts_are_told, nullptr);
    check_case("A bad answer can be thrown", a_bad_answer_can_be_thrown, nullptr);
    check_case("A good answer passes or_throw", a_good_answer_passes, nullptr);
    check_case("The id of a call has one name", the_id_of_a_call_has_one_name, nullptr);
    check_case("A bad answer has the id of its call", a_bad_answer_has_the_id_of_its_call, nullptr);
    check_case("An answer can be moved", an_answer_can_be_moved, nullptr);
}
