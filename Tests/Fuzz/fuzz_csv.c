/* A contact file and the options of its check: the first line is the options, the rest the file. */
#include "fuzz.h"

#include <string.h>

/* Whole sets, since few inputs that a fuzzer makes of options are any. */
static const char *const option_sets[] = {
    "{\"convert\":true}",
    "{\"convert\":true,\"phoneColumn\":\"Mobile\",\"prompt\":\"{First Name} {a.b}\"}",
    "{\"defaultCountry\":\"DE\"}",
    "{\"defaultCountry\":\"AR\",\"assumeCountry\":true,\"convert\":true}",
    "{\"defaultCountry\":\"US\",\"assumeCountry\":true,\"phoneColumn\":\"Mobile\"}",
    "{\"lengths\":false,\"defaultCountry\":\"BY\",\"assumeCountry\":true}",
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size > 0 ? memchr(data, '\n', size) : NULL;
    if (end == NULL) {
        fuzz_take(trillet_csv_check((const char *)data, size, NULL));
        return 0;
    }
    /* A path would read and write the machine's own files. */
    char *options = fuzz_text_without(data, (size_t)(end - data), "ile");
    /* The library gets a block of exactly this size, so that reading behind it shows. */
    size_t length = size - (size_t)(end - data) - 1;
    char *csv = fuzz_copy(end + 1, length);
    fuzz_take(trillet_csv_check(csv, length, options));
    size_t set = size % (sizeof option_sets / sizeof option_sets[0]);
    fuzz_take(trillet_csv_check(csv, length, option_sets[set]));
    free(csv);
    free(options);
    return 0;
}
