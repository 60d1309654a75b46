/* Finds members in the library's answers. It stands in for the JSON library of your choice and
   relies on the answers being well-formed, which they always are. */
#ifndef JSON_TEXT_H
#define JSON_TEXT_H

#include <stdlib.h>
#include <string.h>

/* The end of the value that begins here. */
static const char *json_end(const char *at)
{
    int depth = 0;

    do {
        if (*at == '"') {
            for (at++; *at != '"'; at++) {
                if (*at == '\\') {
                    at++;
                }
            }
        } else if (*at == '{' || *at == '[') {
            depth++;
        } else if (*at == '}' || *at == ']') {
            depth--;
        }
        at++;
    } while (depth > 0 || (*at != '\0' && strchr(",:]} \t\r\n", *at) == NULL));
    return at;
}

static const char *json_space(const char *at)
{
    return at + strspn(at, " \t\r\n");
}

/* The value of one member of an object, or of one element of a list by its position. */
static const char *json_member(const char *json, const char *name, size_t length)
{
    int is_list = *json == '[';
    unsigned long position = strtoul(name, NULL, 10);

    if (*json != '{' && *json != '[') {
        return NULL;
    }
    json = json_space(json + 1);
    while (*json != '}' && *json != ']') {
        const char *end = json_end(json);
        int found = is_list ? position-- == 0
                            : (size_t)(end - json) == length + 2
                                  && strncmp(json + 1, name, length) == 0;
        if (!is_list) {
            json = json_space(json_space(end) + 1);
        }
        if (found) {
            return json;
        }
        json = json_space(json_end(json));
        if (*json == ',') {
            json = json_space(json + 1);
        }
    }
    return NULL;
}

/* The JSON text of a value by its path, "data.0.name", as a copy to be freed with free().
   NULL when there is none, and for null. */
static char *json_copy(const char *json, const char *path)
{
    size_t length;
    char *copy;

    while (json != NULL && *path != '\0') {
        length = strcspn(path, ".");
        json = json_member(json_space(json), path, length);
        path += length + (path[length] == '.');
    }
    if (json == NULL || strncmp(json, "null", 4) == 0) {
        return NULL;
    }
    length = (size_t)(json_end(json) - json);
    copy = (char *)malloc(length + 1);
    if (copy != NULL) {
        memcpy(copy, json, length);
        copy[length] = '\0';
    }
    return copy;
}

/* The same for showing: a string without its quotes, its escapes as they are. Never NULL when
   there is memory: a value that is not there is "". */
static char *json_plain(const char *json, const char *path)
{
    char *copy = json_copy(json, path);
    size_t length;

    if (copy == NULL) {
        return (char *)calloc(1, 1);
    }
    length = strlen(copy);
    if (*copy == '"') {
        memmove(copy, copy + 1, length);
        copy[length - 2] = '\0';
    }
    return copy;
}

#endif
