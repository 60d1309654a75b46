/// Waiting for what a client does, by driving it where it has no thread of its own.
#pragma once

#include "trillet.hpp"

#include "check.h"
#include "engine.h"

#include <chrono>

constexpr std::chrono::seconds patience(10);

inline const char *engine_name() { return caller_drives() ? "caller" : "thread"; }

/// Whether the condition holds in time.
template <class Condition> bool drive_until(const trillet::Client &client, Condition holds) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!holds()) {
        if (std::chrono::steady_clock::now() > end) return false;
        drive_once(client.get(), 20);
    }
    return true;
}

/// The answer of a future; that it does not come in time is seen first.
inline trillet::Answer driven(const trillet::Client &client, trillet::Pending &pending) {
    CHECK(drive_until(client, [&] {
        return pending.answer.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    }));
    return pending.answer.get();
}

inline trillet::Answer driven(const trillet::Client &client, trillet::Pending &&pending) {
    return driven(client, pending);
}
