#include "json_reader.h"

#include <stdlib.h>
#include <string.h>

enum { DEEPEST = 2000 };

/* Every scanning function gives the end of what it read, or NULL when that is ill-formed. */
typedef struct reader {
    const unsigned char *end;
    int depth;
} reader;

static const unsigned char *scan_value(reader *source, const unsigned char *at);

static const unsigned char *skip_space(const reader *source, const unsigned char *at)
{
    while (at < source->end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r')) {
        at++;
    }
    return at;
}

static int is_digit(const reader *source, const unsigned char *at)
{
    return at < source->end && *at >= '0' && *at <= '9';
}

static int is_continuation(const reader *source, const unsigned char *at)
{
    return at < source->end && (*at & 0xC0) == 0x80;
}

static const unsigned char *scan_utf8(const reader *source, const unsigned char *at)
{
    unsigned char first = *at;
    unsigned char second = at + 1 < source->end ? at[1] : 0;
    int more;
    int index;

    if (first < 0x80) {
        return at + 1;
    }
    if (first >= 0xC2 && first <= 0xDF) {
        more = 1;
    } else if (first >= 0xE0 && first <= 0xEF) {
        more = 2;
    } else if (first >= 0xF0 && first <= 0xF4) {
        more = 3;
    } else {
        return NULL;
    }
    if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F)
        || (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F)) {
        return NULL;
    }
    for (index = 1; index <= more; index++) {
        if (!is_continuation(source, at + index)) {
            return NULL;
        }
    }
    return at + more + 1;
}

static const unsigned char *scan_escape(const reader *source, const unsigned char *at)
{
    int index;

    if (at >= source->end) {
        return NULL;
    }
    if (*at != 'u') {
        return strchr("\"\\/bfnrt", *at) != NULL && *at != '\0' ? at + 1 : NULL;
    }
    for (index = 1; index <= 4; index++) {
        if (at + index >= source->end || at[index] == '\0'
            || strchr("0123456789abcdefABCDEF", at[index]) == NULL) {
            return NULL;
        }
    }
    return at + 5;
}

static const unsigned char *scan_string(const reader *source, const unsigned char *at)
{
    if (at >= source->end || *at != '"') {
        return NULL;
    }
    at++;
    while (at != NULL && at < source->end) {
        if (*at == '"') {
            return at + 1;
        }
        if (*at < 0x20) {
            return NULL;
        }
        at = *at == '\\' ? scan_escape(source, at + 1) : scan_utf8(source, at);
    }
    return NULL;
}

static const unsigned char *scan_digits(const reader *source, const unsigned char *at)
{
    if (!is_digit(source, at)) {
        return NULL;
    }
    while (is_digit(source, at)) {
        at++;
    }
    return at;
}

static const unsigned char *scan_number(const reader *source, const unsigned char *at)
{
    if (at < source->end && *at == '-') {
        at++;
    }
    if (at < source->end && *at == '0') {
        at++;
    } else {
        at = scan_digits(source, at);
    }
    if (at != NULL && at < source->end && *at == '.') {
        at = scan_digits(source, at + 1);
    }
    if (at != NULL && at < source->end && (*at == 'e' || *at == 'E')) {
        at++;
        if (at < source->end && (*at == '+' || *at == '-')) {
            at++;
        }
        at = scan_digits(source, at);
    }
    return at;
}

static const unsigned char *scan_word(const reader *source, const unsigned char *at,
                                      const char *word)
{
    size_t length = strlen(word);

    if ((size_t)(source->end - at) < length || memcmp(at, word, length) != 0) {
        return NULL;
    }
    return at + length;
}

static const unsigned char *scan_member(reader *source, const unsigned char *at, int keyed)
{
    if (keyed) {
        at = scan_string(source, at);
        if (at == NULL) {
            return NULL;
        }
        at = skip_space(source, at);
        if (at >= source->end || *at != ':') {
            return NULL;
        }
        at = skip_space(source, at + 1);
    }
    return scan_value(source, at);
}

static const unsigned char *scan_container(reader *source, const unsigned char *at)
{
    int keyed = *at == '{';
    unsigned char closing = keyed ? '}' : ']';

    if (++source->depth > DEEPEST) {
        return NULL;
    }
    at = skip_space(source, at + 1);
    if (at < source->end && *at == closing) {
        source->depth--;
        return at + 1;
    }
    for (;;) {
        at = scan_member(source, at, keyed);
        if (at == NULL) {
            return NULL;
        }
        at = skip_space(source, at);
        if (at >= source->end || (*at != ',' && *at != closing)) {
            return NULL;
        }
        if (*at == closing) {
            source->depth--;
            return at + 1;
        }
        at = skip_space(source, at + 1);
    }
}

static const unsigned char *scan_value(reader *source, const unsigned char *at)
{
    if (at >= source->end) {
        return NULL;
    }
    switch (*at) {
    case '{':
    case '[':
        return scan_container(source, at);
    case '"':
        return scan_string(source, at);
    case 't':
        return scan_word(source, at, "true");
    case 'f':
        return scan_word(source, at, "false");
    case 'n':
        return scan_word(source, at, "null");
    default:
        return scan_number(source, at);
    }
}

static reader reader_of(const char *bytes, size_t length)
{
    reader source;

    source.end = (const unsigned char *)bytes + length;
    source.depth = 0;
    return source;
}

int json_is_well_formed(const char *bytes, size_t length)
{
    reader source = reader_of(bytes, length);
    const unsigned char *at = skip_space(&source, (const unsigned char *)bytes);

    at = scan_value(&source, at);
    return at != NULL && skip_space(&source, at) == source.end;
}

/* Steps into a container: the start of the wanted member's value, NULL when it is not there. */
static const unsigned char *step(reader *source, const unsigned char *at, const char *name,
                                 size_t name_length)
{
    int keyed = *at == '{';
    unsigned long position = 0;

    if (*at != '{' && *at != '[') {
        return NULL;
    }
    at = skip_space(source, at + 1);
    while (at != NULL && at < source->end && *at != '}' && *at != ']') {
        int wanted = !keyed && strtoul(name, NULL, 10) == position;
        if (keyed) {
            const unsigned char *key = at + 1;
            at = scan_string(source, at);
            wanted = (size_t)(at - key) == name_length + 1 && memcmp(key, name, name_length) == 0;
            at = skip_space(source, skip_space(source, at) + 1);
        }
        if (wanted) {
            return at;
        }
        at = skip_space(source, scan_value(source, at));
        if (at < source->end && *at == ',') {
            at = skip_space(source, at + 1);
        }
        position++;
    }
    return NULL;
}

const char *json_member(const char *bytes, const char *path, size_t *length)
{
    reader source = reader_of(bytes, strlen(bytes));
    const unsigned char *at = skip_space(&source, (const unsigned char *)bytes);

    while (at != NULL && *path != '\0') {
        size_t name_length = strcspn(path, ".");
        at = step(&source, at, path, name_length);
        path += name_length + (path[name_length] == '.' ? 1 : 0);
    }
    if (at != NULL) {
        *length = (size_t)(scan_value(&source, at) - at);
    }
    return (const char *)at;
}

size_t json_member_count(const char *object)
{
    reader source = reader_of(object, strlen(object));
    const unsigned char *at = skip_space(&source, (const unsigned char *)object + 1);
    size_t count = 0;

    while (at != NULL && at < source.end && *at != '}' && *at != ']') {
        at = skip_space(&source, scan_member(&source, at, *object == '{'));
        if (at < source.end && *at == ',') {
            at = skip_space(&source, at + 1);
        }
        count++;
    }
    return count;
}
