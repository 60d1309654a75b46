// Writing and reading JSON with trillet::json.
#include "suites.hpp"

#include <cmath>
#include <cstdint>
#include <limits>

namespace json = trillet::json;

namespace {

void values_are_written(const void *) {
    CHECK_VIEW(json::value().text(), "null");
    CHECK_VIEW(json::value(nullptr).text(), "null");
    CHECK_VIEW(json::value(true).text(), "true");
    CHECK_VIEW(json::value(false).text(), "false");
    CHECK_VIEW(json::value(0).text(), "0");
    CHECK_VIEW(json::value(-7L).text(), "-7");
    CHECK_VIEW(json::value(std::numeric_limits<std::int64_t>::min()).text(),
               "-9223372036854775808");
    CHECK_VIEW(json::value(std::numeric_limits<std::uint64_t>::max()).text(),
               "18446744073709551615");
    CHECK_VIEW(json::value(0.1).text(), "0.1");
    CHECK_VIEW(json::value(-2.5e-3).text(), "-0.0025");
    CHECK_VIEW(json::value(0.6F).text().substr(0, 3), "0.6");
    CHECK_VIEW(json::value("text").text(), "\"text\"");
    CHECK_VIEW(json::value(std::string("text")).text(), "\"text\"");
    CHECK_VIEW(json::value(std::string_view("text")).text(), "\"text\"");
    CHECK_VIEW(json::raw("1e400").text(), "1e400");
    static_assert(!std::is_constructible_v<json::value, int *>);
}

void text_is_escaped(const void *) {
    static constexpr char literal[] = "a\"b\\c\b\f\n\r\t\x01\x1f/ü😀\0d";
    const std::string all(literal, sizeof literal - 1);
    CHECK_VIEW(json::value(all).text(),
               "\"a\\\"b\\\\c\\u0008\\u000c\\u000a\\u000d\\u0009\\u0001\\u001f/ü😀\\u0000d\"");
    CHECK_VIEW(json::decode(json::value(all).text()), all);
    CHECK_VIEW((json::object{{"a\"\n", 1}}).text(), "{\"a\\\"\\u000a\":1}");
}

void objects_and_lists_nest(const void *) {
    json::object settings;
    settings.set("speed", 0.6).set("list", json::array{1, "two", nullptr, json::array{}});
    const json::object whole{
        {"name", "Front Desk"}, {"settings", settings}, {"empty", json::object()}};
    CHECK_VIEW(whole.text(), "{\"name\":\"Front Desk\",\"settings\":{\"speed\":0.6,\"list\":"
                             "[1,\"two\",null,[]]},\"empty\":{}}");
    CHECK_VIEW(json::array().add(1).add(json::raw("0.10")).text(), "[1,0.10]");
}

constexpr std::string_view sample =
    " { \"a\" : { \"b\" : [ 10 , {\"c\":\"}]\\\"\"} , [ ] ] } ,\"n\":-1.5e2, \"\":null, \"x.y\":1,"
    "\"\\u0065sc\":true,\"last\":\"\" } ";

void members_are_found_by_path(const void *) {
    CHECK_VIEW(json::find(sample, "a.b.0"), "10");
    CHECK_VIEW(json::find(sample, "a.b.1.c"), "\"}]\\\"\"");
    CHECK_VIEW(json::find(sample, "a.b.2"), "[ ]");
    CHECK_VIEW(json::find(sample, "a.b"), "[ 10 , {\"c\":\"}]\\\"\"} , [ ] ]");
    CHECK_VIEW(json::find(sample, "n"), "-1.5e2");
    CHECK_VIEW(json::find(sample, "esc"), "true");
    CHECK_VIEW(json::find(sample, "last"), "\"\"");
    CHECK_VIEW(json::find(" 7 ", ""), "7");
    for (std::string_view path : {"b", "a.c", "a.b.3", "a.b.0.x", "n.0", "a.b.1.c.d", "last.x", "a.b.c",
                                  "a.b.0x", "a.b.99999999999999999999"}) {
        check_note("%s", std::string(path).c_str());
        CHECK(json::find(sample, path).data() == nullptr);
    }
}

void strings_are_decoded(const void *) {
    CHECK_VIEW(json::decode("\"\\u00e9\\n\\t\\r\\b\\f\\/\\\\\\\"\""), "é\n\t\r\b\f/\\\"");
    CHECK_VIEW(json::decode("\"\\ud83d\\ude00\""), "😀");
    CHECK_VIEW(json::decode("\"\\ud83d\\u0041\""), "\xef\xbf\xbd" "A");
    CHECK_VIEW(json::decode("\"\\ud83d\""), "\xef\xbf\xbd");
    CHECK_VIEW(json::decode("\"\\ude00x\""), "\xef\xbf\xbdx");
    CHECK_VIEW(json::decode("\"\\u20ac\\u0041\""), "€A");
    CHECK_VIEW(json::decode("12.50"), "12.50");
    CHECK_VIEW(json::decode(""), "");
    CHECK_NUMBER(json::decode("\"\\u0000\"").size(), 1);
}

void lists_and_objects_are_walked(const void *) {
    const auto list = json::elements("[1, [2,3] ,\"a,b\" ]");
    CHECK_NUMBER(list.size(), 3);
    CHECK_VIEW(list.at(1), "[2,3]");
    CHECK_VIEW(list.at(2), "\"a,b\"");
    CHECK(json::elements("[]").empty());
    CHECK(json::elements("{}").empty());
    CHECK(json::elements("").empty());
    const auto pairs = json::members(sample);
    CHECK_NUMBER(pairs.size(), 6);
    CHECK_VIEW(pairs.at(4).first, "esc");
    CHECK_VIEW(pairs.at(4).second, "true");
    CHECK_VIEW(pairs.at(5).second, "\"\"");
    CHECK(json::members("[]").empty());
    CHECK(json::members("{ }").empty());
}

void numbers_are_read(const void *) {
    CHECK(json::number<int>("42") == 42);
    CHECK(json::number<std::int64_t>("-9223372036854775808")
          == std::numeric_limits<std::int64_t>::min());
    CHECK(json::number<double>("-1.5e2") == -150.0);
    CHECK(!json::number<int>("1.5"));
    CHECK(!json::number<int>("99999999999"));
    CHECK(!json::number<int>("\"1\""));
    CHECK(!json::number<int>(""));
    CHECK(!json::number<double>("null"));
}

// What the walkers promise over text that is not JSON: an end, inside the text.
void broken_text_does_no_harm(const void *) {
    const std::string whole(sample);
    for (std::size_t length = 0; length <= whole.size(); ++length) {
        // A copy of its own, so that a step too far leaves the block.
        const std::string cut(whole, 0, length);
        json::find(cut, "a.b.1.c");
        json::find(cut, "last.x");
        json::members(cut);
        json::elements(cut);
        json::decode(cut);
    }
    for (std::string_view text :
         {"[,", "[,]", "{,}", "{\"a\"}", "{:}", "]", "}", "[}", "\"", "\"\\", "\"\\u", "\"\\u12\"",
          "[\"", "[[[", "{\"a\":", "{\"a\":}", "[1 2]"}) {
        check_note("%s", std::string(text).c_str());
        json::find(text, "a.0");
        json::elements(text);
        json::members(text);
        json::decode(text);
    }
    CHECK(true);
}

void objects_are_merged_key_by_key(const void *) {
    CHECK_VIEW(json::merged(R"({"a":1,"b":{"c":[1],"d":"x"},"e":2})",
                            R"({ "b" : {"c":[2],"f":null}, "e":{"g":3}, "h\"":4 })")
                   .text(),
               R"({"a":1,"b":{"c":[2],"d":"x","f":null},"e":{"g":3},"h\"":4})");
    CHECK_VIEW(json::merged("[1]", "{}").text(), "{}");
    CHECK_VIEW(json::merged("{}", "7").text(), "7");
    CHECK_VIEW(json::merged("", "").text(), "");
}

} // namespace

void json_suite() {
    check_suite("json");
    check_case("Values are written as JSON", values_are_written, nullptr);
    check_case("Text is escaped", text_is_escaped, nullptr);
    check_case("Objects and lists nest", objects_and_lists_nest, nullptr);
    check_case("Members are found by their path", members_are_found_by_path, nullptr);
    check_case("Strings are decoded", strings_are_decoded, nullptr);
    check_case("Lists and objects are walked", lists_and_objects_are_walked, nullptr);
    check_case("Objects are merged key by key", objects_are_merged_key_by_key, nullptr);
    check_case("Numbers are read", numbers_are_read, nullptr);
    check_case("Text that is not JSON does no harm", broken_text_does_no_harm, nullptr);
}
