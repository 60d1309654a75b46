// Requests without blocking.
#include "suites.hpp"

#include <atomic>
#include <set>
#include <thread>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

using trillet::Answer;
using trillet::Client;
using trillet::LogLevel;

namespace {

/// Counts what arrives, and lets a test wait for it.
class Counter {
public:
    void add() { ++count_; }
    bool wait_for(const Client &client, int count) {
        return drive_until(client, [&] { return count_ >= count; });
    }

private:
    std::atomic<int> count_{0};
};

void an_answer_goes_to_its_function(const void *) {
    Opened opened;
    recording_server_answer_json(opened.server, 200, "{\"a\":[1,2]}");
    Counter ended;
    std::uint64_t told = 0;
    std::string text;
    const std::thread::id here = std::this_thread::get_id();
    std::thread::id there = here;
    const std::uint64_t id =
        opened.client.submit("agents.get", {{"agentId", "a1"}},
                             [&](std::uint64_t which, Answer answer) {
                                 told = which;
                                 text = answer.data("a.1");
                                 there = std::this_thread::get_id();
                                 ended.add();
                             });
    CHECK(id != 0);
    CHECK(ended.wait_for(opened.client, 1));
    CHECK(told == id);
    CHECK_NUMBER(there == here, caller_drives());
    CHECK_VIEW(text, "2");
    CHECK_VIEW(taken(recorded_line(opened.server, 0)), "GET /api/v1/agents/a1");
}

void a_function_lives_until_it_was_called(const void *) {
    Opened opened;
    auto kept = std::make_shared<Counter>();
    recording_server_hold(opened.server);
    opened.client.submit("agents.list", {}, {{"routes", "published"}},
                         [kept](std::uint64_t, Answer) { kept->add(); });
    CHECK(opened.wait(1));
    CHECK_NUMBER(kept.use_count(), 2);
    recording_server_release(opened.server);
    CHECK(kept->wait_for(opened.client, 1));
    opened.client.close(std::chrono::seconds(10));
    CHECK_NUMBER(kept.use_count(), 1);
    CHECK_VIEW(taken(recorded_line(opened.server, 0)), "GET /v1/api/agents");
}

void a_function_that_can_only_be_moved_is_called(const void *) {
    Opened opened;
    Counter ended;
    std::string text;
    auto kept = std::make_unique<std::string>("kept");
    CHECK(opened.client.submit("agents.list", {},
                               [&, mine = std::move(kept)](std::uint64_t, Answer answer) mutable {
                                   mine->append(answer.ok() ? " well" : " badly");
                                   text = *mine;
                                   ended.add();
                               })
          != 0);
    CHECK(ended.wait_for(opened.client, 1));
    CHECK_VIEW(text, "kept well");
}

void an_empty_function_submits_nothing(const void *) {
    Opened opened;
    CHECK(opened.client.submit("agents.list", {}, trillet::DoneFunction()) == 0);
    CHECK(opened.client.submit("agents.list", {}, {}, trillet::DoneFunction()) == 0);
    CHECK(opened.client.submit("agents.list", {},
                               static_cast<void (*)(std::uint64_t, Answer)>(nullptr))
          == 0);
    opened.client.close(patience);
    CHECK_NUMBER(recording_server_requests(opened.server), 0);
}

void closing_calls_every_function(const void *) {
    Opened opened;
    recording_server_hold(opened.server);
    std::atomic<int> cancelled{0};
    for (int index = 0; index < 5; ++index) {
        opened.client.submit("agents.list", {}, [&](std::uint64_t, Answer answer) {
            if (answer.error_type() == "cancelled") ++cancelled;
        });
    }
    CHECK(opened.wait(5));
    CHECK(!opened.client.close());
    CHECK_NUMBER(cancelled.load(), 5);
}

void draining_starts_nothing_more(const void *) {
    Opened opened;
    trillet::json::object options = Opened::options(opened.server);
    options.set("maxInFlight", 2);
    const Client client(options);
    recording_server_hold(opened.server);
    std::vector<trillet::Pending> pending;
    for (int index = 0; index < 5; ++index) {
        pending.push_back(client.submit_future(
            "calls.send", {{"agentId", "a"}, {"toNumber", "+12025550164"}}));
    }
    CHECK(drive_until(client, [&] { return recording_server_requests(opened.server) >= 2; }));
    CHECK(!client.drain(std::chrono::milliseconds(50)));
    int maybe = 0, no = 0;
    for (trillet::Pending &each : pending) {
        const Answer answer = each.answer.get();
        CHECK_VIEW(answer.error_type(), "cancelled");
        ++(answer.error_sent() == "maybe" ? maybe : no);
    }
    CHECK_NUMBER(maybe, 2);
    CHECK_NUMBER(no, 3);
    CHECK_NUMBER(recording_server_requests(opened.server), 2);
    CHECK_VIEW(client.agents().list().error_type(), "closed");
    recording_server_release(opened.server);
}

void what_is_sent_ends_while_draining(const void *) {
    Opened opened;
    recording_server_hold(opened.server);
    trillet::Pending pending = opened.client.submit_future("agents.list");
    CHECK(opened.wait(1));
    std::thread releaser([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        recording_server_release(opened.server);
    });
    CHECK(opened.client.drain(patience));
    releaser.join();
    CHECK(pending.answer.get().ok());
    CHECK(opened.client.drain());
    CHECK(opened.client.close());
}

void connections_are_opened_ahead(const void *) {
    Opened opened;
    recording_server_answer(opened.server, 200, "", "", 0);
    const Answer answer = opened.client.warm(2, patience);
    CHECK(answer.ok());
    CHECK_VIEW(answer.data("open"), "2");
    CHECK_NUMBER(recording_server_connections(opened.server), 4);
    CHECK(opened.client.agents().list().ok());
    CHECK(driven(opened.client, opened.client.submit_future("agents.list")).ok());
    CHECK_NUMBER(recording_server_connections(opened.server), 4);
    CHECK_VIEW(opened.client.warm(0).error_field(), "connections");
    opened.client.close();
    CHECK_VIEW(opened.client.warm().error_type(), "closed");
}

void a_function_may_submit_the_next_request(const void *) {
    Opened opened;
    Counter ended;
    std::function<void(std::uint64_t, Answer)> next = [&](std::uint64_t, Answer answer) {
        if (answer.ok() && recording_server_requests(opened.server) < 5) {
            opened.client.submit("agents.list", {}, next);
        } else {
            ended.add();
        }
    };
    opened.client.submit("agents.list", {}, next);
    CHECK(ended.wait_for(opened.client, 1));
    CHECK_NUMBER(recording_server_requests(opened.server), 5);
}

void an_answer_goes_into_a_future(const void *) {
    Opened opened;
    std::vector<trillet::Pending> pending;
    for (int index = 0; index < 20; ++index) {
        pending.push_back(opened.client.submit_future(
            "agents.get", {{"agentId", "a" + std::to_string(index)}}));
    }
    std::set<std::uint64_t> ids;
    for (trillet::Pending &each : pending) {
        ids.insert(each.id);
        CHECK(driven(opened.client, each).ok());
    }
    CHECK_NUMBER(ids.size(), 20);
    CHECK_NUMBER(recording_server_requests(opened.server), 20);
}

void a_bad_answer_in_a_future_throws_on_demand(const void *) {
    Opened opened;
    recording_server_answer_json(opened.server, 404, "{\"error\":\"Agent not found\"}");
    trillet::Pending pending = opened.client.submit_future("agents.get", {{"agentId", "a"}});
    try {
        driven(opened.client, pending).or_throw();
        CHECK(false);
    } catch (const trillet::Error &error) {
        CHECK_VIEW(error.type(), "not_found");
        CHECK_VIEW(error.message(), "Agent not found");
        CHECK_VIEW(error.sent(), "no");
    }
}

void the_program_drives_its_client(const void *) {
    Opened opened("caller");
    int answers = 0;
    CHECK(opened.client.submit("agents.list", {}, [&](std::uint64_t, Answer) { ++answers; }) != 0);
    CHECK(opened.client.submit("agents.list") != 0);
    while (answers == 0) CHECK(opened.client.drive(patience) >= 0);
    while (opened.client.drive(patience) == 0) continue;
    CHECK_NUMBER(opened.client.drive(), 1);
    CHECK(opened.client.next(std::chrono::milliseconds(0))->answer.ok());
    CHECK_NUMBER(Opened("thread").client.drive(), -1);
}

void a_client_that_takes_nothing_says_why(const void *) {
    Opened opened;
    opened.client.close();
    auto kept = std::make_shared<int>(0);
    CHECK(opened.client.submit("agents.list", {}, [kept](std::uint64_t, Answer) { ++*kept; }) == 0);
    CHECK_NUMBER(kept.use_count(), 1);
    CHECK(opened.client.submit("agents.list") == 0);
    trillet::Pending pending = opened.client.submit_future("agents.list");
    CHECK(pending.id == 0);
    CHECK_VIEW(pending.answer.get().error_type(), "closed");
    CHECK(!opened.client.next());

    Client moved = std::move(opened.client);
    CHECK_VIEW(driven(opened.client, opened.client.submit_future("agents.list")).error_field(), "client");
    CHECK(!opened.client.cancel(1));
    CHECK_NUMBER(opened.client.completion_fd(), -1);
    CHECK(!opened.client.stats());
    CHECK(!opened.client.set_log(LogLevel::info, [](LogLevel, std::string_view) {}));
    const auto told = opened.client.next();
    CHECK(told && told->id == 0 && !told->answer.ok());
    opened.client = std::move(moved);
}

void answers_wait_to_be_fetched(const void *) {
    Opened opened;
    CHECK(!opened.client.next(std::chrono::milliseconds(0)));
    const std::uint64_t first = opened.client.submit("agents.list");
    auto completion = opened.client.next(patience);
    CHECK(completion && completion->id == first && completion->answer.ok());

    recording_server_hold(opened.server);
    const std::uint64_t second = opened.client.submit("agents.list", {{"page", 2}});
    CHECK(!opened.client.next(std::chrono::milliseconds(20)));
    CHECK(!is_answered_within(opened.client.get(), 0));
    recording_server_release(opened.server);
    CHECK(is_answered_within(opened.client.get(), 10000));
    completion = opened.client.next(std::chrono::milliseconds(0));
    CHECK(completion && completion->id == second);
    CHECK(!is_answered_within(opened.client.get(), 0));
    opened.client.close();
    CHECK(!opened.client.next());
}

void a_request_is_cancelled(const void *) {
    Opened opened;
    recording_server_hold(opened.server);
    trillet::Pending pending =
        opened.client.submit_future("calls.send", {{"agentId", "a"}, {"toNumber", "+12025550164"}});
    CHECK(opened.wait(1));
    CHECK(opened.client.cancel(pending.id));
    const Answer answer = driven(opened.client, pending);
    CHECK_VIEW(answer.error_type(), "cancelled");
    CHECK_VIEW(answer.error_sent(), "maybe");
    CHECK(!opened.client.cancel(pending.id));
    CHECK(!opened.client.cancel(pending.id + 1));
}

void a_function_that_throws_ends_the_program(const void *) {
    Opened opened;
    const pid_t child = fork();
    if (child == 0) {
        std::set_terminate([] { _exit(42); });
        const Client client(Opened::options(opened.server));
        client.submit("agents.list", {}, [](std::uint64_t, Answer) { throw 1; });
        drive_until(client, [] { return false; });
        _exit(1);
    }
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK_NUMBER(WEXITSTATUS(status), 42);
}

} // namespace

void submitting_suite() {
    check_suite("without blocking");
    check_case("An answer goes to its function", an_answer_goes_to_its_function, nullptr);
    check_case("A function lives until it was called", a_function_lives_until_it_was_called,
               nullptr);
    check_case("A function that can only be moved is called",
               a_function_that_can_only_be_moved_is_called, nullptr);
    check_case("An empty function submits nothing", an_empty_function_submits_nothing, nullptr);
    check_case("Closing calls every function", closing_calls_every_function, nullptr);
    check_case("Draining starts nothing more", draining_starts_nothing_more, nullptr);
    check_case("What is being sent ends while draining", what_is_sent_ends_while_draining, nullptr);
    check_case("Connections are opened ahead", connections_are_opened_ahead, nullptr);
    check_case("A function may submit the next request", a_function_may_submit_the_next_request,
               nullptr);
    check_case("An answer goes into a future", an_answer_goes_into_a_future, nullptr);
    check_case("A bad answer in a future throws on demand",
               a_bad_answer_in_a_future_throws_on_demand, nullptr);
    check_case("The program drives its client", the_program_drives_its_client, nullptr);
    check_case("A client that takes nothing says why", a_client_that_takes_nothing_says_why,
               nullptr);
    check_case("Answers wait to be fetched", answers_wait_to_be_fetched, nullptr);
    check_case("A request is cancelled", a_request_is_cancelled, nullptr);
    check_case("A function that throws ends the program", a_function_that_throws_ends_the_program,
               nullptr);
}
