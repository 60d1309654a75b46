// What trillet::json takes beyond text and numbers.
#include "suites.hpp"

#include <array>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <unordered_map>
#include <vector>

namespace json = trillet::json;

namespace {

enum class Colour { red, green };
std::string_view to_string(Colour colour) { return colour == Colour::red ? "red" : "green"; }

enum class Nameless { one };

/// Like a JSON library's value: it converts to almost everything.
struct Foreign {
    std::string dump() const { return R"({"agentId":"a1"})"; }
    template <class Any, std::enable_if_t<std::is_same_v<Any, std::string>, int> = 0>
    operator Any() const {
        CHECK(false);
        return {};
    }
};

void an_empty_optional_is_no_member(const void *) {
    const std::optional<std::string> none;
    const std::optional<int> seven = 7;
    CHECK_VIEW((json::object{{"none", none}, {"seven", seven}}).text(), R"({"seven":7})");
    CHECK_VIEW((json::array{none, seven}).text(), "[null,7]");
    CHECK_VIEW(json::object().set("none", none).text(), "{}");
    CHECK_VIEW((json::object{{"null", nullptr}}).text(), R"({"null":null})");
    CHECK_VIEW((json::object{{"nested", std::optional<std::optional<int>>(std::in_place)}}).text(),
               "{}");
    CHECK(json::value(none).is_absent());
    CHECK(!json::value(nullptr).is_absent());
}

void ranges_are_lists(const void *) {
    CHECK_VIEW(json::value(std::vector<int>{1, 2}).text(), "[1,2]");
    CHECK_VIEW(json::value(std::vector<bool>{true, false}).text(), "[true,false]");
    CHECK_VIEW(json::value(std::vector<std::string>()).text(), "[]");
    CHECK_VIEW(json::value(std::array<std::string_view, 2>{"a", "\""}).text(), R"(["a","\""])");
    CHECK_VIEW(json::value(std::set<std::string>{"b", "a"}).text(), R"(["a","b"])");
    CHECK_VIEW(json::value(std::vector<std::optional<double>>{0.5, {}}).text(), "[0.5,null]");
    const std::vector<json::value> mixed{1, "two", json::object{{"three", 3}}};
    CHECK_VIEW(json::value(mixed).text(), R"([1,"two",{"three":3}])");
}

void maps_are_objects(const void *) {
    const std::map<std::string, std::vector<int>> lists{{"a", {1}}, {"b\"", {}}};
    CHECK_VIEW(json::value(lists).text(), R"({"a":[1],"b\"":[]})");
    CHECK_VIEW(json::object(lists).set("c", true).text(), R"({"a":[1],"b\"":[],"c":true})");
    const std::unordered_map<std::string_view, std::optional<int>> one{{"none", {}}};
    CHECK_VIEW(json::value(one).text(), "{}");
    CHECK_VIEW(json::object{}.append({{"a", 1}}).append({}).append({{"b", 2}}).text(),
               R"({"a":1,"b":2})");
}

void enumerations_are_written_by_their_names(const void *) {
    CHECK_VIEW((json::array{Colour::red, Colour::green}).text(), R"(["red","green"])");
    CHECK_VIEW((json::object{{"sent", trillet::Sent::maybe}}).text(), R"({"sent":"maybe"})");
    static_assert(!std::is_constructible_v<json::value, Nameless>);
}

void a_letter_is_no_number(const void *) {
    static_assert(!std::is_constructible_v<json::value, char>);
    static_assert(!std::is_constructible_v<json::value, wchar_t>);
    static_assert(!std::is_constructible_v<json::value, char16_t>);
    static_assert(!std::is_constructible_v<json::value, char32_t>);
    CHECK_VIEW(json::value(std::int8_t{-7}).text(), "-7");
    CHECK_VIEW(json::value(std::uint8_t{65}).text(), "65");
    CHECK_VIEW(json::value(0.6F).text(), "0.6");
}

/// Whether an exception says what to write instead.
template <class Making> void refuses_null(Making making) {
    std::string what;
    try {
        making();
    } catch (const std::invalid_argument &error) {
        what = error.what();
    }
    CHECK_VIEW(what, "a null char * is no text; write nullptr for JSON's null");
}

void null_text_is_an_exception(const void *) {
    const char *const none = nullptr;
    char *const changeable = nullptr;
    refuses_null([&] { json::value{none}; });
    refuses_null([&] { json::value{changeable}; });
    refuses_null([&] { json::raw(none); });
    refuses_null([&] { json::object{{"agentId", none}}; });
    refuses_null([&] { json::object{{none, 1}}; });
    refuses_null([&] { json::object().set(none, 1); });
    refuses_null([&] { json::value(std::vector<const char *>{none}); });
    refuses_null([&] { trillet::Input{{"agentId", none}}; });
}

void the_json_of_others_is_taken_as_it_is(const void *) {
    CHECK_VIEW((json::object{{"foreign", Foreign()}}).text(), R"({"foreign":{"agentId":"a1"}})");
    Opened opened;
    CHECK(opened.client.agents().get(Foreign()).ok());
    CHECK(opened.client.agents().get(std::map<std::string, std::string>{{"agentId", "a2"}}).ok());
    CHECK(opened.client.agents().get(std::string_view(R"({"agentId":"a3"}, and more)", 16)).ok());
    CHECK_VIEW(taken(recorded_line(opened.server, 0)), "GET /api/v1/agents/a1");
    CHECK_VIEW(taken(recorded_line(opened.server, 1)), "GET /api/v1/agents/a2");
    CHECK_VIEW(taken(recorded_line(opened.server, 2)), "GET /api/v1/agents/a3");
}

} // namespace

void conversions_suite() {
    check_suite("conversions to json");
    check_case("An empty optional is no member", an_empty_optional_is_no_member, nullptr);
    check_case("Ranges are lists", ranges_are_lists, nullptr);
    check_case("Maps are objects", maps_are_objects, nullptr);
    check_case("Enumerations are written by their names", enumerations_are_written_by_their_names,
               nullptr);
    check_case("A letter is no number", a_letter_is_no_number, nullptr);
    check_case("A null char * is an exception", null_text_is_an_exception, nullptr);
    check_case("The JSON of other libraries is taken as it is",
               the_json_of_others_is_taken_as_it_is, nullptr);
}
