// A worker: calls the numbers of an SQLite database, each at most once, whatever ends the program.
//
//   c++ -std=c++17 -o worker worker.cpp $(pkg-config --cflags --libs trillet sqlite3)
//   worker calls.db AGENT [AT_ONCE]
//
// INSERT INTO calls (number) VALUES ('+12025550164') gives it work. On SIGTERM it starts no further
// call, waits for the answers of those that are on their way, and ends.
// Key, workspace and service come from TRILLET_API_KEY, TRILLET_WORKSPACE_ID and TRILLET_BASE_URL.
#include <trillet_requests.hpp>

#include <sqlite3.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <initializer_list>
#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void fail(const char *what) {
    throw std::system_error(errno, std::generic_category(), what);
}

/// The calls and what became of them. One program has it at a time.
class Database {
public:
    explicit Database(const char *path) {
        sqlite3 *opened = nullptr;
        const int result = sqlite3_open(path, &opened);
        handle_.reset(opened);
        check(result);
        run("PRAGMA locking_mode = EXCLUSIVE");
        run("PRAGMA journal_mode = WAL");
        // What is committed outlives a power cut, too.
        run("PRAGMA synchronous = FULL");
        run("CREATE TABLE IF NOT EXISTS calls (number TEXT PRIMARY KEY,"
            " state TEXT NOT NULL DEFAULT 'waiting', detail TEXT NOT NULL DEFAULT '')");
    }

    /// Runs a statement, and returns the first column of its first row.
    std::optional<std::string> run(const char *text,
                                   std::initializer_list<std::string_view> values = {}) {
        sqlite3_stmt *prepared = nullptr;
        check(sqlite3_prepare_v2(handle_.get(), text, -1, &prepared, nullptr));
        const std::unique_ptr<sqlite3_stmt, Finalize> statement(prepared);
        int position = 0;
        for (const std::string_view value : values) {
            check(sqlite3_bind_text(prepared, ++position, value.data(),
                                    static_cast<int>(value.size()), SQLITE_STATIC));
        }
        const int result = sqlite3_step(prepared);
        if (result == SQLITE_DONE) return std::nullopt;
        if (result != SQLITE_ROW) check(result);
        const auto *found = sqlite3_column_text(prepared, 0);
        return found == nullptr ? std::string() : reinterpret_cast<const char *>(found);
    }

    void record(std::string_view number, std::string_view state, std::string_view detail) {
        run("UPDATE calls SET state = ?, detail = ? WHERE number = ?", {state, detail, number});
    }

private:
    struct Finalize {
        void operator()(sqlite3_stmt *statement) const { sqlite3_finalize(statement); }
    };
    struct Close {
        void operator()(sqlite3 *database) const { sqlite3_close(database); }
    };

    void check(int result) const {
        if (result != SQLITE_OK) throw std::runtime_error(sqlite3_errmsg(handle_.get()));
    }

    std::unique_ptr<sqlite3, Close> handle_;
};

/// Keeps some calls under way until none waits.
class Worker {
public:
    Worker(Database &database, const trillet::Client &client, std::string agent, int at_once)
        : database_(database), client_(client), agent_(std::move(agent)), at_once_(at_once) {
        // Of a run that was killed: their phones may have rung, so that they are not called again.
        database_.run("UPDATE calls SET state = 'unknown', detail = 'the worker was killed'"
                      " WHERE state = 'calling'");
    }

    Worker(const Worker &) = delete;
    Worker &operator=(const Worker &) = delete;
    // Answers come to this object, also when the program fails: none may come after it.
    ~Worker() { client_.close(); }

    /// Starts what may start. Returns whether anything is left to wait for.
    bool step() {
        while (!is_draining_ && under_way_ < at_once_ && Clock::now() >= next_start_) {
            const auto number = database_.run("SELECT number FROM calls WHERE state = 'waiting'");
            if (!number) break;
            start(*number);
        }
        return under_way_ > 0 || (!is_draining_ && Clock::now() < next_start_);
    }

    /// Milliseconds until `step` has something to do without an answer; -1 for never.
    int pause() const {
        if (is_draining_ || Clock::now() >= next_start_) return -1;
        using std::chrono::milliseconds;
        const auto rest = std::chrono::duration_cast<milliseconds>(next_start_ - Clock::now());
        return static_cast<int>(rest.count()) + 1;
    }

    /// Starts nothing more. What waits within the client ends at once, and waits for the next run.
    void drain() {
        is_draining_ = true;
        client_.begin_drain();
    }

private:
    void start(const std::string &number) {
        // The intent is on the disk before the phone can ring.
        database_.record(number, "calling", "");
        trillet::CallsSend request;
        request.agent_id = agent_;
        request.to_number = number;
        const auto done = [this, number](std::uint64_t, const trillet::Answer &answer) {
            --under_way_;
            ended(number, answer);
        };
        if (client_.submit(request, done) == 0) {
            database_.record(number, "waiting", "");
            throw std::runtime_error("the client takes no request");
        }
        ++under_way_;
    }

    void ended(const std::string &number, const trillet::Answer &answer) {
        const bool may_come_later = answer.retryable()
                                    || answer.error_kind() == trillet::ErrorKind::cancelled;
        if (answer.was_sent() == trillet::Sent::yes) {
            database_.record(number, "called", answer.call_id());
        } else if (answer.was_sent() == trillet::Sent::maybe) {
            // Somebody looks into the call history before this number is called again.
            database_.record(number, "unknown", answer.summary());
        } else if (may_come_later) {
            database_.record(number, "waiting", answer.summary());
            const std::chrono::milliseconds second(1000);
            next_start_ = Clock::now() + answer.retry_after().value_or(second);
        } else {
            database_.record(number, "failed", answer.summary());
        }
    }

    Database &database_;
    const trillet::Client &client_;
    std::string agent_;
    int at_once_;
    int under_way_ = 0;
    bool is_draining_ = false;
    Clock::time_point next_start_ = Clock::now();
};

/// SIGTERM and SIGINT as something to read, for this program whose library starts no thread.
int signals() {
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGTERM);
    sigaddset(&wanted, SIGINT);
    if (sigprocmask(SIG_BLOCK, &wanted, nullptr) != 0) fail("sigprocmask");
    const int descriptor = signalfd(-1, &wanted, SFD_CLOEXEC);
    if (descriptor < 0) fail("signalfd");
    return descriptor;
}

void watch(int poller, int descriptor) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = descriptor;
    if (epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event) != 0) fail("epoll_ctl");
}

void work(const char *path, const char *agent, int at_once) {
    const int ends = signals();
    Database database(path);
    trillet::Options options;
    options.engine = "caller";
    const trillet::Client client(options);
    Worker worker(database, client, agent, at_once);
    const int poller = epoll_create1(EPOLL_CLOEXEC);
    if (poller < 0) fail("epoll_create1");
    watch(poller, ends);
    watch(poller, client.completion_fd());
    while (worker.step()) {
        epoll_event event{};
        const int found = epoll_wait(poller, &event, 1, worker.pause());
        if (found < 0 && errno != EINTR) fail("epoll_wait");
        if (found > 0 && event.data.fd == ends) {
            signalfd_siginfo signal;
            if (read(ends, &signal, sizeof signal) == sizeof signal) worker.drain();
        }
        client.drive();
    }
    for (const char *state : {"called", "waiting", "failed", "unknown"}) {
        const auto count = database.run("SELECT count(*) FROM calls WHERE state = ?", {state});
        std::cout << state << ": " << count.value_or("0") << '\n';
    }
}

} // namespace

int main(int count, char **arguments) {
    if (count < 3) {
        std::cerr << "usage: worker DATABASE AGENT [AT_ONCE]\n";
        return 2;
    }
    try {
        work(arguments[1], arguments[2], count > 3 ? std::atoi(arguments[3]) : 16);
    } catch (const std::exception &error) {
        std::cerr << "worker: " << error.what() << '\n';
        return 1;
    }
}
