#include "suites.hpp"

int main(int argc, char **argv) {
    check_start(argc, argv);
    if (caller_drives()) {
        // The others submit nothing.
        submitting_suite();
        log_suite();
        return check_finish();
    }
    json_suite();
    conversions_suite();
    client_suite();
    answer_suite();
    requests_suite();
    submitting_suite();
    log_suite();
    following_suite();
    sandbox_suite();
    webhook_suite();
    return check_finish();
}
