/* Allocations that fail: an error answer and no crash, whichever it is. */
#include "check.h"
#include "service.h"
#include "suites.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* PROGRAM_DIR comes from the Makefile. */

enum { CASE_SECONDS = 1200 };

typedef struct scarcity {
    const char *callers;
    const char *lasting;
    enum door door;
} scarcity;

static void every_failure_is_an_answer(const void *argument)
{
    const scarcity *shown = (const scarcity *)argument;
    char *command = text_format("LD_PRELOAD=" PROGRAM_DIR "/failing_malloc.so " PROGRAM_DIR
                                "/scarce_memory %s %s %s %s",
                                shown->callers, shown->lasting, service_url(shown->door),
                                service_certificate());
    char line[256] = "";
    FILE *output;

    alarm(CASE_SECONDS);
    output = popen(command, "r");
    while (output != NULL && fgets(line, sizeof line, output) != NULL) {
        check_note("%.200s", line);
    }
    CHECK(output != NULL && pclose(output) == 0);
    free(command);
}

void memory_suite(void)
{
    static const scarcity once = {"library", "once", PLAIN};
    static const scarcity lasting = {"library", "lasting", PLAIN};

    check_suite("memory");
    check_case("Each allocation of the library fails once", every_failure_is_an_answer, &once);
    check_case("From each allocation of the library on all fail", every_failure_is_an_answer,
               &lasting);
}
