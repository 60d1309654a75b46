/* Text made while a test runs. */
#ifndef TEXT_H
#define TEXT_H

#include <stddef.h>

/* A byte buffer that grows; `bytes` always ends in a NUL that `length` does not count. */
typedef struct text {
    char *bytes;
    size_t length;
    size_t capacity;
} text;

void text_append(text *target, const char *bytes, size_t length);
void text_add(text *target, const char *piece);
void text_clear(text *target);

/* printf into a new text; free it with free(). */
char *text_format(const char *format, ...);

/* `count` times the same character; free it with free(). */
char *text_repeat(char character, size_t count);

/* A whole file in memory, NULL when it cannot be read; free it with free(). */
char *text_read_file(const char *path, size_t *length);

/* Writes a file, or ends the test program with the reason. */
void text_write_file(const char *path, const char *bytes, size_t length);

/* The first place of a piece in bytes that may hold NULs; NULL when it is not there. */
const char *text_find(const char *bytes, size_t length, const char *piece);

#endif
