/* What the fuzz targets share. */
#ifndef FUZZ_H
#define FUZZ_H

#include <trillet.h>

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An answer: there must be one, a JSON object in UTF-8; it is freed. */
void fuzz_take(char *answer);

/* The same for the answers of trillet_next_many(). */
void fuzz_take_array(char *answers);

/* A copy of exactly this size. */
char *fuzz_copy(const void *data, size_t size);

/* A copy as C's text; where `forbidden` stands in it, its first letter is replaced. */
char *fuzz_text_without(const void *data, size_t size, const char *forbidden);

/* The next line of the input as C's text, which is freed by the caller; the last one may be empty. */
typedef struct fuzz_input {
    const uint8_t *next;
    size_t left;
} fuzz_input;
char *fuzz_line(fuzz_input *input);

#endif
