/* The check of a contact file, with the options that decide which numbers are dialled. */
#include "check.h"
#include "fixture.h"
#include "suites.h"
#include "text.h"
#include "trillet.h"

#include <stdlib.h>
#include <string.h>

typedef struct contact_row {
    const char *name;
    const char *csv;
    const char *options;
    /* A member of the answer, and its JSON. */
    const char *member;
    const char *json;
} contact_row;

static const char long_number[] = "phone_number\n+120255501640\n";
static const char national[] = "phone_number\n0171 1234567\n";
static const char semicolons[] = "phone_number;name\n+12025550164;Ada\n";
static const char mobile[] = "Mobile,name\n+12025550164,Ada\n";
static const char rejected[] = "phone_number,reject_reason\n1,short\n2,\n";

static const contact_row rows[] = {
    {"A number has as many digits as numbers of its country", long_number, NULL,
     "data.problems.0.kind", "\"too_long\""},
    {"Lengths may be left out", long_number, "{\"lengths\":false}", "data.valid", "true"},
    {"A trunk prefix is an error, with and without lengths", "phone_number\n+46 (0)8 123 456\n",
     "{\"lengths\":false}", "data.problems.0.kind", "\"trunk_prefix\""},
    {"A number without a plus has no country", national, NULL, "data.problems.0.suggestion",
     "\"+, the country code, and the number without the 0\""},
    {"The default country gives the suggestion", national, "{\"defaultCountry\":\"DE\"}",
     "data.problems.0.suggestion", "\"+491711234567\""},
    {"The default country alone accepts nothing", national, "{\"defaultCountry\":\"DE\"}",
     "data.rows.accepted", "0"},
    {"Numbers of the assumed country are counted apart", national,
     "{\"defaultCountry\":\"DE\",\"assumeCountry\":true}", "data.assumed", "1"},
    {"To assume a country needs one", national, "{\"assumeCountry\":true}", "error.field",
     "\"assumeCountry\""},
    {"A country that is none is refused", national, "{\"defaultCountry\":\"XX\"}", "error.field",
     "\"defaultCountry\""},
    {"A column of another name is taken for phone_number", mobile, "{\"phoneColumn\":\"Mobile\"}",
     "data.columns", "[\"phone_number\",\"name\"]"},
    {"Semicolons are an error that names the remedy", semicolons, NULL, "error.code",
     "\"delimiter\""},
    {"Semicolons are converted", semicolons, "{\"convert\":true}", "data.delimiter", "\";\""},
    {"The encoding is told when a text is converted", semicolons, "{\"convert\":true}",
     "data.encoding", "\"UTF-8\""},
    {"Rows without a reason are newly rejected", rejected, NULL, "data.newlyRejected", "1"},
    {"A row with a reason is not new", rejected, NULL, "data.problems.0.isNew", "false"},
    {"A row without a reason is new", rejected, NULL, "data.problems.1.isNew", "true"},
};

static void a_text_is_checked(const void *argument)
{
    const contact_row *row = (const contact_row *)argument;
    char *answer =
        answer_checked(trillet_csv_check(row->csv, strlen(row->csv), row->options));

    answer_expect(answer, row->member, row->json);
    trillet_free(answer);
}

static void expect_file(const char *path, const char *expected)
{
    size_t length = 0;
    char *text = text_read_file(path, &length);

    if (CHECK(text != NULL)) CHECK_BYTES(text, length, expected, strlen(expected));
    free(text);
}

static void what_is_accepted_is_written_as_the_service_wants_it(const void *argument)
{
    static const char csv[] = "Mobil;name\n0171 1234567;Zo\xeb, A.\n+12025550164;Ada\n";
    char *path = text_format("%s/accepted.csv", SCRATCH_DIR);
    char *options = text_format("{\"convert\":true,\"phoneColumn\":\"Mobil\",\"defaultCountry\":"
                                "\"DE\",\"assumeCountry\":true,\"acceptedFile\":\"%s\"}",
                                path);
    char *answer = answer_checked(trillet_csv_check(csv, sizeof csv - 1, options));

    (void)argument;
    answer_expect(answer, "data.valid", "true");
    answer_expect(answer, "data.encoding", "\"Windows-1252\"");
    expect_file(path, "phone_number,name\n+491711234567,\"Zo\xc3\xab, A.\"\n+12025550164,Ada\n");
    trillet_free(answer);
    free(options);
    free(path);
}

static void an_output_is_never_another_output(const void *argument)
{
    char *options = text_format("{\"acceptedFile\":\"%s/one.csv\",\"rejectedFile\":"
                                "\"%s/../scratch/one.csv\"}",
                                SCRATCH_DIR, SCRATCH_DIR);

    (void)argument;
    answer_expect_invalid(trillet_csv_check(national, sizeof national - 1, options),
                          "rejectedFile");
    free(options);
}

void contact_suite(void)
{
    size_t index;

    check_suite("contact files");
    for (index = 0; index < sizeof rows / sizeof rows[0]; index++)
        check_case(rows[index].name, a_text_is_checked, &rows[index]);
    check_case("What is accepted is written as the service wants it",
               what_is_accepted_is_written_as_the_service_wants_it, NULL);
    check_case("An output is never another output", an_output_is_never_another_output, NULL);
}
