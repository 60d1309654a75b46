/* Requests as they must arrive: the operation, and what goes onto the wire, to the byte. */
#ifndef TRILLET_REQUEST_ROWS_H
#define TRILLET_REQUEST_ROWS_H

#include <stddef.h>

typedef struct request_row {
    const char *operation;
    const char *routes;
    const char *request;
    const char *line;
    /* NULL: no body. For a multipart body `{B}` stands for the boundary, `{F}` for the content of
       UPLOADED. */
    const char *body;
} request_row;

#define UPLOADED "/etc/passwd"

#define OVERVIEW "\"routes\":\"overview\""
#define PUBLISHED "\"routes\":\"published\""

#define TEXT_PART(name, value) \
    "--{B}\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n" value "\r\n"
#define END "--{B}--\r\n"

/* Of the operations that stand on one route alone. */
extern const request_row further_rows[];
extern const size_t further_row_count;

#endif
