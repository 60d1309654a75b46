/* A loopback HTTP/1.1 server that keeps the exact bytes of every request and answers by script. */
#ifndef RECORDING_SERVER_H
#define RECORDING_SERVER_H

#include <stddef.h>

typedef struct recording_server recording_server;

/* What becomes of the connection once an answer's bytes are written. */
enum recording_end { RECORDING_KEEP_OPEN, RECORDING_CLOSE, RECORDING_RESET };

/* Starts on a free port of 127.0.0.1; ends the program when it cannot. */
recording_server *recording_server_start(void);

/* Ends every connection and every thread, then frees the server with all it recorded. */
void recording_server_stop(recording_server *server);

/* "http://127.0.0.1:PORT" and the port alone. */
const char *recording_server_url(const recording_server *server);
int recording_server_port(const recording_server *server);

/* The script: each request takes the next entry, and the last entry serves for all that follow.
   Without a script every request is answered 200 with `{}`. */

/* Exact bytes, whatever they are; none at all is a close or reset in place of an answer. */
void recording_server_send(recording_server *server, const char *bytes, size_t length,
                           enum recording_end end);
/* A whole answer. `headers` are complete lines, each with its CRLF, or "". */
void recording_server_answer(recording_server *server, int status, const char *headers,
                             const char *body, size_t length);
/* A JSON answer. */
void recording_server_answer_json(recording_server *server, int status, const char *body);
/* The next connection is reset before a byte of its request is read. */
void recording_server_refuse(recording_server *server);

/* While answers are held, requests are read and recorded, but nobody is answered. */
void recording_server_hold(recording_server *server);
void recording_server_release(recording_server *server);

/* Waits until so many requests were recorded, at most five seconds. 1 when they were. */
int recording_server_wait(recording_server *server, size_t requests);

/* Waits until so many connections were closed by the server, at most five seconds. */
int recording_server_wait_closed(recording_server *server, size_t connections);

/* What was recorded. The bytes are valid until the server stops and end in a NUL. */
size_t recording_server_requests(recording_server *server);
size_t recording_server_connections(recording_server *server);
const char *recording_server_request(recording_server *server, size_t index, size_t *length);
/* The number of the connection, from 1, that a request came over. */
size_t recording_server_connection_of(recording_server *server, size_t index);

#endif
