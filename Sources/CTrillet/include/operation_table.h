/*
 * The operations of the service as constants without a pointer in them: nothing of it has to be
 * relocated when the library is loaded. docs/decisions.md, packed-operations.
 */
#ifndef TRILLET_OPERATION_TABLE_H
#define TRILLET_OPERATION_TABLE_H

#include <stddef.h>
#include <stdint.h>

/* A text within shim_texts. */
typedef struct {
    uint16_t offset;
    uint16_t length;
} shim_text;

/* Consecutive entries of another array. */
typedef struct {
    uint16_t first;
    uint16_t count;
} shim_range;

typedef struct {
    shim_text path;
    /* Of shim_words. */
    shim_range appended_fields;
    uint8_t method;
} shim_route;

/* The numbers are those of the core's enums. */
typedef struct {
    shim_text name;
    shim_text published_name;
    /* Of shim_fields: what is checked within an object. */
    shim_range members;
    /* Of shim_words: the only values that there are. */
    shim_range choices;
    uint8_t place;
    uint8_t type;
    uint8_t required;
    uint8_t is_nullable;
} shim_field;

typedef struct {
    shim_text id;
    shim_text summary;
    shim_route overview;
    shim_route published;
    shim_text look_for;
    shim_text list_member;
    shim_text file_part;
    shim_text file_type;
    /* Of shim_fields. */
    shim_range fields;
    uint8_t body;
    uint8_t answer;
    uint8_t checks_contacts;
    uint8_t is_about_call;
} shim_operation;

#pragma GCC visibility push(hidden)
extern const struct texts shim_texts;
extern const shim_text shim_words[];
extern const shim_field shim_fields[];
extern const shim_operation shim_operations[];
extern const uint16_t shim_operation_count;
#pragma GCC visibility pop

static inline const shim_operation *shim_operation_at(int64_t index)
{
    return &shim_operations[index];
}

static inline const shim_route *shim_overview(const shim_operation *operation)
{
    return &operation->overview;
}

static inline const shim_route *shim_published(const shim_operation *operation)
{
    return &operation->published;
}

static inline const shim_field *shim_field_at(int64_t index)
{
    return &shim_fields[index];
}

static inline const shim_text *shim_word_at(int64_t index)
{
    return &shim_words[index];
}

static inline const char *shim_text_at(uint16_t offset)
{
    return (const char *)&shim_texts + offset;
}

/* Where the last name of a path stands among the fields, -1 when none has it. The path has a dot
   before each of its names; that of the last one is at `last`. */
int64_t shim_field_index(const uint8_t *path, size_t count, size_t last, shim_range fields,
                         _Bool is_published);

/* Writes what is to be said of a field that the operation does not have, with the one of `fields`
   that may be meant; returns how long that is. */
size_t shim_unknown_field(uint8_t *message, size_t room, const uint8_t *path, size_t count,
                          size_t last, int64_t operation, shim_range fields);

/* What trillet_operations() answers. */
const char *shim_catalogue(void);

#endif
