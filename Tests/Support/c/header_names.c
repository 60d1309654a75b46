#include "header_names.h"

#include "check.h"
#include "text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

void name_list_add(name_list *list, const char *name, size_t length)
{
    text copy = {NULL, 0, 0};
    size_t index;

    text_append(&copy, name, length);
    for (index = 0; index < list->count; index++) {
        if (strcmp(list->names[index], copy.bytes) == 0) {
            text_clear(&copy);
            return;
        }
    }
    if (CHECK(list->count < MOST_NAMES)) {
        list->names[list->count++] = copy.bytes;
    }
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

char *name_list_joined(name_list *list)
{
    text all = {NULL, 0, 0};
    size_t index;

    qsort(list->names, list->count, sizeof *list->names, compare_names);
    text_append(&all, "", 0);
    for (index = 0; index < list->count; index++) {
        text_add(&all, list->names[index]);
        text_add(&all, " ");
        free(list->names[index]);
    }
    list->count = 0;
    return all.bytes;
}

static int is_name_byte(char byte)
{
    return isalnum((unsigned char)byte) || byte == '_';
}

void header_functions(const char *header, const char *parameters, name_list *list)
{
    const char *at = header;

    while (*at != '\0') {
        if (strncmp(at, "/*", 2) == 0) {
            const char *end = strstr(at, "*/");
            at = end == NULL ? at + strlen(at) : end + 2;
        } else if (strncmp(at, "trillet_", 8) == 0 && (at == header || !is_name_byte(at[-1]))) {
            size_t length = 0;
            while (is_name_byte(at[length])) {
                length++;
            }
            if (at[length] == '('
                && strncmp(at + length + 1, parameters, strlen(parameters)) == 0) {
                name_list_add(list, at, length);
            }
            at += length;
        } else {
            at++;
        }
    }
}
