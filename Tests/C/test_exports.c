#include "check.h"
#include "fixture.h"
#include "header_names.h"
#include "suites.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* LIBRARY_FILE, HEADER_FILE and SCRATCH_DIR come from the Makefile. */

enum { LARGEST_BYTES = 512 * 1024, LARGEST_BUNDLED_BYTES = 4 * 1024 * 1024 };
enum { NEWEST_GLIBC = 17, OLDEST_FUNCTIONS = 41 };

static char *output_of(const char *command)
{
    text output = {NULL, 0, 0};
    char piece[4096];
    size_t got;
    FILE *pipe = popen(command, "r");

    text_append(&output, "", 0);
    if (!CHECK(pipe != NULL)) {
        return output.bytes;
    }
    while ((got = fread(piece, 1, sizeof piece, pipe)) > 0) {
        text_append(&output, piece, got);
    }
    check_note("%s", command);
    CHECK_NUMBER(pclose(pipe), 0);
    return output.bytes;
}

/* Each function of the header says since when it is there, in a comment, which
   `header_functions` skips. */
static size_t described_functions(const char *header)
{
    static const char line[] = "\n * Since: ";
    const char *at = header;
    size_t count = 0;

    while ((at = strstr(at, line)) != NULL) {
        at += sizeof line - 1;
        count++;
    }
    return count;
}

static void the_exports_are_the_header_s(const void *argument)
{
    name_list declared = {{NULL}, 0};
    name_list exported = {{NULL}, 0};
    size_t length = 0;
    char *header = text_read_file(HEADER_FILE, &length);
    char *symbols = output_of("nm -D --defined-only '" LIBRARY_FILE "'");
    char *line = strtok(symbols, "\n");
    char *expected;
    char *actual;

    (void)argument;
    if (!CHECK(header != NULL)) {
        return;
    }
    header_functions(header, "", &declared);
    CHECK(declared.count >= OLDEST_FUNCTIONS);
    CHECK_NUMBER(declared.count, described_functions(header));
    for (; line != NULL; line = strtok(NULL, "\n")) {
        char *name = strrchr(line, ' ') + 1;
        char *version = strstr(name, "@@");
        if (strcmp(name, "TRILLET_1") == 0 || strcmp(name, "TRILLET_1@@TRILLET_1") == 0) {
            continue;
        }
        check_note("%s", line);
        CHECK(version != NULL && strcmp(version, "@@TRILLET_1") == 0);
        CHECK(strstr(line, " T ") != NULL);
        name_list_add(&exported, name, version == NULL ? strlen(name) : (size_t)(version - name));
    }
    expected = name_list_joined(&declared);
    actual = name_list_joined(&exported);
    CHECK_TEXT(actual, expected);
    free(expected);
    free(actual);
    free(header);
    free(symbols);
}

static void the_soname_is_versioned(const void *argument)
{
    char *dynamic = output_of("readelf -dW '" LIBRARY_FILE "'");

    (void)argument;
    CHECK(strstr(dynamic, "Library soname: [libtrillet.so.1]") != NULL);
    CHECK(strstr(dynamic, "TEXTREL") == NULL);
    CHECK(strstr(dynamic, "(RPATH)") == NULL);
    CHECK(strstr(dynamic, "(RUNPATH)") == NULL);
    free(dynamic);
}

/* Whether what is needed begins with one of these, up to a NULL. */
static void expect_needed(const char *const *allowed)
{
    static const char start[] = "Shared library: [";
    char *dynamic = output_of("readelf -dW '" LIBRARY_FILE "'");
    char *at = dynamic;
    int count = 0;

    while ((at = strstr(at, start)) != NULL) {
        const char *const *name = allowed;
        at += sizeof start - 1;
        check_note("%.40s", at);
        while (*name != NULL && strncmp(at, *name, strlen(*name)) != 0) {
            name++;
        }
        CHECK(*name != NULL);
        count++;
    }
    CHECK(count > 0);
    free(dynamic);
}

static void only_libc_and_libcurl_are_needed(const void *argument)
{
    static const char *const allowed[] = {"libcurl.so.4]", "libc.so.6]", "libm.so.6]", "ld-linux",
                                          NULL};

    (void)argument;
    if (library_is_bundled()) {
        check_skip("libcurl is inside");
        return;
    }
    expect_needed(allowed);
}

/* Threads were a library of their own until glibc 2.34. */
static void only_libc_is_needed(const void *argument)
{
    static const char *const allowed[] = {"libpthread.so.0]", "libc.so.6]", "ld-linux", NULL};

    (void)argument;
    if (!library_is_bundled()) {
        check_skip("libcurl is the system's");
        return;
    }
    expect_needed(allowed);
}

/* The names that end it stand in Sources/CTrillet/glibc_floor.h. */
static void an_old_glibc_is_enough(const void *argument)
{
    static const char version[] = "@GLIBC_2.";
    char *symbols = output_of("readelf --dyn-syms -W '" LIBRARY_FILE "'");
    char *line = strtok(symbols, "\n");
    int count = 0;

    (void)argument;
    for (; line != NULL; line = strtok(NULL, "\n")) {
        const char *at = strstr(line, version);
        if (at == NULL) {
            continue;
        }
        check_note("%s", line);
        CHECK(atol(at + sizeof version - 1) <= NEWEST_GLIBC);
        count++;
    }
    CHECK(count > 0);
    free(symbols);
}

static void the_library_is_small(const void *argument)
{
    size_t length = 0;
    char *stripped;

    (void)argument;
    free(output_of("strip --strip-all -o '" SCRATCH_DIR "/stripped.so' '" LIBRARY_FILE "'"));
    stripped = text_read_file(SCRATCH_DIR "/stripped.so", &length);
    if (CHECK(stripped != NULL)) {
        check_note("%lu bytes stripped", (unsigned long)length);
        CHECK(length <= (size_t)(library_is_bundled() ? LARGEST_BUNDLED_BYTES : LARGEST_BYTES));
    }
    free(stripped);
}

void exports_suite(void)
{
    check_suite("exports");
    check_case("The exports are exactly the header's functions, in TRILLET_1",
               the_exports_are_the_header_s, NULL);
    check_case("The library is libtrillet.so.1, without text relocations or a search path",
               the_soname_is_versioned, NULL);
    check_case("The library needs libc and libcurl alone", only_libc_and_libcurl_are_needed, NULL);
    check_case("The library with libcurl inside needs libc alone", only_libc_is_needed, NULL);
    check_case("The library needs no glibc newer than 2.17", an_old_glibc_is_enough, NULL);
    check_case("The stripped library is at most 512 KB, with libcurl inside 4 MB", the_library_is_small, NULL);
}
