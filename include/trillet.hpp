/// \file trillet.hpp
/// The Trillet API for C++17 and later, over the C library declared in trillet.h.
///
///     trillet::Client client;                       // TRILLET_API_KEY, TRILLET_WORKSPACE_ID
///     auto call = client.calls().send({{"agentId", agent}, {"toNumber", "+12025550164"}});
///     std::cout << call.or_throw().call_id() << '\n';
///
/// Requests are JSON objects with the API's own field names; trillet.h lists the fields of every
/// operation. Write them in braces as above, as a `json::object`, or as JSON text. An `Answer` is
/// good or bad; `or_throw()` turns a bad one into an `Error`. Without exceptions (-fno-exceptions),
/// make clients with `Client::create`; `or_throw()` does not exist.
///
/// To call without blocking, submit a request. Its answer goes to a function or a `std::future`, or
/// waits for `Client::next`.
///
///     client.submit("calls.send", {{"agentId", agent}, {"toNumber", "+12025550164"}},
///                   [](std::uint64_t id, trillet::Answer answer) { … });
///
/// `check_csv` checks a contact file before anybody is called, `Client::pages` iterates over a
/// list, and `BatchCalls::wait` and `results` follow a batch.
///
/// Everything is header only and owns what it holds. Any number of threads may use one `Client`;
/// other objects belong to one thread at a time. Out of memory throws `std::bad_alloc`.
#ifndef TRILLET_HPP
#define TRILLET_HPP

#include "trillet.h"

#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <functional>
#include <future>
#include <initializer_list>
#include <iterator>
#include <limits>
#include <locale>
#include <memory>
#include <mutex>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace trillet {

/// Writes requests and reads answers, as far as this API needs it.
namespace json {

class value;

namespace detail {

template <class Type>
inline constexpr bool is_letter =
    std::is_same_v<Type, char> || std::is_same_v<Type, wchar_t> || std::is_same_v<Type, char16_t>
#if defined(__cpp_char8_t)
    || std::is_same_v<Type, char8_t>
#endif
    || std::is_same_v<Type, char32_t>;

template <class Type> inline constexpr bool is_optional = false;
template <class Type> inline constexpr bool is_optional<std::optional<Type>> = true;

/// Whether it has `dump()`, as nlohmann::json has.
template <class Type, class = void> inline constexpr bool is_dumped = false;
template <class Type>
inline constexpr bool is_dumped<Type, std::void_t<decltype(std::declval<const Type &>().dump())>> =
    std::is_same_v<decltype(std::declval<const Type &>().dump()), std::string>;

/// Whether it has `json()`, as the structures of requests have.
template <class Type, class = void> inline constexpr bool is_structure = false;
template <class Type>
inline constexpr bool
    is_structure<Type, std::void_t<decltype(std::declval<const Type &>().json())>> =
        std::is_base_of_v<value, decltype(std::declval<const Type &>().json())>;

/// Whether it is an enumeration that has a function `to_string` beside it.
template <class Type, class = void> inline constexpr bool is_named = false;
template <class Type>
inline constexpr bool is_named<Type, std::void_t<decltype(to_string(std::declval<Type>()))>> =
    std::is_enum_v<Type>
    && std::is_convertible_v<decltype(to_string(std::declval<Type>())), std::string_view>;

template <class Type, class = void> inline constexpr bool is_map = false;
template <class Type>
inline constexpr bool is_map<Type, std::void_t<typename Type::mapped_type>> =
    std::is_convertible_v<const typename Type::key_type &, std::string_view>;

template <class Type, class = void> inline constexpr bool is_range = false;
template <class Type>
inline constexpr bool is_range<Type, std::void_t<decltype(std::declval<const Type &>().begin()),
                                                 decltype(std::declval<const Type &>().end())>> =
    !std::is_convertible_v<const Type &, std::string_view>;

/// What `value` is made of, beyond text and numbers. Its own copies are no ranges.
template <class Type>
inline constexpr bool is_made =
    !std::is_base_of_v<value, Type>
    && (is_optional<Type> || is_dumped<Type> || is_structure<Type> || is_named<Type>
        || is_range<Type>);

/// Text that may come from a C function. Nobody can send a null `char *`: it throws
/// `std::invalid_argument`; without exceptions it becomes text that the library refuses.
class characters : public std::string_view {
public:
    characters(std::string_view text) noexcept : std::string_view(text) {}
    characters(const std::string &text) noexcept : std::string_view(text) {}
    characters(const char *text) : std::string_view(checked(text)) {}

    /// What stands where text is missing: no JSON, and no header of a webhook.
    static constexpr std::string_view missing = "\1";

private:
    static std::string_view checked(const char *text) {
        if (text != nullptr) return text;
#if defined(__cpp_exceptions)
        throw std::invalid_argument("a null char * is no text; write nullptr for JSON's null");
#else
        return missing;
#endif
    }
};

} // namespace detail

/// A JSON value as text, escaped and complete. It is made of text, numbers, `bool`, `nullptr`, and of
///
/// - `std::optional`: an empty one is no member of an object, and null in a list;
/// - `std::vector` and other ranges, `std::map` and other maps of text;
/// - enumerations that have a function `to_string` beside them;
/// - the structures of trillet_requests.hpp, and `nlohmann::json`.
///
/// A `char` is neither text nor a number. A null `char *` throws `std::invalid_argument`.
class value {
public:
    value(std::nullptr_t = nullptr) : text_("null") {}
    value(std::string_view text) { append_string(text_, text); }
    value(const std::string &text) : value(std::string_view(text)) {}
    value(const char *text) {
        const detail::characters given(text);
        if (text == nullptr) {
            text_ = given;
        } else {
            append_string(text_, given);
        }
    }
    /// Any whole number, and `bool`.
    template <class Whole,
              std::enable_if_t<std::is_integral_v<Whole> && !detail::is_letter<Whole>, int> = 0>
    value(Whole number) {
        if constexpr (std::is_same_v<Whole, bool>) {
            text_ = number ? "true" : "false";
        } else {
            text_ = std::to_string(number);
        }
    }
    /// The shortest text that reads back as the same number. JSON has no NaN and no infinities: the
    /// library refuses a request with one.
    template <class Real, std::enable_if_t<std::is_floating_point_v<Real>, long> = 0>
    value(Real number) : text_(number_text(number)) {}
    /// A letter is no number, and a pointer no boolean: write std::string(1, letter) or a cast.
    template <class Letter, std::enable_if_t<detail::is_letter<Letter>, bool> = true>
    value(Letter) = delete;
    template <class Other> value(const Other *) = delete;
    /// Anything else of the list above.
    template <class Other, std::enable_if_t<detail::is_made<Other>, char> = 0>
    value(const Other &other) {
        write(other);
    }

    const std::string &text() const noexcept { return text_; }
    /// Whether it was made of an empty `std::optional`.
    bool is_absent() const noexcept { return is_absent_; }

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
    // Both ways ignore the host's locale, which may write a comma.
    template <class Real> static std::string number_text(Real number) {
#if defined(__cpp_lib_to_chars)
        char buffer[64];
        return {buffer, std::to_chars(buffer, buffer + sizeof buffer, number).ptr};
#else
        std::ostringstream stream;
        stream.imbue(std::locale::classic());
        stream.precision(std::numeric_limits<Real>::max_digits10);
        stream << number;
        return stream.str();
#endif
    }
    template <class Other> void write(const Other &other);

    bool is_absent_ = false;

    friend class object;
    friend class array;
    friend value raw(detail::characters text);
};

/// Your own JSON text, used as it is.
inline value raw(detail::characters text) {
    return value(value::verbatim{}, std::string(text));
}

/// A name with its value.
struct member {
    member(detail::characters member_name, json::value member_value)
        : name(member_name), value(std::move(member_value)) {}

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
    /// A `std::map`, or another map of text.
    template <class Map, std::enable_if_t<detail::is_map<Map>, int> = 0>
    object(const Map &map) : object() {
        for (const auto &[name, member_value] : map) set(name, member_value);
    }

    /// Appends a member, unless its value is an empty `std::optional`.
    object &set(detail::characters name, const value &member_value) {
        if (member_value.is_absent()) return *this;
        text_.pop_back();
        if (text_.size() > 1) text_ += ',';
        append_string(text_, name);
        text_ += ':';
        text_ += member_value.text();
        text_ += '}';
        return *this;
    }
    /// Appends the members of another object.
    object &append(const object &other) {
        if (other.text_ == "{}") return *this;
        text_.pop_back();
        if (text_.size() > 1) text_ += ',';
        text_.append(other.text_, 1, std::string::npos);
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

    /// Appends an element.
    array &add(const value &element) {
        text_.pop_back();
        if (text_.size() > 1) text_ += ',';
        text_ += element.text();
        text_ += ']';
        return *this;
    }
};

template <class Other> void value::write(const Other &other) {
    if constexpr (detail::is_optional<Other>) {
        *this = other ? value(*other) : value();
        is_absent_ = is_absent_ || !other;
    } else if constexpr (detail::is_dumped<Other>) {
        text_ = other.dump();
    } else if constexpr (detail::is_structure<Other>) {
        text_ = std::move(other.json().text_);
    } else if constexpr (detail::is_named<Other>) {
        append_string(text_, to_string(other));
    } else if constexpr (detail::is_map<Other>) {
        text_ = std::move(object(other).text_);
    } else {
        array all;
        // What a vector of flags holds is no bool.
        for (auto &&each : other) all.add(static_cast<const typename Other::value_type &>(each));
        text_ = std::move(all.text_);
    }
}

/// Walks over well-formed JSON text; on other text it ends without harm.
class cursor {
public:
    explicit cursor(std::string_view text) noexcept : rest_(text) { skip_space(); }

    bool at_end() const noexcept { return rest_.empty(); }
    char next() const noexcept { return rest_.empty() ? '\0' : rest_.front(); }

    /// Skips a character and the space after it.
    void step() noexcept {
        if (!rest_.empty()) rest_.remove_prefix(1);
        skip_space();
    }

    /// Skips a whole value and the space after it; returns the value's text.
    std::string_view take_value() noexcept {
        std::size_t length = 0;
        std::size_t depth = 0;
        do {
            const char character = length < rest_.size() ? rest_[length] : ']';
            if (character == '"') {
                length = string_end(length);
            } else if (character == '{' || character == '[') {
                ++depth;
                ++length;
            } else if (character == '}' || character == ']') {
                if (depth == 0) break;
                --depth;
                ++length;
            } else {
                length = depth > 0 ? length + 1 : word_end(length);
            }
        } while (depth > 0 && length < rest_.size());
        const std::string_view taken = rest_.substr(0, length);
        rest_.remove_prefix(taken.size());
        skip_space();
        return taken;
    }

private:
    void skip_space() noexcept {
        const std::size_t start = rest_.find_first_not_of(" \t\r\n");
        rest_.remove_prefix(start < rest_.size() ? start : rest_.size());
    }
    std::size_t string_end(std::size_t at) const noexcept {
        for (++at; at < rest_.size() && rest_[at] != '"'; ++at) {
            if (rest_[at] == '\\') ++at;
        }
        return at < rest_.size() ? at + 1 : rest_.size();
    }
    std::size_t word_end(std::size_t at) const noexcept {
        const std::size_t end = rest_.find_first_of(",:]} \t\r\n", at);
        return end < rest_.size() ? end : rest_.size();
    }

    std::string_view rest_;
};

/// Appends a Unicode code point as UTF-8.
inline void append_utf8(std::string &target, std::uint32_t point) {
    static constexpr unsigned char first[] = {0, 0xC0, 0xE0, 0xF0};
    const int more = point < 0x80 ? 0 : point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
    target += static_cast<char>(first[more] | point >> 6 * more);
    for (int left = more - 1; left >= 0; --left) {
        target += static_cast<char>(0x80 | (point >> 6 * left & 0x3F));
    }
}

/// Decodes a JSON string to UTF-8; half a surrogate pair becomes U+FFFD. Returns anything else as
/// it is.
inline std::string decode(std::string_view text) {
    static constexpr std::string_view letters = "nrtbf";
    static constexpr std::string_view meanings = "\n\r\t\b\f";
    const auto unit_at = [text](std::size_t at) -> std::uint32_t {
        std::uint32_t unit = 0;
        if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u') return 0;
        std::from_chars(text.data() + at + 2, text.data() + at + 6, unit, 16);
        return unit;
    };
    if (text.size() < 2 || text.front() != '"') return std::string(text);
    std::string result;
    for (std::size_t at = 1; at + 1 < text.size(); ++at) {
        if (text[at] != '\\') {
            result += text[at];
        } else if (text[at + 1] != 'u') {
            const std::size_t letter = letters.find(text[++at]);
            result += letter < letters.size() ? meanings[letter] : text[at];
        } else {
            std::uint32_t point = unit_at(at);
            const std::uint32_t low = unit_at(at + 6);
            at += 5;
            if (point >= 0xD800 && point < 0xDC00 && low >= 0xDC00 && low < 0xE000) {
                point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
                at += 6;
            }
            append_utf8(result, point >= 0xD800 && point < 0xE000 ? 0xFFFD : point);
        }
    }
    return result;
}

/// Returns the elements of a list, each as JSON text that points into `list`; empty for anything
/// else.
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

/// Returns the members of an object: decoded names with JSON text that points into `whole`; empty
/// for anything else.
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

/// One step of `find`.
inline std::string_view find_member(std::string_view whole, std::string_view name) {
    cursor at(whole);
    const char opening = at.next();
    if (opening != '{' && opening != '[') return {};
    std::size_t position = 0;
    const char *const end = name.data() + name.size();
    const auto read = std::from_chars(name.data(), end, position);
    // A name is no position: the first element must not be taken for it.
    if (opening == '[' && (read.ptr != end || read.ec != std::errc())) return {};
    at.step();
    for (std::size_t index = 0; !at.at_end() && at.next() != '}' && at.next() != ']'; ++index) {
        bool is_wanted = opening == '[' && index == position;
        if (opening == '{') {
            const std::string_view key = at.take_value();
            // Most names have no escapes and need no copy.
            is_wanted = key.find('\\') == key.npos
                            ? key.size() == name.size() + 2 && key.substr(1, name.size()) == name
                            : decode(key) == name;
            at.step();
        }
        const std::string_view candidate = at.take_value();
        if (is_wanted) return candidate;
        if (at.next() == ',') at.step();
    }
    return {};
}

/// Returns the object `current` after `changes`: objects in them are merged key by key, everything
/// else is replaced. Anything else than two objects is replaced as a whole.
inline value merged(std::string_view current, std::string_view changes) {
    if (cursor(current).next() != '{' || cursor(changes).next() != '{') return raw(changes);
    object result;
    for (const auto &[name, text] : members(current)) {
        const std::string_view change = find_member(changes, name);
        result.set(name, change.data() == nullptr ? raw(text) : merged(text, change));
    }
    for (const auto &[name, text] : members(changes)) {
        if (find_member(current, name).data() == nullptr) result.set(name, raw(text));
    }
    return result;
}

/// Returns the JSON text of a value inside another: `find(text, "progress.recent_calls.0.jobId")`.
/// Names and positions are separated by dots; "" is the whole. The view has no data if there is
/// none.
inline std::string_view find(std::string_view text, std::string_view path) {
    std::string_view found = cursor(text).take_value();
    while (!path.empty()) {
        const std::string_view name = path.substr(0, path.find('.'));
        path.remove_prefix(name.size() < path.size() ? name.size() + 1 : name.size());
        found = find_member(found, name);
    }
    return found;
}

/// Reads a JSON number as `Number` (an integer type or double); nothing if it does not fit.
template <class Number> std::optional<Number> number(std::string_view text) {
    Number result{};
#if !defined(__cpp_lib_to_chars)
    if constexpr (std::is_floating_point_v<Number>) {
        std::istringstream stream{std::string(text)};
        stream.imbue(std::locale::classic());
        return stream >> result && stream.eof() ? std::optional<Number>(result) : std::nullopt;
    } else
#endif
    {
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), result);
        if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
        return result;
    }
}

} // namespace json

/// Text from the library, freed with the object.
class Text {
public:
    /// Takes ownership of text from a C function of trillet.h.
    explicit Text(char *text = nullptr) noexcept : text_(text) {}

    const char *c_str() const noexcept { return text_ ? text_.get() : ""; }
    std::string_view view() const noexcept { return c_str(); }
    /// Releases ownership; free the text with trillet_free.
    char *release() noexcept { return text_.release(); }

private:
    struct deleter {
        void operator()(char *text) const noexcept { trillet_free(text); }
    };
    std::unique_ptr<char, deleter> text_;
};

/// The id of the phone call that a record is about (of the history, of a batch, or an answer's data),
/// under whatever name it has: `callId`, `call_id`, or one of these in its `result`; "" for none.
inline std::string call_id(std::string_view record) {
    for (const char *path : {"callId", "call_id", "result.callId", "result.call_id"}) {
        const std::string_view found = json::find(record, path);
        const bool is_id = !found.empty() && (found[0] == '"' || (found[0] >= '0' && found[0] <= '9'));
        std::string id = is_id ? json::decode(found) : std::string();
        if (!id.empty()) return id;
    }
    return {};
}

// Generated: errors. Change the descriptions in api, then make generate.
/// What failed. The list may grow: an `else` or a `default` takes what is new.
enum class ErrorKind {
    /// Nothing: the answer is good.
    none,
    /// The request is invalid; nothing was sent. `error.field` or `error.offset` shows where.
    invalid_argument,
    /// A client option is missing, unknown or invalid. `error.field` names it.
    configuration,
    /// 401, the service does not accept the API key. A web page is `response` instead.
    authentication,
    /// 403, the key does not allow this, or not in this workspace. A web page is `response`
    /// instead.
    permission,
    /// 404, what the request names does not exist or is not yours. A web page is `response`
    /// instead.
    not_found,
    /// 409, what the request names is in a state that does not allow this.
    conflict,
    /// 429, too many requests; `error.retryAfterMs` is the time to wait, if known. Also when too
    /// many submitted requests are waiting in the client (code `queue_full`).
    rate_limited,
    /// Another 4xx, the service refuses the request as it is.
    rejected,
    /// 5xx, the service failed.
    server,
    /// The connection was not made, or the answer did not arrive, in time.
    timeout,
    /// No connection could be made, or it broke.
    connection,
    /// No secure connection could be made, for example because of an untrusted certificate.
    tls,
    /// The request was cancelled, or its client closed, before an answer arrived.
    cancelled,
    /// The client has been closed.
    closed,
    /// The client was made before fork(); make a new one in the child process.
    forked,
    /// The answer is unusable, for example ill-formed JSON, a redirect, a web page, or too large.
    response,
    /// The library failed, for example because memory ran out.
    internal,
    /// A webhook is not proven to be the service's: no secret fits, or there is no signature.
    signature,
    /// A type that is younger than this header; `error_type()` has its name.
    other,
};

inline std::string_view to_string(ErrorKind kind) noexcept {
    switch (kind) {
    case ErrorKind::none: return "none";
    case ErrorKind::invalid_argument: return "invalid_argument";
    case ErrorKind::configuration: return "configuration";
    case ErrorKind::authentication: return "authentication";
    case ErrorKind::permission: return "permission";
    case ErrorKind::not_found: return "not_found";
    case ErrorKind::conflict: return "conflict";
    case ErrorKind::rate_limited: return "rate_limited";
    case ErrorKind::rejected: return "rejected";
    case ErrorKind::server: return "server";
    case ErrorKind::timeout: return "timeout";
    case ErrorKind::connection: return "connection";
    case ErrorKind::tls: return "tls";
    case ErrorKind::cancelled: return "cancelled";
    case ErrorKind::closed: return "closed";
    case ErrorKind::forked: return "forked";
    case ErrorKind::response: return "response";
    case ErrorKind::internal: return "internal";
    case ErrorKind::signature: return "signature";
    case ErrorKind::other: return "other";
    }
    return "other";
}

namespace detail {

inline ErrorKind error_kind(std::string_view type) noexcept {
    if (type == "invalid_argument") return ErrorKind::invalid_argument;
    if (type == "configuration") return ErrorKind::configuration;
    if (type == "authentication") return ErrorKind::authentication;
    if (type == "permission") return ErrorKind::permission;
    if (type == "not_found") return ErrorKind::not_found;
    if (type == "conflict") return ErrorKind::conflict;
    if (type == "rate_limited") return ErrorKind::rate_limited;
    if (type == "rejected") return ErrorKind::rejected;
    if (type == "server") return ErrorKind::server;
    if (type == "timeout") return ErrorKind::timeout;
    if (type == "connection") return ErrorKind::connection;
    if (type == "tls") return ErrorKind::tls;
    if (type == "cancelled") return ErrorKind::cancelled;
    if (type == "closed") return ErrorKind::closed;
    if (type == "forked") return ErrorKind::forked;
    if (type == "response") return ErrorKind::response;
    if (type == "internal") return ErrorKind::internal;
    if (type == "signature") return ErrorKind::signature;
    return ErrorKind::other;
}

} // namespace detail
// End of generated: errors.

/// Whether the service may have acted on a request: whether a phone may have rung.
enum class Sent {
    no,
    /// Nobody knows: `error_look_for()` says where to check before it is sent again.
    maybe,
    yes,
};

inline std::string_view to_string(Sent sent) noexcept {
    return sent == Sent::no ? "no" : sent == Sent::yes ? "yes" : "maybe";
}

/// The answer to a call, good or bad. Views point into it, and are valid as long as it lives.
class Answer {
public:
    explicit Answer(Text text) noexcept : text_(std::move(text)) {}
    /// An answer from your own text, such as a copy of what a callback of trillet.h received.
    explicit Answer(std::string text) noexcept : copy_(std::move(text)) {}

    /// Whether the call succeeded.
    bool ok() const { return find("ok") == "true"; }
    explicit operator bool() const { return ok(); }
    /// The HTTP status; 0 if no answer arrived.
    int status() const { return json::number<int>(find("status")).value_or(0); }
    /// The whole answer, as trillet.h describes it.
    std::string_view text() const & noexcept { return copy_.empty() ? text_.view() : copy_; }

    /// The service's answer, byte for byte, or a part of it by path: `data("0.name")`. The view has
    /// no data if there is none.
    std::string_view data(std::string_view path = {}) const & {
        return json::find(find("data"), path);
    }
    /// A string in the data, decoded; any other value as JSON text; "" for none.
    std::string data_string(std::string_view path) const {
        return json::decode(data(path));
    }
    /// A number in the data; nothing if the path has none, or if it does not fit.
    std::optional<std::int64_t> data_integer(std::string_view path) const {
        return json::number<std::int64_t>(data(path));
    }
    std::optional<double> data_number(std::string_view path) const {
        return json::number<double>(data(path));
    }
    /// Whether the data has `true` at the path.
    bool data_flag(std::string_view path) const { return data(path) == "true"; }

    /// What failed, for a `switch`; `ErrorKind::none` in a good answer.
    ErrorKind error_kind() const {
        return ok() ? ErrorKind::none : detail::error_kind(error_type());
    }
    /// Whether the service may have acted. A good answer says yes, and one that says nothing, maybe.
    Sent was_sent() const {
        if (ok()) return Sent::yes;
        const std::string_view sent = find("error.sent");
        return sent == "\"no\"" ? Sent::no : sent == "\"yes\"" ? Sent::yes : Sent::maybe;
    }
    /// What failed; "" in a good answer, and where trillet.h says "when known".
    std::string error_type() const { return text_of("error.type"); }
    std::string error_message() const { return text_of("error.message"); }
    std::string error_details() const { return text_of("error.details"); }
    std::string error_code() const { return text_of("error.code"); }
    /// The request field or option at fault.
    std::string error_field() const { return text_of("error.field"); }
    /// Whether the service may have acted: "no", "maybe" or "yes".
    std::string error_sent() const { return text_of("error.sent"); }
    /// Where to check whether the service acted, if a call or a batch may have started.
    std::string error_look_for() const { return text_of("error.lookFor"); }
    /// Whether the same call may succeed later without being carried out twice.
    bool retryable() const { return find("error.retryable") == "true"; }
    /// How long the service asks to wait.
    std::optional<std::chrono::milliseconds> retry_after() const {
        const auto pause = json::number<std::int64_t>(find("error.retryAfterMs"));
        if (!pause) return std::nullopt;
        return std::chrono::milliseconds(*pause);
    }
    /// The service's own details of the error, as JSON.
    std::string_view error_body() const & { return find("error.body"); }

    // A view into a temporary answer would dangle.
    std::string_view text() && = delete;
    std::string_view data(std::string_view path = {}) && = delete;
    std::string_view error_body() && = delete;
    std::string_view meta(std::string_view path) && = delete;

    std::string operation() const { return text_of("meta.operation"); }
    int attempts() const { return json::number<int>(find("meta.attempts")).value_or(0); }
    double elapsed_ms() const { return json::number<double>(find("meta.elapsedMs")).value_or(0); }
    /// The service's id of this request; "" if it sent none.
    std::string request_id() const { return text_of("meta.requestId"); }
    /// The id of the phone call that the answer is about, under whatever name its route gives it;
    /// "" if there is none. Also of a bad answer, whose call may have been placed.
    std::string call_id() const;
    /// Any other member of `meta` in trillet.h, as JSON: `meta("retries.0.status")`,
    /// `meta("queuedMs")`.
    std::string_view meta(std::string_view path) const & {
        return json::find(find("meta"), path);
    }

    /// One line for a person: "calls.send: not_found (404): Agent not found: …".
    std::string summary() const {
        std::string line = operation() + ": ";
        if (ok()) {
            line += std::to_string(status());
            return line;
        }
        line += error_type();
        if (status() != 0) line += " (" + std::to_string(status()) + ")";
        line += ": " + error_message();
        const std::string details = error_details();
        if (line.find(details) == std::string::npos) line += ": " + details;
        const std::string look_for = error_look_for();
        if (!look_for.empty()) line += (line.back() == '.' ? " " : ". ") + look_for;
        return line;
    }

#if defined(__cpp_exceptions)
    /// Returns the answer if it is good; throws `Error` if not.
    Answer &or_throw() &;
    const Answer &or_throw() const &;
    Answer or_throw() &&;
#endif

private:
    std::string_view find(std::string_view path) const { return json::find(text(), path); }
    std::string text_of(std::string_view path) const {
        const std::string_view found = find(path);
        return found == "null" ? std::string() : json::decode(found);
    }

    Text text_;
    std::string copy_;
};

inline std::string Answer::call_id() const {
    for (const char *path : {"meta", "data", "error.body"}) {
        std::string id = trillet::call_id(find(path));
        if (!id.empty()) return id;
    }
    return {};
}

/// The answer to a submitted request, with the id that submitting it returned.
struct Completion {
    std::uint64_t id;
    Answer answer;
};

/// A submitted request and its future answer.
struct Pending {
    std::uint64_t id;
    std::future<Answer> answer;
};

/// What a client has done so far; trillet.h lists the members.
class Stats {
public:
    explicit Stats(Text text) noexcept : text_(std::move(text)) {}

    /// A client that was moved from, or made before a fork, has no statistics.
    bool ok() const { return find("error").data() == nullptr; }
    explicit operator bool() const { return ok(); }
    /// The whole as JSON.
    std::string_view text() const & noexcept { return text_.view(); }

    /// A number by its path, "total.latencyMs.p99"; nothing if there is none.
    std::optional<double> number(std::string_view path) const {
        return json::number<double>(find(path));
    }
    std::optional<std::int64_t> integer(std::string_view path) const {
        return json::number<std::int64_t>(find(path));
    }
    /// The same for one operation: `number("calls.send", "latencyMs.p99")`.
    std::optional<double> number(std::string_view operation, std::string_view path) const {
        return json::number<double>(find(operation, path));
    }
    std::optional<std::int64_t> integer(std::string_view operation, std::string_view path) const {
        return json::number<std::int64_t>(find(operation, path));
    }

    std::string_view text() && = delete;

private:
    std::string_view find(std::string_view path) const { return json::find(text_.view(), path); }
    std::string_view find(std::string_view operation, std::string_view path) const {
        return json::find(json::find_member(find("operations"), operation), path);
    }

    Text text_;
};

/// The level of a log line.
enum class LogLevel : std::int32_t {
    off = TRILLET_LOG_OFF,
    error = TRILLET_LOG_ERROR,
    warning = TRILLET_LOG_WARNING,
    info = TRILLET_LOG_INFO,
    debug = TRILLET_LOG_DEBUG,
};

/// Receives the answer of a submitted request, on the library's thread. `submit` also takes what can
/// only be moved.
using DoneFunction = std::function<void(std::uint64_t id, Answer answer)>;
/// The state of a batch, passed to a progress function. It is valid until the function returns.
class BatchUpdate {
public:
    explicit BatchUpdate(std::string_view text) noexcept : text_(text) {}

    /// "scheduled", "queued", "running", "stuck", "completed", "cancelled", "failed" or
    /// "unreachable" (the last poll failed, and the counts are from the one before).
    std::string state() const { return json::decode(json::find(text_, "state")); }
    /// The counts have no value before the first successful poll.
    std::optional<std::int64_t> waiting() const { return integer("waiting"); }
    std::optional<std::int64_t> active() const { return integer("active"); }
    std::optional<std::int64_t> completed() const { return integer("completed"); }
    std::optional<std::int64_t> failed() const { return integer("failed"); }
    std::optional<std::int64_t> total() const { return integer("total"); }
    /// Anything else that trillet.h lists: `integer("written")`.
    std::optional<std::int64_t> integer(std::string_view name) const {
        return json::number<std::int64_t>(json::find(text_, name));
    }
    /// The whole as JSON.
    std::string_view text() const noexcept { return text_; }

private:
    std::string_view text_;
};

/// Receives the progress of a batch, on the waiting thread: a function of a `BatchUpdate`. If it
/// returns true, the wait ends. An exception also ends the wait, and is rethrown there.
///
///     client.batch_calls().wait({{"batchId", id}}, [](const trillet::BatchUpdate &update) {
///         std::cout << update.state() << '\n';
///     });
class Progress {
public:
    Progress() = default;
    template <class Function,
              std::enable_if_t<!std::is_same_v<Function, Progress>
                                   && std::is_invocable_v<Function &, const BatchUpdate &>,
                               int> = 0>
    Progress(Function function)
        : function_([kept = std::move(function)](const BatchUpdate &update) mutable {
              if constexpr (std::is_void_v<decltype(kept(update))>) {
                  kept(update);
                  return false;
              } else {
                  return static_cast<bool>(kept(update));
              }
          }) {}

    explicit operator bool() const noexcept { return static_cast<bool>(function_); }
    /// Whether the function ends the wait.
    bool operator()(const BatchUpdate &update) const { return function_(update); }

private:
    std::function<bool(const BatchUpdate &)> function_;
};

/// What is checked of a request before it is sent: `true`, `false` or `Validation::strict`, which also
/// refuses fields that the operation does not have.
class Validation {
public:
    static const Validation strict;

    /// Of a bool alone: the text "strict" would be one, too, and mean true.
    template <typename Bool, std::enable_if_t<std::is_same_v<Bool, bool>, int> = 0>
    constexpr Validation(Bool checks) noexcept : level_(checks ? 1 : 0) {}

    friend constexpr bool operator==(Validation one, Validation other) noexcept {
        return one.level_ == other.level_;
    }
    friend constexpr bool operator!=(Validation one, Validation other) noexcept {
        return !(one == other);
    }

private:
    struct Strict {};
    constexpr explicit Validation(Strict) noexcept : level_(2) {}

    int level_;
};

inline constexpr Validation Validation::strict{Validation::Strict{}};

/// Receives a line of the log, on the library's thread.
using LogFunction = std::function<void(LogLevel level, std::string_view line)>;

#if defined(__cpp_exceptions)
/// A bad answer as an exception; `what()` is its summary.
class Error : public std::runtime_error {
public:
    explicit Error(Answer answer)
        : std::runtime_error(answer.summary()),
          answer_(std::make_shared<const Answer>(std::move(answer))) {}

    const Answer &answer() const noexcept { return *answer_; }
    ErrorKind kind() const { return answer_->error_kind(); }
    Sent was_sent() const { return answer_->was_sent(); }
    std::string type() const { return answer_->error_type(); }
    std::string message() const { return answer_->error_message(); }
    std::string details() const { return answer_->error_details(); }
    std::string code() const { return answer_->error_code(); }
    std::string field() const { return answer_->error_field(); }
    std::string sent() const { return answer_->error_sent(); }
    std::string look_for() const { return answer_->error_look_for(); }
    std::string call_id() const { return answer_->call_id(); }
    int status() const { return answer_->status(); }
    bool retryable() const { return answer_->retryable(); }

private:
    // Shared, so that copying an exception cannot throw.
    std::shared_ptr<const Answer> answer_;
};

inline Answer &Answer::or_throw() & {
    if (!ok()) throw Error(std::move(*this));
    return *this;
}

inline const Answer &Answer::or_throw() const & {
    if (!ok()) throw Error(Answer(std::string(text())));
    return *this;
}

inline Answer Answer::or_throw() && {
    if (!ok()) throw Error(std::move(*this));
    return std::move(*this);
}
#endif

// Generated: requests. Change the descriptions in api, then make generate.
// Of trillet_requests.hpp.
struct AgentsCreate;
struct AgentsList;
struct AgentsGet;
struct AgentsUpdate;
struct AgentsDelete;
struct FlowsCreate;
struct FlowsList;
struct FlowsGet;
struct FlowsUpdate;
struct FlowsDelete;
struct FlowsUploadKnowledge;
struct FlowsDeleteKnowledge;
struct CallsSend;
struct CallsHistory;
struct CallsGet;
struct CallsExport;
struct CallsRecording;
struct CallsStartRecording;
struct BatchCallsTemplate;
struct BatchCallsValidate;
struct BatchCallsPreview;
struct BatchCallsStart;
struct BatchCallsGet;
struct BatchCallsProgress;
struct BatchCallsListCalls;
struct BatchCallsGetCall;
struct BatchCallsCancel;
struct WebCallsConnect;
struct WebCallsDisconnect;
struct NumbersList;
struct NumbersAvailable;
struct NumbersPurchase;
struct NumbersRelease;
struct NumbersGetConfig;
struct NumbersUpdateConfig;
struct NumbersRegister;
struct NumbersBind;
struct NumbersUnbind;
struct KnowledgeBasesList;
struct KnowledgeBasesCreate;
struct KnowledgeBasesGet;
struct KnowledgeBasesUpdate;
struct KnowledgeBasesUpload;
struct MessageAgentsCreate;
struct MessageAgentsList;
struct MessageAgentsGet;
struct MessageAgentsUpdate;
struct MessageFlowsCreate;
struct MessageFlowsList;
struct ConversationsGenerate;
struct ConversationsList;
struct ConversationsAct;
struct FoldersList;
struct FoldersCreate;
struct WorkspacesList;
struct WorkspacesGet;
struct WorkspacesInvitations;
struct WorkspacesInvite;
struct VoicesCreate;
struct VoicesGet;
struct VoicesClone;
// End of generated: requests.

/// A field that the API also takes as null: `nullptr` is sent as null, and one without a value is not
/// sent.
template <class Value> class Nullable {
public:
    Nullable() = default;
    Nullable(std::nullptr_t) noexcept : is_null_(true) {}
    template <class Given, std::enable_if_t<std::is_convertible_v<Given &&, Value>, int> = 0>
    Nullable(Given &&given) : value_(std::forward<Given>(given)) {}

    bool is_null() const noexcept { return is_null_; }
    const std::optional<Value> &value() const noexcept { return value_; }

private:
    std::optional<Value> value_;
    bool is_null_ = false;
};

namespace detail {

/// The first member of a structure, which cannot be written in braces: then no field can be written
/// by its position, which may change (docs/decisions.md, cpp-fields-by-name).
struct ByName {
    explicit ByName() = default;
};

/// The answer to the request `Wanted`, and to no other.
template <class Given, class Wanted>
using answer_to = std::enable_if_t<std::is_same_v<Given, Wanted>, Answer>;

/// `Result`, for a structure of trillet_requests.hpp.
template <class Request, class Result>
using if_request = std::enable_if_t<std::is_same_v<decltype(Request::operation), const char *const>,
                                    Result>;

template <class Value>
void set(json::object &target, std::string_view name, const Value &option) {
    target.set(name, option);
}

template <class Value>
void set(json::object &target, std::string_view name, const Nullable<Value> &option) {
    if (option.is_null()) {
        target.set(name, nullptr);
    } else {
        target.set(name, option.value());
    }
}

inline void set(json::object &target, std::string_view name,
                const std::optional<std::chrono::milliseconds> &option) {
    if (option) target.set(name, option->count());
}

inline void set(json::object &target, std::string_view name,
                const std::optional<Validation> &option) {
    if (!option) return;
    if (*option == Validation::strict) {
        target.set(name, "strict");
    } else {
        target.set(name, *option == Validation(true));
    }
}

inline void set(json::object &target, std::string_view name,
                const std::vector<std::pair<std::string, std::string>> &headers) {
    if (headers.empty()) return;
    json::object all;
    for (const auto &[header, text] : headers) all.set(header, text);
    target.set(name, all);
}

} // namespace detail

// Generated: options. Change the descriptions in api, then make generate.
/// The options of a client; what is left out has the default.
struct Options {
    /// The API key. Required, here or in the environment. Default $TRILLET_API_KEY.
    std::optional<std::string> api_key = {};
    /// The workspace of the requests. Without it no workspace header is sent, and the service
    /// decides. Default $TRILLET_WORKSPACE_ID.
    std::optional<std::string> workspace_id = {};
    /// The service's address; it may have a path prefix. Plain http is refused unless the host is
    /// loopback or `allow_insecure_http` is true. Default $TRILLET_BASE_URL, else
    /// https://api.trillet.ai.
    std::optional<std::string> base_url = {};
    /// Selects which documented paths and field names are used; see Routes. "auto" or "overview" or
    /// "published", default "auto".
    std::optional<std::string> routes = {};
    /// Limits the total time of a request, including every wait and every attempt. 1 to 2147483647
    /// ms, default 60000.
    std::optional<std::chrono::milliseconds> timeout = {};
    /// Limits the time to make a connection. 1 to 2147483647 ms, default 10000.
    std::optional<std::chrono::milliseconds> connect_timeout = {};
    /// The longest pause that the service may request. A longer one is returned as an error. 0 to
    /// 2147483647 ms, default 60000.
    std::optional<std::chrono::milliseconds> max_retry_after = {};
    /// Limits how often a failed request is sent again; see Retries. A POST is sent again only if
    /// the service certainly did not act on it: a phone must not ring twice. 0 to 100, default 2.
    std::optional<int> max_retries = {};
    /// Limits the requests a minute and spaces them evenly; 0 means no limit. See Limits. 0 to
    /// 1000000000, default 0.
    std::optional<int> requests_per_minute = {};
    /// Limits the connections of blocking calls, and separately those of submitted requests. 1 to
    /// 100000, default 64, or max_in_flight if that is more.
    std::optional<int> max_connections = {};
    /// Limits the requests under way at once; others wait for their turn. See Limits. 1 to 1000000,
    /// default 64.
    std::optional<int> max_in_flight = {};
    /// Limits the submitted requests that wait; see Limits. 0 to 10000000, default 100000.
    std::optional<int> max_queued = {};
    /// Selects where submitted requests are sent: on a thread of the client, or on the threads that
    /// call trillet_drive(), trillet_next(), trillet_next_many(), trillet_client_warm(),
    /// trillet_client_drain() or trillet_client_close(); see Engine. "thread" or "caller", default
    /// "thread".
    std::optional<std::string> engine = {};
    /// Limits the size of an answer. A larger one is the error `response`. 1 to 2305843009213693951
    /// bytes, default 67108864.
    std::optional<std::int64_t> max_response_bytes = {};
    /// The URL of a proxy, such as http://user:password\@proxy.example:3128 (or https, socks4,
    /// socks4a, socks5, socks5h); "" means no proxy. If the option is given, the environment's
    /// http_proxy, https_proxy, all_proxy and no_proxy are ignored: no request bypasses this proxy.
    /// A failure before the proxy has connected to an https service is `sent` "no". Default the
    /// environment's.
    std::optional<std::string> proxy = {};
    /// A file of trusted certificates in PEM format, for the service and for an https proxy.
    /// Default $CURL_CA_BUNDLE or $SSL_CERT_FILE, else the system's.
    std::optional<std::string> ca_file = {};
    /// Additional headers for every request, name to value. Default {}.
    std::vector<std::pair<std::string, std::string>> headers = {};
    /// Appended to the library's own User-Agent. Default "".
    std::optional<std::string> user_agent = {};
    /// Checks required fields, types and phone numbers before sending. "strict" also refuses fields
    /// that the operation does not have; see Requests. Default true.
    std::optional<Validation> validate = {};
    /// Allows plain http to hosts other than loopback. The API key is then sent unencrypted.
    /// Default false.
    std::optional<bool> allow_insecure_http = {};
    /// Reads the environment variables of options that are not given. The environment's proxies
    /// apply in any case. Default true.
    std::optional<bool> env = {};

    json::object json() const;
};

/// What one request does differently from its client.
struct RequestOptions {
    /// Selects which documented paths and field names are used; see Routes. "auto" or "overview" or
    /// "published", default the client's.
    std::optional<std::string> routes = {};
    /// Limits the total time of this request, including every wait and every attempt. 1 to
    /// 2147483647 ms, default the client's.
    std::optional<std::chrono::milliseconds> timeout = {};
    /// The longest pause that the service may request. A longer one is returned as an error. 0 to
    /// 2147483647 ms, default the client's.
    std::optional<std::chrono::milliseconds> max_retry_after = {};
    /// Limits how often this request is sent again if it fails; see Retries. 0 to 100, default the
    /// client's.
    std::optional<int> max_retries = {};
    /// Additional headers for this request, name to value. They override the client's headers of
    /// the same name. Default {}.
    std::vector<std::pair<std::string, std::string>> headers = {};
    /// Sent as the Idempotency-Key header with every attempt. The service documents no idempotency
    /// key, so this does not make a POST repeatable. Default "".
    std::optional<std::string> idempotency_key = {};
    /// The time after which the request may not start, on the clock that counts from boot and does
    /// not stand still while the machine sleeps (CLOCK_BOOTTIME). The library looks at the clock
    /// before each attempt, while the request waits for its turn, and once more when the connection
    /// stands. A request that would start later ends as `timeout` with `sent` "no": a process that
    /// was stopped for an hour does not call when it wakes up. What has started may end later;
    /// `timeout` limits that. With libcurl before 7.80 the last look is before the connection is
    /// made. 1 to 9007199254740991 ms, default no limit.
    std::optional<std::chrono::milliseconds> not_after = {};
    /// Sent as the traceparent header (W3C Trace Context) with every attempt. Default "".
    std::optional<std::string> traceparent = {};
    /// Checks required fields, types and phone numbers before sending. "strict" also refuses fields
    /// that the operation does not have; see Requests. Default the client's.
    std::optional<Validation> validate = {};

    json::object json() const;
};

inline json::object Options::json() const {
    json::object all;
    detail::set(all, "apiKey", api_key);
    detail::set(all, "workspaceId", workspace_id);
    detail::set(all, "baseUrl", base_url);
    detail::set(all, "routes", routes);
    detail::set(all, "timeoutMs", timeout);
    detail::set(all, "connectTimeoutMs", connect_timeout);
    detail::set(all, "maxRetries", max_retries);
    detail::set(all, "maxRetryAfterMs", max_retry_after);
    detail::set(all, "requestsPerMinute", requests_per_minute);
    detail::set(all, "maxConnections", max_connections);
    detail::set(all, "maxInFlight", max_in_flight);
    detail::set(all, "maxQueued", max_queued);
    detail::set(all, "engine", engine);
    detail::set(all, "maxResponseBytes", max_response_bytes);
    detail::set(all, "proxy", proxy);
    detail::set(all, "caFile", ca_file);
    detail::set(all, "headers", headers);
    detail::set(all, "userAgent", user_agent);
    detail::set(all, "validate", validate);
    detail::set(all, "allowInsecureHttp", allow_insecure_http);
    detail::set(all, "env", env);
    return all;
}

inline json::object RequestOptions::json() const {
    json::object all;
    detail::set(all, "routes", routes);
    detail::set(all, "timeoutMs", timeout);
    detail::set(all, "maxRetries", max_retries);
    detail::set(all, "maxRetryAfterMs", max_retry_after);
    detail::set(all, "headers", headers);
    detail::set(all, "idempotencyKey", idempotency_key);
    detail::set(all, "notAfterMs", not_after);
    detail::set(all, "traceparent", traceparent);
    detail::set(all, "validate", validate);
    return all;
}
// End of generated: options.

/// The JSON text of a request or of options, from whatever is at hand: members in braces, a
/// `json::object`, a `std::map`, a `nlohmann::json`, an options struct, or JSON text. Made by the
/// compiler where it is needed.
class Input {
public:
    Input() = default;
    Input(std::initializer_list<json::member> members) : Input(json::object(members)) {}
    Input(const json::value &value) : Input(value.text()) {}
    template <class Made,
              std::enable_if_t<json::detail::is_dumped<Made> || json::detail::is_map<Made>, int> = 0>
    Input(const Made &made) : Input(json::value(made)) {}
    Input(const Options &options) : Input(options.json()) {}
    Input(const RequestOptions &options) : Input(options.json()) {}
    Input(const char *json_text) : text_(json_text == nullptr ? "" : json_text) {}
    Input(std::string json_text) : text_(std::move(json_text)) {
        // In C a NUL would end the text, and the rest would go unseen. Another control character
        // in its place is refused as ill-formed, just as the NUL must be.
        for (char &character : text_) {
            if (character == '\0') character = '\1';
        }
    }
    Input(std::string_view json_text) : Input(std::string(json_text)) {}

    const char *c_str() const noexcept { return text_.c_str(); }

private:
    std::string text_;
};

/// Checks a contact file, without a client or a network: {"file", path}, and what else trillet.h
/// lists, for example {"defaultCountry", "DE"}. The answer is good even if rows are bad:
/// `data_flag("valid")` says whether all can be called.
[[nodiscard]] inline Answer check_csv(const Input &options) {
    return Answer(Text(trillet_csv_check(nullptr, 0, options.c_str())));
}
/// The same for text.
[[nodiscard]] inline Answer check_csv_text(std::string_view csv, const Input &options = {}) {
    // NULL would mean that there is no text.
    return Answer(Text(
        trillet_csv_check(csv.data() == nullptr ? "" : csv.data(), csv.size(), options.c_str())));
}

/// Checks the signature of a webhook and reads its event, without a client: {"secrets", …}, and what
/// else trillet.h lists. `body` are the bytes as they arrived, `signature` the value of the header.
/// With a good answer, `data_string("type")` is what happened and `call_id()` to which call.
/// `ErrorKind::signature` means: answer 401 and do nothing. A header that is missing, a null
/// `char *`, is no signature.
[[nodiscard]] inline Answer webhook_verify(std::string_view body, std::string_view signature,
                                           const Input &options) {
    // A NUL is in no signature, and would hide what follows it.
    const bool is_text = signature.find('\0') == std::string_view::npos;
    const std::string header(is_text ? signature : std::string_view("\1"));
    return Answer(Text(
        trillet_webhook_verify(body.data(), body.size(), header.c_str(), options.c_str())));
}
[[nodiscard]] inline Answer webhook_verify(std::string_view body, const char *signature,
                                           const Input &options) {
    return webhook_verify(body, std::string_view(signature == nullptr ? "" : signature), options);
}
[[nodiscard]] inline Answer webhook_verify(std::string_view body, const std::string &signature,
                                           const Input &options) {
    return webhook_verify(body, std::string_view(signature), options);
}

/// The pages of a list, fetched on demand, or the reports on a batch ("batch_calls.wait" and
/// "batch_calls.results", as trillet_pager_new() describes them). The client must outlive it.
///
///     for (const auto &page : client.pages("agents.list", {{"limit", 100}})) {
///         for (auto agent : json::elements(page.or_throw().data("agents"))) …
///     }
///
/// A loop ends after a bad answer. If that is `retryable`, `next()` may be called again, and asks
/// for the same page again.
class Pager {
public:
    Pager(trillet_client *client, const std::string &operation, const Input &request,
          const Input &options)
        : pager_(trillet_pager_new(client, operation.c_str(), request.c_str(), options.c_str())) {}

    /// Returns the next page, or an error; nothing after the last page.
    [[nodiscard]] std::optional<Answer> next() {
        char *text = trillet_pager_next(pager_.get());
        if (text == nullptr) return std::nullopt;
        return Answer(Text(text));
    }

    /// Starts to fetch the next page and returns its id at once; the page arrives through
    /// `Client::next`, with the data null after the last one. Returns 0 if the client is closed or
    /// the page before is on its way.
    std::uint64_t submit() const noexcept {
        return trillet_pager_submit(pager_.get(), nullptr, nullptr);
    }

    /// Makes the next page the end, unless one is on its way.
    void stop() const noexcept { trillet_pager_stop(pager_.get()); }

    class iterator {
    public:
        using iterator_category = std::input_iterator_tag;
        using value_type = Answer;
        using difference_type = std::ptrdiff_t;
        using pointer = const Answer *;
        using reference = const Answer &;

        iterator() = default;
        explicit iterator(Pager *pager) : pager_(pager) { step(); }

        reference operator*() const noexcept { return *pager_->current_; }
        pointer operator->() const noexcept { return &*pager_->current_; }
        iterator &operator++() {
            if (pager_->current_->ok()) {
                step();
            } else {
                pager_ = nullptr;
            }
            return *this;
        }
        void operator++(int) { ++*this; }
        friend bool operator==(const iterator &one, const iterator &other) noexcept {
            return one.pager_ == other.pager_;
        }
        friend bool operator!=(const iterator &one, const iterator &other) noexcept {
            return !(one == other);
        }

    private:
        void step() {
            pager_->current_ = pager_->next();
            if (!pager_->current_) pager_ = nullptr;
        }

        Pager *pager_ = nullptr;
    };

    /// Fetches the first page that has not been fetched.
    iterator begin() { return iterator(this); }
    iterator end() const noexcept { return {}; }

private:
    struct deleter {
        void operator()(trillet_pager *pager) const noexcept { trillet_pager_free(pager); }
    };
    std::unique_ptr<trillet_pager, deleter> pager_;
    std::optional<Answer> current_;
};

namespace detail {

/// Stands between the library and a progress function.
class ProgressTarget {
public:
    explicit ProgressTarget(const Progress &progress) noexcept : progress_(progress) {}

    trillet_progress_fn function() const noexcept { return progress_ ? take : nullptr; }

    /// Rethrows what the function threw.
    void settle() const {
#if defined(__cpp_exceptions)
        if (failure_) std::rethrow_exception(failure_);
#endif
    }

private:
    // Nothing may be thrown through C and Swift.
    static std::int32_t take(void *target, const char *update) noexcept {
        auto *self = static_cast<ProgressTarget *>(target);
#if defined(__cpp_exceptions)
        try {
            return self->progress_(BatchUpdate(update)) ? 1 : 0;
        } catch (...) {
            self->failure_ = std::current_exception();
            return 1;
        }
#else
        return self->progress_(BatchUpdate(update)) ? 1 : 0;
#endif
    }

    const Progress &progress_;
#if defined(__cpp_exceptions)
    std::exception_ptr failure_;
#endif
};

/// A link to another document: requests have its id, answers may have an object with it.
inline json::value link(std::string_view text) {
    if (text.substr(0, 1) == "[") {
        json::array links;
        for (const std::string_view each : json::elements(text)) links.add(link(each));
        return links;
    }
    const std::string_view id = json::find(text, "_id");
    return json::raw(id.empty() ? text : id);
}

/// What a request may send of an answer: not what only the service sets, nor the lists that an
/// update adds to.
inline json::object editable(std::string_view document) {
    json::object result;
    for (const auto &[name, text] : json::members(document)) {
        if (name == "_id" || name == "workspaceId" || name == "createdAt" || name == "updatedAt" ||
            name == "status" || name == "activeSessions" || name == "__v" || name == "webhooks") {
            continue;
        }
        const bool is_link = name == "agent" || name == "phoneNumberIds";
        result.set(name, is_link ? link(text) : json::raw(text));
    }
    return result;
}

} // namespace detail

/// A group of operations, valid as long as its client. Every method sends one request, waits for
/// its answer and never throws on a bad one; trillet.h describes the fields.
class Group {
public:
    explicit Group(trillet_client *client) noexcept : client_(client) {}

protected:
    using Function = char *(trillet_client *, const char *, const char *);
    Answer call(Function *function, const Input &request, const Input &options) const {
        return Answer(Text(function(client_, request.c_str(), options.c_str())));
    }

    /// Gets a document, merges the changes into it and sends all of it. The answer is the last one.
    Answer merged(Function *get, Function *update, std::string_view id, const Input &request,
                  const Input &options) const {
        const std::string_view changes = request.c_str();
        const std::string_view id_text = json::find(changes, id);
        // The library says what is wrong with a request that cannot be merged.
        if (id_text.empty()) return call(update, request, options);
        const Answer current = call(get, json::object{{id, json::raw(id_text)}}, options);
        if (!current.ok()) return Answer(std::string(current.text()));
        // Another document, or none, would take the place of the one that is there.
        if (current.data("_id").empty() || current.data_string("_id") != json::decode(id_text)) {
            return Answer(std::string(
                R"({"ok":false,"status":200,"error":{"type":"response","message":"The service did )"
                R"(not answer with the document that was asked for; nothing was changed",)"
                R"("sent":"no","retryable":false},"meta":{}})"));
        }
        const Input whole(json::merged(detail::editable(current.data()).text(), changes));
        Answer answer = call(update, whole, options);
        // The published route replaces the object, which loses nothing: all of it is sent.
        if (needs_published_route(answer)) {
            answer = call(update, whole,
                          json::merged(options.c_str(), R"({"routes":"published"})"));
        }
        return answer;
    }

    /// What the library says where an update stopped at the missing route: under "auto" alone.
    static bool needs_published_route(const Answer &answer) {
        return (answer.status() == 404 || answer.status() == 405) &&
               answer.error_details().find("which routes \"auto\" does not take") !=
                   std::string::npos;
    }

    using Following = char *(trillet_client *, const char *, const char *, trillet_progress_fn,
                             void *);
    Answer follow(Following *function, const Input &request, const Progress &progress,
                  const Input &options) const {
        detail::ProgressTarget target(progress);
        Answer answer(Text(function(client_, request.c_str(), options.c_str(), target.function(),
                                    &target)));
        target.settle();
        return answer;
    }

private:
    trillet_client *client_;
};

// Generated: operations. Change the descriptions in api, then make generate.
/// An agent is the voice that speaks: a text-to-speech voice, a language model and their settings.
/// It needs a phone number and an active flow before it can call anybody.
class Agents : public Group {
public:
    using Group::Group;

    /// Creates a voice agent. Required: name, ttsModel {provider, voiceId}, llmModel.
    [[nodiscard]] Answer create(const Input &request, const Input &options = {}) const {
        return call(trillet_agents_create, request, options);
    }
    template <class Request = AgentsCreate>
    [[nodiscard]] detail::answer_to<Request, AgentsCreate> create(
        const Request &request, const Input &options = {}) const {
        return call(trillet_agents_create, request.json(), options);
    }
    /// Lists the agents of the workspace, one page at a time. Optional: page, limit.
    [[nodiscard]] Answer list(const Input &request = {}, const Input &options = {}) const {
        return call(trillet_agents_list, request, options);
    }
    template <class Request = AgentsList>
    [[nodiscard]] detail::answer_to<Request, AgentsList> list(
        const Request &request, const Input &options = {}) const {
        return call(trillet_agents_list, request.json(), options);
    }
    /// Gets an agent's configuration and status. Required: agentId.
    [[nodiscard]] Answer get(const Input &request, const Input &options = {}) const {
        return call(trillet_agents_get, request, options);
    }
    template <class Request = AgentsGet>
    [[nodiscard]] detail::answer_to<Request, AgentsGet> get(
        const Request &request, const Input &options = {}) const {
        return call(trillet_agents_get, request.json(), options);
    }
    /// Changes an agent. Required: agentId.
    /// merge: Gets the document first, merges the changes into it key by key and sends all of it,
    /// as published routes need. No transaction: what others change in between is lost.
    [[nodiscard]] Answer update(const Input &request, const Input &options = {},
                                bool merge = false) const {
        if (!merge) return call(trillet_agents_update, request, options);
        return merged(trillet_agents_get, trillet_agents_update, "agentId", request, options);
    }
    template <class Request = AgentsUpdate>
    [[nodiscard]] detail::answer_to<Request, AgentsUpdate> update(
        const Request &request, const Input &options = {}, bool merge = false) const {
        return update(Input(request.json()), options, merge);
    }
    /// Deletes an agent for good. Required: agentId.
    [[nodiscard]] Answer remove(const Input &request, const Input &options = {}) const {
        return call(trillet_agents_delete, request, options);
    }
    template <class Request = AgentsDelete>
    [[nodiscard]] detail::answer_to<Request, AgentsDelete> remove(
        const Request &request, const Input &options = {}) const {
        return call(trillet_agents_delete, request.json(), options);
    }
};

/// A flow is what an agent says and does in a call: its prompt, its welcome message and the limits
/// of the call.
class Flows : public Group {
public:
    using Group::Group;

    /// Creates a call flow. Required: name, direction, promptType.
    [[nodiscard]] Answer create(const Input &request, const Input &options = {}) const {
        return call(trillet_flows_create, request, options);
    }
    template <class Request = FlowsCreate>
    [[nodiscard]] detail::answer_to<Request, FlowsCreate> create(
        const Request &request, const Input &options = {}) const {
        return call(trillet_flows_create, request.json(), options);
    }
    /// Lists the flows of the workspace, one page at a time. Optional: page, limit.
    [[nodiscard]] Answer list(const Input &request = {}, const Input &options = {}) const {
        return call(trillet_flows_list, request, options);
    }
    template <class Request = FlowsList>
    [[nodiscard]] detail::answer_to<Request, FlowsList> list(
        const Request &request, const Input &options = {}) const {
        return call(trillet_flows_list, request.json(), options);
    }
    /// Gets a flow's configuration. Required: flowId.
    [[nodiscard]] Answer get(const Input &request, const Input &options = {}) const {
        return call(trillet_flows_get, request, options);
    }
    template <class Request = FlowsGet>
    [[nodiscard]] detail::answer_to<Request, FlowsGet> get(
        const Request &request, const Input &options = {}) const {
        return call(trillet_flows_get, request.json(), options);
    }
    /// Changes a flow. Required: flowId.
    /// merge: Gets the document first, merges the changes into it key by key and sends all of it,
    /// as published routes need. No transaction: what others change in between is lost.
    [[nodiscard]] Answer update(const Input &request, const Input &options = {},
                                bool merge = false) const {
        if (!merge) return call(trillet_flows_update, request, options);
        return merged(trillet_flows_get, trillet_flows_update, "flowId", request, options);
    }
    template <class Request = FlowsUpdate>
    [[nodiscard]] detail::answer_to<Request, FlowsUpdate> update(
        const Request &request, const Input &options = {}, bool merge = false) const {
        return update(Input(request.json()), options, merge);
    }
    /// Deletes a flow for good. Required: flowId.
    [[nodiscard]] Answer remove(const Input &request, const Input &options = {}) const {
        return call(trillet_flows_delete, request, options);
    }
    template <class Request = FlowsDelete>
    [[nodiscard]] detail::answer_to<Request, FlowsDelete> remove(
        const Request &request, const Input &options = {}) const {
        return call(trillet_flows_delete, request.json(), options);
    }
    /// Uploads a file that a flow's agent knows. Required: file, flowId.
    [[nodiscard]] Answer upload_knowledge(const Input &request, const Input &options = {}) const {
        return call(trillet_flows_upload_knowledge, request, options);
    }
    template <class Request = FlowsUploadKnowledge>
    [[nodiscard]] detail::answer_to<Request, FlowsUploadKnowledge> upload_knowledge(
        const Request &request, const Input &options = {}) const {
        return call(trillet_flows_upload_knowledge, request.json(), options);
    }
    /// Deletes a file that a flow's agent knows. Required: flowId, fileKey.
    [[nodiscard]] Answer delete_knowledge(const Input &request, const Input &options = {}) const {
        return call(trillet_flows_delete_knowledge, request, options);
    }
    template <class Request = FlowsDeleteKnowledge>
    [[nodiscard]] detail::answer_to<Request, FlowsDeleteKnowledge> delete_knowledge(
        const Request &request, const Input &options = {}) const {
        return call(trillet_flows_delete_knowledge, request.json(), options);
    }
};

/// A call rings a real phone. It is recorded unless the flow says otherwise, and usually lasts at
/// most one hour.
class Calls : public Group {
public:
    using Group::Group;

    /// Calls a phone number with an agent. Required: agentId, toNumber.
    [[nodiscard]] Answer send(const Input &request, const Input &options = {}) const {
        return call(trillet_calls_send, request, options);
    }
    template <class Request = CallsSend>
    [[nodiscard]] detail::answer_to<Request, CallsSend> send(
        const Request &request, const Input &options = {}) const {
        return call(trillet_calls_send, request.json(), options);
    }
    /// Lists the calls of the workspace, the newest first, one page at a time. Optional: page,
    /// limit, agentId, pathwayId, batchId, status, direction, callType, search, callIds, dateRange,
    /// postAnalysis.
    [[nodiscard]] Answer history(const Input &request = {}, const Input &options = {}) const {
        return call(trillet_calls_history, request, options);
    }
    template <class Request = CallsHistory>
    [[nodiscard]] detail::answer_to<Request, CallsHistory> history(
        const Request &request, const Input &options = {}) const {
        return call(trillet_calls_history, request.json(), options);
    }
    /// Gets a call of the history with everything that is known of it. Required: callHistoryId.
    [[nodiscard]] Answer get(const Input &request, const Input &options = {}) const {
        return call(trillet_calls_get, request, options);
    }
    template <class Request = CallsGet>
    [[nodiscard]] detail::answer_to<Request, CallsGet> get(
        const Request &request, const Input &options = {}) const {
        return call(trillet_calls_get, request.json(), options);
    }
    /// Exports the history as a CSV file.
    [[nodiscard]] Answer export_csv(const Input &request = {}, const Input &options = {}) const {
        return call(trillet_calls_export, request, options);
    }
    template <class Request = CallsExport>
    [[nodiscard]] detail::answer_to<Request, CallsExport> export_csv(
        const Request &request, const Input &options = {}) const {
        return call(trillet_calls_export, request.json(), options);
    }
    /// Downloads the recording of a call. Required: callHistoryId.
    [[nodiscard]] Answer recording(const Input &request, const Input &options = {}) const {
        return call(trillet_calls_recording, request, options);
    }
    template <class Request = CallsRecording>
    [[nodiscard]] detail::answer_to<Request, CallsRecording> recording(
        const Request &request, const Input &options = {}) const {
        return call(trillet_calls_recording, request.json(), options);
    }
    /// Starts recording a call that is under way. Required: pathwayId, roomName.
    [[nodiscard]] Answer start_recording(const Input &request, const Input &options = {}) const {
        return call(trillet_calls_start_recording, request, options);
    }
    template <class Request = CallsStartRecording>
    [[nodiscard]] detail::answer_to<Request, CallsStartRecording> start_recording(
        const Request &request, const Input &options = {}) const {
        return call(trillet_calls_start_recording, request.json(), options);
    }
    /// Writes the recording of a call to a file, and reports progress. Required: callHistoryId,
    /// file.
    [[nodiscard]] Answer save_recording(const Input &request, const Progress &progress = {},
                                        const Input &options = {}) const {
        return follow(trillet_calls_save_recording, request, progress, options);
    }
    /// Follows a call, or many, to the end.
    [[nodiscard]] Answer wait(const Input &request, const Progress &progress = {},
                              const Input &options = {}) const {
        return follow(trillet_calls_wait, request, progress, options);
    }
    /// Says whether a call was made whose send ended with `sent` "maybe".
    [[nodiscard]] Answer find(const Input &request, const Input &options = {}) const {
        return call(trillet_calls_find, request, options);
    }
};

/// A batch calls every number of a CSV file, as fast as the account's plan allows. The file is
/// comma-separated UTF-8 of at most 20 MB with a header row. The column `phone_number`
/// (international form with `+`) is required; `first_name`, `last_name`, `email` and any further
/// columns become variables for the prompt, written `{first_name}`.
class BatchCalls : public Group {
public:
    using Group::Group;

    /// Downloads a CSV file to start from.
    [[nodiscard]] Answer get_template(const Input &request = {}, const Input &options = {}) const {
        return call(trillet_batch_calls_template, request, options);
    }
    template <class Request = BatchCallsTemplate>
    [[nodiscard]] detail::answer_to<Request, BatchCallsTemplate> get_template(
        const Request &request, const Input &options = {}) const {
        return call(trillet_batch_calls_template, request.json(), options);
    }
    /// Checks a CSV file before a batch is started. Required: file or csv.
    [[nodiscard]] Answer validate(const Input &request, const Input &options = {}) const {
        return call(trillet_batch_calls_validate, request, options);
    }
    template <class Request = BatchCallsValidate>
    [[nodiscard]] detail::answer_to<Request, BatchCallsValidate> validate(
        const Request &request, const Input &options = {}) const {
        return call(trillet_batch_calls_validate, request.json(), options);
    }
    /// Shows the first rows of a CSV file as the service reads them. Required: file or csv.
    [[nodiscard]] Answer preview(const Input &request, const Input &options = {}) const {
        return call(trillet_batch_calls_preview, request, options);
    }
    template <class Request = BatchCallsPreview>
    [[nodiscard]] detail::answer_to<Request, BatchCallsPreview> preview(
        const Request &request, const Input &options = {}) const {
        return call(trillet_batch_calls_preview, request.json(), options);
    }
    /// Starts calling every number of a CSV file. Required: file or csv, agentId.
    [[nodiscard]] Answer start(const Input &request, const Input &options = {}) const {
        return call(trillet_batch_calls_start, request, options);
    }
    template <class Request = BatchCallsStart>
    [[nodiscard]] detail::answer_to<Request, BatchCallsStart> start(
        const Request &request, const Input &options = {}) const {
        return call(trillet_batch_calls_start, request.json(), options);
    }
    /// Gets a batch's status. Required: batchId.
    [[nodiscard]] Answer get(const Input &request, const Input &options = {}) const {
        return call(trillet_batch_calls_get, request, options);
    }
    template <class Request = BatchCallsGet>
    [[nodiscard]] detail::answer_to<Request, BatchCallsGet> get(
        const Request &request, const Input &options = {}) const {
        return call(trillet_batch_calls_get, request.json(), options);
    }
    /// Gets a batch's progress, with its most recent calls in more detail. Required: batchId.
    [[nodiscard]] Answer progress(const Input &request, const Input &options = {}) const {
        return call(trillet_batch_calls_progress, request, options);
    }
    template <class Request = BatchCallsProgress>
    [[nodiscard]] detail::answer_to<Request, BatchCallsProgress> progress(
        const Request &request, const Input &options = {}) const {
        return call(trillet_batch_calls_progress, request.json(), options);
    }
    /// Lists the calls of a batch, one page at a time. Required: batchId. Optional: page, limit,
    /// status.
    [[nodiscard]] Answer list_calls(const Input &request, const Input &options = {}) const {
        return call(trillet_batch_calls_list_calls, request, options);
    }
    template <class Request = BatchCallsListCalls>
    [[nodiscard]] detail::answer_to<Request, BatchCallsListCalls> list_calls(
        const Request &request, const Input &options = {}) const {
        return call(trillet_batch_calls_list_calls, request.json(), options);
    }
    /// Gets one call of a batch. Required: batchId, jobId.
    [[nodiscard]] Answer get_call(const Input &request, const Input &options = {}) const {
        return call(trillet_batch_calls_get_call, request, options);
    }
    template <class Request = BatchCallsGetCall>
    [[nodiscard]] detail::answer_to<Request, BatchCallsGetCall> get_call(
        const Request &request, const Input &options = {}) const {
        return call(trillet_batch_calls_get_call, request.json(), options);
    }
    /// Cancels a batch. Required: batchId.
    [[nodiscard]] Answer cancel(const Input &request, const Input &options = {}) const {
        return call(trillet_batch_calls_cancel, request, options);
    }
    template <class Request = BatchCallsCancel>
    [[nodiscard]] detail::answer_to<Request, BatchCallsCancel> cancel(
        const Request &request, const Input &options = {}) const {
        return call(trillet_batch_calls_cancel, request.json(), options);
    }
    /// Follows a batch until it has ended. Required: batchId.
    [[nodiscard]] Answer wait(const Input &request, const Progress &progress = {},
                              const Input &options = {}) const {
        return follow(trillet_batch_calls_wait, request, progress, options);
    }
    /// Writes the outcome of every call of a batch to a file. Required: batchId, file.
    [[nodiscard]] Answer results(const Input &request, const Progress &progress = {},
                                 const Input &options = {}) const {
        return follow(trillet_batch_calls_results, request, progress, options);
    }
};

/// A web call connects a browser to an agent; no phone rings.
class WebCalls : public Group {
public:
    using Group::Group;

    /// Opens a web call with an agent. Required: agentId.
    [[nodiscard]] Answer connect(const Input &request, const Input &options = {}) const {
        return call(trillet_web_calls_connect, request, options);
    }
    template <class Request = WebCallsConnect>
    [[nodiscard]] detail::answer_to<Request, WebCallsConnect> connect(
        const Request &request, const Input &options = {}) const {
        return call(trillet_web_calls_connect, request.json(), options);
    }
    /// Ends a web call. Required: roomName.
    [[nodiscard]] Answer disconnect(const Input &request, const Input &options = {}) const {
        return call(trillet_web_calls_disconnect, request, options);
    }
    template <class Request = WebCallsDisconnect>
    [[nodiscard]] detail::answer_to<Request, WebCallsDisconnect> disconnect(
        const Request &request, const Input &options = {}) const {
        return call(trillet_web_calls_disconnect, request.json(), options);
    }
};

/// The phone numbers that agents call from and answer. Buying one costs money every month.
class Numbers : public Group {
public:
    using Group::Group;

    /// Lists the phone numbers of the workspace.
    [[nodiscard]] Answer list(const Input &request = {}, const Input &options = {}) const {
        return call(trillet_numbers_list, request, options);
    }
    template <class Request = NumbersList>
    [[nodiscard]] detail::answer_to<Request, NumbersList> list(
        const Request &request, const Input &options = {}) const {
        return call(trillet_numbers_list, request.json(), options);
    }
    /// Lists numbers that can be bought. Optional: country, type, areaCode, limit.
    [[nodiscard]] Answer available(const Input &request = {}, const Input &options = {}) const {
        return call(trillet_numbers_available, request, options);
    }
    template <class Request = NumbersAvailable>
    [[nodiscard]] detail::answer_to<Request, NumbersAvailable> available(
        const Request &request, const Input &options = {}) const {
        return call(trillet_numbers_available, request.json(), options);
    }
    /// Buys a phone number. Required: country, type, phoneNumber.
    [[nodiscard]] Answer purchase(const Input &request, const Input &options = {}) const {
        return call(trillet_numbers_purchase, request, options);
    }
    template <class Request = NumbersPurchase>
    [[nodiscard]] detail::answer_to<Request, NumbersPurchase> purchase(
        const Request &request, const Input &options = {}) const {
        return call(trillet_numbers_purchase, request.json(), options);
    }
    /// Gives a phone number back for good. Required: phoneNumberId.
    [[nodiscard]] Answer release(const Input &request, const Input &options = {}) const {
        return call(trillet_numbers_release, request, options);
    }
    template <class Request = NumbersRelease>
    [[nodiscard]] detail::answer_to<Request, NumbersRelease> release(
        const Request &request, const Input &options = {}) const {
        return call(trillet_numbers_release, request.json(), options);
    }
    /// Gets the settings of a phone number. Required: phoneNumberId.
    [[nodiscard]] Answer get_config(const Input &request, const Input &options = {}) const {
        return call(trillet_numbers_get_config, request, options);
    }
    template <class Request = NumbersGetConfig>
    [[nodiscard]] detail::answer_to<Request, NumbersGetConfig> get_config(
        const Request &request, const Input &options = {}) const {
        return call(trillet_numbers_get_config, request.json(), options);
    }
    /// Changes the settings of a phone number. Required: phoneNumberId.
    [[nodiscard]] Answer update_config(const Input &request, const Input &options = {}) const {
        return call(trillet_numbers_update_config, request, options);
    }
    template <class Request = NumbersUpdateConfig>
    [[nodiscard]] detail::answer_to<Request, NumbersUpdateConfig> update_config(
        const Request &request, const Input &options = {}) const {
        return call(trillet_numbers_update_config, request.json(), options);
    }
    /// Registers a number of your own carrier account. Required: phoneNumber, provider,
    /// credentials.
    [[nodiscard]] Answer add_external(const Input &request, const Input &options = {}) const {
        return call(trillet_numbers_register, request, options);
    }
    template <class Request = NumbersRegister>
    [[nodiscard]] detail::answer_to<Request, NumbersRegister> add_external(
        const Request &request, const Input &options = {}) const {
        return call(trillet_numbers_register, request.json(), options);
    }
    /// Binds a phone number to an agent. Required: agentId, phoneNumberId.
    [[nodiscard]] Answer bind(const Input &request, const Input &options = {}) const {
        return call(trillet_numbers_bind, request, options);
    }
    template <class Request = NumbersBind>
    [[nodiscard]] detail::answer_to<Request, NumbersBind> bind(
        const Request &request, const Input &options = {}) const {
        return call(trillet_numbers_bind, request.json(), options);
    }
    /// Unbinds a phone number from an agent. Required: agentId, phoneNumberId.
    [[nodiscard]] Answer unbind(const Input &request, const Input &options = {}) const {
        return call(trillet_numbers_unbind, request, options);
    }
    template <class Request = NumbersUnbind>
    [[nodiscard]] detail::answer_to<Request, NumbersUnbind> unbind(
        const Request &request, const Input &options = {}) const {
        return call(trillet_numbers_unbind, request.json(), options);
    }
};

/// A knowledge base holds files and text that flows can draw on.
class KnowledgeBases : public Group {
public:
    using Group::Group;

    /// Lists the knowledge bases of the workspace.
    [[nodiscard]] Answer list(const Input &request = {}, const Input &options = {}) const {
        return call(trillet_knowledge_bases_list, request, options);
    }
    template <class Request = KnowledgeBasesList>
    [[nodiscard]] detail::answer_to<Request, KnowledgeBasesList> list(
        const Request &request, const Input &options = {}) const {
        return call(trillet_knowledge_bases_list, request.json(), options);
    }
    /// Creates a knowledge base. Required: name.
    [[nodiscard]] Answer create(const Input &request, const Input &options = {}) const {
        return call(trillet_knowledge_bases_create, request, options);
    }
    template <class Request = KnowledgeBasesCreate>
    [[nodiscard]] detail::answer_to<Request, KnowledgeBasesCreate> create(
        const Request &request, const Input &options = {}) const {
        return call(trillet_knowledge_bases_create, request.json(), options);
    }
    /// Gets a knowledge base and its files. Required: id.
    [[nodiscard]] Answer get(const Input &request, const Input &options = {}) const {
        return call(trillet_knowledge_bases_get, request, options);
    }
    template <class Request = KnowledgeBasesGet>
    [[nodiscard]] detail::answer_to<Request, KnowledgeBasesGet> get(
        const Request &request, const Input &options = {}) const {
        return call(trillet_knowledge_bases_get, request.json(), options);
    }
    /// Changes the text of a knowledge base. Required: id.
    [[nodiscard]] Answer update(const Input &request, const Input &options = {}) const {
        return call(trillet_knowledge_bases_update, request, options);
    }
    template <class Request = KnowledgeBasesUpdate>
    [[nodiscard]] detail::answer_to<Request, KnowledgeBasesUpdate> update(
        const Request &request, const Input &options = {}) const {
        return call(trillet_knowledge_bases_update, request.json(), options);
    }
    /// Uploads a file to a knowledge base. Required: file, id.
    [[nodiscard]] Answer upload(const Input &request, const Input &options = {}) const {
        return call(trillet_knowledge_bases_upload, request, options);
    }
    template <class Request = KnowledgeBasesUpload>
    [[nodiscard]] detail::answer_to<Request, KnowledgeBasesUpload> upload(
        const Request &request, const Input &options = {}) const {
        return call(trillet_knowledge_bases_upload, request.json(), options);
    }
};

/// A message agent writes SMS or emails instead of speaking.
class MessageAgents : public Group {
public:
    using Group::Group;

    /// Creates a message agent. Required: name.
    [[nodiscard]] Answer create(const Input &request, const Input &options = {}) const {
        return call(trillet_message_agents_create, request, options);
    }
    template <class Request = MessageAgentsCreate>
    [[nodiscard]] detail::answer_to<Request, MessageAgentsCreate> create(
        const Request &request, const Input &options = {}) const {
        return call(trillet_message_agents_create, request.json(), options);
    }
    /// Lists the message agents of the workspace.
    [[nodiscard]] Answer list(const Input &request = {}, const Input &options = {}) const {
        return call(trillet_message_agents_list, request, options);
    }
    template <class Request = MessageAgentsList>
    [[nodiscard]] detail::answer_to<Request, MessageAgentsList> list(
        const Request &request, const Input &options = {}) const {
        return call(trillet_message_agents_list, request.json(), options);
    }
    /// Gets a message agent. Required: id.
    [[nodiscard]] Answer get(const Input &request, const Input &options = {}) const {
        return call(trillet_message_agents_get, request, options);
    }
    template <class Request = MessageAgentsGet>
    [[nodiscard]] detail::answer_to<Request, MessageAgentsGet> get(
        const Request &request, const Input &options = {}) const {
        return call(trillet_message_agents_get, request.json(), options);
    }
    /// Changes a message agent. Required: id.
    [[nodiscard]] Answer update(const Input &request, const Input &options = {}) const {
        return call(trillet_message_agents_update, request, options);
    }
    template <class Request = MessageAgentsUpdate>
    [[nodiscard]] detail::answer_to<Request, MessageAgentsUpdate> update(
        const Request &request, const Input &options = {}) const {
        return call(trillet_message_agents_update, request.json(), options);
    }
};

/// A message flow is what a message agent writes, and on which channel.
class MessageFlows : public Group {
public:
    using Group::Group;

    /// Creates a message flow.
    [[nodiscard]] Answer create(const Input &request = {}, const Input &options = {}) const {
        return call(trillet_message_flows_create, request, options);
    }
    template <class Request = MessageFlowsCreate>
    [[nodiscard]] detail::answer_to<Request, MessageFlowsCreate> create(
        const Request &request, const Input &options = {}) const {
        return call(trillet_message_flows_create, request.json(), options);
    }
    /// Lists the message flows of the workspace.
    [[nodiscard]] Answer list(const Input &request = {}, const Input &options = {}) const {
        return call(trillet_message_flows_list, request, options);
    }
    template <class Request = MessageFlowsList>
    [[nodiscard]] detail::answer_to<Request, MessageFlowsList> list(
        const Request &request, const Input &options = {}) const {
        return call(trillet_message_flows_list, request.json(), options);
    }
};

/// A conversation is an exchange of messages with one person.
class Conversations : public Group {
public:
    using Group::Group;

    /// Writes a message to a person, and may send it. Required: flowId, to.
    [[nodiscard]] Answer generate(const Input &request, const Input &options = {}) const {
        return call(trillet_conversations_generate, request, options);
    }
    template <class Request = ConversationsGenerate>
    [[nodiscard]] detail::answer_to<Request, ConversationsGenerate> generate(
        const Request &request, const Input &options = {}) const {
        return call(trillet_conversations_generate, request.json(), options);
    }
    /// Lists the conversations of a message flow. Required: flowId.
    [[nodiscard]] Answer list(const Input &request, const Input &options = {}) const {
        return call(trillet_conversations_list, request, options);
    }
    template <class Request = ConversationsList>
    [[nodiscard]] detail::answer_to<Request, ConversationsList> list(
        const Request &request, const Input &options = {}) const {
        return call(trillet_conversations_list, request.json(), options);
    }
    /// Approves a message, edits it or drops it. Required: conversationId, messageId.
    [[nodiscard]] Answer act(const Input &request, const Input &options = {}) const {
        return call(trillet_conversations_act, request, options);
    }
    template <class Request = ConversationsAct>
    [[nodiscard]] detail::answer_to<Request, ConversationsAct> act(
        const Request &request, const Input &options = {}) const {
        return call(trillet_conversations_act, request.json(), options);
    }
};

/// A folder groups flows on the dashboard.
class Folders : public Group {
public:
    using Group::Group;

    /// Lists the folders of the workspace.
    [[nodiscard]] Answer list(const Input &request = {}, const Input &options = {}) const {
        return call(trillet_folders_list, request, options);
    }
    template <class Request = FoldersList>
    [[nodiscard]] detail::answer_to<Request, FoldersList> list(
        const Request &request, const Input &options = {}) const {
        return call(trillet_folders_list, request.json(), options);
    }
    /// Creates a folder. Required: name, color, icon, flowType.
    [[nodiscard]] Answer create(const Input &request, const Input &options = {}) const {
        return call(trillet_folders_create, request, options);
    }
    template <class Request = FoldersCreate>
    [[nodiscard]] detail::answer_to<Request, FoldersCreate> create(
        const Request &request, const Input &options = {}) const {
        return call(trillet_folders_create, request.json(), options);
    }
};

/// A workspace holds agents, flows and numbers, and the team that works with them.
class Workspaces : public Group {
public:
    using Group::Group;

    /// Lists the workspaces that the key may use.
    [[nodiscard]] Answer list(const Input &request = {}, const Input &options = {}) const {
        return call(trillet_workspaces_list, request, options);
    }
    template <class Request = WorkspacesList>
    [[nodiscard]] detail::answer_to<Request, WorkspacesList> list(
        const Request &request, const Input &options = {}) const {
        return call(trillet_workspaces_list, request.json(), options);
    }
    /// Gets a workspace and its team. Required: id.
    [[nodiscard]] Answer get(const Input &request, const Input &options = {}) const {
        return call(trillet_workspaces_get, request, options);
    }
    template <class Request = WorkspacesGet>
    [[nodiscard]] detail::answer_to<Request, WorkspacesGet> get(
        const Request &request, const Input &options = {}) const {
        return call(trillet_workspaces_get, request.json(), options);
    }
    /// Lists the invitations that nobody has answered.
    [[nodiscard]] Answer invitations(const Input &request = {}, const Input &options = {}) const {
        return call(trillet_workspaces_invitations, request, options);
    }
    template <class Request = WorkspacesInvitations>
    [[nodiscard]] detail::answer_to<Request, WorkspacesInvitations> invitations(
        const Request &request, const Input &options = {}) const {
        return call(trillet_workspaces_invitations, request.json(), options);
    }
    /// Invites somebody to a workspace by email. Required: workspaceId, email, role.
    [[nodiscard]] Answer invite(const Input &request, const Input &options = {}) const {
        return call(trillet_workspaces_invite, request, options);
    }
    template <class Request = WorkspacesInvite>
    [[nodiscard]] detail::answer_to<Request, WorkspacesInvite> invite(
        const Request &request, const Input &options = {}) const {
        return call(trillet_workspaces_invite, request.json(), options);
    }
};

/// Voices of your own, made from an embedding or cloned from a recording.
class Voices : public Group {
public:
    using Group::Group;

    /// Creates a voice from an embedding. Required: name, embedding.
    [[nodiscard]] Answer create(const Input &request, const Input &options = {}) const {
        return call(trillet_voices_create, request, options);
    }
    template <class Request = VoicesCreate>
    [[nodiscard]] detail::answer_to<Request, VoicesCreate> create(
        const Request &request, const Input &options = {}) const {
        return call(trillet_voices_create, request.json(), options);
    }
    /// Gets a voice. Required: id.
    [[nodiscard]] Answer get(const Input &request, const Input &options = {}) const {
        return call(trillet_voices_get, request, options);
    }
    template <class Request = VoicesGet>
    [[nodiscard]] detail::answer_to<Request, VoicesGet> get(
        const Request &request, const Input &options = {}) const {
        return call(trillet_voices_get, request.json(), options);
    }
    /// Clones a voice from a recording. Required: file.
    [[nodiscard]] Answer clone(const Input &request, const Input &options = {}) const {
        return call(trillet_voices_clone, request, options);
    }
    template <class Request = VoicesClone>
    [[nodiscard]] detail::answer_to<Request, VoicesClone> clone(
        const Request &request, const Input &options = {}) const {
        return call(trillet_voices_clone, request.json(), options);
    }
};
// End of generated: operations.

namespace detail {

/// Milliseconds as trillet.h takes them; a negative time means no limit.
inline std::int32_t milliseconds(std::chrono::milliseconds time) noexcept {
    const auto count = time.count();
    if (count < 0) return -1;
    return count < INT32_MAX ? static_cast<std::int32_t>(count) : INT32_MAX;
}

/// Where the lines of a client's log go. It outlives the client; its function may change while the
/// library calls the previous one.
class LogTarget {
public:
    void set(LogFunction function) {
        auto shared = std::make_shared<const LogFunction>(std::move(function));
        const std::lock_guard<std::mutex> guard(mutex_);
        function_.swap(shared);
    }

    // Not through C and Swift: an exception ends the program here.
    static void take(void *target, std::int32_t level, const char *line) noexcept {
        const auto function = static_cast<LogTarget *>(target)->current();
        if (function && *function) (*function)(static_cast<LogLevel>(level), line);
    }

private:
    std::shared_ptr<const LogFunction> current() {
        const std::lock_guard<std::mutex> guard(mutex_);
        return function_;
    }

    std::mutex mutex_;
    std::shared_ptr<const LogFunction> function_;
};

/// Passes an answer to the function that waits for it, and frees the function. Nothing may be thrown
/// through C and Swift.
template <class Done>
void take_answer(void *function, std::uint64_t id, const char *answer) noexcept {
    const std::unique_ptr<Done> done(static_cast<Done *>(function));
    (*done)(id, Answer(std::string(answer)));
}

/// As std::function and pointers may, but not lambdas, which are never null.
template <class Done>
inline constexpr bool may_be_empty =
    std::is_pointer_v<Done>
    || (std::is_constructible_v<bool, const Done &> && !std::is_convertible_v<const Done &, bool>);

template <class Done>
using if_done = std::enable_if_t<std::is_invocable_v<Done &, std::uint64_t, Answer>, std::uint64_t>;

} // namespace detail

/// As long as it lives, it decides whether blocking calls of its thread continue.
/// `Client::interrupt_when` makes it. Destroy it on the same thread, before its client.
class Interrupt {
public:
    Interrupt(trillet_client *client, std::function<bool()> is_over)
        : is_over_(std::make_unique<std::function<bool()>>(std::move(is_over))),
          client_(trillet_client_set_interrupt(client, look, is_over_.get()) == 0 ? client
                                                                                  : nullptr) {}
    Interrupt(Interrupt &&other) noexcept
        : is_over_(std::move(other.is_over_)), client_(std::exchange(other.client_, nullptr)) {}
    Interrupt &operator=(Interrupt &&) = delete;
    ~Interrupt() {
        if (client_ != nullptr) trillet_client_set_interrupt(client_, nullptr, nullptr);
    }

    /// False if the client is closed, was moved from or made before a fork.
    explicit operator bool() const noexcept { return client_ != nullptr; }

private:
    // Not through C and Swift: an exception ends the program here.
    static std::int32_t look(void *is_over) noexcept {
        return (*static_cast<std::function<bool()> *>(is_over))() ? 1 : 0;
    }

    std::unique_ptr<std::function<bool()>> is_over_;
    trillet_client *client_;
};

/// A client of the Trillet API. It can be moved, and used from any number of threads.
///
/// Functions passed to `submit` and `set_log` run one at a time: on a thread of the library, or with
/// the option `engine` "caller" inside the method that drives. A slow function delays the client's
/// other submitted requests. They may use the client, but must not close or destroy it. A function
/// that throws ends the program, as with `std::thread`.
class Client {
public:
#if defined(__cpp_exceptions)
    /// Makes a client. Throws `Error` (type "configuration") if an option is wrong.
    explicit Client(const Input &options = {}) {
        if (auto failure = open(options)) throw Error(std::move(*failure));
    }
#endif

    /// Makes a client without throwing. Returns nothing if an option is wrong, and stores the
    /// reason in `failure` if given.
    [[nodiscard]] static std::optional<Client> create(const Input &options = {},
                                                      std::optional<Answer> *failure = nullptr) {
        Client client{nullptr};
        auto problem = client.open(options);
        if (failure != nullptr) *failure = std::move(problem);
        if (!client.handle_) return std::nullopt;
        return client;
    }

    // Generated: groups. Change the descriptions in api, then make generate.
    Agents agents() const noexcept { return Agents(get()); }
    Flows flows() const noexcept { return Flows(get()); }
    Calls calls() const noexcept { return Calls(get()); }
    BatchCalls batch_calls() const noexcept { return BatchCalls(get()); }
    WebCalls web_calls() const noexcept { return WebCalls(get()); }
    Numbers numbers() const noexcept { return Numbers(get()); }
    KnowledgeBases knowledge_bases() const noexcept { return KnowledgeBases(get()); }
    MessageAgents message_agents() const noexcept { return MessageAgents(get()); }
    MessageFlows message_flows() const noexcept { return MessageFlows(get()); }
    Conversations conversations() const noexcept { return Conversations(get()); }
    Folders folders() const noexcept { return Folders(get()); }
    Workspaces workspaces() const noexcept { return Workspaces(get()); }
    Voices voices() const noexcept { return Voices(get()); }
    // End of generated: groups.

    /// Calls any operation by its id ("calls.send") or, if the library has no name for it, by
    /// method and path ("GET /v1/api/twilio/user-phone-numbers").
    [[nodiscard]] Answer call(const std::string &operation, const Input &request = {},
                              const Input &options = {}) const {
        return Answer(
            Text(trillet_call(get(), operation.c_str(), request.c_str(), options.c_str())));
    }

    /// Calls the operation of a structure of trillet_requests.hpp.
    template <class Request>
    [[nodiscard]] detail::if_request<Request, Answer> call(const Request &request,
                                                           const Input &options = {}) const {
        return call(Request::operation, request.json(), options);
    }

    /// Returns the pages of an operation that lists, as trillet_pager_new() names them. The request
    /// has the operation's fields, page (the first one) and prefetch.
    [[nodiscard]] Pager pages(const std::string &operation, const Input &request = {},
                              const Input &options = {}) const {
        return Pager(get(), operation, request, options);
    }
    template <class Request>
    [[nodiscard]] detail::if_request<Request, Pager> pages(const Request &request,
                                                           const Input &options = {}) const {
        return pages(Request::operation, request.json(), options);
    }

    /// Starts a request and returns its id at once; later calls `done` with the id and the answer,
    /// once. `done` is any function object, also one that can only be moved. Returns 0, and never
    /// calls `done`, if the client is closed, was moved from or made before a fork, or if `done` is
    /// an empty `std::function` or a null pointer.
    template <class Done>
    detail::if_done<Done> submit(const std::string &operation, const Input &request,
                                 const Input &options, Done done) const {
        if constexpr (detail::may_be_empty<Done>) {
            if (!static_cast<bool>(done)) return 0;
        }
        auto function = std::make_unique<Done>(std::move(done));
        const std::uint64_t id =
            trillet_submit(get(), operation.c_str(), request.c_str(), options.c_str(),
                           detail::take_answer<Done>, function.get());
        // From now on it belongs to the library, until it has been called.
        if (id != 0) static_cast<void>(function.release());
        return id;
    }
    template <class Done>
    detail::if_done<Done> submit(const std::string &operation, const Input &request,
                                 Done done) const {
        return submit(operation, request, {}, std::move(done));
    }
    /// The same, for a structure of trillet_requests.hpp.
    template <class Request, class Done>
    detail::if_request<Request, detail::if_done<Done>>
    submit(const Request &request, const Input &options, Done done) const {
        return submit(Request::operation, request.json(), options, std::move(done));
    }
    template <class Request, class Done>
    detail::if_request<Request, detail::if_done<Done>> submit(const Request &request,
                                                              Done done) const {
        return submit(Request::operation, request.json(), {}, std::move(done));
    }

    /// The same, but the answer waits for `next`.
    std::uint64_t submit(const std::string &operation, const Input &request = {},
                         const Input &options = {}) const {
        return trillet_submit(get(), operation.c_str(), request.c_str(), options.c_str(), nullptr,
                              nullptr);
    }
    template <class Request>
    detail::if_request<Request, std::uint64_t> submit(const Request &request,
                                                      const Input &options = {}) const {
        return submit(Request::operation, request.json(), options);
    }

    /// The same, but the answer arrives in a future. If the client accepts no request, the id is 0,
    /// and the future already has an answer that says why. With the option `engine` "caller" it
    /// arrives while somebody drives the client: call `drive` until the future is ready.
    [[nodiscard]] Pending submit_future(const std::string &operation, const Input &request = {},
                                        const Input &options = {}) const {
        std::promise<Answer> promise;
        Pending pending{0, promise.get_future()};
        pending.id = submit(operation, request, options,
                            [kept = std::move(promise)](std::uint64_t, Answer answer) mutable {
                                kept.set_value(std::move(answer));
                            });
        if (pending.id == 0) {
            std::promise<Answer> refused;
            pending.answer = refused.get_future();
            refused.set_value(refusal());
        }
        return pending;
    }
    template <class Request>
    [[nodiscard]] detail::if_request<Request, Pending>
    submit_future(const Request &request, const Input &options = {}) const {
        return submit_future(Request::operation, request.json(), options);
    }

    /// Asks a submitted request to end early. It still gets an answer: `cancelled`, or the real
    /// one. Returns whether the request was in progress.
    bool cancel(std::uint64_t id) const noexcept { return trillet_cancel(get(), id) == 0; }

    /// Returns a waiting answer, in order of arrival. Returns nothing if none arrived in time, or
    /// if the client is closed and all have been fetched; a negative timeout has no limit. An id of
    /// 0 marks an error of the client itself.
    [[nodiscard]] std::optional<Completion>
    next(std::chrono::milliseconds timeout = std::chrono::milliseconds(-1)) const noexcept {
        std::uint64_t id = 0;
        char *text = trillet_next(get(), detail::milliseconds(timeout), &id);
        if (text == nullptr) return std::nullopt;
        return Completion{id, Answer(Text(text))};
    }

    /// With the option `engine` "caller": does what is ready, and waits up to the timeout until a
    /// request has ended; a negative timeout has no limit. Callbacks and the log function run in it.
    /// Returns how many answers wait for `next`; -1 with "thread", and in a forked child.
    int drive(std::chrono::milliseconds timeout = std::chrono::milliseconds(0)) const noexcept {
        return trillet_drive(get(), detail::milliseconds(timeout));
    }

    /// A descriptor that is readable while answers wait for `next`, and with the option `engine`
    /// "caller" while there is something to drive; -1 for none. The client owns it: do not read
    /// from it or close it.
    int completion_fd() const noexcept { return trillet_completion_fd(get()); }

    /// What the client has done so far.
    [[nodiscard]] Stats stats() const noexcept { return Stats(Text(trillet_client_stats(get()))); }

    /// Sends log lines of at least `level` to `log`, instead of the previous function; without a
    /// function, nowhere. Returns false if the client is closed, was moved from or made before a
    /// fork.
    ///
    /// If this returns on another thread than the library's, the previous function is no longer
    /// running.
    bool set_log(LogLevel level, LogFunction log = nullptr) const {
        if (!handle_) return false;
        const bool is_wanted = level != LogLevel::off && log;
        detail::LogTarget *target = handle_.get_deleter().log.get();
        // Lines that were written for the function before are for no other.
        trillet_client_set_log(get(), TRILLET_LOG_OFF, nullptr, nullptr);
        target->set(std::move(log));
        return trillet_client_set_log(
                   get(), static_cast<std::int32_t>(is_wanted ? level : LogLevel::off),
                   is_wanted ? detail::LogTarget::take : nullptr, target)
               == 0;
    }

    /// Ends blocking calls of this thread as `cancelled` once `is_over` returns true. The library
    /// calls it after a signal handler has interrupted the wait, and at least every 200 ms. A
    /// client has one such function, the last; one that throws ends the program.
    ///
    ///     const auto interrupt = client.interrupt_when([] { return is_hung_up.load(); });
    ///     auto call = client.calls().send(…);
    [[nodiscard]] Interrupt interrupt_when(std::function<bool()> is_over) const {
        return Interrupt(get(), std::move(is_over));
    }

    /// Refuses new calls, waits for the running ones, and cancels those that exceed the timeout; a
    /// negative timeout has no limit. Returns whether all ended by themselves: not when the thread's
    /// `interrupt_when` ended the wait.
    bool close(std::chrono::milliseconds timeout = std::chrono::milliseconds(0)) const noexcept {
        return trillet_client_close(get(), detail::milliseconds(timeout)) == 0;
    }

    /// Refuses new calls and starts nothing more: waiting requests end at once as `cancelled`.
    /// Requests on the wire have until the timeout; a negative one has no limit. Returns whether
    /// all of these ended by themselves: not when the thread's `interrupt_when` ended the wait.
    bool drain(std::chrono::milliseconds timeout = std::chrono::milliseconds(0)) const noexcept {
        return trillet_client_drain(get(), detail::milliseconds(timeout)) == 0;
    }

    /// The first half of `drain`, without waiting: fetch the answers that are still to come, then
    /// `close`. Returns false for a client that was moved from or made before a fork.
    bool begin_drain() const noexcept { return trillet_client_begin_drain(get()) == 0; }

    /// Opens connections before the first request, without a request that acts. `data` of the
    /// answer has the number that is `open`, and the cost of each of the `connections`. A negative
    /// timeout means the client's own.
    Answer warm(std::int32_t connections = 1,
                std::chrono::milliseconds timeout = std::chrono::milliseconds(-1)) const noexcept {
        return Answer(Text(trillet_client_warm(get(), connections, detail::milliseconds(timeout))));
    }

    /// The C client, for functions of trillet.h.
    trillet_client *get() const noexcept { return handle_.get(); }

private:
    // The log is destroyed after the client, also if another client is moved into this one.
    struct deleter {
        void operator()(trillet_client *client) const noexcept { trillet_client_free(client); }
        std::unique_ptr<detail::LogTarget> log;
    };

    explicit Client(std::nullptr_t) noexcept {}

    /// Why the client accepts no request.
    Answer refusal() const {
        Answer answer(Text(trillet_call(get(), "", nullptr, nullptr)));
        if (handle_ && answer.error_type() == "invalid_argument") {
            answer = Answer(std::string(
                R"({"ok":false,"status":0,"error":{"type":"internal","message":"The library )"
                R"(could not start its thread","sent":"no","retryable":true},"meta":{}})"));
        }
        return answer;
    }

    std::optional<Answer> open(const Input &options) {
        char *error = nullptr;
        handle_.get_deleter().log = std::make_unique<detail::LogTarget>();
        handle_.reset(trillet_client_new(options.c_str(), &error));
        if (handle_) return std::nullopt;
        return Answer(Text(error));
    }

    std::unique_ptr<trillet_client, deleter> handle_;
};

/// The version of the library in use, "0.1.0".
inline std::string_view version() noexcept {
    return trillet_version();
}

/// What the library is and what it runs with, one JSON object for reports of problems: versions of
/// libcurl and TLS, and the file of trusted certificates. See trillet_library_info().
inline Text library_info() {
    return Text(trillet_library_info());
}

} // namespace trillet

#endif
