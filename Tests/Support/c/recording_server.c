#include "recording_server.h"

#include "recording_state.h"
#include "text.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static void give_up(const char *what)
{
    perror(what);
    exit(1);
}

void *recording_grow(void *list, size_t count, size_t size)
{
    void *grown = realloc(list, (count + 1) * size);

    if (grown == NULL) {
        give_up("recording server");
    }
    return grown;
}

static void accept_connection(recording_server *server, int socket)
{
    recording_connection *connection;

    pthread_mutex_lock(&server->lock);
    if (server->stopping) {
        pthread_mutex_unlock(&server->lock);
        close(socket);
        return;
    }
    connection = (recording_connection *)recording_grow(NULL, 0, sizeof *connection);
    server->connections = (recording_connection **)recording_grow(
        server->connections, server->connection_count, sizeof *server->connections);
    server->connections[server->connection_count++] = connection;
    connection->server = server;
    connection->socket = socket;
    connection->number = server->connection_count;
    if (pthread_create(&connection->thread, NULL, recording_serve, connection) != 0) {
        give_up("recording server thread");
    }
    pthread_mutex_unlock(&server->lock);
}

static void *accept_all(void *argument)
{
    recording_server *server = (recording_server *)argument;

    for (;;) {
        int socket = accept(server->listener, NULL, NULL);
        if (socket < 0) {
            return NULL;
        }
        accept_connection(server, socket);
    }
}

recording_server *recording_server_start(void)
{
    recording_server *server = (recording_server *)calloc(1, sizeof *server);
    struct sockaddr_in address;
    socklen_t length = sizeof address;

    if (server == NULL) {
        give_up("recording server");
        return NULL;
    }
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    pthread_mutex_init(&server->lock, NULL);
    pthread_cond_init(&server->changed, NULL);
    server->listener = socket(AF_INET, SOCK_STREAM, 0);
    if (server->listener < 0 || bind(server->listener, (struct sockaddr *)&address, length) != 0
        || listen(server->listener, 64) != 0
        || getsockname(server->listener, (struct sockaddr *)&address, &length) != 0) {
        give_up("recording server socket");
    }
    server->port = ntohs(address.sin_port);
    snprintf(server->url, sizeof server->url, "http://127.0.0.1:%d", server->port);
    if (pthread_create(&server->thread, NULL, accept_all, server) != 0) {
        give_up("recording server thread");
    }
    return server;
}

static void free_records(recording_server *server)
{
    size_t index;

    for (index = 0; index < server->connection_count; index++) {
        free(server->connections[index]);
    }
    for (index = 0; index < server->request_count; index++) {
        free(server->requests[index].bytes);
    }
    for (index = 0; index < server->entry_count; index++) {
        free(server->entries[index].bytes);
    }
    free(server->connections);
    free(server->requests);
    free(server->entries);
}

void recording_server_stop(recording_server *server)
{
    size_t index;

    pthread_mutex_lock(&server->lock);
    server->stopping = 1;
    pthread_cond_broadcast(&server->changed);
    for (index = 0; index < server->connection_count; index++) {
        if (server->connections[index]->socket >= 0) {
            shutdown(server->connections[index]->socket, SHUT_RDWR);
        }
    }
    pthread_mutex_unlock(&server->lock);
    shutdown(server->listener, SHUT_RDWR);
    pthread_join(server->thread, NULL);
    close(server->listener);
    for (index = 0; index < server->connection_count; index++) {
        pthread_join(server->connections[index]->thread, NULL);
    }
    free_records(server);
    pthread_cond_destroy(&server->changed);
    pthread_mutex_destroy(&server->lock);
    free(server);
}

const char *recording_server_url(const recording_server *server)
{
    return server->url;
}

int recording_server_port(const recording_server *server)
{
    return server->port;
}

static void script(recording_server *server, const char *bytes, size_t length,
                   enum recording_end end, int refuses)
{
    text copy = {NULL, 0, 0};
    recording_entry *entry;

    text_append(&copy, bytes, length);
    pthread_mutex_lock(&server->lock);
    server->entries = (recording_entry *)recording_grow(server->entries, server->entry_count,
                                                        sizeof *server->entries);
    entry = &server->entries[server->entry_count++];
    entry->bytes = copy.bytes;
    entry->length = length;
    entry->end = end;
    entry->refuses = refuses;
    pthread_mutex_unlock(&server->lock);
}

void recording_server_send(recording_server *server, const char *bytes, size_t length,
                           enum recording_end end)
{
    script(server, bytes, length, end, 0);
}

void recording_server_refuse(recording_server *server)
{
    script(server, "", 0, RECORDING_RESET, 1);
}

void recording_server_answer(recording_server *server, int status, const char *headers,
                             const char *body, size_t length)
{
    text answer = {NULL, 0, 0};
    char *head = text_format("HTTP/1.1 %d Scripted\r\n%sContent-Length: %lu\r\n\r\n", status,
                             headers, (unsigned long)length);

    text_add(&answer, head);
    text_append(&answer, body, length);
    script(server, answer.bytes, answer.length, RECORDING_KEEP_OPEN, 0);
    text_clear(&answer);
    free(head);
}

void recording_server_answer_json(recording_server *server, int status, const char *body)
{
    recording_server_answer(server, status, "Content-Type: application/json\r\n", body,
                            strlen(body));
}

static void set_held(recording_server *server, int held)
{
    pthread_mutex_lock(&server->lock);
    server->held = held;
    pthread_cond_broadcast(&server->changed);
    pthread_mutex_unlock(&server->lock);
}

void recording_server_hold(recording_server *server)
{
    set_held(server, 1);
}

void recording_server_release(recording_server *server)
{
    set_held(server, 0);
}

static int wait_for(recording_server *server, const size_t *count, size_t wanted)
{
    struct timespec deadline;
    int reached;

    clock_gettime(CLOCK_REALTIME, &deadline);
    deadline.tv_sec += 5;
    pthread_mutex_lock(&server->lock);
    while (*count < wanted
           && pthread_cond_timedwait(&server->changed, &server->lock, &deadline) == 0) {
    }
    reached = *count >= wanted;
    pthread_mutex_unlock(&server->lock);
    return reached;
}

int recording_server_wait(recording_server *server, size_t requests)
{
    return wait_for(server, &server->request_count, requests);
}

int recording_server_wait_closed(recording_server *server, size_t connections)
{
    return wait_for(server, &server->closed_count, connections);
}

size_t recording_server_requests(recording_server *server)
{
    size_t count;

    pthread_mutex_lock(&server->lock);
    count = server->request_count;
    pthread_mutex_unlock(&server->lock);
    return count;
}

size_t recording_server_connections(recording_server *server)
{
    size_t count;

    pthread_mutex_lock(&server->lock);
    count = server->connection_count;
    pthread_mutex_unlock(&server->lock);
    return count;
}

const char *recording_server_request(recording_server *server, size_t index, size_t *length)
{
    const char *bytes = NULL;

    *length = 0;
    pthread_mutex_lock(&server->lock);
    if (index < server->request_count) {
        bytes = server->requests[index].bytes;
        *length = server->requests[index].length;
    }
    pthread_mutex_unlock(&server->lock);
    return bytes;
}

size_t recording_server_connection_of(recording_server *server, size_t index)
{
    size_t number = 0;

    pthread_mutex_lock(&server->lock);
    if (index < server->request_count) {
        number = server->requests[index].connection;
    }
    pthread_mutex_unlock(&server->lock);
    return number;
}
