/* Reading what a recording server kept of a request. */
#ifndef RECORDED_H
#define RECORDED_H

#include "recording_server.h"

/* The request line without its "HTTP/1.1": "POST /api/v1/agents"; free it with free(). */
char *recorded_line(recording_server *server, size_t index);

/* The value of a header, NULL when it is not there or there twice; free it with free(). */
char *recorded_header(recording_server *server, size_t index, const char *name);

/* How often a header is there. */
size_t recorded_header_count(recording_server *server, size_t index, const char *name);

/* The names of all headers in lower case, sorted, separated by one space; free it with free(). */
char *recorded_header_names(recording_server *server, size_t index);

/* The bytes after the head. */
const char *recorded_body(recording_server *server, size_t index, size_t *length);

/* The multipart boundary of the Content-Type, NULL when it is not multipart/form-data; free it. */
char *recorded_boundary(recording_server *server, size_t index);

#endif
