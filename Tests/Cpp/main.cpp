#include "suites.hpp"

int main(int argc, char **argv) {
    check_start(argc, argv);
    json_suite();
    client_suite();
    answer_suite();
    submitting_suite();
    log_suite();
    following_suite();
    sandbox_suite();
    return check_finish();
}
