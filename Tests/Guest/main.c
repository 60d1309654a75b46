#include "check.h"
#include "engine.h"
#include "service.h"
#include "suites.h"

int main(int argc, char **argv)
{
    check_start(argc, argv);
    service_start();
    fork_suite();
    fork_end_suite();
    signal_suite();
    state_suite();
    denied_call_suite();
    exit_suite();
    client_suite();
    stack_suite();
    descriptor_suite();
    lookup_suite();
    memory_suite();
    neighbour_suite();
    callback_suite();
    completion_suite();
    completion_array_suite();
    if (caller_drives()) {
        driving_suite();
        abandoned_calls_suite();
        taking_over_suite();
        driver_descriptor_suite();
        leaving_suite();
        woken_suite();
    }
    return check_finish();
}
