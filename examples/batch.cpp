// Looks at contact files before anybody is called: the agents that could call, what is wrong with
// one file, and how the service reads another.
//
//   batch [contacts.csv [contacts-with-errors.csv]]
//
// Key, workspace and service come from TRILLET_API_KEY, TRILLET_WORKSPACE_ID and TRILLET_BASE_URL.
#include <trillet.hpp>

#include <algorithm>
#include <cstdlib>
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

/// An agent for as long as the object lives.
class TemporaryAgent {
public:
    explicit TemporaryAgent(const trillet::Client &client) : client_(client) {
        const json::object voice{
            {"provider", "rime"}, {"voiceId", "mistv2_Brook"}, {"language", "en"}};
        id_ = client_.agents()
                  .create({{"name", "Renewal desk"},
                           {"llmModel", "gpt-4o-mini"},
                           {"ttsModel", voice},
                           {"settings", json::object{{"speed", 0.6}, {"temperature", 0.4}}}})
                  .or_throw()
                  .data_string("_id");
    }
    ~TemporaryAgent() { client_.agents().remove({{"agentId", id_}}); }
    TemporaryAgent(const TemporaryAgent &) = delete;
    TemporaryAgent &operator=(const TemporaryAgent &) = delete;

private:
    const trillet::Client &client_;
    std::string id_;
};

void list_agents(const trillet::Client &client) {
    std::cout << "Agents\n\n";
    Table table({"id", "name", "model", "voice", "status"});
    for (int page = 1;; ++page) {
        const auto answer = client.agents().list({{"page", page}, {"limit", 100}}).or_throw();
        for (std::string_view agent : json::elements(answer.data("agents"))) {
            table.add({text(agent, "_id"), text(agent, "name"), text(agent, "llmModel"),
                       text(agent, "ttsModel.voiceId"), text(agent, "status")});
        }
        if (!answer.data_flag("pagination.hasNext")) break;
    }
    table.print();
}

void show_problems(const trillet::Client &client, const std::string &file) {
    const auto report = client.batch_calls().validate({{"file", file}}).or_throw();
    std::cout << file << ": " << report.data_string("validRows") << " of "
              << report.data_string("totalRows") << " rows can be called\n\n";
    auto problems = json::elements(report.data("errors"));
    const auto warnings = json::elements(report.data("warnings"));
    const auto row_of = [](std::string_view problem) {
        return json::number<int>(json::find(problem, "row")).value_or(0);
    };
    problems.insert(problems.end(), warnings.begin(), warnings.end());
    std::sort(problems.begin(), problems.end(),
              [&](auto one, auto other) { return row_of(one) < row_of(other); });
    Table table({"row", "column", "value", "problem"});
    for (std::string_view problem : problems) {
        table.add({text(problem, "row"), text(problem, "column"), text(problem, "value"),
                   text(problem, "message")});
    }
    table.print();
}

void show_preview(const trillet::Client &client, const std::string &file) {
    const auto preview = client.batch_calls().preview({{"file", file}, {"limit", 5}}).or_throw();
    std::vector<std::string> columns;
    for (std::string_view column : json::elements(preview.data("columns"))) {
        columns.push_back(json::decode(column));
    }
    const auto rows = json::elements(preview.data("rows"));
    std::cout << file << ": the first " << rows.size() << " of " << preview.data_string("totalRows")
              << " rows\n\n";
    Table table(columns);
    for (std::string_view row : rows) {
        std::vector<std::string> cells;
        for (const auto &column : columns) cells.push_back(text(row, column));
        table.add(std::move(cells));
    }
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
    std::cout << "Contact files from C++ " << paint("\033[2m") << "· libtrillet "
              << trillet::version() << paint("\033[0m") << "\n\n";
    try {
        const trillet::Client client;
        const TemporaryAgent agent(client);
        list_agents(client);
        show_problems(client, damaged);
        show_preview(client, contacts);
    } catch (const trillet::Error &error) {
        std::cout.flush();
        std::cerr << "✗ " << error.what() << '\n';
        if (const auto hint = advice(error); !hint.empty()) std::cerr << "  " << hint << '\n';
        return 1;
    }
    return 0;
}
