/*
 * Answers nothing until COUNT requests wait, then all of them: with 64 the client works in waves
 * whose every step is the same at every run, and with thousands somebody can look at a client with
 * all of them in flight.
 *
 *   holding_server COUNT ask|answer ANSWER
 *
 * Prints its port. With "ask" it prints "holding" when all are there and waits for a line of input.
 */
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

static char answer[LARGEST_ANSWER];
static size_t answer_length;

static void must(int worked, const char *what)
{
    if (!worked) {
        fprintf(stderr, "holding server: %s: %s\n", what, strerror(errno));
        exit(1);
    }
}

static int listen_on_loopback(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof address;
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    must(listener >= 0, "socket");
    must(bind(listener, (struct sockaddr *)&address, sizeof address) == 0, "bind");
    must(listen(listener, 16384) == 0, "listen");
    must(getsockname(listener, (struct sockaddr *)&address, &length) == 0, "getsockname");
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return listener;
}

static void accept_one(int listener, int epoll)
{
    struct connection *connection = calloc(1, sizeof *connection);
    must(connection != NULL, "memory");
    connection->socket = accept(listener, NULL, NULL);
    must(connection->socket >= 0, "accept");
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    must(epoll_ctl(epoll, EPOLL_CTL_ADD, connection->socket, &event) == 0, "epoll_ctl");
}

/* 1 for a whole request, 0 for a part, -1 for the end of the connection. */
static int receive(struct connection *connection)
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

static void answer_all(struct connection **waiting, long count)
{
    for (long index = 0; index < count; index++) {
        const ssize_t sent = send(waiting[index]->socket, answer, answer_length, MSG_NOSIGNAL);
        must(sent == (ssize_t)answer_length, "send");
    }
}

int main(int argc, char **argv)
{
    const long count = argc == 4 ? strtol(argv[1], NULL, 10) : 0;
    if (count < 1 || count > 100000) {
        fprintf(stderr, "usage: %s COUNT ask|answer ANSWER\n", argv[0]);
        return 2;
    }
    const int ask = strcmp(argv[2], "ask") == 0;
    answer_length = (size_t)snprintf(answer, sizeof answer,
                                     "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                                     "Content-Length: %zu\r\n\r\n%s",
                                     strlen(argv[3]), argv[3]);
    must(answer_length < sizeof answer, "the answer is too long");

    struct connection **waiting = calloc((size_t)count, sizeof *waiting);
    const int epoll = epoll_create1(0);
    must(waiting != NULL && epoll >= 0, "epoll");
    const int listener = listen_on_loopback();
    struct epoll_event wanted = {.events = EPOLLIN, .data.ptr = NULL};
    must(epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &wanted) == 0, "epoll_ctl");

    for (long held = 0;;) {
        struct epoll_event events[64];
        const int ready = epoll_wait(epoll, events, 64, -1);
        for (int index = 0; index < ready; index++) {
            struct connection *connection = events[index].data.ptr;
            if (connection == NULL) {
                accept_one(listener, epoll);
                continue;
            }
            const int whole = receive(connection);
            if (whole < 0) {
                close(connection->socket);
                free(connection);
            } else if (whole) {
                waiting[held++] = connection;
                if (held < count)
                    continue;
                if (ask) {
                    printf("holding\n");
                    fflush(stdout);
                    while (getchar() != '\n')
                        continue;
                }
                answer_all(waiting, held);
                held = 0;
            }
        }
    }
}
