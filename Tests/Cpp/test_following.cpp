// Contact files, pages, and batches followed to their end.
#include "suites.hpp"

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <unistd.h>
#include <thread>
#include <vector>

using trillet::Answer;
using trillet::BatchUpdate;
using trillet::Pager;

namespace {

std::string look(int completed, int total) {
    const bool is_complete = completed == total;
    return trillet::json::object{{"status", is_complete ? "completed" : "processing"},
                                 {"isComplete", is_complete},
                                 {"waiting", total - completed},
                                 {"active", 0},
                                 {"completed", completed},
                                 {"failed", 0},
                                 {"total", total}}
        .text();
}

std::string page(int number, int pages) {
    const std::string id = std::to_string(number);
    return trillet::json::object{
        {"agents", trillet::json::array{trillet::json::object{{"_id", id}}}},
        {"pagination", trillet::json::object{{"page", number},
                                             {"limit", 1},
                                             {"total", pages},
                                             {"totalPages", pages},
                                             {"hasNext", number < pages}}}}
        .text();
}

void script(const Opened &opened, const std::vector<std::string> &answers) {
    for (const auto &answer : answers) {
        recording_server_answer_json(opened.server, 200, answer.c_str());
    }
}

// MARK: Contact files

void a_text_is_checked(const void *) {
    const Answer report = trillet::check_csv_text("phone_number,name\n+12025550164,Ada\n555,Ben\n");
    CHECK(report.ok());
    CHECK(!report.data_flag("valid"));
    CHECK_NUMBER(*report.data_integer("rows.accepted"), 1);
    CHECK_NUMBER(*report.data_integer("problems.0.row"), 2);
    CHECK_VIEW(report.data_string("problems.0.value"), "555");
}

void a_file_is_checked_with_options(const void *) {
    const std::string path = "/tmp/trillet-cpp-" + std::to_string(getpid()) + ".csv";
    std::ofstream(path) << "phone_number\n+12025550164\n";
    CHECK(trillet::check_csv({{"file", path}}).data_flag("valid"));
    const Answer report = trillet::check_csv({{"file", path}, {"prompt", "Hello {name}"}});
    CHECK_VIEW(report.data_string("problems.0.kind"), "missing_column");
    std::remove(path.c_str());
}

void numbers_of_a_country_are_suggested_and_accepted(const void *) {
    const char csv[] = "phone_number\n0171 1234567\n+12025550164\n";
    const Answer suggested = trillet::check_csv_text(csv, {{"defaultCountry", "DE"}});
    CHECK_NUMBER(*suggested.data_integer("rows.accepted"), 1);
    CHECK_VIEW(suggested.data_string("problems.0.suggestion"), "+491711234567");
    const Answer assumed =
        trillet::check_csv_text(csv, {{"defaultCountry", "DE"}, {"assumeCountry", true}});
    CHECK(assumed.data_flag("valid"));
    CHECK_NUMBER(*assumed.data_integer("assumed"), 1);
    CHECK_VIEW(trillet::check_csv_text(csv, {{"assumeCountry", true}}).error_field(),
               "assumeCountry");
}

void lengths_may_be_left_out(const void *) {
    const char csv[] = "phone_number\n+1202555016\n";
    CHECK_VIEW(trillet::check_csv_text(csv).data_string("problems.0.kind"), "too_short");
    CHECK(trillet::check_csv_text(csv, {{"lengths", false}}).data_flag("valid"));
}

void files_of_other_programs_are_converted(const void *) {
    const std::string path = "/tmp/trillet-cpp-" + std::to_string(getpid()) + "-good.csv";
    const char csv[] = "Mobil;name\n+12025550164;Zo\xeb\n";
    const Answer report = trillet::check_csv_text(
        csv, {{"convert", true}, {"phoneColumn", "Mobil"}, {"acceptedFile", path}});
    CHECK_VIEW(report.data_string("encoding"), "Windows-1252");
    CHECK_VIEW(report.data_string("delimiter"), ";");
    std::ifstream file(path);
    const std::string good{std::istreambuf_iterator<char>(file), {}};
    CHECK_VIEW(good, "phone_number,name\n+12025550164,Zo\xc3\xab\n");
    std::remove(path.c_str());
}

void rows_that_are_newly_rejected_are_told_apart(const void *) {
    const Answer report = trillet::check_csv_text("phone_number,reject_reason\n1,short\n2,\n");
    CHECK_NUMBER(*report.data_integer("newlyRejected"), 1);
    CHECK(!report.data_flag("problems.0.isNew"));
    CHECK(report.data_flag("problems.1.isNew"));
}

void what_is_no_contact_file_is_an_error(const void *) {
    CHECK_VIEW(trillet::check_csv_text({}).error_code(), "empty");
    CHECK_VIEW(trillet::check_csv_text("").error_code(), "empty");
    CHECK_VIEW(trillet::check_csv({{"file", "/nowhere.csv"}}).error_field(), "file");
    CHECK_VIEW(trillet::check_csv_text("a\n", {{"nonsense", 1}}).error_field(), "nonsense");
}

// MARK: Pages

void a_loop_goes_over_every_page(const void *) {
    Opened opened;
    script(opened, {page(1, 3), page(2, 3), page(3, 3)});
    std::string ids;
    for (const auto &each : opened.client.pages("agents.list", {{"limit", 1}})) {
        CHECK(each.ok());
        for (std::string_view agent : trillet::json::elements(each.data("agents"))) {
            ids += trillet::json::decode(trillet::json::find(agent, "_id"));
        }
    }
    CHECK_VIEW(ids, "123");
    CHECK_NUMBER(recording_server_requests(opened.server), 3);
}

void the_history_is_a_list(const void *) {
    Opened opened;
    recording_server_answer_json(opened.server, 200, "[{\"callId\":\"c1\"},{\"call_id\":\"c2\"}]");
    std::string ids;
    for (const auto &page : opened.client.pages("calls.history", {{"agentId", "a1"}})) {
        for (auto call : trillet::json::elements(page.or_throw().data())) ids += trillet::call_id(call);
    }
    CHECK_VIEW(ids, "c1c2");
}

void nothing_is_asked_before_the_first_page_is_wanted(const void *) {
    Opened opened;
    Pager pager = opened.client.pages("flows.list");
    Pager moved = std::move(pager);
    CHECK_NUMBER(recording_server_requests(opened.server), 0);
    CHECK(moved.next().has_value());
}

void a_loop_ends_behind_a_bad_answer(const void *) {
    Opened opened;
    recording_server_answer_json(opened.server, 503, R"({"error":"Busy"})");
    int pages = 0;
    for (const auto &each : opened.client.pages("agents.list", {}, {{"maxRetries", 0}})) {
        CHECK(!each.ok());
        std::string type;
        try {
            each.or_throw();
        } catch (const trillet::Error &error) {
            type = error.type();
        }
        CHECK_VIEW(type, "server");
        ++pages;
    }
    CHECK_NUMBER(pages, 1);
    CHECK_NUMBER(recording_server_requests(opened.server), 1);
}

void a_page_that_failed_for_now_is_asked_for_again(const void *) {
    Opened opened;
    recording_server_answer_json(opened.server, 503, R"({"error":"Busy"})");
    script(opened, {page(1, 1)});
    Pager pager = opened.client.pages("agents.list", {}, {{"maxRetries", 0}});
    const auto bad = pager.next();
    CHECK(bad && !bad->ok() && bad->retryable());
    const auto good = pager.next();
    CHECK(good && good->ok());
    CHECK(!pager.next());
}

void a_wrong_operation_is_told_by_the_first_page(const void *) {
    Opened opened;
    const auto answer = opened.client.pages("agents.get").next();
    CHECK(answer && answer->error_type() == "invalid_argument");
}

// MARK: Batches

void a_batch_is_followed_to_its_end(const void *) {
    Opened opened;
    script(opened, {look(0, 2), look(1, 2), look(2, 2)});
    std::string told;
    const auto thread = std::this_thread::get_id();
    const Answer end = opened.client.batch_calls().wait(
        {{"batchId", "b"}, {"minIntervalMs", 1}, {"maxIntervalMs", 1}},
        [&](const BatchUpdate &update) {
            CHECK(std::this_thread::get_id() == thread);
            told += update.state() + " " + std::to_string(*update.completed()) + "; ";
        });
    CHECK_VIEW(told, "running 0; running 1; completed 2; ");
    CHECK_VIEW(end.data_string("endedBy"), "batch");
    CHECK_NUMBER(*end.data_integer("looks"), 3);
}

void without_progress_nobody_is_told(const void *) {
    Opened opened;
    script(opened, {look(2, 2)});
    CHECK(opened.client.batch_calls().wait({{"batchId", "b"}}).ok());
    CHECK_VIEW(opened.client.batch_calls().wait("{}").error_field(), "batchId");
}

void progress_may_end_it(const void *) {
    Opened opened;
    script(opened, {look(1, 2)});
    const Answer end = opened.client.batch_calls().wait(
        {{"batchId", "b"}}, [](const BatchUpdate &update) { return update.completed() == 1; });
    CHECK_VIEW(end.data_string("endedBy"), "progress");
}

void what_progress_throws_arrives_where_the_wait_began(const void *) {
    Opened opened;
    script(opened, {look(1, 2)});
    std::string what;
    try {
        static_cast<void>(
            opened.client.batch_calls().wait({{"batchId", "b"}}, [](const BatchUpdate &) {
                throw std::runtime_error("enough");
            }));
    } catch (const std::runtime_error &error) {
        what = error.what();
    }
    CHECK_VIEW(what, "enough");
    CHECK(opened.client.agents().list().ok());
}

// MARK: Calls

std::string record(const std::string &status) {
    return trillet::json::array{trillet::json::object{{"_id", "r1"},
                                                      {"callId", "c1"},
                                                      {"toPhoneNumber", "+12025550164"},
                                                      {"agent", "a1"},
                                                      {"timestamp", 1932109360},
                                                      {"status", status}}}
        .text();
}

void a_call_is_followed_to_its_end(const void *) {
    Opened opened;
    script(opened, {"[]", record("ringing"), record("completed")});
    std::string told;
    const Answer end = opened.client.calls().wait(
        {{"callId", "c1"}, {"minIntervalMs", 1}, {"maxIntervalMs", 1}},
        [&](const BatchUpdate &update) { told += update.state() + "; "; });
    CHECK_VIEW(told, "not_listed; ringing; ended; ");
    CHECK_VIEW(end.data_string("outcome"), "completed");
    CHECK_VIEW(end.data_string("record._id"), "r1");
}

void an_answer_of_a_send_names_its_call(const void *) {
    Opened opened;
    script(opened, {R"({"status":"success","callId":"c1"})", record("busy")});
    const Answer sent =
        opened.client.calls().send({{"agentId", "a1"}, {"toNumber", "+12025550164"}});
    CHECK_VIEW(opened.client.calls().wait(sent.text()).data_string("outcome"), "busy");
}

void a_call_is_found(const void *) {
    Opened opened;
    const trillet::json::object lost{
        {"agentId", "a1"}, {"toNumber", "+12025550164"}, {"since", 1932109360}, {"settleMs", 0}};
    script(opened, {record("ringing"), "[]", "[]"});
    CHECK_VIEW(opened.client.calls().find(lost).data_string("found"), "yes");
    CHECK_VIEW(opened.client.calls().find(lost).data_string("found"), "no");
}

void results_go_to_a_file(const void *) {
    Opened opened;
    script(opened, {look(1, 1),
                    R"({"calls":[{"jobId":"j1","status":"completed","phone_number":"+12025550164"}],)"
                    R"("pagination":{"page":1,"limit":100,"total":1,"totalPages":1,)"
                    R"("hasNext":false}})"});
    const std::string path = "/tmp/trillet-cpp-" + std::to_string(getpid()) + ".jsonl";
    std::int64_t written = 0;
    const Answer end = opened.client.batch_calls().results(
        {{"batchId", "b"}, {"file", path}}, [&written](const BatchUpdate &update) {
            written = update.integer("written").value_or(0);
        });
    CHECK(end.data_flag("isComplete"));
    CHECK_NUMBER(written, 1);
    std::ifstream file(path);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    CHECK_VIEW(trillet::json::decode(trillet::json::find(text, "jobId")), "j1");
    std::remove(path.c_str());
}

} // namespace

void following_suite() {
    check_suite("contact files, pages and whole batches");
    check_case("A text is checked", a_text_is_checked, nullptr);
    check_case("A file is checked, with options", a_file_is_checked_with_options, nullptr);
    check_case("Numbers of a country are suggested and accepted",
               numbers_of_a_country_are_suggested_and_accepted, nullptr);
    check_case("Lengths may be left out", lengths_may_be_left_out, nullptr);
    check_case("Files of other programs are converted", files_of_other_programs_are_converted,
               nullptr);
    check_case("Rows that are newly rejected are told apart",
               rows_that_are_newly_rejected_are_told_apart, nullptr);
    check_case("What is no contact file is an error", what_is_no_contact_file_is_an_error, nullptr);
    check_case("A loop goes over every page", a_loop_goes_over_every_page, nullptr);
    check_case("Nothing is asked before the first page is wanted",
               nothing_is_asked_before_the_first_page_is_wanted, nullptr);
    check_case("A loop ends behind a bad answer", a_loop_ends_behind_a_bad_answer, nullptr);
    check_case("A page that failed for now is asked for again",
               a_page_that_failed_for_now_is_asked_for_again, nullptr);
    check_case("A wrong operation is told by the first page",
               a_wrong_operation_is_told_by_the_first_page, nullptr);
    check_case("A batch is followed to its end", a_batch_is_followed_to_its_end, nullptr);
    check_case("Without progress, nobody is told", without_progress_nobody_is_told, nullptr);
    check_case("The history is a list", the_history_is_a_list, nullptr);
    check_case("Progress may end it", progress_may_end_it, nullptr);
    check_case("What progress throws arrives where the wait began",
               what_progress_throws_arrives_where_the_wait_began, nullptr);
    check_case("A call is followed to its end", a_call_is_followed_to_its_end, nullptr);
    check_case("An answer of a send names its call", an_answer_of_a_send_names_its_call, nullptr);
    check_case("A call is found", a_call_is_found, nullptr);
    check_case("Results go to a file", results_go_to_a_file, nullptr);
}
