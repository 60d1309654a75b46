/* What the servers of the benchmarks share: one that holds its answers and one that delays them. */
#ifndef SERVER_H
#define SERVER_H

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LARGEST_REQUEST = 4096, LARGEST_ANSWER = 4096 };

struct connection {
    int socket;
    size_t length;
    char request[LARGEST_REQUEST];
};

struct answer {
    size_t length;
    char text[LARGEST_ANSWER];
};

static inline void must(int worked, const char *what)
{
    if (!worked) {
        fprintf(stderr, "server: %s: %s\n", what, strerror(errno));
        exit(1);
    }
}

static inline void make_answer(struct answer *answer, const char *body)
{
    answer->length = (size_t)snprintf(answer->text, sizeof answer->text,
                                      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                                      "Content-Length: %zu\r\n\r\n%s",
                                      strlen(body), body);
    must(answer->length < sizeof answer->text, "the answer is too long");
}

static inline void send_answer(const struct connection *connection, const struct answer *answer)
{
    const ssize_t sent = send(connection->socket, answer->text, answer->length, MSG_NOSIGNAL);
    must(sent == (ssize_t)answer->length, "send");
}

/* Prints the port. */
static inline int listen_on_loopback(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof address;
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    must(listener >= 0, "socket");
    must(bind(listener, (struct sockaddr *)&address, sizeof address) == 0, "bind");
    must(listen(listener, 16384) == 0, "listen");
    must(getsockname(listener, (struct sockaddr *)&address, &length) == 0, "getsockname");
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return listener;
}

static inline void watch(int epoll, int socket, void *what)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = what};
    must(epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event) == 0, "epoll_ctl");
}

/* All that have come; how many. */
static inline long accept_all(int listener, int epoll)
{
    for (long accepted = 0;; accepted++) {
        const int from = accept(listener, NULL, NULL);
        if (from < 0 && (errno == EAGAIN || errno == ECONNABORTED))
            return accepted;
        must(from >= 0, "accept");
        struct connection *connection = calloc(1, sizeof *connection);
        must(connection != NULL, "memory");
        connection->socket = from;
        watch(epoll, from, connection);
    }
}

/* 1 for a whole request, 0 for a part, -1 for the end of the connection. */
static inline int receive(struct connection *connection)
{
    const ssize_t received = read(connection->socket, connection->request + connection->length,
                                  LARGEST_REQUEST - 1 - connection->length);
    if (received <= 0)
        return -1;
    connection->length += (size_t)received;
    connection->request[connection->length] = '\0';
    const char *end = strstr(connection->request, "\r\n\r\n");
    const char *field = strcasestr(connection->request, "\r\nContent-Length:");
    if (end == NULL)
        return 0;
    const size_t head = (size_t)(end + 4 - connection->request);
    const size_t body = field == NULL ? 0 : strtoul(field + strlen("\r\nContent-Length:"), NULL, 10);
    if (connection->length < head + body)
        return 0;
    connection->length = 0;
    return 1;
}

#endif
