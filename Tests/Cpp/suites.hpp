/// The groups of tests of the C++ header, and what they share.
#pragma once

#include "trillet.hpp"

#include "check.h"
#include "driven.hpp"
#include "fixture.h"
#include "recorded.h"

#include <cstdlib>
#include <string>
#include <string_view>

void json_suite();
void conversions_suite();
void requests_suite();
void client_suite();
void answer_suite();
void submitting_suite();
void log_suite();
void following_suite();
void sandbox_suite();
void webhook_suite();

/// A recording server with a C++ client on it.
struct Opened {
    recording_server *server = recording_server_start();
    trillet::Client client;

    explicit Opened(const char *engine = engine_name()) : client(options(server, engine)) {}

    ~Opened() {
        // The server waits for its connections, which are the client's.
        client.close();
        recording_server_stop(server);
    }

    /// Whether the server has so many requests in time.
    bool wait(std::size_t requests) const {
        return drive_until(client, [&] { return recording_server_requests(server) >= requests; });
    }

    static trillet::json::object options(recording_server *server,
                                         const char *engine = engine_name()) {
        return {{"env", false},
                {"engine", engine},
                {"apiKey", TEST_KEY},
                {"workspaceId", TEST_WORKSPACE},
                {"baseUrl", recording_server_url(server)}};
    }
};

/// Text that a C function of the harness allocated.
inline std::string taken(char *text) {
    std::string result = text == nullptr ? "" : text;
    std::free(text);
    return result;
}

#define CHECK_VIEW(actual, expected) \
    CHECK_TEXT(std::string(actual).c_str(), std::string(expected).c_str())
