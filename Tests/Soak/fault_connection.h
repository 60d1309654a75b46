/* A connection of the fault server: what came over it, and what could not be sent yet. */
#ifndef FAULT_CONNECTION_H
#define FAULT_CONNECTION_H

#include <stddef.h>
#include <stdint.h>

enum { LONGEST_REQUEST = 64 * 1024, LONGEST_TOKEN = 64 };

typedef struct connection {
    int socket;
    size_t received;
    char request[LONGEST_REQUEST + 1];
    char *unsent;
    size_t unsent_length;
    int closes;
    /* A late answer: its token waits here until the time has come. */
    int64_t due;
    char token[LONGEST_TOKEN];
    struct connection *next_late;
} connection;

/* Says what went wrong with the machine, and ends the program. */
void give_up(const char *what);

/* The epoll that connections are watched by; -1 when there is none. */
int connections_start(void);
void connection_open(int socket);

/* Closes and frees; with a reset at once. */
void connection_end(connection *ended, int reset);

/* These return 0 when they have ended the connection. */
int connection_flush(connection *to);
int connection_transmit(connection *to, const char *bytes, size_t length);

/* A late answer waits for its time. */
void connection_answer_late(connection *to, const char *token, int64_t after_milliseconds);
/* The next one whose time has come, which waits no more; NULL when there is none. */
connection *connection_due(void);
int connections_are_late(void);

#endif
