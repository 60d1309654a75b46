/*
 * A distance within one machine: passes on what arrives, DELAY milliseconds later, in both
 * directions.
 *
 *   relay TARGET_PORT DELAY
 *
 * Prints its port. Loopback connects at once where a network needs a way there and back, so nothing
 * is read from a new connection before that time has passed.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST_EVENTS = 64, PIECE = 65536, PATIENCE = 10000 };

struct connection;

/* One end of a connection, and the other that its bytes go to. */
struct end {
    int socket;
    struct connection *connection;
    struct end *other;
};

/* Never freed: the sockets are closed, and a run has some thousands of them. */
struct connection {
    struct end client, server;
    int ended;
};

/* Bytes on their way to an end; none for the end of the stream. */
struct piece {
    struct piece *next;
    int64_t due;
    struct end *to;
    size_t length;
    char bytes[];
};

/* A connection that is being made. */
struct arrival {
    struct arrival *next;
    int64_t due;
    struct connection *connection;
};

/* All wait equally long, so the first that came is the first that is due. */
static struct piece *first_piece, **last_piece = &first_piece;
static struct arrival *first_arrival, **last_arrival = &first_arrival;
static int64_t delay;
static int poller, listener;
static struct sockaddr_in target = {.sin_family = AF_INET};

static void must(int worked, const char *what)
{
    if (!worked) {
        fprintf(stderr, "relay: %s: %s\n", what, strerror(errno));
        exit(1);
    }
}

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void send_soon(struct end *to, const char *bytes, size_t length)
{
    struct piece *piece = malloc(sizeof *piece + length);
    must(piece != NULL, "memory");
    piece->next = NULL;
    piece->due = now() + delay;
    piece->to = to;
    piece->length = length;
    if (length > 0)
        memcpy(piece->bytes, bytes, length);
    *last_piece = piece;
    last_piece = &piece->next;
}

static void watch(int socket, struct end *end)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = end};
    must(epoll_ctl(poller, EPOLL_CTL_ADD, socket, &event) == 0, "epoll_ctl");
}

static void join(struct end *end, int socket, struct connection *connection, struct end *other)
{
    const int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    end->socket = socket;
    end->connection = connection;
    end->other = other;
}

static void accept_one(void)
{
    struct connection *connection = calloc(1, sizeof *connection);
    struct arrival *arrival = calloc(1, sizeof *arrival);
    must(connection != NULL && arrival != NULL, "memory");
    const int from = accept(listener, NULL, NULL);
    must(from >= 0, "accept");
    const int to = socket(AF_INET, SOCK_STREAM, 0);
    must(to >= 0 && connect(to, (struct sockaddr *)&target, sizeof target) == 0, "connect");
    join(&connection->client, from, connection, &connection->server);
    join(&connection->server, to, connection, &connection->client);
    arrival->connection = connection;
    arrival->due = now() + 2 * delay;
    *last_arrival = arrival;
    last_arrival = &arrival->next;
}

static void receive(struct end *end)
{
    static char bytes[PIECE];
    const ssize_t received = recv(end->socket, bytes, sizeof bytes, MSG_DONTWAIT);
    if (received < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    send_soon(end->other, bytes, received > 0 ? (size_t)received : 0);
    if (received <= 0)
        epoll_ctl(poller, EPOLL_CTL_DEL, end->socket, NULL);
}

/* What is sent to somebody who has gone is lost, as it is on a network. */
static void deliver(const struct piece *piece)
{
    struct connection *connection = piece->to->connection;
    if (piece->length == 0) {
        shutdown(piece->to->socket, SHUT_WR);
        if (++connection->ended == 2) {
            close(connection->client.socket);
            close(connection->server.socket);
        }
        return;
    }
    for (size_t sent = 0; sent < piece->length;) {
        const ssize_t part = send(piece->to->socket, piece->bytes + sent, piece->length - sent,
                                  MSG_NOSIGNAL | MSG_DONTWAIT);
        struct pollfd writable = {.fd = piece->to->socket, .events = POLLOUT};
        if (part >= 0)
            sent += (size_t)part;
        else if (errno != EAGAIN || poll(&writable, 1, PATIENCE) <= 0)
            return;
    }
}

static void deliver_due(void)
{
    while (first_arrival != NULL && first_arrival->due <= now()) {
        struct arrival *arrival = first_arrival;
        watch(arrival->connection->client.socket, &arrival->connection->client);
        watch(arrival->connection->server.socket, &arrival->connection->server);
        first_arrival = arrival->next;
        if (first_arrival == NULL)
            last_arrival = &first_arrival;
        free(arrival);
    }
    while (first_piece != NULL && first_piece->due <= now()) {
        struct piece *piece = first_piece;
        deliver(piece);
        first_piece = piece->next;
        if (first_piece == NULL)
            last_piece = &first_piece;
        free(piece);
    }
}

static int wait_for_events(struct epoll_event *events)
{
    int64_t due = INT64_MAX;
    if (first_arrival != NULL)
        due = first_arrival->due;
    if (first_piece != NULL && first_piece->due < due)
        due = first_piece->due;
    if (due == INT64_MAX)
        return epoll_wait(poller, events, MOST_EVENTS, -1);
    const int64_t left = due > now() ? due - now() : 0;
    const struct timespec patience = {left / 1000000000, left % 1000000000};
    return epoll_pwait2(poller, events, MOST_EVENTS, &patience, NULL);
}

static void listen_on_loopback(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener = socket(AF_INET, SOCK_STREAM, 0);
    must(listener >= 0, "socket");
    must(bind(listener, (struct sockaddr *)&address, sizeof address) == 0, "bind");
    must(listen(listener, 4096) == 0, "listen");
    must(getsockname(listener, (struct sockaddr *)&address, &length) == 0, "getsockname");
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
}

int main(int argc, char **argv)
{
    const long port = argc == 3 ? strtol(argv[1], NULL, 10) : 0;
    const long milliseconds = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
    if (port < 1 || port > 65535 || milliseconds < 1 || milliseconds > 10000) {
        fprintf(stderr, "usage: %s TARGET_PORT DELAY_IN_MILLISECONDS\n", argv[0]);
        return 2;
    }
    target.sin_port = htons((uint16_t)port);
    target.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    delay = (int64_t)milliseconds * 1000000;
    poller = epoll_create1(0);
    must(poller >= 0, "epoll");
    listen_on_loopback();
    watch(listener, NULL);
    for (;;) {
        struct epoll_event events[MOST_EVENTS];
        const int ready = wait_for_events(events);
        for (int index = 0; index < ready; index++) {
            if (events[index].data.ptr == NULL)
                accept_one();
            else
                receive(events[index].data.ptr);
        }
        deliver_due();
    }
}
