/* First, so that the header has to stand on its own. */
#include "trillet.h"

#include "check.h"
#include "fixture.h"
#include "header_names.h"
#include "json_reader.h"
#include "suites.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

typedef void (*any_function)(void);

typedef struct linked_function {
    const char *name;
    any_function address;
} linked_function;

#define LINKED(function) {#function, (any_function)(function)}

/* Beside the endpoint functions, which fixture.c has a table of. */
static const linked_function library_functions[] = {
    LINKED(trillet_version),
    LINKED(trillet_abi),
    LINKED(trillet_operations),
    LINKED(trillet_library_info),
    LINKED(trillet_free),
    LINKED(trillet_client_new),
    LINKED(trillet_client_close),
    LINKED(trillet_client_drain),
    LINKED(trillet_client_begin_drain),
    LINKED(trillet_client_warm),
    LINKED(trillet_client_free),
    LINKED(trillet_client_stats),
    LINKED(trillet_client_set_log),
    LINKED(trillet_client_set_interrupt),
    LINKED(trillet_call),
    LINKED(trillet_submit),
    LINKED(trillet_cancel),
    LINKED(trillet_next),
    LINKED(trillet_next_many),
    LINKED(trillet_completion_fd),
    LINKED(trillet_drive),
    LINKED(trillet_csv_check),
    LINKED(trillet_webhook_verify),
    LINKED(trillet_pager_new),
    LINKED(trillet_pager_next),
    LINKED(trillet_pager_free),
    LINKED(trillet_pager_submit),
    LINKED(trillet_pager_stop),
    LINKED(trillet_calls_wait),
    LINKED(trillet_calls_find),
    LINKED(trillet_batch_calls_wait),
    LINKED(trillet_batch_calls_results),
    LINKED(trillet_calls_save_recording),
};

/* `trillet_calls_send` for `calls.send`. */
static void add_endpoint(name_list *list, const char *operation)
{
    char *name = text_format("trillet_%s", operation);

    *strchr(name, '.') = '_';
    name_list_add(list, name, strlen(name));
    free(name);
}

static void every_function_is_linked(const void *argument)
{
    name_list linked = {{NULL}, 0};
    name_list declared = {{NULL}, 0};
    size_t length = 0;
    char *header = text_read_file(HEADER_FILE, &length);
    char *expected;
    char *actual;
    size_t index;

    (void)argument;
    if (!CHECK(header != NULL)) {
        return;
    }
    for (index = 0; index < sizeof library_functions / sizeof *library_functions; index++) {
        check_note("%s", library_functions[index].name);
        CHECK(library_functions[index].address != NULL);
        name_list_add(&linked, library_functions[index].name,
                      strlen(library_functions[index].name));
    }
    for (index = 0; index < ENDPOINT_COUNT; index++) {
        check_note("%s", endpoints[index].operation);
        CHECK(endpoints[index].call != NULL);
        add_endpoint(&linked, endpoints[index].operation);
    }
    header_functions(header, "", &declared);
    expected = name_list_joined(&declared);
    actual = name_list_joined(&linked);
    CHECK_TEXT(actual, expected);
    free(expected);
    free(actual);
    free(header);
}

static void the_version_is_the_header_s(const void *argument)
{
    (void)argument;
    CHECK_TEXT(trillet_version(), TRILLET_VERSION);
    CHECK_TEXT(trillet_version(), "0.1.0");
    CHECK(trillet_version() == trillet_version());
}

static void the_abi_is_the_header_s(const void *argument)
{
    (void)argument;
    CHECK_NUMBER(trillet_abi(), TRILLET_ABI);
    CHECK_NUMBER(trillet_abi(), 1);
}

static void the_catalogue_names_every_operation(const void *argument)
{
    const char *catalogue = trillet_operations();
    size_t index;

    (void)argument;
    if (!CHECK(catalogue != NULL && json_is_well_formed(catalogue, strlen(catalogue)))) {
        return;
    }
    CHECK(catalogue == trillet_operations());
    answer_expect(catalogue, "version", "\"0.1.0\"");
    for (index = 0; index < ENDPOINT_COUNT; index++) {
        char *path = text_format("operations.%d.id", (int)index);
        char *expected = text_format("\"%s\"", endpoints[index].operation);
        answer_expect(catalogue, path, expected);
        free(path);
        free(expected);
    }
    answer_expect_present(catalogue, "operations.61", 0);
}

static void the_library_says_what_it_runs_with(const void *argument)
{
    char *info = trillet_library_info();

    (void)argument;
    if (!CHECK(info != NULL && json_is_well_formed(info, strlen(info)))) {
        return;
    }
    answer_expect(info, "version", "\"" TRILLET_VERSION "\"");
    answer_expect(info, "abi", "1");
    answer_expect_present(info, "libcurl", 1);
    answer_expect_present(info, "tls", 1);
    answer_expect_present(info, "http2", 1);
    answer_expect_present(info, "bundled", 1);
    answer_expect_present(info, "caFile", 1);
    trillet_free(info);
}

static char *copied_variable(const char *name)
{
    const char *value = getenv(name);

    return value == NULL ? NULL : text_format("%s", value);
}

static void restore_variable(const char *name, char *value)
{
    if (value == NULL) {
        unsetenv(name);
    } else {
        setenv(name, value, 1);
    }
    free(value);
}

static void the_certificates_are_those_of_the_environment(const void *argument)
{
    char *bundle = copied_variable("CURL_CA_BUNDLE");
    char *file = copied_variable("SSL_CERT_FILE");
    char *info;

    (void)argument;
    unsetenv("CURL_CA_BUNDLE");
    setenv("SSL_CERT_FILE", "/tmp/\"second\".pem", 1);
    info = trillet_library_info();
    answer_expect(info, "caFile", "\"/tmp/\\\"second\\\".pem\"");
    trillet_free(info);
    setenv("CURL_CA_BUNDLE", "/tmp/first.pem", 1);
    info = trillet_library_info();
    answer_expect(info, "caFile", "\"/tmp/first.pem\"");
    trillet_free(info);
    restore_variable("CURL_CA_BUNDLE", bundle);
    restore_variable("SSL_CERT_FILE", file);
}

static void freeing_nothing_is_fine(const void *argument)
{
    (void)argument;
    trillet_free(NULL);
    trillet_client_free(NULL);
}

void header_suite(void)
{
    check_suite("header");
    check_case("Every function of the header is in the library", every_function_is_linked, NULL);
    check_case("The library's version is the header's", the_version_is_the_header_s, NULL);
    check_case("The library's ABI is the header's", the_abi_is_the_header_s, NULL);
    check_case("The catalogue names every operation in order",
               the_catalogue_names_every_operation, NULL);
    check_case("The library says what it runs with", the_library_says_what_it_runs_with, NULL);
    check_case("The library names the certificates that the environment chooses",
               the_certificates_are_those_of_the_environment, NULL);
    check_case("Freeing NULL does nothing", freeing_nothing_is_fine, NULL);
}
