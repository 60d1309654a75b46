#include "check.h"
#include "engine.h"
#include "suites.h"

/* Those of the others that submit, or wait for what was submitted. */
static void run_with_engine_caller(void)
{
    closing_suite();
    draining_suite();
    interrupted_ends_suite();
    warming_suite();
    driving_suite();
    stepping_suite();
}

int main(int argc, char **argv)
{
    check_start(argc, argv);
    if (caller_drives()) {
        run_with_engine_caller();
        return check_finish();
    }
    header_suite();
    exports_suite();
    request_suite();
    path_suite();
    body_suite();
    header_line_suite();
    upload_suite();
    contact_suite();
    answer_suite();
    error_suite();
    failure_suite();
    tls_suite();
    closing_suite();
    draining_suite();
    interrupting_suite();
    interrupted_ends_suite();
    warming_suite();
    driving_suite();
    stepping_suite();
    input_suite();
    strict_field_suite();
    hostile_text_suite();
    option_suite();
    json_files_suite();
    thread_suite();
    return check_finish();
}
