/// \file trillet_sandbox.hpp
/// Your own Trillet service for tests in C++17 and later, on POSIX systems: starts and controls the
/// program `trillet-sandbox`. docs/sandbox.md describes it.
///
///     trillet::Sandbox sandbox;
///     const trillet::Client client = sandbox.client();
///     sandbox.fault("calls.send", "reset", {{"when", "after"}});
///     …
///     assert(sandbox.totals("calls.send").effects == 1);
///
/// Header only. A `Sandbox` belongs to one thread at a time; any number of threads may use its
/// clients. Without exceptions (-fno-exceptions), make sandboxes with `Sandbox::start`.
#ifndef TRILLET_SANDBOX_HPP
#define TRILLET_SANDBOX_HPP

#include "trillet.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern "C" char **environ;

namespace trillet {

/// The options of a sandbox.
struct SandboxOptions {
    /// The program. Default: TRILLET_SANDBOX of the environment, then `trillet-sandbox` on PATH.
    std::optional<std::string> program;
    /// How many times as fast as real time the simulated time runs.
    double speed = 600;
    /// Decides the outcome of every call.
    std::uint64_t seed = 1;
    /// The rate limit of each key; 0 for none.
    int requests_per_minute = 0;
    /// More command line options.
    std::vector<std::string> arguments;
};

/// The outcomes of all requests of one operation.
struct SandboxTotals {
    /// How many arrived.
    std::int64_t received = 0;
    /// How many changed something: placed a call, started a batch, created an agent.
    std::int64_t effects = 0;
    /// How many were answered completely.
    std::int64_t answered = 0;
};

namespace detail {

/// The running program. The destructor stops it and waits for its end.
class SandboxProcess {
public:
    SandboxProcess() = default;
    SandboxProcess(SandboxProcess &&other) noexcept
        : process_(std::exchange(other.process_, -1)), output_(std::exchange(other.output_, -1)) {}
    SandboxProcess &operator=(SandboxProcess &&other) noexcept {
        std::swap(process_, other.process_);
        std::swap(output_, other.output_);
        return *this;
    }
    ~SandboxProcess() { stop(); }

    pid_t identifier() const noexcept { return process_; }

    /// Starts the program. Returns its first line; if that is empty, `failure` has the reason.
    std::string start(const std::vector<std::string> &command, std::string &failure) {
        int ends[2];
        if (pipe(ends) != 0) {
            failure = std::string("no pipe: ") + std::strerror(errno);
            return {};
        }
        output_ = ends[0];
        fcntl(ends[0], F_SETFD, FD_CLOEXEC);
        fcntl(ends[1], F_SETFD, FD_CLOEXEC);
        const int error = spawn(command, ends[1]);
        ::close(ends[1]);
        if (error != 0) {
            process_ = -1;
            failure = command.front() + " cannot be started: " + std::strerror(error);
            return {};
        }
        std::string line = first_line();
        if (line.empty()) {
            failure = command.front() + " did not become ready; its own words are on standard error";
        }
        return line;
    }

private:
    static constexpr int patience_ms = 20000;

    int spawn(const std::vector<std::string> &command, int output) {
        std::vector<char *> words;
        for (const std::string &word : command) words.push_back(const_cast<char *>(word.c_str()));
        words.push_back(nullptr);
        posix_spawn_file_actions_t actions;
        int error = posix_spawn_file_actions_init(&actions);
        if (error != 0) return error;
        error = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
        if (error == 0) {
            error = posix_spawnp(&process_, words[0], &actions, nullptr, words.data(), environ);
        }
        posix_spawn_file_actions_destroy(&actions);
        return error;
    }

    std::string first_line() const {
        std::string line;
        while (readable()) {
            char character = 0;
            if (::read(output_, &character, 1) != 1) break;
            if (character == '\n') return line;
            line += character;
        }
        line.clear();
        return line;
    }

    /// Waits for output, or for the end of the program.
    bool readable() const noexcept {
        pollfd waited{output_, POLLIN, 0};
        int count;
        do {
            count = poll(&waited, 1, patience_ms);
        } while (count < 0 && errno == EINTR);
        return count == 1;
    }

    void stop() noexcept {
        if (process_ > 0) {
            kill(process_, SIGTERM);
            // The pipe ends with the program.
            char rest[256];
            while (true) {
                if (!readable()) {
                    kill(process_, SIGKILL);
                    break;
                }
                if (::read(output_, rest, sizeof rest) <= 0) break;
            }
            while (waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {}
            process_ = -1;
        }
        if (output_ >= 0) ::close(output_);
        output_ = -1;
    }

    pid_t process_ = -1;
    int output_ = -1;
};

} // namespace detail

/// A running sandbox on a free port of its own. The destructor stops it.
class Sandbox {
public:
#if defined(__cpp_exceptions)
    /// Starts a sandbox. Throws `std::runtime_error` if the program is missing or does not run.
    explicit Sandbox(const SandboxOptions &options = {}) {
        std::string failure;
        if (!open(options, failure)) throw std::runtime_error(failure);
    }
#endif

    /// Starts a sandbox without throwing. Returns nothing if that fails, and stores the reason in
    /// `failure` if given.
    static std::optional<Sandbox> start(const SandboxOptions &options = {},
                                        std::string *failure = nullptr) {
        Sandbox sandbox{nullptr};
        std::string reason;
        if (sandbox.open(options, reason)) return std::optional<Sandbox>(std::move(sandbox));
        if (failure != nullptr) *failure = std::move(reason);
        return std::nullopt;
    }

    const std::string &url() const noexcept { return url_; }
    const std::string &api_key() const noexcept { return api_key_; }
    const std::string &workspace_id() const noexcept { return workspace_id_; }
    pid_t process() const noexcept { return process_.identifier(); }

    /// The options for a client of the sandbox; they ignore the environment.
    Options client_options() const {
        Options options;
        options.api_key = api_key_;
        options.workspace_id = workspace_id_;
        options.base_url = url_;
        options.proxy = "";
        options.env = false;
        return options;
    }

#if defined(__cpp_exceptions)
    /// Returns a new client of the sandbox.
    Client client() const { return Client(client_options()); }
#endif

    /// Calls any route below /sandbox/, by method and path: `control("POST /sandbox/clock",
    /// {{"paused", true}})`. The answer's data is that of the route.
    Answer control(const std::string &route, const Input &request = {}) const {
        return controls_->call(route, request);
    }

    /// Deletes all data, faults, ledger and journal, as after a start; sets another seed if given.
    Answer reset(std::optional<std::uint64_t> seed = std::nullopt) const {
        json::object request;
        if (seed) request.set("seed", *seed);
        return control("POST /sandbox/reset", request);
    }

    /// Adds a fault for the requests of an operation, or of all ("*"). `details` are `count`,
    /// `skip`, `probability` and the fault's own parameters. The data has the rule's `id`.
    Answer fault(std::string_view operation, std::string_view name,
                 std::initializer_list<json::member> details = {}) const {
        json::object request{{"operation", operation}, {"fault", name}};
        for (const json::member &each : details) request.set(each.name, each.value);
        return control("POST /sandbox/faults", request);
    }

    /// Removes all faults.
    Answer clear_faults() const { return control("DELETE /sandbox/faults"); }

    /// Moves simulated time forward at once; calls and batches have caught up when this returns.
    Answer advance(std::chrono::milliseconds time) const {
        return control("POST /sandbox/clock", {{"advanceMs", time.count()}});
    }

    /// The outcome of every request: `entries` and `totals`.
    Answer ledger() const { return control("GET /sandbox/ledger"); }
    /// The outcome of one request, by its x-request-id.
    Answer ledger(std::string_view request_id) const {
        return control("GET /sandbox/ledger", {{"requestId", request_id}});
    }

    /// The ledger's counts of one operation, such as "calls.send"; zeros if none arrived.
    SandboxTotals totals(std::string_view operation) const {
        const Answer answer = control("GET /sandbox/ledger", {{"limit", 0}});
        const auto counts = json::find_member(answer.data("totals"), operation);
        const auto count = [counts](std::string_view name) {
            return json::number<std::int64_t>(json::find(counts, name)).value_or(0);
        };
        return {count("received"), count("effects"), count("answered")};
    }

private:
    explicit Sandbox(std::nullptr_t) noexcept {}

    bool open(const SandboxOptions &options, std::string &failure) {
        const std::string line = process_.start(command(options), failure);
        if (line.empty()) return false;
        url_ = json::decode(json::find(line, "url"));
        api_key_ = json::decode(json::find(line, "apiKey"));
        workspace_id_ = json::decode(json::find(line, "workspaceId"));
        std::optional<Answer> problem;
        controls_ = Client::create(client_options(), &problem);
        if (!controls_) failure = problem ? problem->summary() : "no client";
        return controls_.has_value();
    }

    static std::vector<std::string> command(const SandboxOptions &options) {
        const char *named = std::getenv("TRILLET_SANDBOX");
        const bool is_named = named != nullptr && *named != '\0';
        std::vector<std::string> words{
            options.program.value_or(is_named ? named : "trillet-sandbox"),
            "--port",
            "0",
            "--log-level",
            "error",
            "--speed",
            json::value(options.speed).text(),
            "--seed",
            std::to_string(options.seed),
            "--requests-per-minute",
            std::to_string(options.requests_per_minute),
        };
        words.insert(words.end(), options.arguments.begin(), options.arguments.end());
        return words;
    }

    // The client goes before the program that it is connected to.
    detail::SandboxProcess process_;
    std::string url_, api_key_, workspace_id_;
    std::optional<Client> controls_;
};

} // namespace trillet

#endif
