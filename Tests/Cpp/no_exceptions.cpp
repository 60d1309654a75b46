// A program of its own: the header where exceptions are turned off.
#include "trillet_sandbox.hpp"

#include "check.h"
#include "driven.hpp"
#include "fixture.h"

#if defined(__cpp_exceptions)
#error "this file is compiled with -fno-exceptions"
#endif

namespace {

void a_client_comes_from_create(const void *) {
    recording_server *server = recording_server_start();
    {
        const auto client = trillet::Client::create(
            {{"env", false}, {"apiKey", "k"}, {"baseUrl", recording_server_url(server)}});
        if (CHECK(client.has_value())) {
            CHECK(client->agents().list({{"page", 1}}).ok());
            CHECK(client->agents().get("{}").error_field() == "agentId");
        }
    }
    recording_server_stop(server);
}

void a_failure_is_told(const void *) {
    std::optional<trillet::Answer> failure;
    CHECK(!trillet::Client::create({{"env", false}, {"apiKey", 7}}, &failure));
    CHECK(failure && failure->error_type() == "configuration");
    CHECK(failure && failure->error_field() == "apiKey");
}

void null_text_is_refused_before_it_is_sent(const void *) {
    recording_server *server = recording_server_start();
    {
        const auto client = trillet::Client::create(
            {{"env", false}, {"apiKey", "k"}, {"baseUrl", recording_server_url(server)}});
        const char *const none = nullptr;
        if (CHECK(client.has_value())) {
            const trillet::Answer answer = client->agents().get({{"agentId", none}});
            CHECK(answer.error_kind() == trillet::ErrorKind::invalid_argument);
            CHECK(answer.was_sent() == trillet::Sent::no);
            CHECK(client->agents().get({{none, "a1"}}).error_kind()
                  == trillet::ErrorKind::invalid_argument);
        }
        CHECK(recording_server_requests(server) == 0);
    }
    recording_server_stop(server);
}

void an_answer_comes_without_blocking(const void *) {
    recording_server *server = recording_server_start();
    {
        const auto client = trillet::Client::create(
            {{"env", false},
             {"engine", engine_name()},
             {"apiKey", "k"},
             {"baseUrl", recording_server_url(server)}});
        if (CHECK(client.has_value())) {
            CHECK(driven(*client, client->submit_future("agents.list")).ok());
            const std::uint64_t id = client->submit("agents.list");
            const auto completion = client->next(std::chrono::seconds(10));
            CHECK(completion && completion->id == id && completion->answer.ok());
        }
    }
    recording_server_stop(server);
}

void a_batch_is_followed(const void *) {
    recording_server *server = recording_server_start();
    recording_server_answer_json(
        server, 200,
        R"({"status":"completed","isComplete":true,"waiting":0,"active":0,"completed":2,)"
        R"("failed":0,"total":2})");
    {
        const auto client = trillet::Client::create(
            {{"env", false}, {"apiKey", "k"}, {"baseUrl", recording_server_url(server)}});
        if (CHECK(client.has_value())) {
            int told = 0;
            const trillet::Answer end = client->batch_calls().wait(
                {{"batchId", "b"}}, [&told](const trillet::BatchUpdate &) { ++told; });
            CHECK(end.data_string("state") == "completed");
            CHECK_NUMBER(told, 1);
        }
    }
    recording_server_stop(server);
    CHECK(trillet::check_csv_text("phone_number\n+12025550164\n").data_flag("valid"));
}

void a_sandbox_comes_from_start(const void *) {
    trillet::SandboxOptions options;
    options.program = "/nowhere/trillet-sandbox";
    std::string failure;
    CHECK(!trillet::Sandbox::start(options, &failure));
    CHECK(!failure.empty());
    if (std::getenv("TRILLET_SANDBOX") == nullptr) return;
    const auto sandbox = trillet::Sandbox::start();
    if (CHECK(sandbox.has_value())) {
        CHECK(sandbox->ledger().ok());
        CHECK(trillet::Client::create(sandbox->client_options())->agents().list().ok());
    }
}

} // namespace

int main(int argc, char **argv) {
    check_start(argc, argv);
    check_suite("without exceptions");
    check_case("A client comes from create", a_client_comes_from_create, nullptr);
    check_case("What is wrong with the options is told", a_failure_is_told, nullptr);
    check_case("A null char * is refused before it is sent",
               null_text_is_refused_before_it_is_sent, nullptr);
    check_case("An answer comes without blocking", an_answer_comes_without_blocking, nullptr);
    check_case("A batch is followed and a contact file checked", a_batch_is_followed, nullptr);
    check_case("A sandbox comes from start", a_sandbox_comes_from_start, nullptr);
    return check_finish();
}
