#include "recording_state.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

static char default_answer[] =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
static const recording_entry default_entry = {default_answer, sizeof default_answer - 1,
                                              RECORDING_KEEP_OPEN, 0};

/* What servers without TLS say to a client that begins with it. */
enum { TLS_HANDSHAKE = 0x16 };
static const char tls_refusal[] = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n";

/* The value of a header in the head of a request, NULL when the header is not there. */
static const char *head_value(const char *head, const char *name)
{
    size_t length = strlen(name);
    const char *line = strstr(head, "\r\n");

    while (line != NULL && strncmp(line, "\r\n\r\n", 4) != 0) {
        line += 2;
        if (strncasecmp(line, name, length) == 0 && line[length] == ':') {
            return line + length + 1 + strspn(line + length + 1, " ");
        }
        line = strstr(line, "\r\n");
    }
    return NULL;
}

/* The length of a complete chunked body at the start of the bytes, 0 when more has to come. */
static size_t chunked_length(const char *bytes, size_t length)
{
    size_t at = 0;

    for (;;) {
        const char *line_end = text_find(bytes + at, length - at, "\r\n");
        size_t size;
        if (line_end == NULL) {
            return 0;
        }
        size = strtoul(bytes + at, NULL, 16);
        at = (size_t)(line_end - bytes) + 2 + size + 2;
        if (at > length) {
            return 0;
        }
        if (size == 0) {
            return at;
        }
    }
}

/* The length of the first whole request in the bytes, 0 when more has to come. */
static size_t request_length(const text *received)
{
    const char *head_end;
    const char *value;
    size_t head;
    size_t body;

    if (received->bytes == NULL) {
        return 0;
    }
    head_end = text_find(received->bytes, received->length, "\r\n\r\n");
    if (head_end == NULL) {
        return 0;
    }
    head = (size_t)(head_end - received->bytes) + 4;
    if (head_value(received->bytes, "Transfer-Encoding") != NULL) {
        body = chunked_length(received->bytes + head, received->length - head);
        return body == 0 ? 0 : head + body;
    }
    value = head_value(received->bytes, "Content-Length");
    body = value == NULL ? 0 : strtoul(value, NULL, 10);
    return received->length >= head + body ? head + body : 0;
}

static int send_all(int socket, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(socket, bytes, length, MSG_NOSIGNAL);
        if (sent <= 0) {
            return 0;
        }
        bytes += sent;
        length -= (size_t)sent;
    }
    return 1;
}

/* 1 when a whole request is at the start of `received`, 0 when the peer is gone. */
static int receive_request(int socket, text *received, size_t *length)
{
    char piece[65536];

    while ((*length = request_length(received)) == 0) {
        ssize_t got = recv(socket, piece, sizeof piece, 0);
        if (got <= 0) {
            return 0;
        }
        text_append(received, piece, (size_t)got);
        if (received->bytes[0] == TLS_HANDSHAKE) {
            send_all(socket, tls_refusal, sizeof tls_refusal - 1);
            return 0;
        }
    }
    return 1;
}

static void record(recording_connection *connection, const char *bytes, size_t length)
{
    recording_server *server = connection->server;
    text copy = {NULL, 0, 0};
    recorded_request *request;

    text_append(&copy, bytes, length);
    pthread_mutex_lock(&server->lock);
    server->requests = (recorded_request *)recording_grow(server->requests, server->request_count,
                                                          sizeof *server->requests);
    request = &server->requests[server->request_count++];
    request->bytes = copy.bytes;
    request->length = length;
    request->connection = connection->number;
    pthread_cond_broadcast(&server->changed);
    while (server->held && !server->stopping) {
        pthread_cond_wait(&server->changed, &server->lock);
    }
    pthread_mutex_unlock(&server->lock);
}

/* The entry that the next request gets; `takes` moves the script on. The bytes of an entry live as
   long as the server, but the list of entries may move while it grows. */
static recording_entry next_entry(recording_server *server, int takes)
{
    recording_entry entry = default_entry;
    size_t at;

    pthread_mutex_lock(&server->lock);
    if (server->entry_count > 0) {
        at = server->next_entry < server->entry_count ? server->next_entry
                                                      : server->entry_count - 1;
        entry = server->entries[at];
        if (takes) {
            server->next_entry = at + 1;
        }
    }
    pthread_mutex_unlock(&server->lock);
    return entry;
}

static void reset_on_close(int socket)
{
    struct linger now = {1, 0};

    setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

static void exchange(recording_connection *connection, text *received)
{
    size_t length;

    while (receive_request(connection->socket, received, &length)) {
        recording_entry entry;
        record(connection, received->bytes, length);
        memmove(received->bytes, received->bytes + length, received->length - length + 1);
        received->length -= length;
        entry = next_entry(connection->server, 1);
        if (!send_all(connection->socket, entry.bytes, entry.length)) {
            return;
        }
        if (entry.end == RECORDING_RESET) {
            reset_on_close(connection->socket);
        }
        if (entry.end != RECORDING_KEEP_OPEN) {
            return;
        }
    }
}

void *recording_serve(void *argument)
{
    recording_connection *connection = (recording_connection *)argument;
    text received = {NULL, 0, 0};

    if (next_entry(connection->server, 0).refuses) {
        next_entry(connection->server, 1);
        reset_on_close(connection->socket);
    } else {
        exchange(connection, &received);
    }
    pthread_mutex_lock(&connection->server->lock);
    close(connection->socket);
    connection->socket = -1;
    connection->server->closed_count++;
    pthread_cond_broadcast(&connection->server->changed);
    pthread_mutex_unlock(&connection->server->lock);
    text_clear(&received);
    return NULL;
}
