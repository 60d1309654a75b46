/* A strict JSON checker of the tests' own, so that the library is not judged by itself. */
#ifndef JSON_READER_H
#define JSON_READER_H

#include <stddef.h>

/* 1 when the bytes are one JSON value by RFC 8259 in well-formed UTF-8, otherwise 0. */
int json_is_well_formed(const char *bytes, size_t length);

/* The exact bytes of a member by its dotted path ("error.type", "data.calls.0.jobId").
   NULL when there is no such member. The bytes must be well-formed. Keys are compared as they
   are spelled. */
const char *json_member(const char *bytes, const char *path, size_t *length);

/* How many members the object at this place has. */
size_t json_member_count(const char *object);

#endif
