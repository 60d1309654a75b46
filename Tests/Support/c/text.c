#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void out_of_memory(void)
{
    fputs("out of memory in a test\n", stderr);
    abort();
}

void text_append(text *target, const char *bytes, size_t length)
{
    size_t needed = target->length + length + 1;

    if (needed > target->capacity) {
        size_t capacity = target->capacity > 0 ? target->capacity : 256;
        char *grown;
        while (capacity < needed) {
            capacity *= 2;
        }
        grown = (char *)realloc(target->bytes, capacity);
        if (grown == NULL) {
            out_of_memory();
        }
        target->bytes = grown;
        target->capacity = capacity;
    }
    if (length > 0) {
        memcpy(target->bytes + target->length, bytes, length);
    }
    target->length += length;
    target->bytes[target->length] = '\0';
}

void text_add(text *target, const char *piece)
{
    text_append(target, piece, strlen(piece));
}

void text_clear(text *target)
{
    free(target->bytes);
    target->bytes = NULL;
    target->length = 0;
    target->capacity = 0;
}

char *text_format(const char *format, ...)
{
    va_list arguments;
    va_list again;
    char *result;
    int length;

    va_start(arguments, format);
    va_copy(again, arguments);
    length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    result = length < 0 ? NULL : (char *)malloc((size_t)length + 1);
    if (result == NULL) {
        out_of_memory();
    } else {
        vsnprintf(result, (size_t)length + 1, format, again);
    }
    va_end(again);
    return result;
}

char *text_repeat(char character, size_t count)
{
    char *result = (char *)malloc(count + 1);

    if (result == NULL) {
        out_of_memory();
    } else {
        memset(result, character, count);
        result[count] = '\0';
    }
    return result;
}

char *text_read_file(const char *path, size_t *length)
{
    text content = {NULL, 0, 0};
    char piece[4096];
    size_t got;
    FILE *file = fopen(path, "rb");

    if (file == NULL) {
        return NULL;
    }
    text_append(&content, "", 0);
    while ((got = fread(piece, 1, sizeof piece, file)) > 0) {
        text_append(&content, piece, got);
    }
    fclose(file);
    *length = content.length;
    return content.bytes;
}

void text_write_file(const char *path, const char *bytes, size_t length)
{
    FILE *file = fopen(path, "wb");

    if (file == NULL || fwrite(bytes, 1, length, file) != length || fclose(file) != 0) {
        perror(path);
        exit(1);
    }
}

const char *text_find(const char *bytes, size_t length, const char *piece)
{
    size_t piece_length = strlen(piece);
    size_t at;

    for (at = 0; at + piece_length <= length; at++) {
        if (memcmp(bytes + at, piece, piece_length) == 0) {
            return bytes + at;
        }
    }
    return NULL;
}
