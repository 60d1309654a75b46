// From a contact file to the outcome of each call: checks one file and shows what is wrong with it,
// calls the numbers of the other, follows the batch and reads its results.
//
//   batch [contacts.csv [contacts-with-errors.csv]]
//
// Key, workspace and service come from TRILLET_API_KEY, TRILLET_WORKSPACE_ID and TRILLET_BASE_URL.
#include <trillet.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <unistd.h>
#include <vector>

namespace json = trillet::json;

namespace {

const char *paint(const char *code) {
    static const bool on_terminal = isatty(STDOUT_FILENO) && std::getenv("NO_COLOR") == nullptr;
    return on_terminal ? code : "";
}

/// Rows of text in columns as wide as their widest cell.
class Table {
public:
    explicit Table(std::vector<std::string> header) { add(std::move(header)); }

    void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }

    void print() const {
        for (const auto &row : rows_) {
            std::cout << "  " << (&row == &rows_.front() ? paint("\033[2m") : "");
            for (std::size_t column = 0; column < row.size(); ++column) {
                const bool is_last = column + 1 == row.size();
                const std::size_t gap = is_last ? 0 : width(column) - letters(row[column]) + 2;
                std::cout << row[column] << std::string(gap, ' ');
            }
            std::cout << (&row == &rows_.front() ? paint("\033[0m") : "") << '\n';
        }
        std::cout << '\n';
    }

private:
    /// Letters of UTF-8 text are fewer than its bytes.
    static std::size_t letters(const std::string &text) {
        return static_cast<std::size_t>(std::count_if(
            text.begin(), text.end(), [](unsigned char byte) { return (byte & 0xC0) != 0x80; }));
    }

    std::size_t width(std::size_t column) const {
        std::size_t widest = 0;
        for (const auto &row : rows_) {
            if (column < row.size()) widest = std::max(widest, letters(row[column]));
        }
        return widest;
    }

    std::vector<std::vector<std::string>> rows_;
};

std::string text(std::string_view row, std::string_view name) {
    return json::decode(json::find(row, name));
}

/// An agent that can call, for as long as the object lives.
class TemporaryAgent {
public:
    explicit TemporaryAgent(const trillet::Client &client) : client_(client) {
        const json::object voice{
            {"provider", "rime"}, {"voiceId", "mistv2_Brook"}, {"language", "en"}};
        agent_ = client_.agents()
                     .create({{"name", "Renewal desk"},
                              {"llmModel", "gpt-4o-mini"},
                              {"ttsModel", voice},
                              {"settings", json::object{{"speed", 0.6}, {"temperature", 0.4}}}})
                     .or_throw()
                     .data_string("_id");
        flow_ = client_.flows()
                    .create({{"name", "Renewal reminder"},
                             {"direction", "outbound"},
                             {"promptType", "simple"},
                             {"prompt", prompt},
                             {"agent", agent_}})
                    .or_throw()
                    .data_string("_id");
    }
    ~TemporaryAgent() {
        // Nobody waits for these answers.
        static_cast<void>(client_.flows().remove({{"flowId", flow_}}));
        static_cast<void>(client_.agents().remove({{"agentId", agent_}}));
    }
    TemporaryAgent(const TemporaryAgent &) = delete;
    TemporaryAgent &operator=(const TemporaryAgent &) = delete;

    const std::string &id() const { return agent_; }

    static constexpr const char *prompt = "Greet {first_name} and mention the {plan} plan.";

private:
    const trillet::Client &client_;
    std::string agent_, flow_;
};

void list_agents(const trillet::Client &client) {
    std::cout << "Agents\n\n";
    Table table({"id", "name", "model", "voice", "status"});
    for (const auto &page : client.pages("agents.list", {{"limit", 100}})) {
        for (std::string_view agent : json::elements(page.or_throw().data("agents"))) {
            table.add({text(agent, "_id"), text(agent, "name"), text(agent, "llmModel"),
                       text(agent, "ttsModel.voiceId"), text(agent, "status")});
        }
    }
    table.print();
}

/// Whether every row can be called; asks no service.
bool check(const std::string &file) {
    const auto report =
        trillet::check_csv({{"file", file}, {"prompt", TemporaryAgent::prompt}}).or_throw();
    std::cout << file << ": " << report.data_string("rows.accepted") << " of "
              << report.data_string("rows.total") << " rows can be called\n\n";
    const auto problems = json::elements(report.data("problems"));
    if (problems.empty()) return true;
    Table table({"row", "line", "column", "problem"});
    for (std::string_view problem : problems) {
        const std::string column = text(problem, "column");
        table.add({text(problem, "row"), text(problem, "line"), column == "null" ? "" : column,
                   text(problem, "message")});
    }
    table.print();
    return report.data_flag("valid");
}

/// Calls every number of the file; the id of the batch that has ended.
std::string run(const trillet::Client &client, const std::string &file) {
    const TemporaryAgent agent(client);
    list_agents(client);
    const auto id = client.batch_calls()
                        .start({{"file", file}, {"agentId", agent.id()}})
                        .or_throw()
                        .data_string("batchId");
    const auto end = client.batch_calls()
                         .wait({{"batchId", id}, {"minIntervalMs", 500}, {"maxIntervalMs", 1000}},
                               [](const trillet::BatchUpdate &update) {
                                   std::cout << "  " << update.state() << ": "
                                             << update.completed().value_or(0) << " completed, "
                                             << update.failed().value_or(0) << " failed of "
                                             << update.total().value_or(0) << std::endl;
                               })
                         .or_throw();
    std::cout << '\n'
              << id << ' ' << end.data_string("state") << " after "
              << end.data_integer("elapsedMs").value_or(0) / 1000 << " s\n\n";
    return id;
}

void show_failed(const trillet::Client &client, const std::string &batch) {
    const auto path = std::filesystem::temp_directory_path()
                      / ("results-" + std::to_string(getpid()) + ".jsonl");
    client.batch_calls()
        .results({{"batchId", batch}, {"file", path.string()}, {"status", "failed"}})
        .or_throw();
    Table table({"number", "name", "why it failed"});
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        table.add({text(line, "phone_number"), text(line, "metadata.first_name"),
                   text(line, "error")});
    }
    std::filesystem::remove(path);
    table.print();
}

/// What a person can do about an error.
std::string advice(const trillet::Error &error) {
    const std::string type = error.type();
    if (type == "authentication") return "Check TRILLET_API_KEY.";
    if (type == "permission") return "Check TRILLET_WORKSPACE_ID.";
    if (type == "connection" || type == "timeout") {
        return "Check TRILLET_BASE_URL and the network; `make sandbox` starts a service here.";
    }
    return "";
}

} // namespace

int main(int argc, char **argv) {
    const std::string contacts = argc > 1 ? argv[1] : "contacts.csv";
    const std::string damaged = argc > 2 ? argv[2] : "contacts-with-errors.csv";
    std::cout << "A batch from C++ " << paint("\033[2m") << "· libtrillet "
              << trillet::version() << paint("\033[0m") << "\n\n";
    try {
        const trillet::Client client;
        check(damaged);
        if (!check(contacts)) return 1;
        show_failed(client, run(client, contacts));
    } catch (const trillet::Error &error) {
        std::cout.flush();
        std::cerr << "✗ " << error.what() << '\n';
        if (const auto hint = advice(error); !hint.empty()) std::cerr << "  " << hint << '\n';
        return 1;
    }
    return 0;
}
