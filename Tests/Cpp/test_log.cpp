// Statistics and the log.
#include "suites.hpp"

#include <mutex>
#include <vector>

using trillet::Client;
using trillet::LogLevel;

namespace {

void statistics_count_the_calls(const void *) {
    Opened opened;
    recording_server_answer_json(opened.server, 200, "{}");
    recording_server_answer_json(opened.server, 404, "{}");
    CHECK(opened.client.agents().list().ok());
    CHECK(!driven(opened.client, opened.client.submit_future("agents.get", {{"agentId", "a"}})).ok());
    const trillet::Stats stats = opened.client.stats();
    CHECK(stats.ok());
    CHECK_NUMBER(stats.integer("total.calls").value_or(-1), 2);
    CHECK_NUMBER(stats.integer("total.errors.not_found").value_or(-1), 1);
    CHECK_NUMBER(stats.integer("agents.list", "ok").value_or(-1), 1);
    CHECK_NUMBER(stats.integer("agents.get", "ok").value_or(-1), 0);
    CHECK(stats.number("agents.get", "latencyMs.max").value_or(0) > 0);
    CHECK(!stats.integer("flows.get", "ok"));
    CHECK(stats.text().find(TEST_KEY) == std::string_view::npos);
}

/// Keeps lines of the log.
class Lines {
public:
    trillet::LogFunction taker() {
        return [this](LogLevel level, std::string_view line) {
            const std::lock_guard<std::mutex> guard(mutex_);
            lines_.emplace_back(level, line);
        };
    }
    bool wait_for(const Client &client, LogLevel level, std::string_view part) {
        return drive_until(client, [&] { return has(level, part); });
    }
    bool has(LogLevel level, std::string_view part) {
        const std::lock_guard<std::mutex> guard(mutex_);
        return find(level, part);
    }
    bool is_empty() {
        const std::lock_guard<std::mutex> guard(mutex_);
        return lines_.empty();
    }

private:
    bool find(LogLevel level, std::string_view part) const {
        for (const auto &[each, line] : lines_) {
            if (each == level && line.find(part) != line.npos) return true;
        }
        return false;
    }

    std::mutex mutex_;
    std::vector<std::pair<LogLevel, std::string>> lines_;
};

void the_log_goes_to_the_last_function(const void *) {
    Opened opened;
    Lines first, second, none;
    CHECK(opened.client.set_log(LogLevel::info, first.taker()));
    CHECK(opened.client.agents().list().ok());
    CHECK(first.wait_for(opened.client, LogLevel::info, "operation=agents.list"));
    CHECK(opened.client.set_log(LogLevel::error, second.taker()));
    CHECK(opened.client.flows().list().ok());
    CHECK(!opened.client.flows().get({{"flowId", ""}}).ok());
    CHECK(second.wait_for(opened.client, LogLevel::error, "operation=flows.get"));
    CHECK(!second.has(LogLevel::info, "operation=flows.list"));
    CHECK(opened.client.set_log(LogLevel::off, none.taker()));
    CHECK(opened.client.set_log(LogLevel::debug));
    CHECK(opened.client.agents().list().ok());
    opened.client.close();
    CHECK(none.is_empty());
    CHECK(!opened.client.set_log(LogLevel::info, first.taker()));
}

void the_log_moves_with_its_client(const void *) {
    Opened opened;
    auto lines = std::make_shared<Lines>();
    CHECK(opened.client.set_log(
        LogLevel::info, [lines, take = lines->taker()](LogLevel level, std::string_view line) {
            take(level, line);
        }));
    {
        Client moved = std::move(opened.client);
        CHECK(moved.agents().list().ok());
        CHECK(lines->wait_for(moved, LogLevel::info, "operation=agents.list"));
        moved = Client(Opened::options(opened.server));
        CHECK_NUMBER(lines.use_count(), 1);
        CHECK(moved.agents().list().ok());
    }
    opened.client = Client(Opened::options(opened.server));
}

void a_log_may_replace_itself(const void *) {
    Opened opened;
    Lines after;
    CHECK(opened.client.set_log(LogLevel::info, [&](LogLevel, std::string_view) {
        opened.client.set_log(LogLevel::info, after.taker());
    }));
    CHECK(opened.client.agents().list().ok());
    // Lines that wait for the former function are dropped: how many do when it is replaced is chance.
    for (int call = 0; call < 200 && !after.has(LogLevel::info, "operation=flows.list"); call++) {
        CHECK(opened.client.flows().list().ok());
        drive_once(opened.client.get(), 0);
    }
    CHECK(after.wait_for(opened.client, LogLevel::info, "operation=flows.list"));
    opened.client.close();
}

} // namespace

void log_suite() {
    check_suite("log");
    check_case("Statistics count the calls", statistics_count_the_calls, nullptr);
    check_case("The log goes to the last function", the_log_goes_to_the_last_function, nullptr);
    check_case("The log moves with its client", the_log_moves_with_its_client, nullptr);
    check_case("A log may replace itself", a_log_may_replace_itself, nullptr);
}
