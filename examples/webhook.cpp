// A CGI program that receives webhooks: prints a line for each to standard error, which web servers
// keep in their log.
//
// The secret comes from TRILLET_WEBHOOK_SECRET; an older one, while a change is under way, from
// TRILLET_WEBHOOK_OLD_SECRET.
#include <trillet.hpp>

#include <cstdlib>
#include <iostream>
#include <string>

namespace {

constexpr std::size_t longest_body = 1 << 20;

std::string variable(const char *name) {
    const char *text = std::getenv(name);
    return text == nullptr ? "" : text;
}

int answer(const char *status) {
    std::cout << "Status: " << status << "\r\nContent-Type: application/json\r\n\r\n{}\n";
    return 0;
}

} // namespace

int main() {
    if (variable("REQUEST_METHOD") != "POST") return answer("405 Method Not Allowed");
    const std::size_t length = std::strtoul(variable("CONTENT_LENGTH").c_str(), nullptr, 10);
    if (length > longest_body) return answer("413 Content Too Large");
    std::string body(length, '\0');
    // The signature is of these bytes: nothing may read them as text or JSON before.
    std::cin.read(body.data(), static_cast<std::streamsize>(length));
    body.resize(static_cast<std::size_t>(std::cin.gcount()));

    trillet::json::array secrets;
    for (const char *name : {"TRILLET_WEBHOOK_SECRET", "TRILLET_WEBHOOK_OLD_SECRET"}) {
        if (const std::string secret = variable(name); !secret.empty()) secrets.add(secret);
    }
    const trillet::Answer event = trillet::webhook_verify(
        body, variable("HTTP_X_TRILLET_SIGNATURE"), {{"secrets", secrets}});
    if (!event) {
        std::cerr << event.summary() << '\n';
        return answer(event.error_kind() == trillet::ErrorKind::signature ? "401 Unauthorized" : "400 Bad Request");
    }
    std::cerr << event.call_id() << ": " << event.data_string("type") << ", "
              << event.data_string("status") << '\n';
    return answer("200 OK");
}
