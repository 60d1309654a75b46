// All of the headers in one program, for the compilers' warnings and for clang-tidy: run-warnings
// compiles it, and nobody runs it.
#include "trillet_requests.hpp"
#include "trillet_sandbox.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace json = trillet::json;
using namespace std::chrono_literals;
using trillet::Answer;
using trillet::Client;

namespace {

void show(std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fputc('\n', stdout);
}

json::object written() {
    json::object whole{{"text", "text"},
                       {"string", std::string("text")},
                       {"whole", 7},
                       {"short", std::uint8_t{7}},
                       {"real", 0.5},
                       {"small", 0.5F},
                       {"flag", true},
                       {"null", nullptr},
                       {"none", std::optional<int>()},
                       {"list", std::vector<std::string>{"one"}},
                       {"flags", std::vector<bool>{true}},
                       {"map", std::map<std::string, double>{{"one", 1}}},
                       {"kind", trillet::ErrorKind::timeout},
                       {"sent", trillet::Sent::maybe},
                       {"choice", trillet::FlowDirection::outbound},
                       {"structure", trillet::AgentSettings()},
                       {"foreign", nlohmann::json{{"a", 1}}},
                       {"raw", json::raw("[1]")},
                       {"array", json::array{1, "two"}.add(3)}};
    return whole.set("more", 1).append(json::object(std::map<std::string, int>{{"last", 1}}));
}

void read_json(std::string_view text) {
    show(json::find(text, "a.0"));
    for (const auto &[name, found] : json::members(text)) show(name + json::decode(found));
    for (const std::string_view each : json::elements(text)) show(each);
    show(json::merged(text, "{}").text());
    show(std::to_string(json::number<double>(text).value_or(0)));
    show(std::to_string(json::number<int>(text).value_or(0)));
    show(trillet::call_id(text));
}

void read(const Answer &answer) {
    show(answer.text());
    show(answer.data("a"));
    show(answer.data_string("a") + answer.call_id() + answer.operation() + answer.request_id());
    show(answer.error_message() + answer.error_details() + answer.error_code());
    show(answer.error_type() + answer.error_sent() + answer.error_field());
    show(answer.error_look_for() + answer.summary());
    show(answer.meta("queuedMs"));
    show(answer.error_body());
    const auto whole = answer.data_integer("a").value_or(answer.attempts());
    const auto real = answer.data_number("a").value_or(answer.elapsed_ms());
    const auto pause = answer.retry_after().value_or(0ms);
    show(std::to_string(whole) + std::to_string(real) + std::to_string(pause.count()));
    if (answer.data_flag("a") || answer.retryable() || answer.status() == 404) show("x");
    switch (answer.error_kind()) {
    case trillet::ErrorKind::none: show(to_string(answer.was_sent())); break;
    case trillet::ErrorKind::rate_limited: show("later"); break;
    default: show(to_string(answer.error_kind())); break;
    }
}

bool throwing(const Client &client) {
    try {
        show(client.agents().list().or_throw().data_string("agents.0._id"));
        Answer named = client.agents().list();
        named.or_throw();
        return std::as_const(named).or_throw().ok();
    } catch (const trillet::Error &error) {
        show(error.what() + error.type() + error.message() + error.details() + error.code());
        show(error.field() + error.sent() + error.look_for() + error.call_id());
        read(error.answer());
        return error.retryable() && error.kind() == trillet::ErrorKind::server
               && error.was_sent() == trillet::Sent::no && error.status() == 500;
    }
}

void structures(const Client &client) {
    const trillet::CallsSend call{.agent_id = "a1",
                                  .to_number = "+12025550164",
                                  .dynamic_variables = json::object{{"first_name", "Ada"}},
                                  .extra = {{"new", 1}}};
    read(client.calls().send(call));
    read(client.calls().send({.agent_id = "a1", .to_number = "+12025550164"}));
    read(client.call(call, trillet::RequestOptions{.timeout = 9s,
                                                   .validate = trillet::Validation::strict}));
    client.submit(call);
    client.submit(call, [](std::uint64_t, const Answer &answer) { read(answer); });
    client.submit(call, {{"maxRetries", 0}}, [](std::uint64_t, const Answer &) {});
    read(client.submit_future(call).answer.get());
    for (const Answer &page : client.pages(trillet::AgentsList{.limit = 5})) read(page);
    read(client.flows().update({.flow_id = "f1", .name = "new", .agent = nullptr}, {}, true));
    const trillet::Nullable<std::string> agent = "a1";
    show(agent.value().value_or(agent.is_null() ? "null" : "none"));
    read(client.voices().create({.name = "Ada", .embedding = std::vector<double>{0.1}}));
    read(client.batch_calls().start(
        {.csv = "phone_number\n",
         .agent_id = "a1",
         .smart_callback_config = trillet::SmartCallbackConfig{
             .gaps = std::vector<trillet::CallbackGap>{{.hours = 4}}}}));
}

void submitting(const Client &client) {
    auto kept = std::make_unique<int>(7);
    const std::uint64_t id = client.submit(
        "agents.list", {},
        [mine = std::move(kept)](std::uint64_t, const Answer &) { ++*mine; });
    if (client.cancel(id)) show("cancelled");
    const trillet::DoneFunction done = [](std::uint64_t, const Answer &answer) { read(answer); };
    client.submit("agents.list", {}, {{"timeoutMs", 9000}}, done);
    read(client.submit_future("agents.list").answer.get());
    client.submit("agents.list");
    while (const auto completion = client.next(10ms)) read(completion->answer);
    if (client.completion_fd() >= 0 && client.drive() > 0) show("driven");
    trillet::Pager pager = client.pages("agents.list", {{"limit", 100}});
    if (pager.submit() == 0) pager.stop();
    if (const auto page = pager.next()) read(*page);
}

void following(const Client &client) {
    const auto progress = [](const trillet::BatchUpdate &update) {
        const auto known = update.waiting().value_or(0) + update.active().value_or(0)
                           + update.completed().value_or(0) + update.failed().value_or(0)
                           + update.total().value_or(0) + update.integer("written").value_or(0);
        show(update.state() + std::to_string(known));
        show(update.text());
        return known > 0;
    };
    read(client.batch_calls().wait({{"batchId", "b1"}}, progress));
    read(client.batch_calls().results({{"batchId", "b1"}, {"file", "results.csv"}},
                                      [](const trillet::BatchUpdate &) {}));
    read(client.calls().save_recording({{"callHistoryId", "c1"}, {"file", "call.wav"}}));
    read(client.calls().wait({{"callId", "c1"}}));
    read(client.calls().find({{"agentId", "a1"}, {"toNumber", "+12025550164"}}));
}

void without_a_client() {
    read(trillet::check_csv({{"file", "contacts.csv"}}));
    read(trillet::check_csv_text("phone_number\n", {{"defaultCountry", "US"}}));
    const char *const header = std::getenv("SIGNATURE");
    read(trillet::webhook_verify("{}", header, {{"secrets", "sandbox-key"}}));
    read(trillet::webhook_verify("{}", std::string_view("t=1"), {{"secrets", "sandbox-key"}}));
    show(trillet::version());
    show(trillet::library_info().view());
    show(written().text());
    read_json(R"({"a":[1]})");
}

void clients() {
    const trillet::Options options{.api_key = "sandbox-key",
                                   .timeout = 9s,
                                   .headers = {{"a", "b"}},
                                   .validate = trillet::Validation::strict};
    Client client(options);
    const Client moved = std::move(client);
    std::optional<Answer> failure;
    const auto made = Client::create(R"({"apiKey":"sandbox-key"})", &failure);
    if (!made && failure) read(*failure);
    const auto interrupt = moved.interrupt_when([] { return false; });
    moved.set_log(trillet::LogLevel::info,
                  [](trillet::LogLevel, std::string_view line) { show(line); });
    read(moved.warm(2, 1s));
    if (const trillet::Stats stats = moved.stats()) {
        show(stats.text());
        show(std::to_string(stats.number("total.latencyMs.p99").value_or(0)));
        show(std::to_string(stats.integer("calls.send", "requests").value_or(0)));
    }
    read(moved.call("agents.list", nlohmann::json{{"limit", 5}}));
    read(moved.agents().get(std::map<std::string, std::string>{{"agentId", "a1"}}));
    if (throwing(moved)) show("again");
    structures(moved);
    submitting(moved);
    following(moved);
    if (moved.begin_drain() && moved.drain(1s) && moved.close(1s) && interrupt) show("closed");
}

void sandboxes() {
    trillet::SandboxOptions options;
    const trillet::Sandbox sandbox(options);
    const Client client(sandbox.client_options());
    read(sandbox.ledger());
    read(client.agents().list());
}

} // namespace

int main() {
    try {
        without_a_client();
        clients();
        sandboxes();
    } catch (const std::exception &error) {
        std::fputs(error.what(), stderr);
        return 1;
    }
    return 0;
}
