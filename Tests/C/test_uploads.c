/* CSV files in requests. SCRATCH_DIR comes from the Makefile. */
#include "check.h"
#include "fixture.h"
#include "recorded.h"
#include "suites.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CSV_PATH SCRATCH_DIR "/a list.csv"

/* A part as it must be in the body, the boundary left out. */
static void expect_part(recording_server *server, const char *part)
{
    size_t length;
    const char *body = recorded_body(server, 0, &length);

    if (body == NULL || text_find(body, length, part) == NULL) {
        CHECK_BYTES(body == NULL ? "" : body, length, part, strlen(part));
    }
}

typedef struct upload_row {
    const char *name;
    const char *request;
    const char *part;
} upload_row;

#define FILE_HEAD(name) \
    "Content-Disposition: form-data; name=\"file\"; filename=\"" name \
    "\"\r\nContent-Type: text/csv\r\n\r\n"

static const upload_row rows[] = {
    {"A file is sent under its own name", "{\"file\":\"" CSV_PATH "\"}",
     FILE_HEAD("a list.csv") "phone_number\n+12025550101\n\r\n--"},
    {"A file can be sent under another name", "{\"file\":\"" CSV_PATH "\",\"fileName\":\"b.csv\"}",
     FILE_HEAD("b.csv") "phone_number\n+12025550101\n\r\n--"},
    {"CSV text is sent as contacts.csv", "{\"csv\":\"phone_number\\n+12025550101\"}",
     FILE_HEAD("contacts.csv") "phone_number\n+12025550101\r\n--"},
    {"CSV text can be sent under a name", "{\"csv\":\"phone_number\",\"fileName\":\"c.csv\"}",
     FILE_HEAD("c.csv") "phone_number\r\n--"},
    {"CSV text is sent with its escapes decoded", "{\"csv\":\"\\ufeffa,\\\"b\\\"\\r\\n\\u00e9😀\"}",
     FILE_HEAD("contacts.csv") "\xef\xbb\xbf" "a,\"b\"\r\n\xc3\xa9\xf0\x9f\x98\x80\r\n--"},
    {"Unknown fields of an upload are text parts", "{\"csv\":\"x\",\"note\":\"a b\"}",
     "Content-Disposition: form-data; name=\"note\"\r\n\r\na b\r\n--"},
    {"The name of an unknown field is sent decoded", "{\"csv\":\"x\",\"n\\u00f6te\\/2\":\"a\"}",
     "Content-Disposition: form-data; name=\"n\xc3\xb6te/2\"\r\n\r\na\r\n--"},
    {"A number in an upload keeps its text", "{\"csv\":\"x\",\"n\":1e400}",
     "Content-Disposition: form-data; name=\"n\"\r\n\r\n1e400\r\n--"},
    {"A boolean in an upload is a word", "{\"csv\":\"x\",\"b\":true}",
     "Content-Disposition: form-data; name=\"b\"\r\n\r\ntrue\r\n--"},
    {"An object in an upload is its JSON text", "{\"csv\":\"x\",\"o\":{\"a\": [1]}}",
     "Content-Disposition: form-data; name=\"o\"\r\n\r\n{\"a\": [1]}\r\n--"},
};

static void write_csv(void)
{
    text_write_file(CSV_PATH, "phone_number\n+12025550101\n", 26);
}

/* As browsers do since libcurl 7.81, with the backslash of RFC 2045 before. */
static void quotes_in_a_file_name_are_encoded(const void *argument)
{
    fixture opened = fixture_open("");

    (void)argument;
    answer_expect_data(trillet_batch_calls_validate(
                           opened.client, "{\"csv\":\"x\",\"fileName\":\"a\\\"b.csv\"}", NULL),
                       "{}");
    expect_part(opened.server, libcurl_is_at_least(7, 81) ? FILE_HEAD("a%22b.csv") "x\r\n--"
                                                         : FILE_HEAD("a\\\"b.csv") "x\r\n--");
    fixture_close(&opened);
}

static void quotes_in_the_name_of_a_field_are_encoded(const void *argument)
{
    fixture opened = fixture_open("");

    (void)argument;
    answer_expect_data(trillet_batch_calls_validate(
                           opened.client, "{\"csv\":\"x\",\"a\\\"b\":\"c\"}", NULL),
                       "{}");
    expect_part(opened.server,
                libcurl_is_at_least(7, 81)
                    ? "Content-Disposition: form-data; name=\"a%22b\"\r\n\r\nc\r\n--"
                    : "Content-Disposition: form-data; name=\"a\\\"b\"\r\n\r\nc\r\n--");
    fixture_close(&opened);
}

static void an_upload_arrives(const void *argument)
{
    const upload_row *row = (const upload_row *)argument;
    fixture opened = fixture_open("");

    write_csv();
    answer_expect_data(trillet_batch_calls_validate(opened.client, row->request, NULL), "{}");
    expect_part(opened.server, row->part);
    CHECK_NUMBER(recorded_header_count(opened.server, 0, "Transfer-Encoding"), 0);
    fixture_close(&opened);
}

static void smart_callback_may_be_text(const void *argument)
{
    fixture opened = fixture_open("");

    (void)argument;
    answer_expect_data(trillet_batch_calls_start(opened.client,
                                                 "{\"csv\":\"phone_number\\n+12025550101\","
                                                 "\"agentId\":\"a\","
                                                 "\"smartCallbackConfig\":\"{\\\"enabled\\\":"
                                                 "false}\"}",
                                                 NULL),
                       "{}");
    expect_part(opened.server, "Content-Disposition: form-data; name=\"smartCallbackConfig\"\r\n"
                               "\r\n{\"enabled\":false}\r\n--");
    fixture_close(&opened);
}

static void an_absent_field_is_no_part(const void *argument)
{
    fixture opened = fixture_open("");
    size_t length;
    const char *body;

    (void)argument;
    answer_expect_data(trillet_batch_calls_start(opened.client,
                                                 "{\"csv\":\"phone_number\\n+12025550101\","
                                                 "\"agentId\":\"a\","
                                                 "\"scheduledAt\":null,\"file\":null}",
                                                 NULL),
                       "{}");
    body = recorded_body(opened.server, 0, &length);
    CHECK(body != NULL && text_find(body, length, "scheduledAt") == NULL);
    fixture_close(&opened);
}

static void a_large_file_arrives_whole(const void *argument)
{
    enum { ROWS = 200000 };
    static const char path[] = SCRATCH_DIR "/large.csv";
    text content = {NULL, 0, 0};
    fixture opened = fixture_open("");
    size_t length;
    size_t body_length;
    const char *body;
    int row;

    (void)argument;
    for (row = 0; row < ROWS; row++) {
        text_add(&content, "+12025550164,Ada,Moss\r\n");
    }
    length = content.length;
    text_write_file(path, content.bytes, length);
    answer_expect_data(trillet_batch_calls_validate(opened.client, "{\"file\":\"" SCRATCH_DIR
                                                    "/large.csv\"}", NULL), "{}");
    body = recorded_body(opened.server, 0, &body_length);
    body = body == NULL ? NULL : text_find(body, body_length, "text/csv\r\n\r\n");
    if (CHECK(body != NULL && body_length > length)) {
        CHECK_BYTES(body + 12, length, content.bytes, length);
    }
    text_clear(&content);
    unlink(path);
    fixture_close(&opened);
}

typedef struct refused_row {
    const char *name;
    const char *request;
    const char *field;
    const char *piece;
} refused_row;

static const refused_row refused_rows[] = {
    {"A missing file is refused by name", "{\"file\":\"" SCRATCH_DIR "/nowhere.csv\"}", "file",
     "nowhere.csv"},
    {"A directory is refused", "{\"file\":\"" SCRATCH_DIR "\"}", "file", "directory"},
    {"An empty path is refused", "{\"file\":\"\"}", "file", ""},
    {"A path with a NUL is refused", "{\"file\":\"a\\u0000b\"}", "file", ""},
    {"A path that is no text is refused", "{\"file\":7}", "file", ""},
    {"CSV that is no text is refused", "{\"csv\":[\"a\"]}", "csv", ""},
    {"Neither file nor csv is refused", "{}", "file", "csv"},
    {"A null file is no file", "{\"file\":null}", "file", "csv"},
    {"File and csv together are refused", "{\"file\":\"" CSV_PATH "\",\"csv\":\"x\"}", "file",
     "csv"},
    {"A file name with a line break is refused",
     "{\"csv\":\"x\",\"fileName\":\"a\\r\\nx-b: c\"}", "fileName", ""},
    {"A line break in the name of a field is refused",
     "{\"csv\":\"x\",\"a\\r\\nx-b: c\":\"d\"}", "a\\r\\nx-b: c", "control characters"},
    {"A NUL in the name of a field is refused", "{\"csv\":\"x\",\"a\\u0000\":\"d\"}", "a\\u0000",
     "control characters"},
    {"A file name with a NUL is refused", "{\"csv\":\"x\",\"fileName\":\"a\\u0000\"}", "fileName",
     ""},
    {"A file name that is no text is refused", "{\"csv\":\"x\",\"fileName\":{}}", "fileName", ""},
};

static void an_upload_is_refused(const void *argument)
{
    const refused_row *row = (const refused_row *)argument;
    fixture opened = fixture_open("");
    char *answer;

    write_csv();
    answer = trillet_batch_calls_preview(opened.client, row->request, NULL);
    answer_expect_piece(answer, "error.message", row->piece);
    answer_expect_invalid(answer, row->field);
    CHECK_NUMBER(recording_server_requests(opened.server), 0);
    fixture_close(&opened);
}

static void an_unreadable_file_is_refused(const void *argument)
{
    static const char path[] = SCRATCH_DIR "/secret.csv";
    enum { NOBODY = 65534 };
    fixture opened = fixture_open("");
    uid_t self = geteuid();

    (void)argument;
    text_write_file(path, "x", 1);
    chmod(path, 0);
    /* Root may read every file. */
    CHECK(self != 0 || seteuid(NOBODY) == 0);
    answer_expect_invalid(trillet_batch_calls_preview(opened.client, "{\"file\":\"" SCRATCH_DIR
                                                      "/secret.csv\"}", NULL), "file");
    CHECK(self != 0 || seteuid(0) == 0);
    unlink(path);
    fixture_close(&opened);
}

static void a_pipe_is_refused_without_waiting(const void *argument)
{
    static const char path[] = SCRATCH_DIR "/pipe.csv";
    fixture opened = fixture_open("");

    (void)argument;
    unlink(path);
    CHECK_NUMBER(mkfifo(path, 0600), 0);
    answer_expect_invalid(trillet_batch_calls_preview(opened.client, "{\"file\":\"" SCRATCH_DIR
                                                      "/pipe.csv\"}", NULL), "file");
    unlink(path);
    fixture_close(&opened);
}

static void an_empty_file_is_the_service_s_business(const void *argument)
{
    static const char path[] = SCRATCH_DIR "/empty.csv";
    fixture opened = fixture_open("");

    (void)argument;
    text_write_file(path, "", 0);
    answer_expect_data(trillet_batch_calls_preview(opened.client, "{\"file\":\"" SCRATCH_DIR
                                                   "/empty.csv\"}", NULL), "{}");
    expect_part(opened.server, FILE_HEAD("empty.csv") "\r\n--");
    unlink(path);
    fixture_close(&opened);
}

void upload_suite(void)
{
    size_t index;

    check_suite("uploads");
    for (index = 0; index < sizeof rows / sizeof *rows; index++) {
        check_case(rows[index].name, an_upload_arrives, &rows[index]);
    }
    check_case("Quotes in a file name are encoded", quotes_in_a_file_name_are_encoded, NULL);
    check_case("Quotes in the name of a field are encoded",
               quotes_in_the_name_of_a_field_are_encoded, NULL);
    check_case("smartCallbackConfig may be JSON text", smart_callback_may_be_text, NULL);
    check_case("A field that is null is no part", an_absent_field_is_no_part, NULL);
    check_case("A file of 4 MB arrives whole", a_large_file_arrives_whole, NULL);
    for (index = 0; index < sizeof refused_rows / sizeof *refused_rows; index++) {
        check_case(refused_rows[index].name, an_upload_is_refused, &refused_rows[index]);
    }
    check_case("A file that may not be read is refused", an_unreadable_file_is_refused, NULL);
    check_case("A pipe is refused at once", a_pipe_is_refused_without_waiting, NULL);
    check_case("An empty file is sent", an_empty_file_is_the_service_s_business, NULL);
}
