#include "recorded.h"

#include "text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MOST_HEADERS = 64 };

static char *copy_of(const char *bytes, size_t length)
{
    text copy = {NULL, 0, 0};

    text_append(&copy, bytes, length);
    return copy.bytes;
}

char *recorded_line(recording_server *server, size_t index)
{
    size_t length;
    const char *request = recording_server_request(server, index, &length);
    const char *end = request == NULL ? NULL : strstr(request, " HTTP/1.1\r\n");

    return end == NULL ? NULL : copy_of(request, (size_t)(end - request));
}

/* The start of the first header line, then of each next one; NULL after the last. */
static const char *next_header(const char *line)
{
    line = strstr(line, "\r\n");
    return line == NULL || strncmp(line, "\r\n\r\n", 4) == 0 ? NULL : line + 2;
}

static int is_named(const char *line, const char *name)
{
    size_t length = strlen(name);

    return strncasecmp(line, name, length) == 0 && line[length] == ':';
}

size_t recorded_header_count(recording_server *server, size_t index, const char *name)
{
    size_t length;
    size_t count = 0;
    const char *line = recording_server_request(server, index, &length);

    while (line != NULL && (line = next_header(line)) != NULL) {
        count += is_named(line, name) ? 1 : 0;
    }
    return count;
}

char *recorded_header(recording_server *server, size_t index, const char *name)
{
    size_t length;
    const char *line = recording_server_request(server, index, &length);

    if (recorded_header_count(server, index, name) != 1) {
        return NULL;
    }
    while (line != NULL && (line = next_header(line)) != NULL) {
        if (is_named(line, name)) {
            const char *value = line + strlen(name) + 1;
            value += strspn(value, " ");
            return copy_of(value, strcspn(value, "\r"));
        }
    }
    return NULL;
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

char *recorded_header_names(recording_server *server, size_t index)
{
    size_t length;
    size_t count = 0;
    size_t at;
    char *names[MOST_HEADERS];
    text joined = {NULL, 0, 0};
    const char *line = recording_server_request(server, index, &length);

    while (line != NULL && count < MOST_HEADERS && (line = next_header(line)) != NULL) {
        char *name = copy_of(line, strcspn(line, ":\r"));
        for (at = 0; name[at] != '\0'; at++) {
            name[at] = (char)tolower((unsigned char)name[at]);
        }
        names[count++] = name;
    }
    qsort(names, count, sizeof *names, compare_names);
    text_append(&joined, "", 0);
    for (at = 0; at < count; at++) {
        text_add(&joined, at > 0 ? " " : "");
        text_add(&joined, names[at]);
        free(names[at]);
    }
    return joined.bytes;
}

const char *recorded_body(recording_server *server, size_t index, size_t *length)
{
    size_t whole;
    const char *request = recording_server_request(server, index, &whole);
    const char *body = request == NULL ? NULL : text_find(request, whole, "\r\n\r\n");

    *length = 0;
    if (body == NULL) {
        return NULL;
    }
    body += 4;
    *length = whole - (size_t)(body - request);
    return body;
}

char *recorded_boundary(recording_server *server, size_t index)
{
    static const char start[] = "multipart/form-data; boundary=";
    char *type = recorded_header(server, index, "Content-Type");
    char *boundary = NULL;

    if (type != NULL && strncmp(type, start, sizeof start - 1) == 0) {
        boundary = copy_of(type + sizeof start - 1, strlen(type) - (sizeof start - 1));
    }
    free(type);
    return boundary;
}
