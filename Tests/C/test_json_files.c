/* The JSON conformance files: y_* must be accepted, n_* refused, i_* answered one way or the other.
   They are in json-test-suite of TRILLET_TEST_DATA, by default ../shared/data next to the
   repository. */
#include "check.h"
#include "fixture.h"
#include "recorded.h"
#include "suites.h"
#include "text.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_FILES = 1000 };

typedef struct json_file {
    char *name;
    char *bytes;
    size_t length;
} json_file;

typedef struct json_files {
    json_file files[MOST_FILES];
    size_t count;
} json_files;

static json_files data;

static char *data_directory(void)
{
    const char *root = getenv("TRILLET_TEST_DATA");

    return text_format("%s/json-test-suite", root == NULL ? "../../../shared/data" : root);
}

static void read_files(const char *directory, DIR *listing)
{
    struct dirent *entry;

    while ((entry = readdir(listing)) != NULL && data.count < MOST_FILES) {
        json_file *file = &data.files[data.count];
        char *path = text_format("%s/%s", directory, entry->d_name);
        if (entry->d_name[0] != '\0' && entry->d_name[1] == '_'
            && strchr("yni", entry->d_name[0]) != NULL) {
            file->bytes = text_read_file(path, &file->length);
            file->name = text_format("%s", entry->d_name);
            data.count += file->bytes == NULL ? 0 : 1;
        }
        free(path);
    }
}

/* By the contract of the API, no text at all is a value of its own in both directions. */
static int is_no_text(const json_file *file)
{
    return strcmp(file->name, "n_structure_no_data.json") == 0;
}

static int is_ok(const char *answer)
{
    char *ok = answer_member(answer, "ok");
    int result = ok != NULL && strcmp(ok, "true") == 0;

    free(ok);
    return result;
}

static void trim(const json_file *file, const char **start, size_t *length)
{
    *start = file->bytes;
    *length = file->length;
    while (*length > 0 && strchr(" \t\r\n", **start) != NULL && **start != '\0') {
        ++*start;
        --*length;
    }
    while (*length > 0 && strchr(" \t\r\n", (*start)[*length - 1]) != NULL
           && (*start)[*length - 1] != '\0') {
        --*length;
    }
}

/* What arrived is the file's value, byte for byte, as the member `x`. */
static void expect_member(recording_server *server, size_t index, const json_file *file)
{
    text expected = {NULL, 0, 0};
    const char *start;
    size_t value_length;
    size_t length;
    const char *body = recorded_body(server, index, &length);

    trim(file, &start, &value_length);
    text_add(&expected, "{\"x\":");
    text_append(&expected, start, value_length);
    text_add(&expected, "}");
    CHECK_BYTES(body == NULL ? "" : body, length, expected.bytes, expected.length);
    text_clear(&expected);
}

static void files_inside_requests(const void *argument)
{
    char kind = *(const char *)argument;
    fixture opened = fixture_open("");
    size_t index;

    for (index = 0; index < data.count; index++) {
        const json_file *file = &data.files[index];
        text request = {NULL, 0, 0};
        char *answer;
        if (file->name[0] != kind) {
            continue;
        }
        check_note("%s", file->name);
        text_add(&request, "{\"x\":");
        text_append(&request, file->bytes, file->length);
        text_add(&request, "}");
        /* A NUL in the file ends the text early, which leaves it ill-formed all the same. */
        answer = answer_checked(trillet_call(opened.client, "POST /echo", request.bytes, NULL));
        if (kind == 'y' && CHECK(is_ok(answer))) {
            expect_member(opened.server, recording_server_requests(opened.server) - 1, file);
        }
        if (kind == 'n') {
            answer_expect(answer, "error.type", "\"invalid_argument\"");
        }
        trillet_free(answer);
        text_clear(&request);
    }
    CHECK(kind != 'n' || recording_server_requests(opened.server) == 0);
    fixture_close(&opened);
}

static void files_as_requests(const void *argument)
{
    fixture opened = fixture_open("");
    size_t index;

    (void)argument;
    for (index = 0; index < data.count; index++) {
        const json_file *file = &data.files[index];
        const char *start;
        size_t length;
        char *answer;
        trim(file, &start, &length);
        check_note("%s", file->name);
        answer = answer_checked(trillet_call(opened.client, "POST /echo", file->bytes, NULL));
        if (file->name[0] == 'y') {
            CHECK_NUMBER(is_ok(answer), length > 0 && *start == '{');
        } else if (file->name[0] == 'n' && !is_no_text(file)) {
            answer_expect(answer, "error.type", "\"invalid_argument\"");
        }
        trillet_free(answer);
    }
    fixture_close(&opened);
}

static void files_as_answers(const void *argument)
{
    char kind = *(const char *)argument;
    fixture opened = fixture_open("");
    size_t index;

    for (index = 0; index < data.count; index++) {
        const json_file *file = &data.files[index];
        char *answer;
        if (file->name[0] != kind) {
            continue;
        }
        check_note("%s", file->name);
        recording_server_answer(opened.server, 200, "Content-Type: application/json\r\n",
                                file->bytes, file->length);
        answer = answer_checked(trillet_agents_list(opened.client, NULL, NULL));
        if (kind == 'y' && CHECK(is_ok(answer))) {
            char *member = answer_member(answer, "data");
            const char *start;
            size_t length;
            trim(file, &start, &length);
            CHECK_BYTES(member, strlen(member), start, length);
            free(member);
        }
        if (kind == 'n' && is_no_text(file)) {
            answer_expect(answer, "data", "null");
        } else if (kind == 'n') {
            answer_expect(answer, "error.type", "\"response\"");
            answer_expect(answer, "error.sent", "\"yes\"");
        }
        trillet_free(answer);
    }
    fixture_close(&opened);
}

static void files_as_refusals(const void *argument)
{
    fixture opened = fixture_open("");
    size_t index;

    (void)argument;
    for (index = 0; index < data.count; index++) {
        const json_file *file = &data.files[index];
        check_note("%s", file->name);
        recording_server_answer(opened.server, 400, "Content-Type: application/json\r\n",
                                file->bytes, file->length);
        answer_expect_error(trillet_agents_list(opened.client, NULL, NULL), "rejected", "no");
    }
    fixture_close(&opened);
}

static void data_is_missing(const void *argument)
{
    char *reason = text_format("there are no files in %s; set TRILLET_TEST_DATA",
                               (const char *)argument);

    check_skip(reason);
    free(reason);
}

void json_files_suite(void)
{
    char *directory = data_directory();
    DIR *listing = opendir(directory);

    check_suite("json conformance");
    if (listing != NULL) {
        read_files(directory, listing);
        closedir(listing);
    }
    if (data.count == 0) {
        check_case("JSON conformance files", data_is_missing, directory);
    } else {
        check_case("Requests with well-formed JSON inside are sent unchanged",
                   files_inside_requests, "y");
        check_case("Requests with ill-formed JSON inside are refused", files_inside_requests, "n");
        check_case("Requests with JSON that may go either way do no harm", files_inside_requests,
                   "i");
        check_case("Objects are requests, and nothing else is", files_as_requests, NULL);
        check_case("Answers of well-formed JSON are passed on unchanged", files_as_answers, "y");
        check_case("Answers of ill-formed JSON are refused", files_as_answers, "n");
        check_case("Answers of JSON that may go either way do no harm", files_as_answers, "i");
        check_case("Refusals of any JSON become errors", files_as_refusals, NULL);
    }
    free(directory);
}
