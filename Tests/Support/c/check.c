#include "check.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXIT_SKIPPED = 77, CASE_SECONDS = 120, NOTE_BYTES = 512 };

static const char *selection;
static int verbose;
static int in_one_process;
static int passed;
static int failed;
static int suite_passed;
static int suite_failed;
static const char *suite_name;
/* Shared with the children: what a case was busy with must outlive its crash. */
static char *note;

static int failures;
static int skipped;

/* Shown text is cut, because a mismatch of a megabyte helps nobody. */
enum { SHOWN_BYTES = 600 };

/* As it stands, but for bytes that would upset a terminal or a log. */
static void show_bytes(const char *bytes, size_t length)
{
    size_t index;

    for (index = 0; index < length; index++) {
        unsigned char byte = (unsigned char)bytes[index];
        if (byte == '\n') {
            printf("\\n");
        } else if (byte == '\r') {
            printf("\\r");
        } else if (byte < 0x20 || byte >= 0x7f) {
            printf("\\x%02x", byte);
        } else {
            putchar(byte);
        }
    }
}

void check_start(int argc, char **argv)
{
    int index;
    FILE *shared;

    for (index = 1; index < argc; index++) {
        if (strcmp(argv[index], "-v") == 0) {
            verbose = 1;
        } else {
            selection = argv[index];
        }
    }
    in_one_process = getenv("CHECK_IN_ONE_PROCESS") != NULL;
    shared = tmpfile();
    if (shared == NULL || ftruncate(fileno(shared), NOTE_BYTES) != 0) {
        perror("no temporary file for the tests");
        exit(1);
    }
    note = (char *)mmap(NULL, NOTE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fileno(shared), 0);
    if (note == (char *)MAP_FAILED) {
        perror("no shared memory for the tests");
        exit(1);
    }
    /* A host's proxy or account must not take part in a test. */
    unsetenv("http_proxy");
    unsetenv("https_proxy");
    unsetenv("HTTPS_PROXY");
    unsetenv("all_proxy");
    unsetenv("ALL_PROXY");
    unsetenv("TRILLET_API_KEY");
    unsetenv("TRILLET_WORKSPACE_ID");
    unsetenv("TRILLET_BASE_URL");
}

static void close_suite(void)
{
    if (suite_name != NULL && suite_passed + suite_failed > 0) {
        printf("%-28s %4d passed", suite_name, suite_passed);
        if (suite_failed > 0) {
            printf(", %d failed", suite_failed);
        }
        printf("\n");
    }
    suite_passed = 0;
    suite_failed = 0;
}

void check_suite(const char *name)
{
    close_suite();
    suite_name = name;
}

static int run_here(check_function run, const void *argument)
{
    failures = 0;
    skipped = 0;
    run(argument);
    if (failures > 0) {
        return 1;
    }
    return skipped ? EXIT_SKIPPED : 0;
}

static int run_in_child(check_function run, const void *argument)
{
    int status = 0;
    pid_t child;

    fflush(stdout);
    fflush(stderr);
    child = fork();
    if (child < 0) {
        perror("fork");
        return 1;
    }
    if (child == 0) {
        alarm(CASE_SECONDS);
        exit(run_here(run, argument));
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFSIGNALED(status)) {
        if (WTERMSIG(status) == SIGALRM) {
            printf("  had not ended when its alarm came\n");
        } else {
            printf("  died of signal %d\n", WTERMSIG(status));
        }
        return 1;
    }
    return WEXITSTATUS(status);
}

void check_case(const char *name, check_function run, const void *argument)
{
    int result;

    if (selection != NULL && strstr(name, selection) == NULL
        && (suite_name == NULL || strstr(suite_name, selection) == NULL)) {
        return;
    }
    note[0] = '\0';
    result = in_one_process ? run_here(run, argument) : run_in_child(run, argument);
    if (result == EXIT_SKIPPED) {
        printf("skipped: %s: %s\n", name, note);
        return;
    }
    if (result == 0) {
        passed++;
        suite_passed++;
        if (verbose) {
            printf("ok: %s\n", name);
        }
        return;
    }
    failed++;
    suite_failed++;
    printf("FAILED: %s%s", name, note[0] != '\0' ? " -- while at: " : "");
    show_bytes(note, strlen(note));
    printf("\n");
}

void check_note(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(note, NOTE_BYTES, format, arguments);
    va_end(arguments);
}

int check_failures(void)
{
    return failures;
}

void check_skip(const char *reason)
{
    check_note("%s", reason);
    skipped = 1;
}

int check_finish(void)
{
    const char *counts = getenv("CHECK_COUNTS");

    close_suite();
    if (counts != NULL) {
        FILE *file = fopen(counts, "a");
        if (file == NULL) {
            perror(counts);
            return 1;
        }
        fprintf(file, "%d %d\n", passed, failed);
        fclose(file);
    } else {
        printf("%d passed, %d failed\n", passed, failed);
    }
    return failed > 0 ? 1 : 0;
}

static void report(const char *file, int line)
{
    failures++;
    printf("  %s:%d: ", file, line);
    show_bytes(note, strlen(note));
    printf("%s", note[0] != '\0' ? ": " : "");
}

static void show(const char *label, const char *bytes, size_t length)
{
    size_t shown = length < SHOWN_BYTES ? length : (size_t)SHOWN_BYTES;

    printf("    %s ", label);
    show_bytes(bytes, shown);
    printf(shown < length ? " ... (%lu bytes)\n" : "\n", (unsigned long)length);
}

void check_show(const char *label, const char *value)
{
    show(label, value, strlen(value));
}

int check_that(int held, const char *condition, const char *file, int line)
{
    if (!held) {
        report(file, line);
        printf("does not hold: %s\n", condition);
    }
    return held;
}

int check_number(long actual, long expected, const char *what, const char *file, int line)
{
    if (actual != expected) {
        report(file, line);
        printf("%s is %ld, not %ld\n", what, actual, expected);
    }
    return actual == expected;
}

int check_text(const char *actual, const char *expected, const char *what, const char *file,
               int line)
{
    if (actual == NULL) {
        report(file, line);
        printf("%s is NULL\n", what);
        show("expected", expected, strlen(expected));
        return 0;
    }
    return check_bytes(actual, strlen(actual), expected, strlen(expected), what, file, line);
}

int check_bytes(const char *actual, size_t length, const char *expected, size_t expected_length,
                const char *what, const char *file, int line)
{
    int same = length == expected_length && memcmp(actual, expected, length) == 0;

    if (!same) {
        report(file, line);
        printf("%s differs\n", what);
        show("actual  ", actual, length);
        show("expected", expected, expected_length);
    }
    return same;
}
