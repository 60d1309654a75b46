// The check of a webhook, without a client.
#include "suites.hpp"

using trillet::Answer;
using trillet::webhook_verify;

namespace {

constexpr std::string_view body =
    R"({"event":"call.completed","data":{"callId":"call_1","duration":35}})";
// HMAC-SHA256 of it with the secret, by OpenSSL.
constexpr const char *secret = "whsec_test";
constexpr std::string_view signature =
    "410879fd4e8353735e1b5e8d548358ef52922d39ce0d756b089adb28f304b797";

void a_signed_webhook_is_read(const void *) {
    const Answer event = webhook_verify(body, signature, {{"secrets", secret}});
    CHECK(event.ok());
    CHECK_VIEW(event.data_string("type"), "call.completed");
    CHECK_VIEW(event.data_string("callId"), "call_1");
    CHECK_VIEW(event.data_string("status"), "completed");
    CHECK_VIEW(event.data("raw"), body);
}

void a_changed_webhook_is_refused(const void *) {
    const std::string changed = std::string(body) + " ";
    const Answer event = webhook_verify(changed, signature, {{"secrets", secret}});
    CHECK(!event.ok());
    CHECK_VIEW(event.error_type(), "signature");
    CHECK_VIEW(event.error_code(), "signature_mismatch");
}

void a_webhook_without_signature_or_secret_is_refused(const void *) {
    CHECK_VIEW(webhook_verify(body, "", {{"secrets", secret}}).error_code(), "signature_missing");
    CHECK_VIEW(webhook_verify(body, signature, {}).error_code(), "secret_missing");
    const std::string hidden = std::string(signature) + std::string("\0x", 2);
    CHECK_VIEW(webhook_verify(body, hidden, {{"secrets", secret}}).error_code(),
               "signature_malformed");
}

} // namespace

void webhook_suite() {
    check_suite("webhooks");
    check_case("A signed webhook is read", a_signed_webhook_is_read, nullptr);
    check_case("A changed webhook is refused", a_changed_webhook_is_refused, nullptr);
    check_case("A webhook without signature or secret is refused",
               a_webhook_without_signature_or_secret_is_refused, nullptr);
}
