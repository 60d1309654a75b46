// The helper that starts the sandbox for tests.
#include "suites.hpp"

#include "trillet_sandbox.hpp"

#include <cerrno>
#include <csignal>

using trillet::Answer;
using trillet::Client;
using trillet::Sandbox;

namespace {

bool is_there() {
    if (std::getenv("TRILLET_SANDBOX") != nullptr) return true;
    check_skip("TRILLET_SANDBOX does not name the program");
    return false;
}

std::string ready_agent(const Client &client) {
    const Answer agent = client.agents().create(
        {{"name", "Front Desk"},
         {"llmModel", "gpt-4o-mini"},
         {"ttsModel", trillet::json::object{{"provider", "rime"}, {"voiceId", "v"}}}});
    CHECK(agent.ok());
    const std::string id = agent.data_string("_id");
    CHECK(client.flows()
              .create({{"name", "Reminder"},
                       {"direction", "outbound"},
                       {"promptType", "simple"},
                       {"agent", id},
                       {"prompt", "x"}})
              .ok());
    return id;
}

void it_runs_while_its_object_lives(const void *) {
    if (!is_there()) return;
    pid_t process = 0;
    {
        const Sandbox sandbox;
        process = sandbox.process();
        CHECK(kill(process, 0) == 0);
        CHECK(sandbox.client().agents().list().ok());
        CHECK_VIEW(sandbox.api_key(), "sandbox-key");
        CHECK_VIEW(sandbox.url().substr(0, 17), "http://127.0.0.1:");
    }
    CHECK(kill(process, 0) != 0 && errno == ESRCH);
}

void it_may_be_moved(const void *) {
    if (!is_there()) return;
    Sandbox first;
    const std::string url = first.url();
    Sandbox second = std::move(first);
    CHECK_VIEW(second.url(), url);
    CHECK(second.client().agents().list().ok());
    second = Sandbox();
    CHECK(second.client().agents().list().ok());
}

void an_update_merges_where_the_route_replaces(const void *) {
    if (!is_there()) return;
    const Sandbox sandbox;
    const Client client = sandbox.client();
    const trillet::Input published("{\"routes\":\"published\"}");
    const std::string id = ready_agent(client);
    CHECK(client.agents()
              .update({{"agentId", id}, {"systemPrompt", "Be brief."}, {"settings",
                       trillet::json::object{{"speed", 1}}}})
              .ok());
    const Answer merged = client.agents().update(
        {{"agentId", id}, {"settings", trillet::json::object{{"volume", 1}}}}, published, true);
    CHECK(merged.ok());
    CHECK_VIEW(merged.data("settings"), "{\"speed\":1,\"volume\":1}");
    CHECK_VIEW(merged.data_string("systemPrompt"), "Be brief.");
    CHECK(trillet::json::elements(merged.data("phoneNumberIds")).size() == 1);
    const Answer replaced = client.agents().update(
        {{"agentId", id}, {"llmModel", "gpt-5"}}, published);
    CHECK_VIEW(replaced.data("settings"), "{}");
    const Answer unknown = client.agents().update({{"agentId", "x"}}, published, true);
    CHECK_VIEW(unknown.error_type(), "not_found");
    CHECK_VIEW(client.agents().update({{"name", "y"}}, {}, true).error_type(), "invalid_argument");
}

void sent_is_true_to_the_ledger(const void *) {
    if (!is_there()) return;
    const Sandbox sandbox;
    const Client client = sandbox.client();
    struct Row {
        const char *fault, *type, *sent;
        std::int64_t effects;
    };
    const Row rows[] = {
        {"reset", "connection", "maybe", 0},
        {"reset; when=during", "connection", "maybe", 1},
        {"reset; when=after", "connection", "maybe", 1},
        {"partial", "connection", "maybe", 1},
        {"status; status=400", "rejected", "no", 0},
        {"status; status=429; retryAfter=1", "rate_limited", "no", 0},
        {"status; status=503", "server", "maybe", 0},
        {"invalid-json", "response", "yes", 1},
    };
    for (const Row &row : rows) {
        check_note("%s", row.fault);
        trillet::RequestOptions options;
        options.headers = {{"x-sandbox-fault", row.fault}, {"x-request-id", row.type}};
        options.max_retries = 0;
        CHECK(sandbox.reset().ok());
        const std::string agent = ready_agent(client);
        const Answer answer =
            client.calls().send({{"agentId", agent}, {"toNumber", "+12025550164"}}, options);
        CHECK_VIEW(answer.error_type(), row.type);
        CHECK_VIEW(answer.error_sent(), row.sent);
        // The effect may come after the connection has gone.
        trillet::SandboxTotals totals = sandbox.totals("calls.send");
        for (int looks = 0; looks < 1000 && totals.effects != row.effects; ++looks) {
            totals = sandbox.totals("calls.send");
        }
        CHECK_NUMBER(totals.received, 1);
        CHECK_NUMBER(totals.effects, row.effects);
        const Answer entry = sandbox.ledger(row.type);
        CHECK_NUMBER(entry.data_integer("entries.0.received").value_or(0), 1);
        CHECK(entry.data("entries.1").empty());
    }
}

void a_merge_takes_the_published_route_where_there_is_no_other(const void *) {
    if (!is_there()) return;
    trillet::SandboxOptions flags;
    flags.arguments = {"--routes", "published"};
    const Sandbox sandbox(flags);
    const Client client = sandbox.client();
    const std::string id = ready_agent(client);
    const Answer refused = client.agents().update({{"agentId", id}, {"name", "Night Desk"}});
    CHECK(!refused.ok());
    const Answer merged =
        client.agents().update({{"agentId", id}, {"name", "Night Desk"}}, {}, true);
    CHECK(merged.ok());
    CHECK_VIEW(merged.data_string("name"), "Night Desk");
    CHECK(trillet::json::elements(merged.data("phoneNumberIds")).size() == 1);
    const Answer limited = client.agents().update(
        {{"agentId", id}, {"name", "Day Desk"}}, {{"timeoutMs", 20000}}, true);
    CHECK_VIEW(limited.data_string("name"), "Day Desk");
}

void rules_strike_and_are_called_off(const void *) {
    if (!is_there()) return;
    const Sandbox sandbox;
    const Client client = sandbox.client();
    CHECK(sandbox.fault("agents.list", "status", {{"status", 502}, {"count", nullptr}}).ok());
    CHECK_NUMBER(client.agents().list({}, {{"maxRetries", 0}}).status(), 502);
    CHECK(sandbox.clear_faults().ok());
    CHECK(client.agents().list().ok());
    const Answer refused = sandbox.fault("agents.list", "earthquake");
    CHECK_NUMBER(refused.status(), 400);
    CHECK(refused.error_message().find("earthquake") != std::string::npos);
}

void reset_and_clock_work(const void *) {
    if (!is_there()) return;
    const Sandbox sandbox;
    const Client client = sandbox.client();
    const std::string agent = ready_agent(client);
    CHECK(sandbox.control("POST /sandbox/clock", {{"paused", true}}).ok());
    const Answer batch = client.batch_calls().start(
        {{"agentId", agent}, {"csv", "phone_number\n+12025550164\n+12025550165\n"}});
    CHECK(batch.ok());
    CHECK(sandbox.advance(std::chrono::hours(24)).ok());
    const std::string id = batch.data_string("batchId");
    CHECK(client.batch_calls().get({{"batchId", id}}).data_flag("isComplete"));
    CHECK(sandbox.reset(7).ok());
    CHECK_NUMBER(client.agents().get({{"agentId", agent}}).status(), 404);
    CHECK_NUMBER(sandbox.totals("agents.create").received, 0);
}

void a_missing_program_is_told(const void *) {
    trillet::SandboxOptions options;
    options.program = "/nowhere/trillet-sandbox";
    std::string failure;
    CHECK(!Sandbox::start(options, &failure));
    CHECK(failure.find("/nowhere/trillet-sandbox") != std::string::npos);
    options.program = "false";
    CHECK(!Sandbox::start(options, &failure));
    CHECK(failure.find("did not become ready") != std::string::npos);
    try {
        const Sandbox sandbox(options);
        CHECK(false);
    } catch (const std::runtime_error &error) {
        CHECK_VIEW(error.what(), failure);
    }
}

} // namespace

void sandbox_suite() {
    check_suite("sandbox helper");
    check_case("It runs while its object lives", it_runs_while_its_object_lives, nullptr);
    check_case("It may be moved", it_may_be_moved, nullptr);
    check_case("What sent says is true to the ledger", sent_is_true_to_the_ledger, nullptr);
    check_case("An update merges where the route replaces", an_update_merges_where_the_route_replaces,
               nullptr);
    check_case("A merge takes the published route where there is no other",
               a_merge_takes_the_published_route_where_there_is_no_other, nullptr);
    check_case("Rules strike and are called off", rules_strike_and_are_called_off, nullptr);
    check_case("Reset and clock work", reset_and_clock_work, nullptr);
    check_case("A missing program is told", a_missing_program_is_told, nullptr);
}
