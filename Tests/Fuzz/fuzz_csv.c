/* A contact file and the options of its check: the first line is the options, the rest the file. */
#include "fuzz.h"

#include <string.h>

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
    free(csv);
    free(options);
    return 0;
}
