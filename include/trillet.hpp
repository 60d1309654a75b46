/// \file trillet.hpp
/// The Trillet API for C++17 and later, over the C library declared in trillet.h.
///
///     trillet::Client client;                       // TRILLET_API_KEY, TRILLET_WORKSPACE_ID
///     auto call = client.calls().send({{"agentId", agent}, {"toNumber", "+12025550164"}});
///     std::cout << call.or_throw().data_string("callId") << '\n';
///
/// Requests are JSON objects with the API's own field names; trillet.h lists the fields of every
/// operation. They are written in braces as above, as a `json::object`, or as JSON text.
/// An `Answer` is good or bad; `or_throw()` turns a bad one into an `Error`. Without exceptions
/// (-fno-exceptions) clients come from `Client::create` and `or_throw()` is not there.
///
/// Everything is header only and owns what it holds. Any number of threads may use one `Client`;
/// other objects belong to one thread at a time. Memory that runs out throws `std::bad_alloc`.
#ifndef TRILLET_HPP
#define TRILLET_HPP

#include "trillet.h"

#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <locale>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace trillet {

/// Writing requests and reading answers, as far as this API needs it.
namespace json {

/// A JSON value as text, escaped and complete.
class value {
public:
    value(std::nullptr_t = nullptr) : text_("null") {}
    value(std::string_view text) { append_string(text_, text); }
    value(const std::string &text) : value(std::string_view(text)) {}
    value(const char *text) : value(std::string_view(text)) {}
    /// Any whole number, and `bool`.
    template <class Whole, std::enable_if_t<std::is_integral_v<Whole>, int> = 0>
    value(Whole number) {
        if constexpr (std::is_same_v<Whole, bool>) {
            text_ = number ? "true" : "false";
        } else {
            text_ = std::to_string(number);
        }
    }
    /// The shortest text that reads back as the same number. NaN and infinities have no JSON: the
    /// library refuses a request that holds one.
    value(double number) : text_(number_text(number)) {}
    /// A pointer is no boolean.
    template <class Other> value(const Other *) = delete;

    const std::string &text() const noexcept { return text_; }

protected:
    struct verbatim {};
    value(verbatim, std::string text) : text_(std::move(text)) {}

    static void append_string(std::string &target, std::string_view text) {
        static constexpr char digits[] = "0123456789abcdef";
        target += '"';
        for (char character : text) {
            const auto byte = static_cast<unsigned char>(character);
            if (byte < 0x20) {
                target += "\\u00";
                target += digits[byte >> 4];
                target += digits[byte & 15];
            } else {
                if (character == '"' || character == '\\') target += '\\';
                target += character;
            }
        }
        target += '"';
    }

    std::string text_;

private:
    // Both ways are blind to the host's locale, which may write a comma.
    static std::string number_text(double number) {
#if defined(__cpp_lib_to_chars)
        char buffer[64];
        return {buffer, std::to_chars(buffer, buffer + sizeof buffer, number).ptr};
#else
        std::ostringstream stream;
        stream.imbue(std::locale::classic());
        stream.precision(17);
        stream << number;
        return stream.str();
#endif
    }

    friend class object;
    friend class array;
    friend value raw(std::string_view text);
};

/// JSON text of your own, taken as it is.
inline value raw(std::string_view text) {
    return value(value::verbatim{}, std::string(text));
}

/// A name with its value.
struct member {
    std::string_view name;
    json::value value;
};

/// An object: `json::object{{"name", "Front Desk"}, {"settings", json::object{{"speed", 0.6}}}}`.
class object : public value {
public:
    object() : value(verbatim{}, "{}") {}
    object(std::initializer_list<member> members) : object() {
        for (const member &each : members) set(each.name, each.value);
    }

    /// Adds a member behind the others.
    object &set(std::string_view name, const value &member_value) {
        text_.pop_back();
        if (text_.size() > 1) text_ += ',';
        append_string(text_, name);
        text_ += ':';
        text_ += member_value.text();
        text_ += '}';
        return *this;
    }
};

/// A list: `json::array{1, "two", nullptr}`.
class array : public value {
public:
    array() : value(verbatim{}, "[]") {}
    array(std::initializer_list<value> elements) : array() {
        for (const value &each : elements) add(each);
    }

    /// Adds an element behind the others.
    array &add(const value &element) {
        text_.pop_back();
        if (text_.size() > 1) text_ += ',';
        text_ += element.text();
        text_ += ']';
        return *this;
    }
};

/// Walks over well-formed JSON text; over other text it comes to an end without harm.
class cursor {
public:
    explicit cursor(std::string_view text) noexcept : rest_(text) { skip_space(); }

    bool at_end() const noexcept { return rest_.empty(); }
    char next() const noexcept { return rest_.empty() ? '\0' : rest_.front(); }

    /// Steps over a character and the space behind it.
    void step() noexcept {
        if (!rest_.empty()) rest_.remove_prefix(1);
        skip_space();
    }

    /// Steps over a whole value and gives its text.
    std::string_view take_value() noexcept {
        std::size_t length = 0;
        std::size_t depth = 0;
        do {
            if (length >= rest_.size()) break;
            const char character = rest_[length];
            if (character == '"') {
                length = string_end(length);
                continue;
            }
            if (character == '{' || character == '[') ++depth;
            if (character == '}' || character == ']') {
                if (depth == 0) break;
                --depth;
            }
            if (depth == 0 && (character == ',' || character == ':' || is_space(character))) break;
            ++length;
        } while (depth > 0 || !is_complete(length));
        const std::string_view taken = rest_.substr(0, length);
        rest_.remove_prefix(length);
        skip_space();
        return taken;
    }

private:
    static bool is_space(char character) noexcept {
        return character == ' ' || character == '\t' || character == '\n' || character == '\r';
    }
    void skip_space() noexcept {
        while (!rest_.empty() && is_space(rest_.front())) rest_.remove_prefix(1);
    }
    bool is_complete(std::size_t length) const noexcept {
        return rest_.front() == '"' || rest_.front() == '{' || rest_.front() == '['
               || length >= rest_.size();
    }
    std::size_t string_end(std::size_t at) const noexcept {
        for (++at; at < rest_.size() && rest_[at] != '"'; ++at) {
            if (rest_[at] == '\\') ++at;
        }
        return at < rest_.size() ? at + 1 : rest_.size();
    }

    std::string_view rest_;
};

/// The text that a JSON string stands for, in UTF-8; half a surrogate pair becomes U+FFFD.
/// Anything but a JSON string gives its own text.
inline std::string decode(std::string_view text) {
    const auto unit_at = [text](std::size_t at) -> unsigned {
        unsigned unit = 0;
        if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u') return 0;
        const char *digits = text.data() + at + 2;
        return std::from_chars(digits, digits + 4, unit, 16).ptr == digits + 4 ? unit : 0;
    };
    if (text.size() < 2 || text.front() != '"') return std::string(text);
    std::string result;
    for (std::size_t at = 1; at + 1 < text.size(); ++at) {
        if (text[at] != '\\') {
            result += text[at];
            continue;
        }
        const std::string_view letters = "nrtbf";
        const std::size_t letter = letters.find(text[at + 1]);
        if (text[at + 1] != 'u') {
            result += letter == letters.npos ? text[at + 1] : "\n\r\t\b\f"[letter];
            ++at;
            continue;
        }
        unsigned point = unit_at(at);
        const unsigned low = unit_at(at + 6);
        at += 5;
        if (point >= 0xD800 && point < 0xDC00 && low >= 0xDC00 && low < 0xE000) {
            point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
            at += 6;
        } else if (point >= 0xD800 && point < 0xE000) {
            point = 0xFFFD;
        }
        if (point < 0x80) {
            result += static_cast<char>(point);
            continue;
        }
        const int more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
        result += static_cast<char>((0xF00 >> more & 0xFF) | point >> 6 * more);
        for (int left = more - 1; left >= 0; --left) {
            result += static_cast<char>(0x80 | (point >> 6 * left & 0x3F));
        }
    }
    return result;
}

/// The elements of a list, each as JSON text that points into `list`; empty for anything else.
inline std::vector<std::string_view> elements(std::string_view list) {
    std::vector<std::string_view> result;
    cursor at(list);
    if (at.next() != '[') return result;
    at.step();
    while (!at.at_end() && at.next() != ']') {
        result.push_back(at.take_value());
        if (at.next() != ']') at.step();
    }
    return result;
}

/// The members of an object: decoded names with JSON text that points into `whole`; empty for
/// anything else.
inline std::vector<std::pair<std::string, std::string_view>> members(std::string_view whole) {
    std::vector<std::pair<std::string, std::string_view>> result;
    cursor at(whole);
    if (at.next() != '{') return result;
    at.step();
    while (!at.at_end() && at.next() != '}') {
        std::string name = decode(at.take_value());
        at.step();
        result.emplace_back(std::move(name), at.take_value());
        if (at.next() != '}') at.step();
    }
    return result;
}

/// The JSON text of a value inside another: `find(text, "progress.recent_calls.0.jobId")`, names
/// and positions separated by dots, "" for the whole. A view without data when there is none.
inline std::string_view find(std::string_view text, std::string_view path) {
    std::string_view found = cursor(text).take_value();
    while (!path.empty() && found.data() != nullptr) {
        const std::string_view name = path.substr(0, path.find('.'));
        path.remove_prefix(name.size() < path.size() ? name.size() + 1 : name.size());
        const bool is_list = found.front() == '[';
        std::size_t position = 0;
        std::from_chars(name.data(), name.data() + name.size(), position);
        std::string_view next;
        cursor at(found);
        const char opening = at.next();
        if (opening != '{' && opening != '[') return {};
        at.step();
        for (std::size_t index = 0; !at.at_end() && at.next() != '}' && at.next() != ']'; ++index) {
            bool wanted = is_list && index == position;
            if (!is_list) {
                const std::string_view key = at.take_value();
                // Most names have no escapes and need no copy.
                wanted = key.find('\\') == key.npos ? key.substr(1, key.size() - 2) == name
                                                    : decode(key) == name;
                at.step();
            }
            const std::string_view candidate = at.take_value();
            if (wanted) next = candidate;
            if (wanted || at.next() != ',') break;
            at.step();
        }
        found = next;
    }
    return found;
}

} // namespace json
