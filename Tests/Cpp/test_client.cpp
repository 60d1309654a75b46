// Clients: making, moving, closing, and a method for every operation.
#include "suites.hpp"

#include <atomic>
#include <functional>
#include <thread>
#include <utility>

using trillet::Answer;
using trillet::Client;
using trillet::Input;

namespace {

struct Method {
    const char *operation;
    Answer (*call)(const Client &, const Input &, const Input &);
};

#define METHOD(group, name) \
    [](const Client &client, const Input &request, const Input &options) { \
        return client.group().name(request, options); \
    }

const Method methods[] = {
    {"agents.create", METHOD(agents, create)},
    {"agents.list", METHOD(agents, list)},
    {"agents.get", METHOD(agents, get)},
    {"agents.update", METHOD(agents, update)},
    {"agents.delete", METHOD(agents, remove)},
    {"flows.create", METHOD(flows, create)},
    {"flows.list", METHOD(flows, list)},
    {"flows.get", METHOD(flows, get)},
    {"flows.update", METHOD(flows, update)},
    {"flows.delete", METHOD(flows, remove)},
    {"flows.upload_knowledge", METHOD(flows, upload_knowledge)},
    {"flows.delete_knowledge", METHOD(flows, delete_knowledge)},
    {"calls.send", METHOD(calls, send)},
    {"calls.history", METHOD(calls, history)},
    {"calls.get", METHOD(calls, get)},
    {"calls.export", METHOD(calls, export_csv)},
    {"calls.recording", METHOD(calls, recording)},
    {"calls.start_recording", METHOD(calls, start_recording)},
    {"batch_calls.template", METHOD(batch_calls, get_template)},
    {"batch_calls.validate", METHOD(batch_calls, validate)},
    {"batch_calls.preview", METHOD(batch_calls, preview)},
    {"batch_calls.start", METHOD(batch_calls, start)},
    {"batch_calls.get", METHOD(batch_calls, get)},
    {"batch_calls.progress", METHOD(batch_calls, progress)},
    {"batch_calls.list_calls", METHOD(batch_calls, list_calls)},
    {"batch_calls.get_call", METHOD(batch_calls, get_call)},
    {"batch_calls.cancel", METHOD(batch_calls, cancel)},
    {"web_calls.connect", METHOD(web_calls, connect)},
    {"web_calls.disconnect", METHOD(web_calls, disconnect)},
    {"numbers.list", METHOD(numbers, list)},
    {"numbers.available", METHOD(numbers, available)},
    {"numbers.purchase", METHOD(numbers, purchase)},
    {"numbers.release", METHOD(numbers, release)},
    {"numbers.get_config", METHOD(numbers, get_config)},
    {"numbers.update_config", METHOD(numbers, update_config)},
    {"numbers.register", METHOD(numbers, add_external)},
    {"numbers.bind", METHOD(numbers, bind)},
    {"numbers.unbind", METHOD(numbers, unbind)},
    {"knowledge_bases.list", METHOD(knowledge_bases, list)},
    {"knowledge_bases.create", METHOD(knowledge_bases, create)},
    {"knowledge_bases.get", METHOD(knowledge_bases, get)},
    {"knowledge_bases.update", METHOD(knowledge_bases, update)},
    {"knowledge_bases.upload", METHOD(knowledge_bases, upload)},
    {"message_agents.create", METHOD(message_agents, create)},
    {"message_agents.list", METHOD(message_agents, list)},
    {"message_agents.get", METHOD(message_agents, get)},
    {"message_agents.update", METHOD(message_agents, update)},
    {"message_flows.create", METHOD(message_flows, create)},
    {"message_flows.list", METHOD(message_flows, list)},
    {"conversations.generate", METHOD(conversations, generate)},
    {"conversations.list", METHOD(conversations, list)},
    {"conversations.act", METHOD(conversations, act)},
    {"folders.list", METHOD(folders, list)},
    {"folders.create", METHOD(folders, create)},
    {"workspaces.list", METHOD(workspaces, list)},
    {"workspaces.get", METHOD(workspaces, get)},
    {"workspaces.invitations", METHOD(workspaces, invitations)},
    {"workspaces.invite", METHOD(workspaces, invite)},
    {"voices.create", METHOD(voices, create)},
    {"voices.get", METHOD(voices, get)},
    {"voices.clone", METHOD(voices, clone)},
};
static_assert(sizeof methods / sizeof *methods == ENDPOINT_COUNT);

void every_operation_has_a_method(const void *) {
    Opened opened;
    for (std::size_t index = 0; index < ENDPOINT_COUNT; ++index) {
        const Method &method = methods[index];
        check_note("%s", method.operation);
        CHECK_TEXT(method.operation, endpoints[index].operation);
        const Answer answer = method.call(opened.client, endpoints[index].request, {});
        CHECK(answer.ok());
        CHECK_VIEW(answer.operation(), method.operation);
        const Answer named = opened.client.call(method.operation, endpoints[index].request);
        CHECK_VIEW(named.operation(), method.operation);
        CHECK_VIEW(taken(recorded_line(opened.server, 2 * index)),
                   taken(recorded_line(opened.server, 2 * index + 1)));
    }
}

void requests_are_written_in_many_ways(const void *) {
    Opened opened;
    const std::string id = "a1";
    const auto calls = opened.client.calls();
    CHECK(calls.send({{"agentId", id}, {"toNumber", "+12025550164"}}).ok());
    CHECK(calls.send(trillet::json::object{{"agentId", id}}.set("toNumber", "+12025550164")).ok());
    CHECK(calls.send("{\"agentId\":\"a1\",\"toNumber\":\"+12025550164\"}").ok());
    CHECK(calls.send(std::string("{\"agentId\":\"a1\",\"toNumber\":\"+12025550164\"}")).ok());
    CHECK(calls.send(std::string_view("{\"agentId\":\"a1\",\"toNumber\":\"+12025550164\"}")).ok());
    CHECK_NUMBER(recording_server_requests(opened.server), 5);
    for (std::size_t index = 0; index < recording_server_requests(opened.server); ++index) {
        std::size_t length = 0;
        const char *body = recorded_body(opened.server, index, &length);
        CHECK_VIEW(std::string_view(body, length),
                   "{\"agentId\":\"a1\",\"toNumber\":\"+12025550164\"}");
    }
}

void request_options_are_sent(const void *) {
    Opened opened;
    trillet::RequestOptions options;
    options.headers = {{"x-trace", "t1"}};
    options.idempotency_key = "order-7";
    options.traceparent = "00-7-1-01";
    options.routes = "published";
    options.timeout = std::chrono::seconds(5);
    options.not_after = std::chrono::hours(1'000'000);
    CHECK_VIEW(options.json().text(), "{\"routes\":\"published\",\"timeoutMs\":5000,"
                                      "\"headers\":{\"x-trace\":\"t1\"},"
                                      "\"idempotencyKey\":\"order-7\",\"notAfterMs\":3600000000000,"
                                      "\"traceparent\":\"00-7-1-01\"}");
    CHECK(opened.client.flows().get({{"flowId", "f"}}, options).ok());
    CHECK(opened.client.flows().get({{"flowId", "f"}}, {{"routes", "overview"}}).ok());
    CHECK_VIEW(taken(recorded_line(opened.server, 0)), "GET /v1/api/call-flows/f");
    CHECK_VIEW(taken(recorded_line(opened.server, 1)), "GET /api/v1/flows/f");
    CHECK_VIEW(taken(recorded_header(opened.server, 0, "x-trace")), "t1");
    CHECK_VIEW(taken(recorded_header(opened.server, 0, "idempotency-key")), "order-7");
    CHECK_VIEW(taken(recorded_header(opened.server, 0, "traceparent")), "00-7-1-01");
}

void every_option_is_known_to_the_library(const void *) {
    recording_server *server = recording_server_start();
    trillet::Options options;
    options.api_key = "own-key";
    options.workspace_id = "own-workspace";
    options.base_url = recording_server_url(server);
    options.routes = "published";
    options.timeout = std::chrono::seconds(5);
    options.connect_timeout = std::chrono::milliseconds(900);
    options.max_retries = 1;
    options.max_retry_after = std::chrono::seconds(3);
    options.max_queued = 5;
    options.requests_per_minute = 0;
    options.max_connections = 2;
    options.max_in_flight = 3;
    options.max_response_bytes = std::int64_t{1} << 33;
    options.proxy = "";
    options.ca_file = "/none.pem";
    options.headers = {{"x-team", "north"}};
    options.user_agent = "frontdesk/2";
    options.validate = true;
    options.allow_insecure_http = false;
    options.env = false;
    const Client client(options);
    CHECK(client.agents().list().ok());
    CHECK_VIEW(taken(recorded_line(server, 0)), "GET /v1/api/agents");
    CHECK_VIEW(taken(recorded_header(server, 0, "x-api-key")), "own-key");
    CHECK_VIEW(taken(recorded_header(server, 0, "x-team")), "north");
    client.close();
    recording_server_stop(server);
}

void strict_options_refuse_unknown_fields(const void *) {
    recording_server *server = recording_server_start();
    recording_server_answer_json(server, 200, "{}");
    trillet::Options options;
    options.api_key = "own-key";
    options.base_url = recording_server_url(server);
    options.validate = trillet::Validation::strict;
    options.env = false;
    const Client client(options);
    const Answer refused = client.agents().list({{"pge", 2}});
    CHECK_VIEW(refused.error_type(), "invalid_argument");
    CHECK_VIEW(refused.error_field(), "pge");
    CHECK(refused.error_message().find("did you mean 'page'?") != std::string::npos);
    trillet::RequestOptions as_ever;
    as_ever.validate = true;
    CHECK(client.agents().list({{"pge", 2}}, as_ever.json()).ok());
    CHECK_NUMBER(recording_server_requests(server), 1);
    client.close();
    recording_server_stop(server);
}

void a_wrong_option_throws(const void *) {
    try {
        const Client client({{"env", false}, {"apiKey", "k"}, {"colour", 1}});
        CHECK(false);
    } catch (const trillet::Error &error) {
        CHECK_VIEW(error.type(), "configuration");
        CHECK_VIEW(error.field(), "colour");
        CHECK_VIEW(error.sent(), "no");
        CHECK(std::string(error.what()).find("colour") != std::string::npos);
    }
    std::optional<Answer> failure;
    CHECK(!Client::create("{\"env\":false}", &failure));
    CHECK(failure && failure->error_field() == "apiKey");
    CHECK(!Client::create("nonsense"));
}

void a_client_can_be_moved(const void *) {
    Opened opened;
    Client moved = std::move(opened.client);
    CHECK(moved.agents().list().ok());
    CHECK_VIEW(opened.client.agents().list().error_field(), "client");
    CHECK(!opened.client.close());
    opened.client = std::move(moved);
    CHECK(opened.client.agents().list().ok());
    static_assert(!std::is_copy_constructible_v<Client>);
    static_assert(std::is_nothrow_move_constructible_v<Client>);
}

void nothing_is_merged_into_the_wrong_document(const void *) {
    const trillet::Input published("{\"routes\":\"published\"}");
    for (const char *current : {"null", "[]", "{}", "{\"_id\":\"b\",\"llmModel\":\"m\"}",
                                "{\"data\":{\"_id\":\"a\"}}", "\"a\""}) {
        Opened opened;
        recording_server_answer_json(opened.server, 200, current);
        const Answer answer = opened.client.agents().update(
            {{"agentId", "a"}, {"llmModel", "gpt-5"}}, published, true);
        CHECK(!answer.ok());
        CHECK_VIEW(answer.error_type(), "response");
        CHECK_NUMBER(recording_server_requests(opened.server), 1);
    }
}

void a_client_can_be_closed(const void *) {
    Opened opened;
    CHECK(opened.client.agents().list().ok());
    CHECK(opened.client.close(std::chrono::hours(24 * 365)));
    CHECK(opened.client.close(std::chrono::milliseconds(-1)));
    CHECK_VIEW(opened.client.agents().list().error_type(), "closed");
}

void closing_tells_of_cancelled_calls(const void *) {
    Opened opened;
    recording_server_hold(opened.server);
    std::string type;
    std::thread caller([&] { type = opened.client.agents().list().error_type(); });
    CHECK(recording_server_wait(opened.server, 1));
    CHECK(!opened.client.close(std::chrono::milliseconds(20)));
    caller.join();
    CHECK_VIEW(type, "cancelled");
}

void a_thread_ends_its_own_calls(const void *) {
    Opened opened;
    recording_server_hold(opened.server);
    std::atomic<bool> is_over{false};
    std::thread presser([&] {
        recording_server_wait(opened.server, 1);
        is_over = true;
    });
    {
        const auto interrupt = opened.client.interrupt_when([&] { return is_over.load(); });
        CHECK(static_cast<bool>(interrupt));
        const Answer answer =
            opened.client.calls().send({{"agentId", "a"}, {"toNumber", "+12025550164"}});
        CHECK_VIEW(answer.error_type(), "cancelled");
        CHECK_VIEW(answer.error_sent(), "maybe");
    }
    presser.join();
    recording_server_release(opened.server);
    CHECK(opened.client.agents().list().ok());
    opened.client.close();
    CHECK(!opened.client.interrupt_when([] { return true; }));
}

void a_thread_ends_its_closing(const void *) {
    Opened opened;
    recording_server_hold(opened.server);
    std::atomic<bool> is_over{false};
    std::string type;
    std::thread caller([&] { type = opened.client.agents().list().error_type(); });
    CHECK(recording_server_wait(opened.server, 1));
    const auto interrupt = opened.client.interrupt_when([&] { return is_over.load(); });
    std::thread presser([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
        is_over = true;
    });
    const auto began = std::chrono::steady_clock::now();
    CHECK(!opened.client.close(std::chrono::seconds(20)));
    CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(2));
    presser.join();
    caller.join();
    CHECK_VIEW(type, "cancelled");
    recording_server_release(opened.server);
}

void a_nul_in_json_text_is_refused(const void *) {
    Opened opened;
    const std::string text("{\"page\":1}\0{", 12);
    const Answer answer = opened.client.agents().list(text);
    CHECK_VIEW(answer.error_type(), "invalid_argument");
    CHECK_VIEW(trillet::json::find(answer.text(), "error.offset"), "10");
    CHECK_NUMBER(recording_server_requests(opened.server), 0);
}

void a_nul_in_raw_json_is_refused(const void *) {
    Opened opened;
    const std::string text("{\"page\":1}\0{", 12);
    const Answer answer = opened.client.agents().list(trillet::json::raw(text));
    CHECK_VIEW(answer.error_type(), "invalid_argument");
    CHECK_VIEW(trillet::json::find(answer.text(), "error.offset"), "10");
    CHECK_NUMBER(recording_server_requests(opened.server), 0);
}

void not_a_number_is_refused(const void *) {
    Opened opened;
    const double zero = 0;
    const Answer answer = opened.client.agents().list({{"x", zero / zero}});
    CHECK_VIEW(answer.error_type(), "invalid_argument");
    CHECK_NUMBER(recording_server_requests(opened.server), 0);
}

void the_version_is_the_library_s(const void *) {
    CHECK_VIEW(trillet::version(), TRILLET_VERSION);
}

void the_library_says_what_it_runs_with(const void *) {
    const trillet::Text info = trillet::library_info();
    char *own = trillet_library_info();
    CHECK_VIEW(info.view(), own);
    trillet_free(own);
    CHECK(info.view().find("\"libcurl\":\"") != std::string_view::npos);
}

} // namespace

void client_suite() {
    check_suite("client");
    check_case("Every operation has a method", every_operation_has_a_method, nullptr);
    check_case("Requests are written in many ways", requests_are_written_in_many_ways, nullptr);
    check_case("Request options are sent", request_options_are_sent, nullptr);
    check_case("Every option is known to the library", every_option_is_known_to_the_library,
               nullptr);
    check_case("Strict options refuse unknown fields", strict_options_refuse_unknown_fields,
               nullptr);
    check_case("A wrong option throws, or is told by create", a_wrong_option_throws, nullptr);
    check_case("A client can be moved", a_client_can_be_moved, nullptr);
    check_case("A client can be closed", a_client_can_be_closed, nullptr);
    check_case("Closing tells of cancelled calls", closing_tells_of_cancelled_calls, nullptr);
    check_case("A thread ends its own calls, until it wants that no more",
               a_thread_ends_its_own_calls, nullptr);
    check_case("A thread ends its closing", a_thread_ends_its_closing, nullptr);
    check_case("Nothing is merged into the wrong document",
               nothing_is_merged_into_the_wrong_document, nullptr);
    check_case("A NUL in JSON text is refused", a_nul_in_json_text_is_refused, nullptr);
    check_case("A NUL in raw JSON is refused", a_nul_in_raw_json_is_refused, nullptr);
    check_case("A number that JSON lacks is refused", not_a_number_is_refused, nullptr);
    check_case("The version is the library's", the_version_is_the_library_s, nullptr);
    check_case("The library says what it runs with", the_library_says_what_it_runs_with, nullptr);
}
