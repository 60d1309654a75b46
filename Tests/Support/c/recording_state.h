/* What the threads of a recording server share; for recording_server.c and
   recording_connection.c alone. */
#ifndef RECORDING_STATE_H
#define RECORDING_STATE_H

#include "recording_server.h"

#include <pthread.h>

typedef struct recording_entry {
    char *bytes;
    size_t length;
    enum recording_end end;
    int refuses;
} recording_entry;

typedef struct recorded_request {
    char *bytes;
    size_t length;
    size_t connection;
} recorded_request;

typedef struct recording_connection {
    recording_server *server;
    pthread_t thread;
    /* -1 once it is closed. */
    int socket;
    size_t number;
} recording_connection;

struct recording_server {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t thread;
    int listener;
    int port;
    char url[64];
    int held;
    int stopping;
    recording_connection **connections;
    size_t connection_count;
    size_t closed_count;
    recorded_request *requests;
    size_t request_count;
    recording_entry *entries;
    size_t entry_count;
    size_t next_entry;
};

/* A list with room for one more. */
void *recording_grow(void *list, size_t count, size_t size);

/* The life of one connection: a pthread start routine over a recording_connection. */
void *recording_serve(void *argument);

#endif
